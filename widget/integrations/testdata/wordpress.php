<?php
/**
 * As much of WordPress and WooCommerce as the plugin touches, so that tests render what it renders. Reads a product as JSON
 * from stdin: {id, title, image, edge, source, hook, core, variants: [{id, title, available}]}, fires the hook, prints. With
 * alone: true, WooCommerce is switched off.
 */

define( 'ABSPATH', __DIR__ );

$shop = json_decode( stream_get_contents( STDIN ), true, 16, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR );

class WC_Product {
	private $data;
	public function __construct( $data ) { $this->data = $data; }
	public function get_id() { return $this->data['id']; }
	public function get_name() { return $this->data['title']; }
	public function get_image_id() { return empty( $this->data['image'] ) ? 0 : $this->data['image']; }
	public function is_type( $type ) { return $type === ( count( $this->data['variants'] ?? array() ) > 1 ? 'variable' : 'simple' ); }
	public function is_in_stock() { return isset( $this->data['available'] ) ? $this->data['available'] : (bool) array_filter( array_column( $this->data['variants'], 'available' ) ); }
	public function is_purchasable() { return false; } // a product that is sold elsewhere: stock must decide
	public function get_children() { return array_column( $this->data['variants'] ?? array(), 'id' ); }
}

$hooks = array( 'action' => array(), 'filter' => array() );
$options = array( 'restock_edge' => $shop['edge'], 'restock_source' => $shop['source'], 'woocommerce_customer_stock_notifications_allow_signups' => $shop['core'] ?? 'no' );
$enqueued = array();

function add_action( $name, $call, $priority = 10 ) { global $hooks; $hooks['action'][ $name ][ $priority ][] = $call; }
function add_filter( $name, $call, $priority = 10, $n = 1 ) { global $hooks; $hooks['filter'][ $name ][ $priority ][] = $call; }
function add_shortcode( $name, $call ) { global $hooks; $hooks['filter'][ 'shortcode_' . $name ] = array( 10 => array( $call ) ); }
function register_block_type( $folder, $settings ) { $meta = json_decode( file_get_contents( $folder . '/block.json' ), true, 8, JSON_THROW_ON_ERROR ); add_filter( 'block_' . $meta['name'], $settings['render_callback'] ); }
function get_option( $name, $default = false ) { global $options; return $options[ $name ] ?? $default; }
function get_the_ID() { global $shop; return $shop['id']; }
function absint( $n ) { return abs( (int) $n ); }
function untrailingslashit( $s ) { return rtrim( $s, '/\\' ); }
function esc_attr( $s ) { return htmlspecialchars( $s, ENT_QUOTES ); }
function wp_strip_all_tags( $s ) { return trim( strip_tags( $s ) ); }
function wp_json_encode( $v, $flags = 0 ) { return json_encode( $v, $flags | JSON_THROW_ON_ERROR ); }
function wp_get_attachment_image_url( $id ) { return $id; }
function wc_get_formatted_variation( $v ) { return $v->get_name(); }
function wp_register_script( $handle, $src ) { global $enqueued; $enqueued[ $handle ] = $src; }
function plugins_url( $name ) { return '/' . $name; }
function wp_register_style( $handle, $src ) { if ( ! is_file( __DIR__ . '/../woocommerce/restock' . $src ) ) { throw new Exception( 'no such file: ' . $src ); } }
function wp_enqueue_style( $handle ) {}
function wp_enqueue_script( $handle ) { global $enqueued; if ( ! isset( $enqueued[ $handle ] ) ) { throw new Exception( 'not registered: ' . $handle ); } $enqueued[ 'on ' . $handle ] = true; }
if ( empty( $shop['alone'] ) ) {
	function is_product() { return true; }
	function wc_get_product( $id ) {
		global $shop;
		foreach ( array_merge( array( $shop ), count( $shop['variants'] ) > 1 ? $shop['variants'] : array() ) as $one ) {
			if ( (string) $one['id'] === (string) $id ) {
				return new WC_Product( $one );
			}
		}
		return false;
	}
}

function fire( $kind, $name, $value = null ) {
	global $hooks;
	$all = $hooks[ $kind ][ $name ] ?? array();
	ksort( $all );
	foreach ( array_merge( ...( $all ?: array( array() ) ) ) as $call ) {
		$value = $call( $value );
	}
	return $value;
}

require __DIR__ . '/../woocommerce/restock/restock.php';

$product = empty( $shop['alone'] ) ? wc_get_product( $shop['id'] ) : null;
fire( 'action', 'init' );
fire( 'action', 'wp_enqueue_scripts' );
if ( 0 === strpos( $shop['hook'], 'action ' ) ) {
	fire( 'action', substr( $shop['hook'], 7 ) );
} else {
	$name = substr( $shop['hook'], 7 );
	echo 0 === strpos( $name, 'shortcode_' ) && ! isset( $hooks['filter'][ $name ] ) ? '[' . substr( $name, 10 ) . ']' : fire( 'filter', $name, '' );
}
if ( ! empty( $shop['scripts'] ) && isset( $enqueued['on restock'] ) ) {
	echo '<script async src="' . esc_attr( $enqueued['restock'] ) . '"></script>';
}
