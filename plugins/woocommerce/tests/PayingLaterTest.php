<?php
/**
 * An order that was not paid at its checkout is paid later: what it took may be worth something elsewhere by then.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;
use Belong\Redeeming\Burning;
use Belong\Redeeming\LeftOrder;
use Belong\Redeeming\Refusal;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;

final class PayingLaterTest extends RedeemTestCase {

	public function test_an_order_whose_reward_is_good_is_paid_with_it(): void {
		$order = $this->an_order_with_it();
		$order->update_status( 'failed' );
		$this->assertSame( array( Reservation::ISSUED ), $this->states() );
		$this->paid_later( $order );
		$this->assertSame( array( 35.0, array( Reservation::USED ), array() ), array( $this->total( $order ), $this->states(), wc_get_notices( 'error' ) ) );
	}

	public function test_an_order_that_waited_for_too_long_is_paid_without_it(): void {
		$order = $this->an_order_with_it();
		$this->time_is_over();
		$this->paid_later( $order );
		$this->assertSame( 40.0, $this->total( $order ) );
		$this->assertSame( array(), wc_get_order( $order->get_id() )->get_coupon_codes() );
		$this->assertStringContainsString( '5 EUR off', wc_get_notices( 'error' )[0]['notice'] );
	}

	/** C04: one reservation, an order whose payment failed, and another that took it meanwhile. */
	public function test_a_reward_that_another_order_used_pays_for_no_second_one(): void {
		$first = $this->an_order_with_it();
		$first->update_status( 'failed' );
		( new Reservations() )->forget();
		$second = $this->an_order( 'pending', get_current_user_id() );
		$this->assertTrue( $second->apply_coupon( self::CODE ) );
		$this->paid_later( $first );
		$this->assertSame( array( 40.0, 35.0 ), array( $this->total( $first ), $this->total( $second ) ) );
		$this->assertSame( array( Reservation::USED ), $this->states() );
		wc_clear_notices();
		$this->paid_later( $second );
		$this->assertSame( array( 35.0, array() ), array( $this->total( $second ), wc_get_notices( 'error' ) ) );
	}

	/** Its shipping is a line that costs nothing, which nobody reckons anew. */
	public function test_an_order_with_free_shipping_that_waited_for_too_long_is_not_paid_however_often_it_is_tried(): void {
		$order = $this->an_order_with_it( array( 'kind' => 'free_shipping', 'value_minor' => 0 ) );
		$this->time_is_over();
		foreach ( array( 'first', 'second' ) as $press ) {
			wc_clear_notices();
			$this->paid_later( wc_get_order( $order->get_id() ) );
			$this->assertCount( 1, wc_get_notices( 'error' ), $press );
			$this->assertStringContainsString( 'order again', wc_get_notices( 'error' )[0]['notice'] );
			$this->assertSame( array( self::CODE ), wc_get_order( $order->get_id() )->get_coupon_codes() );
		}
	}

	public function test_the_codes_of_others_stay_on_an_order_that_is_paid_later(): void {
		$order = $this->put_on( $this->an_order( 'pending', get_current_user_id() ), 'summer-of-our-discontent' );
		$this->paid_later( $order );
		$this->assertSame( array( 'summer-of-our-discontent' ), wc_get_order( $order->get_id() )->get_coupon_codes() );
		$this->assertSame( array(), wc_get_notices( 'error' ) );
	}

	/** The service gave the points back: they may be spent already. */
	public function test_a_checkout_that_is_tried_again_too_late_is_stopped(): void {
		$order = $this->an_order_with_it();
		$this->time_is_over();
		$this->expectException( Refusal::class );
		do_action( 'woocommerce_checkout_order_created', $order );
	}

	public function test_the_cart_of_an_order_that_waited_for_too_long_lets_it_go(): void {
		$order = $this->an_order_with_it();
		do_action( 'woocommerce_checkout_order_created', $order );
		LeftOrder::end();
		WC()->cart->check_cart_coupons();
		$this->assertSame( array( self::CODE ), WC()->cart->get_applied_coupons() );
		$this->time_is_over();
		WC()->cart->check_cart_coupons();
		$this->assertSame( array(), WC()->cart->get_applied_coupons() );
	}

	/** `POST wc/store/v1/checkout/ID` runs the hook of the block checkout, whose draft is another order. */
	public function test_an_order_that_is_paid_later_by_the_store_api_says_its_new_total_first(): void {
		$order = $this->an_order_with_it();
		$this->time_is_over();
		WC()->session->set( Burning::DRAFT, $order->get_id() + 1 );
		try {
			do_action( 'woocommerce_store_api_checkout_order_processed', wc_get_order( $order->get_id() ) );
			$this->fail( 'It was paid.' );
		} catch ( RouteException $refused ) {
			$this->assertStringContainsString( 'new total', $refused->getMessage() );
		}
		$this->assertSame( 40.0, $this->total( $order ) );
		do_action( 'woocommerce_store_api_checkout_order_processed', wc_get_order( $order->get_id() ) );
		$this->assertSame( array( Reservation::USED ), $this->states() );
	}

	public function test_an_order_whose_reward_is_good_is_paid_later_by_the_store_api_with_it(): void {
		$order = $this->an_order_with_it();
		$order->update_status( 'failed' );
		WC()->session->set( Burning::DRAFT, $order->get_id() + 1 );
		do_action( 'woocommerce_store_api_checkout_order_processed', wc_get_order( $order->get_id() ) );
		$this->assertSame( array( 35.0, array( Reservation::USED ) ), array( $this->total( $order ), $this->states() ) );
	}

	/** Its code is typed in capitals, as 9.9 leaves it. */
	private function an_order_with_it( array $held = array() ): \WC_Order {
		$this->answers( $this->token(), $this->held( $held ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		wc_clear_notices();
		$order = $this->an_order( 'pending', get_current_user_id() );
		$this->assertTrue( $order->apply_coupon( strtoupper( self::CODE ) ) );
		$this->assertSame( array( Reservation::USED ), $this->states() );
		return $order;
	}

	private function time_is_over(): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET ends_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		( new Reservations() )->forget();
	}

	private function paid_later( \WC_Order $order ): void {
		( new Reservations() )->forget();
		do_action( 'woocommerce_before_pay_action', wc_get_order( $order->get_id() ) );
	}

	private function total( \WC_Order $order ): float {
		return (float) wc_get_order( $order->get_id() )->get_total();
	}
}
