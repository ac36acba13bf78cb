<?php
/**
 * What the widget is told of a product.
 *
 * @package Restock
 */

namespace Restock;

defined( 'ABSPATH' ) || exit;

/**
 * Above so many variations WooCommerce's own form asks its server for each, and so does the widget.
 */
const MOST_VARIATIONS = 30;

/**
 * After the form of a product that can be bought, or has choices. The form has a button for the widget to cover.
 */
function after_form() {
	global $product;
	if ( $product instanceof \WC_Product ) {
		echo describe( $product ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- JSON with < and > escaped.
	}
}

/**
 * In the summary: a sold-out simple product has neither form nor button there, so it gets a place.
 */
function after_summary() {
	global $product;
	if ( $product instanceof \WC_Product && ! has_button( $product ) ) {
		echo describe( $product ) . slot( $product ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped where it is made.
	}
}

/**
 * After WooCommerce's blocks for adding to the cart, whose stores are locked and tell scripts nothing.
 *
 * @param string $html what the block rendered.
 * @return string
 */
function after_block( $html ) {
	global $product;
	$shown = $product instanceof \WC_Product ? $product : wc_get_product( get_the_ID() );
	if ( ! $shown ) {
		return $html;
	}
	return $html . describe( $shown ) . ( has_button( $shown ) ? '' : slot( $shown ) );
}

/**
 * Whether the product needs no place of its own: it has choices, or is in stock.
 *
 * @param \WC_Product $product the product.
 * @return bool
 */
function has_button( $product ) {
	return $product->is_type( 'variable' ) ? (bool) $product->get_children() : $product->is_in_stock();
}

/**
 * A place for the button. Its height is kept free, so that nothing moves when the button comes.
 *
 * @param \WC_Product $product the product.
 * @return string
 */
function slot( $product ) {
	return once( 'slot', $product, sprintf( '<restock-notify class="restock-slot" product="%s"></restock-notify>', esc_attr( $product->get_id() ) ) );
}

/**
 * The product as JSON for the widget.
 *
 * @param \WC_Product $product the product.
 * @return string
 */
function describe( $product ) {
	$json = wp_json_encode(
		array(
			'product'  => (string) $product->get_id(),
			'title'    => wp_strip_all_tags( $product->get_name() ),
			'image'    => image( $product ),
			'variants' => (object) variants( $product ),
		),
		JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_UNICODE
	);
	return once( 'json', $product, '<script type="application/json" data-restock-product>' . $json . '</script>' );
}

/**
 * The variants by id. A simple product is its own variant. Stock decides, not whether it can be bought: what is sold elsewhere, in a
 * group, or without a price is not waited for, since no restock would change that. On back order counts as in stock.
 *
 * @param \WC_Product $product the product.
 * @return array
 */
function variants( $product ) {
	if ( ! $product->is_type( 'variable' ) ) {
		return array( (string) $product->get_id() => array( 'available' => $product->is_in_stock(), 'title' => '' ) );
	}
	$all = $product->get_children();
	if ( count( $all ) > MOST_VARIATIONS ) {
		return array();
	}
	$variants = array();
	foreach ( array_filter( array_map( 'wc_get_product', $all ) ) as $variation ) {
		$variants[ (string) $variation->get_id() ] = array(
			'available' => $variation->is_in_stock(),
			'title'     => wp_strip_all_tags( wc_get_formatted_variation( $variation, true, false ) ),
			'image'     => image( $variation ),
		);
	}
	return $variants;
}

/**
 * The address of a picture; '' when there is none.
 *
 * @param \WC_Product $product a product or variation.
 * @return string
 */
function image( $product ) {
	$id = $product->get_image_id();
	return $id ? (string) wp_get_attachment_image_url( $id, 'woocommerce_thumbnail' ) : '';
}

/**
 * Passes what is rendered on the first time only: themes call several of the hooks for one product.
 *
 * @param string      $what    json or slot.
 * @param \WC_Product $product the product.
 * @param string      $html    what is rendered.
 * @return string
 */
function once( $what, $product, $html ) {
	static $done = array();
	$key = $what . $product->get_id();
	if ( isset( $done[ $key ] ) ) {
		return '';
	}
	$done[ $key ] = true;
	return $html;
}
