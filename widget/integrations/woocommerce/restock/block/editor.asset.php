<?php
/**
 * What the editor's script needs, as WordPress reads it beside editor.js.
 *
 * @package Restock
 */

return array(
	'dependencies' => array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components', 'wp-i18n' ),
	'version'      => '1.0.0',
);
