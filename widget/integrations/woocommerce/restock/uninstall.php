<?php
/**
 * Leaves nothing behind.
 *
 * @package Restock
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

delete_option( 'restock_edge' );
delete_option( 'restock_source' );
