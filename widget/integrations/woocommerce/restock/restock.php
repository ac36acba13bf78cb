<?php
/**
 * Plugin Name: Restock
 * Description: Shoppers who meet a sold-out product ask to be told when it is back. Loads the widget of your Restock edge node.
 * Version: 1.0.0
 * Requires at least: 6.3
 * Requires PHP: 7.4
 * Requires Plugins: woocommerce
 * WC requires at least: 8.0
 * Text Domain: restock
 *
 * @package Restock
 */

namespace Restock;

defined( 'ABSPATH' ) || exit;

require __DIR__ . '/settings.php';
require __DIR__ . '/product.php';

/**
 * Hooks everything in. Priority 30 of the form and 31 of the summary come right after the button, or after where it would be.
 */
function start() {
	add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );
	add_action( 'admin_init', __NAMESPACE__ . '\register_settings' );
	add_action( 'before_woocommerce_init', __NAMESPACE__ . '\declare_compatible' );
	add_action( 'init', __NAMESPACE__ . '\register_places' );
	if ( is_silent() ) {
		return;
	}
	add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\enqueue' );
	add_action( 'woocommerce_after_add_to_cart_form', __NAMESPACE__ . '\after_form', 30 );
	add_action( 'woocommerce_single_product_summary', __NAMESPACE__ . '\after_summary', 31 );
	add_filter( 'render_block_woocommerce/add-to-cart-with-options', __NAMESPACE__ . '\after_block', 10, 1 );
	add_filter( 'render_block_woocommerce/add-to-cart-form', __NAMESPACE__ . '\after_block', 10, 1 );
}

/**
 * Whether the plugin shows nothing, for now. Its places are known all the same: pages would show the shortcode's brackets.
 *
 * @return bool
 */
function is_silent() {
	return ! is_set_up() || core_signs_up();
}

/**
 * Whether WooCommerce runs. Before WordPress 6.5, and by the command line, it can be switched off beneath its plugins: pages must
 * not end with an error then.
 *
 * @return bool
 */
function has_shop() {
	return function_exists( 'wc_get_product' ) && function_exists( 'is_product' );
}

/**
 * Whether the owner said where the edge node stands and what this shop is called there.
 *
 * @return bool
 */
function is_set_up() {
	return '' !== get_option( 'restock_edge', '' ) && '' !== get_option( 'restock_source', '' );
}

/**
 * Whether WooCommerce's own back-in-stock form (10.2 and later) is on: two forms would ask the same question.
 *
 * @return bool
 */
function core_signs_up() {
	return 'yes' === get_option( 'woocommerce_customer_stock_notifications_allow_signups', 'no' );
}

/**
 * Says that the plugin works with WooCommerce's order tables: it touches no orders.
 */
function declare_compatible() {
	$features = 'Automattic\WooCommerce\Utilities\FeaturesUtil';
	if ( class_exists( $features ) ) {
		$features::declare_compatibility( 'custom_order_tables', __DIR__ . '/restock.php', true );
	}
}

/**
 * Loads the widget on product pages; shortcode and block load it wherever they stand.
 */
function enqueue() {
	wp_register_script( 'restock', script_url(), array(), null, array( 'strategy' => 'async', 'in_footer' => false ) ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- the edge says how long it is fresh.
	wp_register_style( 'restock', plugins_url( 'restock.css', __FILE__ ), array(), '1.0.0' );
	if ( has_shop() && is_product() ) {
		load();
	}
}

/**
 * Loads the widget and the height of its places.
 */
function load() {
	wp_enqueue_script( 'restock' );
	wp_enqueue_style( 'restock' );
}

/**
 * Where the widget comes from.
 *
 * @return string
 */
function script_url() {
	return untrailingslashit( get_option( 'restock_edge' ) ) . '/widget/' . rawurlencode( get_option( 'restock_source' ) ) . '.js';
}

/**
 * The shortcode [restock product="123"] and the block restock/notify: places of their own for the button.
 */
function register_places() {
	add_shortcode( 'restock', __NAMESPACE__ . '\place' );
	register_block_type( __DIR__ . '/block', array( 'render_callback' => __NAMESPACE__ . '\place' ) );
}

/**
 * Renders a place.
 *
 * @param array|string $attributes product: an id; without it, the product of the page.
 * @return string
 */
function place( $attributes ) {
	if ( is_silent() || ! has_shop() ) {
		return '';
	}
	$id      = is_array( $attributes ) && ! empty( $attributes['product'] ) ? absint( $attributes['product'] ) : get_the_ID();
	$product = wc_get_product( $id );
	if ( ! $product ) {
		return '';
	}
	load();
	return describe( $product ) . slot( $product );
}

start();
