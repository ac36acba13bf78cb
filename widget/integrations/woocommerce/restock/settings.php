<?php
/**
 * The page under Settings → Restock.
 *
 * @package Restock
 */

namespace Restock;

defined( 'ABSPATH' ) || exit;

/**
 * Adds the page for those who may manage the shop.
 */
function add_page() {
	add_options_page( 'Restock', 'Restock', 'manage_woocommerce', 'restock', __NAMESPACE__ . '\page' );
}

/**
 * The two settings: where the edge node stands, and the name of the data source.
 */
function register_settings() {
	register_setting( 'restock', 'restock_edge', array( 'type' => 'string', 'sanitize_callback' => __NAMESPACE__ . '\clean_edge', 'default' => '' ) );
	register_setting( 'restock', 'restock_source', array( 'type' => 'string', 'sanitize_callback' => __NAMESPACE__ . '\clean_source', 'default' => '' ) );
	add_filter( 'option_page_capability_restock', __NAMESPACE__ . '\capability' );
}

/**
 * Who may save the settings: the same who may see them.
 *
 * @return string
 */
function capability() {
	return 'manage_woocommerce';
}

/**
 * An http or https address without a slash at its end, or ''.
 *
 * @param mixed $value what was typed.
 * @return string
 */
function clean_edge( $value ) {
	return untrailingslashit( esc_url_raw( trim( (string) $value ), array( 'http', 'https' ) ) );
}

/**
 * A name as data sources have it: a-z, 0-9 and hyphens, at most 63.
 *
 * @param mixed $value what was typed.
 * @return string
 */
function clean_source( $value ) {
	return substr( preg_replace( '/[^a-z0-9-]/', '', strtolower( trim( (string) $value ) ) ), 0, 63 );
}

/**
 * Renders the page.
 */
function page() {
	?>
	<div class="wrap">
		<h1>Restock</h1>
		<?php if ( core_signs_up() ) : ?>
			<div class="notice notice-warning"><p><?php esc_html_e( 'WooCommerce’s own stock notifications are on, so Restock stays silent. Turn them off under WooCommerce → Settings → Products → Customer stock notifications.', 'restock' ); ?></p></div>
		<?php endif; ?>
		<form action="options.php" method="post">
			<?php settings_fields( 'restock' ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="restock_edge"><?php esc_html_e( 'Address of your edge node', 'restock' ); ?></label></th>
					<td><input class="regular-text" type="url" id="restock_edge" name="restock_edge" value="<?php echo esc_attr( get_option( 'restock_edge', '' ) ); ?>" placeholder="https://alerts.your-shop.com"></td>
				</tr>
				<tr>
					<th scope="row"><label for="restock_source"><?php esc_html_e( 'Data source', 'restock' ); ?></label></th>
					<td><input class="regular-text" type="text" id="restock_source" name="restock_source" value="<?php echo esc_attr( get_option( 'restock_source', '' ) ); ?>" placeholder="my-shop"></td>
				</tr>
			</table>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}
