<?php
/**
 * A shopper goes to pay, comes back, changes the cart and orders again: one reward, and it goes along.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Snapshot;
use Belong\Redeeming\Burning;
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

	/** WooCommerce keeps the session before it asks for the payment, which may be under way. */
	public function test_a_checkout_that_runs_beside_it_is_stopped(): void {
		$this->chosen();
		$order = $this->ordered();
		LeftOrder::begin( $order->get_id() );
		$this->assertTrue( $this->is_refused() );
		$this->assertFalse( $this->is_in_the_cart() );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	public function test_another_request_of_the_session_does_not_end_a_checkout_at_work(): void {
		$this->chosen();
		$order = $this->ordered();
		WC()->session->set( LeftOrder::KEY, array( $order->get_id(), time() + 60 ) );
		LeftOrder::end();
		$this->assertTrue( $this->is_refused() );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->its_row() );
	}

	/** Such as one that PHP ended. */
	public function test_a_checkout_that_ended_without_a_word_is_over_after_a_while(): void {
		$this->chosen();
		$order = $this->ordered();
		WC()->session->set( LeftOrder::KEY, array( $order->get_id(), time() - 1 ) );
		$next = $this->ordered();
		$this->assertSame( array( Reservation::USED, $next->get_id() ), $this->its_row() );
	}

	public function test_at_the_end_of_a_request_its_checkout_is_over_before_woocommerce_keeps_the_session(): void {
		$this->chosen();
		$order = $this->ordered();
		LeftOrder::begin( $order->get_id() );
		$before = did_action( 'shutdown' );
		add_action(
			'shutdown',
			function () use ( $order ) {
				$this->assertSame( array( $order->get_id(), 0 ), WC()->session->get( LeftOrder::KEY ) );
			},
			20
		);
		remove_action( 'shutdown', 'wp_ob_end_flush_all', 1 );
		do_action( 'shutdown' );
		add_action( 'shutdown', 'wp_ob_end_flush_all', 1 );
		$this->assertSame( $before + 1, did_action( 'shutdown' ) );
	}

	/** @return array[] what became of the reward, and what the order is then */
	public static function fates(): array {
		return array(
			'gone with the next order' => array( 'ordered', 'on-hold', 1 ),
			'let go'                   => array( 'taken off', 'on-hold', 1 ),
			'lapsed, as it was'        => array( 'lapsed', 'completed', 0 ),
			'as it was'                => array( '', 'completed', 0 ),
		);
	}

	/**
	 * A payment page that was open all the while. One reward must not take money off two orders that are sent.
	 *
	 * @dataProvider fates
	 */
	public function test_an_order_that_is_paid_without_its_reward_waits_for_somebody_of_the_shop( string $fate, string $status, int $notes ): void {
		global $wpdb;
		$this->chosen();
		$left = $this->ordered();
		if ( 'ordered' === $fate ) {
			$this->ordered();
		} elseif ( 'taken off' === $fate ) {
			Choosing::own()->take_off();
		} elseif ( 'lapsed' === $fate ) {
			$wpdb->query( $wpdb->prepare( 'UPDATE %i SET ends_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		}
		wc_get_order( $left->get_id() )->payment_complete();
		$order = wc_get_order( $left->get_id() );
		$this->assertSame( $status, $order->get_status() );
		$this->assertCount( $notes, array_filter( $this->notes( $order ), static fn( $note ) => false !== strpos( $note, '5 EUR off' ) ) );
		$this->assertSame( array( self::CODE ), $this->codes( $left ) );
	}

	/** WooCommerce asks what a paid order's status would be at each step, and dates by the answer. */
	public function test_an_order_that_was_left_is_cancelled_or_completed_by_hand_as_any_other(): void {
		$this->chosen();
		$left  = $this->ordered();
		$other = $this->ordered();
		$this->ordered();
		foreach ( array( 'cancelled' => $left, 'completed' => $other ) as $status => $order ) {
			wc_get_order( $order->get_id() )->update_status( $status );
			$now = wc_get_order( $order->get_id() );
			$this->assertSame( array( $status, 'completed' === $status ), array( $now->get_status(), (bool) $now->get_date_paid() ) );
			$this->assertSame( array(), preg_grep( '/5 EUR off/', $this->notes( $now ) ) );
		}
	}

	public function test_any_number_of_payment_pages_are_worth_one_reward(): void {
		$this->chosen();
		$orders = array();
		for ( $made = 0; $made < 4; $made++ ) {
			$orders[] = $this->ordered();
		}
		$now = array();
		foreach ( $orders as $order ) {
			wc_get_order( $order->get_id() )->payment_complete();
			$now[] = wc_get_order( $order->get_id() )->get_status();
		}
		$this->assertSame( array( 'on-hold', 'on-hold', 'on-hold', 'completed' ), $now );
	}

	/** The cart was emptied meanwhile: its coupon is not there to be taken off. */
	public function test_whoever_chooses_again_has_the_points_of_the_order_that_was_left(): void {
		$this->chosen();
		$this->ordered();
		update_user_meta( get_current_user_id(), Snapshot::META, wp_slash( wp_json_encode( $this->poor() ) ) );
		$product = current( WC()->cart->get_cart() )['product_id'];
		WC()->cart->empty_cart();
		WC()->cart->add_to_cart( $product );
		$this->next_page();
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ), $this->token(), $this->held( array( 'code' => 'aaaa-bbbb-cccc-dddd' ) ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->assertSame( array( Reservation::RELEASED, Reservation::ISSUED ), $this->states() );
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

	/** What was pushed after the first choice: nothing is left but what is set aside. */
	private function poor(): array {
		$pushed               = $this->pushed( array( 'available' => 0, 'as_of' => gmdate( 'Y-m-d\\TH:i:s\\Z', time() + 5 ) ) );
		$pushed['rewards'][0] = array( 'available' => false, 'missing' => 500, 'refusals' => array( 'not-enough-points' ) ) + $pushed['rewards'][0];
		return $pushed;
	}

	private function notes( \WC_Order $order ): array {
		return array_map( static fn( $note ) => $note->content, wc_get_order_notes( array( 'order_id' => $order->get_id() ) ) );
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
		if ( 'woocommerce_checkout_order_created' !== $hook ) {
			WC()->session->set( Burning::DRAFT, $order->get_id() );
		}
		do_action( $hook, $order );
		LeftOrder::end();
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
