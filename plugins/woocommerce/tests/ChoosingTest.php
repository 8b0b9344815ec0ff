<?php
/**
 * A member uses points for a cart: set aside once, taken off once, and given back when the cart does not want them.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Choosing;
use Belong\Redeeming\Outcome;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;
use Belong\Sending\Pace;

final class ChoosingTest extends RedeemTestCase {

	public function test_points_are_set_aside_by_one_question_in_the_members_name(): void {
		$this->answers( $this->token(), $this->held() );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		list( $minted, $asked ) = $this->service->requests;
		$this->assertSame( '{"customer":"' . get_current_user_id() . '","scopes":["redeem"],"seconds":60}', $minted['body'] );
		$this->assertSame( ServiceDouble::ADDRESS . '/v1/me/redemptions', $asked['url'] );
		$this->assertMatchesRegularExpression( '/\A[A-Za-z0-9_.:-]{8,100}\z/', $asked['headers']['idempotency-key'] );
		$body = json_decode( $asked['body'], true );
		$this->assertSame( array( 'five', null, true ), array( $body['reward'], $body['points'], $body['holds'] ) );
		$this->assertSame( array( 'EUR', 4000 ), array( $body['cart']['currency'], $body['cart']['lines'][0]['net_minor'] ) );
		$this->assertSame( array( self::CODE ), WC()->cart->get_applied_coupons() );
		$this->assertSame( 35.0, (float) WC()->cart->get_total( 'edit' ) );
		$this->assertSame( array( Reservation::ISSUED ), $this->states() );
		$this->assertStringContainsString( '5 EUR off', wc_get_notices( 'success' )[0]['notice'] );
	}

	/**
	 * A share of the goods is taken off what a shopper sees, as WooCommerce takes any coupon.
	 *
	 * @dataProvider ways_to_show_prices
	 */
	public function test_goods_are_told_as_the_cart_shows_them( bool $is_included, string $shown, array $expected ): void {
		$this->with_tax( $is_included );
		update_option( 'woocommerce_tax_display_cart', $shown );
		WC()->cart->calculate_totals();
		$this->answers( $this->token(), $this->held() );
		$this->choose( 'five' );
		$cart = json_decode( $this->service->requests[1]['body'], true )['cart'];
		$this->assertSame( $expected, array( $cart['lines'][0]['net_minor'], $cart['lines'][0]['tax_minor'], $cart['tax_minor'] ) );
	}

	public function ways_to_show_prices(): array {
		return array(
			'tax in prices'              => array( true, 'incl', array( 4000, 0, 0 ) ),
			'in prices, but not shown'   => array( true, 'excl', array( 3361, 639, 639 ) ),
			'on top of prices'           => array( false, 'excl', array( 4000, 760, 760 ) ),
			'on top, and shown with it'  => array( false, 'incl', array( 4000, 760, 760 ) ),
		);
	}

	/**
	 * @dataProvider clocks
	 */
	public function test_a_reward_ends_when_it_ends_at_the_service_whatever_the_clock_of_the_shop( int $ahead ): void {
		list( $status, $held ) = $this->held( array( 'lapses_at' => gmdate( 'c', time() + $ahead + 3600 ) ) );
		$this->answers( $this->token(), array( $status, $held, array( 'Date' => gmdate( 'D, d M Y H:i:s', time() + $ahead ) . ' GMT' ) ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$ends_at = ( new Reservations() )->of_code( self::CODE )->ends_at();
		$this->assertEqualsWithDelta( time() + 3600, $ends_at, 5 );
	}

	public function clocks(): array {
		return array(
			'the shop is slow' => array( 250 ),
			'the shop is fast' => array( -250 ),
		);
	}

	public function test_a_lost_reply_is_asked_for_again_with_the_same_key(): void {
		$this->answers( $this->token(), null );
		$this->assertSame( Outcome::down(), $this->choose( 'five' )->said );
		$this->assertSame( array( Reservation::ASKED ), $this->states() );
		Pace::reset();
		$first = $this->service->requests[1]['headers']['idempotency-key'];
		$this->answers( $this->token(), $this->held() );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->assertSame( $first, $this->service->requests[1]['headers']['idempotency-key'] );
		$this->assertSame( array( Reservation::ISSUED ), $this->states() );
	}

	public function test_the_same_choice_again_asks_nobody(): void {
		$this->chosen();
		$asked = count( $this->service->requests );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->assertCount( $asked, $this->service->requests );
	}

	public function test_another_process_with_the_same_wish_gets_the_same_reservation(): void {
		$this->chosen();
		// The other one has read the cart before.
		WC()->cart->applied_coupons = array();
		WC()->cart->calculate_totals();
		$this->answers( $this->token(), $this->held() );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->assertSame( array( Reservation::ISSUED ), $this->states() );
	}

	public function test_another_reward_lets_the_first_one_go_before_it_asks(): void {
		$this->chosen();
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ), $this->token(), $this->held( array( 'reward' => 'ten', 'code' => 'aaaa-bbbb-cccc-dddd', 'value_minor' => 1000 ) ) );
		$this->assertTrue( $this->choose( 'ten' )->is_good );
		$this->assertStringEndsWith( '/v1/me/redemptions/' . str_repeat( 'a', 32 ) . '/release', $this->service->requests[1]['url'] );
		$this->assertSame( array( Reservation::RELEASED, Reservation::ISSUED ), $this->states() );
		$this->assertSame( array( 'aaaa-bbbb-cccc-dddd' ), array_values( WC()->cart->get_applied_coupons() ) );
	}

	/** @return array[] */
	public static function refusals(): array {
		return array(
			array( 409, 'not-enough-points', 'not have enough' ),
			array( 409, 'order-too-small', 'too small' ),
			array( 429, 'too-fast', 'wait a moment' ),
			array( 404, 'reward-unknown', 'Nothing was changed' ),
		);
	}

	/** @dataProvider refusals */
	public function test_what_the_service_refuses_is_said_and_leaves_nothing_behind( int $status, string $code, string $said ): void {
		$this->answers( $this->token(), array( $status, array( 'code' => $code, 'numbers' => array() ) ) );
		$outcome = $this->choose( 'five' );
		$this->assertSame( array( false, array(), array( Reservation::RELEASED ) ), array( $outcome->is_good, WC()->cart->get_applied_coupons(), $this->states() ) );
		$this->assertStringContainsString( $said, $outcome->said );
	}

	/** @return array[] */
	public static function no_holds(): array {
		$over = gmdate( 'c', time() - 60 );
		return array(
			'lapsed since'   => array( array( 'lapses_at' => $over ) ),
			'without a code' => array( array( 'code' => null ) ),
			'let go since'   => array( array( 'state' => 'released' ) ),
			'without an end' => array( array( 'lapses_at' => null ) ),
		);
	}

	/** @dataProvider no_holds */
	public function test_an_answer_that_is_no_hold_takes_nothing_off( array $changed ): void {
		$this->answers( $this->token(), $this->held( $changed ) );
		$this->assertFalse( $this->choose( 'five' )->is_good );
		$this->assertSame( array( array(), array( Reservation::RELEASED ) ), array( WC()->cart->get_applied_coupons(), $this->states() ) );
	}

	public function test_a_percentage_with_a_cap_is_the_amount_that_was_reckoned(): void {
		$this->answers( $this->token(), $this->held( array( 'kind' => 'percent', 'percent_bp' => 1000, 'value_minor' => 300 ) ) );
		$this->choose( 'five' );
		$this->assertSame( 37.0, (float) WC()->cart->get_total( 'edit' ) );
	}

	public function test_a_cart_that_does_not_take_it_gives_the_points_back(): void {
		$this->answers( $this->token(), $this->held( array( 'minimum_order_minor' => 100000 ) ) );
		$outcome = $this->choose( 'five' );
		$this->assertSame( array( false, '', array( Reservation::RELEASING ) ), array( $outcome->is_good, $outcome->said, $this->states() ) );
		$this->assertNotSame( array(), wc_get_notices( 'error' ) );
	}

	/** @return array[] */
	public static function misfits(): array {
		return array( array( 101, 'does not fit' ), array( 108, 'too small' ), array( 109, 'does not fit' ), array( 103, 'By WooCommerce' ) );
	}

	/** @dataProvider misfits */
	public function test_what_a_cart_has_against_a_reward_is_said_without_its_code( int $which, string $expected ): void {
		$this->chosen();
		$said = apply_filters( 'woocommerce_coupon_error', 'By WooCommerce', $which, new \WC_Coupon( self::CODE ) );
		$this->assertStringContainsString( $expected, $said );
		$this->assertStringNotContainsString( self::CODE, $said );
	}

	public function test_what_was_taken_off_is_told_after_the_answer_and_until_the_service_took_it(): void {
		$this->chosen();
		$this->assertTrue( Choosing::own()->take_off()->is_good );
		$this->assertSame( array( Reservation::RELEASING ), $this->states() );
		$this->assertSame( 40.0, (float) WC()->cart->get_total( 'edit' ) );
		$this->answers( $this->token(), null );
		$this->a_minute_later();
		$this->assertSame( array( Reservation::RELEASING ), $this->states() );
		Pace::reset();
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ) );
		$this->a_minute_later();
		$this->assertSame( array( Reservation::RELEASED ), $this->states() );
	}

	/** @return array[] */
	public static function ends(): array {
		return array( array( 'empty' ), array( 'logout' ) );
	}

	/** @dataProvider ends */
	public function test_a_cart_that_is_over_lets_it_go( string $how ): void {
		$this->chosen();
		if ( 'empty' === $how ) {
			WC()->cart->empty_cart();
		} else {
			do_action( 'wp_logout', get_current_user_id() );
		}
		$this->assertSame( array( Reservation::RELEASING ), $this->states() );
	}

	public function test_an_order_that_took_it_keeps_it_when_its_cart_is_emptied(): void {
		$this->chosen();
		$order = $this->an_order( 'pending', get_current_user_id() );
		$order->apply_coupon( self::CODE );
		WC()->cart->empty_cart();
		$this->assertSame( array( Reservation::USED ), $this->states() );
	}

	/** Such as one of more than 500 lines. */
	public function test_a_cart_that_the_service_cannot_read_closes_the_wish_and_the_next_one_is_asked_for(): void {
		$bad = array( 'type' => 'about:blank', 'status' => 400, 'title' => 'Bad request', 'detail' => 'cart: too long' );
		$this->answers( $this->token(), array( 400, $bad ) );
		$this->assertFalse( $this->choose( 'five' )->is_good );
		$this->assertSame( array( Reservation::RELEASED ), $this->states() );
		$this->chosen();
	}

	public function test_what_somebody_in_between_refuses_stays_unclear(): void {
		$this->answers( $this->token(), array( 400, array( 'message' => 'a firewall' ) ) );
		$this->assertFalse( $this->choose( 'five' )->is_good );
		$this->assertSame( array( Reservation::ASKED ), $this->states() );
	}

	/** Two tabs, each of which has set its own aside before it saw the other. */
	public function test_a_second_reward_of_ours_is_refused_by_the_cart(): void {
		global $wpdb;
		$this->chosen();
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i', Schema::reservations() ), ARRAY_A );
		unset( $row['id'] );
		$other = strrev( $row['code'] );
		$wpdb->insert( Schema::reservations(), array( 'wish' => 'cart-other-0', 'code' => $other ) + $row );
		( new Reservations() )->forget();
		wc_clear_notices();
		$this->assertFalse( WC()->cart->apply_coupon( $other ) );
		$this->assertStringContainsString( 'cannot be used together', wc_get_notices( 'error' )[0]['notice'] );
		$this->assertSame( array( $row['code'] ), WC()->cart->get_applied_coupons() );
	}

	public function test_a_wish_whose_reply_was_lost_and_that_nobody_repeats_is_cleared_up(): void {
		global $wpdb;
		$this->answers( $this->token(), null );
		$this->choose( 'five' );
		Pace::reset();
		$this->a_minute_later();
		$this->assertSame( array( Reservation::ASKED ), $this->states() );
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET created_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 61 ) ) );
		$this->answers( $this->token(), $this->held(), $this->token(), array( 200, array( 'state' => 'released' ) ) );
		$this->a_minute_later();
		$this->assertSame( array( Reservation::RELEASED ), $this->states() );
		$this->assertStringEndsWith( '/release', end( $this->service->requests )['url'] );
	}

	/** C01: the points of a wish that an order had, and that came back, are not set aside a second time. */
	public function test_the_same_wish_after_its_order_came_to_nothing_holds_points_once(): void {
		$this->chosen();
		$product = current( WC()->cart->get_cart() )['product_id'];
		$first   = $this->an_order( 'pending', get_current_user_id() );
		$first->apply_coupon( self::CODE );
		WC()->cart->empty_cart();
		WC()->cart->add_to_cart( $product );
		$second = array( 'code' => 'aaaa-bbbb-cccc-dddd', 'redemption' => str_repeat( 'b', 32 ) );
		$this->answers( $this->token(), $this->held( $second ) );
		$this->same_wish( 'five' );
		$first->update_status( 'cancelled' );
		$this->assertSame( array( Reservation::ISSUED, Reservation::ISSUED ), $this->states() );
		Choosing::own()->take_off();
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ), $this->token(), $this->held() );
		$this->same_wish( 'five' );
		$this->assertSame( array( Reservation::ISSUED, Reservation::RELEASED ), $this->states() );
		$this->assertSame( array( self::CODE ), array_values( WC()->cart->get_applied_coupons() ) );
	}

	public function test_keys_of_one_wish_count_on_whatever_became_of_the_earlier_ones(): void {
		global $wpdb;
		$keys = array();
		foreach ( array( 'released', 'used', 'released' ) as $state ) {
			$this->answers( $this->token(), $this->held( array( 'code' => 'aaaa-bbbb-cccc-dd' . count( $keys ) . 'a' ) ) );
			$this->same_wish( 'five' );
			Choosing::own()->take_off();
			$keys = $wpdb->get_col( $wpdb->prepare( 'SELECT wish FROM %i ORDER BY id', Schema::reservations() ) );
			$wpdb->query( $wpdb->prepare( 'UPDATE %i SET state = %s WHERE wish = %s', Schema::reservations(), $state, end( $keys ) ) );
		}
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE wish = %s', Schema::reservations(), $keys[0] ) );
		$this->answers( $this->token(), $this->held() );
		$this->same_wish( 'five' );
		$now  = $wpdb->get_col( $wpdb->prepare( 'SELECT wish FROM %i ORDER BY id', Schema::reservations() ) );
		$stem = substr( $keys[0], 0, -1 );
		$this->assertSame( array( $stem . '1', $stem . '2', $stem . '3' ), $now );
	}

	/** On another page of the shop. */
	private function same_wish( string $reward ): void {
		( new Reservations() )->forget();
		$outcome = $this->choose( $reward );
		$this->assertTrue( $outcome->is_good, $outcome->said . wp_json_encode( wc_get_notices( 'error' ) ) );
	}

	/** The service closes a wish that came too fast: nothing is unclear then. */
	public function test_a_lost_wish_that_comes_too_fast_stands_in_nobodys_way(): void {
		global $wpdb;
		$this->answers( $this->token(), null );
		$this->choose( 'five' );
		Pace::reset();
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET created_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 61 ) ) );
		$this->answers( $this->token(), array( 429, array( 'code' => 'too-fast', 'numbers' => array() ) ), $this->token(), $this->held( array( 'reward' => 'ten' ) ) );
		$this->assertTrue( $this->choose( 'ten' )->is_good );
		$this->assertSame( array( Reservation::RELEASED, Reservation::ISSUED ), $this->states() );
	}

	public function test_what_lapsed_is_told_to_nobody(): void {
		global $wpdb;
		$this->chosen();
		Choosing::own()->take_off();
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET ends_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		$this->answers();
		$this->a_minute_later();
		$this->assertSame( array( Reservation::RELEASED ), $this->states() );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_an_abandoned_reward_leaves_the_cart_with_a_kind_word(): void {
		global $wpdb;
		$this->chosen();
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET ends_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		( new Reservations() )->forget();
		wc_clear_notices();
		WC()->cart->check_cart_coupons();
		$this->assertSame( array(), WC()->cart->get_applied_coupons() );
		$this->assertStringContainsString( '5 EUR off', wc_get_notices( 'error' )[0]['notice'] );
	}

	public function test_a_guest_and_a_stranger_choose_nothing(): void {
		$this->answers();
		wp_set_current_user( 0 );
		$this->assertFalse( $this->choose( 'five' )->is_good );
		$this->sign_in( 'customer' );
		$this->assertFalse( $this->choose( 'five' )->is_good );
		$this->assertSame( array( array(), array() ), array( $this->service->requests, $this->states() ) );
	}

	public function test_what_is_not_offered_is_not_asked_for(): void {
		$this->answers();
		foreach ( array( 'pot', 'no-such-thing', '' ) as $reward ) {
			$this->assertFalse( $this->choose( $reward )->is_good );
		}
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_cart_that_is_emptied_after_its_order_lets_nothing_go_and_asks_the_database_nothing(): void {
		global $wpdb;
		$this->chosen();
		$order = $this->an_order( 'pending', get_current_user_id() );
		$order->apply_coupon( self::CODE );
		do_action( 'woocommerce_store_api_checkout_order_processed', $order );
		( new Reservations() )->of_code( self::CODE );
		$before = $wpdb->num_queries;
		do_action( 'woocommerce_before_cart_emptied', true );
		$this->assertSame( 0, $wpdb->num_queries - $before );
		WC()->cart->empty_cart();
		$this->assertSame( array( Reservation::USED ), $this->states() );
	}
}
