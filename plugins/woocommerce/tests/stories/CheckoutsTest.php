<?php
/**
 * The same story in both checkouts, whichever way the shop keeps its orders: a real WooCommerce is asked twice, with
 * tables of their own and with orders among posts (`real-woocommerce.php`).
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Reservation;
use Belong\Schema;

final class CheckoutsTest extends ConnectedTestCase {

	const CODE = '5t8v1x4z7k3m9q2r';

	/** @return array[] the hook that runs when an order was made */
	public static function checkouts(): array {
		return array(
			'classic' => array( 'woocommerce_checkout_order_created' ),
			'blocks'  => array( 'woocommerce_store_api_checkout_order_processed' ),
		);
	}

	/**
	 * C22. Orders are read and written through WooCommerce's objects alone; both features are declared (InstallTest).
	 *
	 * @dataProvider checkouts
	 */
	public function test_plugin_works_with_hpos_and_block_checkout( string $hook ): void {
		$service = new BatchService();
		$member  = $this->sign_in( 'customer' );
		$this->set_aside( $member, self::CODE );
		$order = $this->put_on( $this->an_order( 'pending', $member ), self::CODE );
		do_action( $hook, $order );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->taken() );
		$order->update_status( 'completed' );
		$this->next_request();
		do_action( 'belong_drain_net' );
		$told = $service->known[ 'order:' . $order->get_id() ]['state']['order'];
		$this->assertSame( array( 'completed', $member ), array( $told['status'], $told['customer_id'] ) );
		$this->assertSame( array( self::CODE ), array_column( $told['coupon_lines'], 'code' ) );
		// What was paid keeps its reward, also when it is taken back: the points come back at the service.
		$order->update_status( 'cancelled' );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->taken() );
		wc_get_order( $order->get_id() )->delete( true );
		$this->next_request();
		do_action( 'belong_drain_net' );
		$this->assertSame( $member, $service->known[ 'order:' . $order->get_id() ]['gone']['customer_id'] );
	}

	/** State and order of the only row. */
	private function taken(): array {
		global $wpdb;
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT state, order_id FROM %i', Schema::reservations() ) );
		return array( $row->state, (int) $row->order_id );
	}
}
