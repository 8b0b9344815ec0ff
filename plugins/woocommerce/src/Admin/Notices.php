<?php
/**
 * What only the owner can settle is said where they work.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * On WooCommerce's screens alone, and not on ours, which says more. Whoever has put it away does not see it again until
 * something else is wrong.
 */
final class Notices {

	const DISMISSED = 'belong_dismissed';

	/**
	 * Shows one, if there is anything to do.
	 */
	public function show(): void {
		$stopped = Connection::kept()->stopped();
		if ( '' === $stopped || ! current_user_can( Page::CAPABILITY ) || ! $this->is_woocommerces_screen() ) {
			return;
		}
		if ( get_user_meta( get_current_user_id(), self::DISMISSED, true ) === $stopped ) {
			return;
		}
		?>
		<div class="notice notice-warning">
			<p>
				<strong><?php esc_html_e( 'Belong:', 'belong-for-woocommerce' ); ?></strong>
				<?php echo esc_html( self::what_to_do( $stopped ) ); ?>
				<a href="<?php echo esc_url( Page::url() ); ?>"><?php esc_html_e( 'Open the settings of Belong', 'belong-for-woocommerce' ); ?></a>
			</p>
			<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
				<input type="hidden" name="action" value="<?php echo esc_attr( Actions::hook( 'dismiss' ) ); ?>">
				<input type="hidden" name="<?php echo esc_attr( Actions::NONCE ); ?>" value="<?php echo esc_attr( wp_create_nonce( Actions::hook( 'dismiss' ) ) ); ?>">
				<p><button type="submit" class="button-link"><?php esc_html_e( 'Do not show this again', 'belong-for-woocommerce' ); ?></button></p>
			</form>
		</div>
		<?php
	}

	/**
	 * What is wrong and what helps.
	 *
	 * @param string $stopped Of Connection.
	 */
	public static function what_to_do( string $stopped ): string {
		switch ( $stopped ) {
			case Connection::OTHER_SITE:
				return __( 'The address of this shop has changed, so nothing is sent. Say whether the shop has moved or this is a copy.', 'belong-for-woocommerce' );
			case Connection::NOT_CONNECTED:
				return __( 'Your Belong says that this shop is not connected any more, so nothing is sent. What changes is kept. Connect the shop anew to go on.', 'belong-for-woocommerce' );
		}
		return __( 'Your Belong does not know the keys of this shop any more, so nothing is sent. What changes is kept. Try again, or connect the shop anew.', 'belong-for-woocommerce' );
	}

	/**
	 * Its own pages and its lists.
	 */
	private function is_woocommerces_screen(): bool {
		$screen = function_exists( 'get_current_screen' ) ? get_current_screen() : null;
		if ( ! $screen instanceof \WP_Screen || preg_match( '/_page_' . Page::SLUG . '\z/', $screen->id ) ) {
			return false;
		}
		return false !== strpos( $screen->id, 'woocommerce' ) || false !== strpos( $screen->id, 'wc-' ) || in_array( $screen->post_type, array( 'product', 'shop_order', 'shop_coupon' ), true );
	}
}
