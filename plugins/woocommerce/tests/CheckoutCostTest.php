<?php
/**
 * How many queries of ours there are in a request that places an order: five at most, and two more with a reward.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;
use Belong\Wake;

final class CheckoutCostTest extends RedeemTestCase {

	const CHECKOUTS = array( 'woocommerce_checkout_order_created', 'woocommerce_store_api_checkout_order_processed' );

	/** @return array[] the hook of a checkout, and whether a drain is asked for already */
	public static function requests(): array {
		$requests = array();
		foreach ( self::CHECKOUTS as $hook ) {
			$requests[] = array( $hook, false );
			$requests[] = array( $hook, true );
		}
		return $requests;
	}

	/** @dataProvider requests */
	public function test_an_order_without_a_reward_costs_five( string $hook, bool $is_asked ): void {
		$this->assertSame( 5, $this->cost( $hook, $is_asked ) );
	}

	/** @dataProvider requests */
	public function test_a_guest_costs_four( string $hook, bool $is_asked ): void {
		wp_set_current_user( 0 );
		$this->assertSame( 4, $this->cost( $hook, $is_asked ) );
	}

	/** @dataProvider requests */
	public function test_a_coupon_of_the_shop_costs_nothing_more( string $hook, bool $is_asked ): void {
		$this->assertSame( 5, $this->cost( $hook, $is_asked, 'summer' ) );
	}

	/** @dataProvider requests */
	public function test_a_reward_costs_two_more_its_reading_and_its_taking( string $hook, bool $is_asked ): void {
		$this->chosen();
		$this->assertSame( 7, $this->cost( $hook, $is_asked, self::CODE ) );
		$this->assertSame( array( Reservation::USED ), $this->states() );
	}

	/** Queries that name a table of ours or that the queue makes for us, from the first look at the cart to the end. */
	private function cost( string $hook, bool $is_asked, string $code = '' ): int {
		$order = $this->an_order( 'pending', get_current_user_id() );
		if ( '' !== $code ) {
			$this->put_on( $order, $code );
		}
		if ( $is_asked ) {
			Wake::ask();
		}
		( new Reservations() )->forget();
		$this->empty_outbox();
		return $this->ours(
			function () use ( $hook, $order, $code ) {
				if ( '' !== $code ) {
					new \WC_Coupon( $code );
				}
				if ( get_current_user_id() > 0 ) {
					do_action( 'profile_update', get_current_user_id(), wp_get_current_user(), array() );
				}
				do_action( $hook, $order );
				$order->update_status( 'processing' );
				// An order that was made empties the cart, whose codes are looked at then.
				do_action( 'woocommerce_before_cart_emptied', true );
				$this->request_ends();
			}
		);
	}

	private function ours( callable $request ): int {
		global $wpdb;
		$ours = 0;
		$sees = static function ( $sql ) use ( &$ours, $wpdb ) {
			$ours += preg_match( "/{$wpdb->prefix}(belong_|double_action)/", $sql );
			return $sql;
		};
		add_filter( 'query', $sees );
		$request();
		remove_filter( 'query', $sees );
		return $ours;
	}
}
