<?php
/**
 * The same story in both checkouts, whichever way the shop keeps its orders: a real WooCommerce is asked twice, with
 * tables of their own and with orders among posts (`real-woocommerce.php`).
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Earning\Basket;
use Belong\Redeeming\Offer;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Redeeming\Wish;
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
		$order   = $this->an_order_with_a_reward( $member );
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

	private function an_order_with_a_reward( int $member ): \WC_Order {
		$reservations = new Reservations();
		$offer        = new Offer( array( 'id' => 'five', 'name' => 'Five off', 'kind' => 'amount', 'points' => 500 ) );
		$key          = $reservations->ask( new Wish( $member, $offer, null, new Basket( array( 'currency' => 'EUR' ) ) ) );
		$given        = array(
			'code'        => self::CODE,
			'kind'        => 'amount',
			'name'        => 'Five off',
			'value_minor' => 500,
			'currency'    => 'EUR',
			'ends_at'     => gmdate( 'Y-m-d H:i:s', time() + 600 ),
		);
		$this->assertTrue( $reservations->issue( $key, $given ) );
		$order = $this->an_order( 'pending', $member );
		$line  = new \WC_Order_Item_Coupon();
		$line->set_props( array( 'code' => self::CODE ) );
		$order->add_item( $line );
		$order->save();
		return $order;
	}

	/** State and order of the only row. */
	private function taken(): array {
		global $wpdb;
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT state, order_id FROM %i', Schema::reservations() ) );
		return array( $row->state, (int) $row->order_id );
	}
}
