<?php
/**
 * A shopper goes to pay, comes back, changes the cart and orders again: one reward, and it goes along.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Choosing;
use Belong\Redeeming\LeftOrder;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;

final class BackFromPayingTest extends RedeemTestCase {

	/** @return array[] the hook that runs when an order was made */
	public static function checkouts(): array {
		return array(
			'classic' => array( 'woocommerce_checkout_order_created' ),
			'blocks'  => array( 'woocommerce_store_api_checkout_order_processed' ),
		);
	}

	/** @dataProvider checkouts */
	public function test_the_reward_goes_with_the_order_of_the_changed_cart( string $hook ): void {
		$this->chosen();
		$left = $this->ordered( $hook );
		$this->assertTrue( $this->is_in_the_cart() );
		$next = $this->ordered( $hook );
		$this->assertSame( array( Reservation::USED, $next->get_id() ), $this->its_row() );
		$this->assertSame( array(), wc_get_notices( 'error' ) );
		$this->next_page();
		do_action( 'woocommerce_before_pay_action', wc_get_order( $left->get_id() ) );
		$this->assertSame( array( array(), array( self::CODE ) ), array( $this->codes( $left ), $this->codes( $next ) ) );
		$this->assertStringContainsString( '5 EUR off', wc_get_notices( 'error' )[0]['notice'] );
		$this->assertSame( array( Reservation::USED, $next->get_id() ), $this->its_row() );
	}

	/** @dataProvider checkouts */
	public function test_the_same_order_is_tried_again( string $hook ): void {
		$this->chosen();
		$order = $this->ordered( $hook );
		do_action( $hook, $order );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	public function test_what_was_left_comes_to_nothing_and_takes_nothing_back(): void {
		$this->chosen();
		$left = $this->ordered();
		$next = $this->ordered();
		wc_get_order( $left->get_id() )->update_status( 'cancelled' );
		$this->assertSame( array( Reservation::USED, $next->get_id() ), $this->its_row() );
		wc_get_order( $next->get_id() )->update_status( 'cancelled' );
		$this->assertSame( array( Reservation::ISSUED, 0 ), $this->its_row() );
	}

	public function test_what_the_shopper_takes_off_the_cart_is_let_go(): void {
		$this->chosen();
		$left = $this->ordered();
		$this->assertTrue( Choosing::own()->take_off()->is_good );
		$this->assertSame( Reservation::RELEASING, $this->its_row()[0] );
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ) );
		$this->a_minute_later();
		$this->assertSame( Reservation::RELEASED, $this->its_row()[0] );
		do_action( 'woocommerce_before_pay_action', wc_get_order( $left->get_id() ) );
		$this->assertSame( array(), $this->codes( $left ) );
	}

	public function test_an_emptied_cart_takes_nothing_from_its_order(): void {
		$this->chosen();
		$order = $this->ordered();
		WC()->cart->empty_cart();
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	/** @return array[] */
	public static function payments(): array {
		return array( array( 'on-hold' ), array( 'processing' ), array( 'completed' ) );
	}

	/** @dataProvider payments */
	public function test_an_order_whose_money_is_there_or_on_its_way_keeps_it( string $status ): void {
		$this->chosen();
		$order = $this->ordered();
		$order->update_status( $status );
		$this->next_page();
		$this->assertTrue( $this->is_refused() );
		$this->assertFalse( $this->is_in_the_cart() );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	/** It has read the session before this one wrote there, and its payment may be under way. */
	public function test_a_checkout_that_runs_beside_it_is_stopped(): void {
		$this->chosen();
		$order = $this->ordered();
		LeftOrder::remember( 0 );
		$this->assertTrue( $this->is_refused() );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	public function test_of_two_that_want_it_from_the_order_that_was_left_one_gets_it(): void {
		global $wpdb;
		$this->chosen();
		$this->ordered();
		( new Reservations() )->of_code( self::CODE );
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET order_id = %d', Schema::reservations(), 999999 ) );
		$this->assertTrue( $this->is_refused() );
		$this->assertSame( array( Reservation::USED, 999999 ), $this->its_row() );
	}

	/** Another one may have had its points since. */
	public function test_what_is_over_does_not_go_along(): void {
		global $wpdb;
		$this->chosen();
		$order = $this->ordered();
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET ends_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		$this->next_page();
		$this->assertFalse( $this->is_in_the_cart() );
		$this->assertTrue( $this->is_refused() );
	}

	private function is_refused(): bool {
		try {
			$this->ordered();
		} catch ( \Belong\Redeeming\Refusal $refusal ) {
			return true;
		}
		return false;
	}

	/** As a checkout makes it: the coupon's line is copied from the cart. */
	private function ordered( string $hook = 'woocommerce_checkout_order_created' ): \WC_Order {
		$order = $this->an_order( 'pending', get_current_user_id() );
		$line  = new \WC_Order_Item_Coupon();
		$line->set_props( array( 'code' => self::CODE ) );
		$order->add_item( $line );
		$order->save();
		do_action( $hook, $order );
		return $order;
	}

	/** After WooCommerce has looked at it. */
	private function is_in_the_cart(): bool {
		WC()->cart->check_cart_coupons();
		return WC()->cart->has_discount( self::CODE );
	}

	private function next_page(): void {
		wc_clear_notices();
		( new Reservations() )->forget();
	}

	private function codes( \WC_Order $order ): array {
		return wc_get_order( $order->get_id() )->get_coupon_codes();
	}

	/** State and order of the only row. */
	private function its_row(): array {
		global $wpdb;
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT state, order_id FROM %i', Schema::reservations() ) );
		return array( $row->state, (int) $row->order_id );
	}
}
