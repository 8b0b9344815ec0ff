<?php
/**
 * What was redeemed takes money off one order of its own member, and comes back with an order that came to nothing.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Connection\ShownFor;
use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;
use Belong\Redeeming\Refusal;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;

final class RedeemingTest extends ConnectedTestCase {

	const CODE = '7k3m9q2r5t8v1x4z';

	/**
	 * Whose reward it is.
	 *
	 * @var int
	 */
	private $member = 0;

	protected function setUp(): void {
		parent::setUp();
		( new Reservations() )->forget();
		// Each order here is of another session.
		WC()->session = null;
		$this->member = $this->sign_in( 'customer' );
	}

	public function test_an_amount_takes_money_off_an_order_of_its_member(): void {
		$this->issued();
		$order = $this->an_order( 'pending', $this->member );
		$this->assertTrue( $order->apply_coupon( strtoupper( self::CODE ) ) );
		$this->assertSame( 35.0, (float) wc_get_order( $order->get_id() )->get_total() );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->state() );
	}

	public function test_a_second_order_is_refused(): void {
		$this->issued();
		$this->an_order( 'pending', $this->member )->apply_coupon( self::CODE );
		$this->next_page();
		$second = $this->an_order( 'pending', $this->member );
		$answer = $second->apply_coupon( self::CODE );
		$this->assertInstanceOf( \WP_Error::class, $answer );
		$this->assertStringContainsString( 'used already', $answer->get_error_message() );
		$this->assertSame( 40.0, (float) $second->get_total() );
	}

	/**
	 * Each with the exception that it answers as a sentence: the Store API answers 500 to any but its own.
	 *
	 * @return array[]
	 */
	public static function checkouts(): array {
		return array(
			array( 'woocommerce_checkout_order_created', Refusal::class, 0 ),
			array( 'woocommerce_store_api_checkout_order_processed', RouteException::class, 400 ),
		);
	}

	/** @dataProvider checkouts */
	public function test_of_two_checkouts_with_one_code_the_second_is_stopped( string $hook, string $thrown, int $number ): void {
		$this->issued();
		$first  = $this->an_order_with_the_code();
		$second = $this->an_order_with_the_code();
		do_action( $hook, $first );
		do_action( $hook, $first );
		$this->assertSame( array( Reservation::USED, $first->get_id() ), $this->state() );
		$this->expectException( $thrown );
		$this->expectExceptionCode( $number );
		$this->expectExceptionMessage( 'Please look at your cart' );
		do_action( $hook, $second );
	}

	/** @dataProvider checkouts */
	public function test_a_reward_whose_time_is_over_stops_the_checkout( string $hook, string $thrown, int $number ): void {
		$this->issued( array( 'ends_at' => gmdate( 'Y-m-d H:i:s', time() - 1 ) ) );
		$this->expectException( $thrown );
		$this->expectExceptionCode( $number );
		$this->expectExceptionMessage( 'Please look at your cart' );
		do_action( $hook, $this->an_order_with_the_code() );
	}

	public function test_a_code_of_somebody_else_stops_the_checkout_of_a_guest(): void {
		$this->issued();
		$this->expectException( Refusal::class );
		do_action( 'woocommerce_checkout_order_created', $this->an_order_with_the_code( 0 ) );
	}

	public function test_an_order_without_a_code_of_ours_goes_on(): void {
		do_action( 'woocommerce_checkout_order_created', $this->an_order_with_the_code() );
		$this->assertSame( array(), $this->state() );
	}

	public function test_nobody_else_learns_that_a_code_exists(): void {
		$this->issued();
		$this->assertTrue( ( new \WC_Coupon( self::CODE ) )->get_virtual() );
		$this->sign_in( 'subscriber' );
		$this->assertFalse( ( new \WC_Coupon( self::CODE ) )->get_virtual() );
		wp_set_current_user( 0 );
		$this->assertFalse( ( new \WC_Coupon( self::CODE ) )->get_virtual() );
	}

	public function test_a_copy_of_the_shop_has_none(): void {
		$this->issued();
		Connection::keep( array( 'site' => hash( 'sha256', 'https://original.example' ) ) + get_option( Connection::OPTION ) );
		$this->assertFalse( ( new \WC_Coupon( self::CODE ) )->get_virtual() );
	}

	public function test_what_is_only_asked_for_is_no_coupon(): void {
		$key = ( new Reservations() )->ask( $this->a_wish( $this->member ) );
		$this->assertSame( $key, ( new Reservations() )->ask( $this->a_wish( $this->member ) ) );
		$this->assertSame( array( array( Reservation::ASKED, 0 ) ), $this->states() );
		$this->assertFalse( ( new \WC_Coupon( self::CODE ) )->get_virtual() );
	}

	public function test_a_wish_has_one_key_until_something_came_of_it(): void {
		$reservations = new Reservations();
		$key          = $reservations->ask( $this->a_wish( $this->member ) );
		$this->assertLessThanOrEqual( 100, strlen( $key ) );
		$this->assertNotSame( $key, $reservations->ask( $this->a_wish( $this->member, 'ten' ) ) );
		$reservations->issue( $key, array( 'code' => self::CODE, 'ends_at' => gmdate( 'Y-m-d H:i:s', time() + 60 ) ) );
		$this->assertSame( $key, $reservations->ask( $this->a_wish( $this->member ) ) );
		$reservations->let_go( self::CODE, $this->member );
		$this->assertNotSame( $key, $reservations->ask( $this->a_wish( $this->member ) ) );
	}

	public function test_what_was_set_aside_for_another_connection_is_worth_nothing(): void {
		$this->issued();
		$order = $this->an_order( 'pending', $this->member );
		$order->apply_coupon( self::CODE );
		ShownFor::begin( 'another-connection' );
		// Its own order has paid with it; if that comes to nothing, nothing comes back here.
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->state() );
		wc_get_order( $order->get_id() )->update_status( 'cancelled' );
		$this->next_page();
		$second = $this->an_order( 'pending', $this->member );
		$this->assertInstanceOf( \WP_Error::class, $second->apply_coupon( self::CODE ) );
		$this->assertSame( 40.0, (float) $second->get_total() );
	}

	public function test_a_reply_that_comes_twice_is_written_once(): void {
		$this->issued();
		$key = ( new Reservations() )->ask( $this->a_wish( $this->member ) );
		$this->assertFalse( ( new Reservations() )->issue( $key, array( 'code' => 'anothercodeofours' ) ) );
		$this->assertSame( array( array( Reservation::ISSUED, 0 ) ), $this->states() );
	}

	/** @return array[] */
	public static function endings(): array {
		return array( array( 'cancelled' ), array( 'failed' ) );
	}

	/** @dataProvider endings */
	public function test_an_order_that_comes_to_nothing_gives_back_and_one_that_lives_again_takes_again( string $ending ): void {
		$this->issued();
		$order = $this->an_order( 'pending', $this->member );
		$order->apply_coupon( self::CODE );
		$order->update_status( $ending );
		$this->assertSame( array( Reservation::ISSUED, 0 ), $this->state() );
		$order->update_status( 'processing' );
		$this->assertSame( array( Reservation::USED, $order->get_id() ), $this->state() );
	}

	/** @dataProvider removals */
	public function test_what_a_paid_order_took_is_never_worth_something_again( bool $for_good ): void {
		$this->issued();
		$order = $this->an_order( 'pending', $this->member );
		$order->apply_coupon( self::CODE );
		$taken = array( Reservation::USED, $order->get_id() );
		foreach ( array( 'processing', 'on-hold', 'cancelled', 'completed', 'cancelled' ) as $status ) {
			$order->update_status( $status );
			$this->assertSame( $taken, $this->state(), $status );
		}
		$order->delete( $for_good );
		$this->assertSame( $taken, $this->state() );
		$this->next_page();
		$this->assertInstanceOf( \WP_Error::class, $this->an_order( 'pending', $this->member )->apply_coupon( self::CODE ) );
	}

	/** @return array[] */
	public static function removals(): array {
		return array( array( false ), array( true ) );
	}

	/** @dataProvider removals */
	public function test_an_order_in_the_bin_or_deleted_gives_back( bool $for_good ): void {
		$this->issued();
		$order = $this->an_order( 'pending', $this->member );
		$order->apply_coupon( self::CODE );
		$order->delete( $for_good );
		$this->assertSame( array( Reservation::ISSUED, 0 ), $this->state() );
	}

	/** @return array[] */
	public static function gifts(): array {
		return array(
			array( array( 'value_minor' => 1050 ), 'amount', '10.50' ),
			array( array( 'value_minor' => 5 ), 'amount', '0.05' ),
			array( array( 'value_minor' => 500, 'currency' => 'JPY' ), 'amount', '500' ),
			array( array( 'kind' => 'slider', 'value_minor' => 700 ), 'amount', '7.00' ),
			array( array( 'kind' => 'percent', 'percent_bp' => 1250 ), 'amount', '12.50' ),
			array( array( 'kind' => 'free_shipping' ), 'free_shipping', true ),
			array( array( 'kind' => 'product', 'product_id' => 11 ), 'product_ids', array( 11 ) ),
			array( array( 'minimum_minor' => 2000 ), 'minimum_amount', '20.00' ),
		);
	}

	/** @dataProvider gifts */
	public function test_each_kind_is_what_woocommerce_understands( array $given, string $key, $expected ): void {
		$this->issued( $given );
		$coupon = ( new Reservations() )->of_code( self::CODE )->coupon();
		$this->assertSame( $expected, $coupon[ $key ] );
	}

	public function test_an_amount_of_another_currency_is_refused(): void {
		$this->issued( array( 'currency' => 'USD' ) );
		$answer = $this->an_order( 'pending', $this->member )->apply_coupon( self::CODE );
		$this->assertInstanceOf( \WP_Error::class, $answer );
	}

	public function test_the_label_says_the_name_and_not_the_code(): void {
		$this->issued( array( 'name' => 'Tea & five off' ) );
		$label = apply_filters( 'woocommerce_cart_totals_coupon_label', 'Coupon: x', new \WC_Coupon( self::CODE ) );
		$this->assertSame( 'Reward: Tea &amp; five off', $label );
	}

	public function test_a_code_is_looked_for_once_in_a_request(): void {
		$this->issued();
		$this->next_page();
		$asked = 0;
		add_filter(
			'query',
			static function ( $sql ) use ( &$asked ) {
				$asked += (int) ( false !== strpos( $sql, Schema::reservations() ) );
				return $sql;
			}
		);
		foreach ( array( self::CODE, self::CODE, 'SUMMER' ) as $code ) {
			new \WC_Coupon( $code );
			$this->assertSame( 1, $asked );
		}
	}

	public function test_rows_of_long_ago_go(): void {
		$this->issued( array( 'ends_at' => '2020-01-01 00:00:00' ) );
		( new Reservations() )->prune();
		$this->assertSame( array(), $this->states() );
	}

	private function issued( array $given = array() ): void {
		$this->set_aside( $this->member, self::CODE, $given );
		$this->next_page();
	}

	/** Each page begins with nothing read. */
	private function next_page(): void {
		wp_cache_flush();
		( new Reservations() )->forget();
	}

	private function an_order_with_the_code( ?int $customer = null ): \WC_Order {
		return $this->put_on( $this->an_order( 'pending', $customer ?? $this->member ), self::CODE );
	}

	/** State and order of the only row. */
	private function state(): array {
		return $this->states()[0] ?? array();
	}

	private function states(): array {
		global $wpdb;
		$rows = $wpdb->get_results( $wpdb->prepare( 'SELECT state, order_id FROM %i', Schema::reservations() ) );
		return array_map(
			static function ( $row ) {
				return array( $row->state, (int) $row->order_id );
			},
			$rows
		);
	}
}
