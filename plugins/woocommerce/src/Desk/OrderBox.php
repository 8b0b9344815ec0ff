<?php
/**
 * An order's points, on its screen.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Admin\Console;
use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * With order tables of their own the screen has another name than with posts.
 */
final class OrderBox {

	const ID = 'belong-points';

	// A post; a row of order tables; the same for whoever does not see WooCommerce's menu.
	const SCREENS = array( 'shop_order', 'woocommerce_page_wc-orders', 'admin_page_wc-orders' );

	/**
	 * On the screen of an order, whichever it is.
	 *
	 * @param string $screen What is edited.
	 */
	public function add( $screen ): void {
		if ( ! Connection::kept()->is_connected() || ! in_array( $screen, self::SCREENS, true ) ) {
			return;
		}
		add_meta_box( self::ID, __( 'Points', 'belong-for-woocommerce' ), array( $this, 'show' ), $screen, 'normal' );
	}

	/**
	 * Of a post or of an order.
	 *
	 * @param mixed $given What the screen is about.
	 */
	public function show( $given ): void {
		$order = $given instanceof \WC_Order ? $given : wc_get_order( $given->ID ?? 0 );
		if ( ! $order instanceof \WC_Order || ! Route::may_see_order( $order->get_id() ) ) {
			return;
		}
		if ( in_array( $order->get_status(), array( 'auto-draft', 'checkout-draft' ), true ) ) {
			?>
			<p><?php esc_html_e( 'An order has points once it was saved and paid.', 'belong-for-woocommerce' ); ?></p>
			<?php
			return;
		}
		Script::place( sprintf( Route::ORDER_AT, $order->get_id() ) );
		Console::link( '/orders/' . $order->get_id() );
	}
}
