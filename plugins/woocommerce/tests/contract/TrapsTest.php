<?php
/**
 * The traps that we build around. Runs against the double and, unchanged, against a real WooCommerce.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Wake;

final class TrapsTest extends ShopTestCase {

	public function test_a_unique_action_counts_what_is_pending(): void {
		$this->assertGreaterThan( 0, as_enqueue_async_action( 'belong_trap', array(), 'belong', true ) );
		$this->assertSame( 0, as_enqueue_async_action( 'belong_trap', array(), 'belong', true ) );
		$this->assertTrue( as_has_scheduled_action( 'belong_trap', array(), 'belong' ) );
	}

	public function test_a_pending_recurring_action_blocks_a_unique_one_of_its_name(): void {
		as_schedule_recurring_action( time(), 60, 'belong_trap', array(), 'belong' );
		$this->assertSame( 0, as_enqueue_async_action( 'belong_trap', array(), 'belong', true ) );
		$this->assertGreaterThan( 0, as_enqueue_async_action( 'belong_trap_of_another_name', array(), 'belong', true ) );
	}

	public function test_what_logs_that_an_action_was_created_can_be_taken_away_for_a_moment(): void {
		$this->assertSame( 10, has_action( Wake::STORED, array( \ActionScheduler::logger(), 'log_stored_action' ) ) );
	}

	public function test_a_virtual_coupon_is_lower_cased_and_never_counted(): void {
		$asked = array();
		add_filter(
			'woocommerce_get_shop_coupon_data',
			static function ( $given, $code ) use ( &$asked ) {
				$asked[] = $code;
				return array(
					'amount'        => '7.00',
					'discount_type' => 'fixed_cart',
					'usage_limit'   => 1,
				);
			},
			10,
			2
		);
		// 9.9 leaves a code as it was typed, so whoever compares codes must not look at their case.
		$code = 0 === strpos( WC_VERSION, '9.9.' ) ? 'BELONG-ABC' : 'belong-abc';
		foreach ( array( 1, 2 ) as $time ) {
			$order = $this->an_order( 'pending' );
			$this->assertTrue( $order->apply_coupon( 'BELONG-ABC' ) );
			$this->assertSame( array( $code ), array_values( $order->get_coupon_codes() ) );
			$this->assertSame( 33.0, (float) $order->get_total(), "time $time" );
		}
		$this->assertContains( $code, $asked );
		$this->assertNotContains( 'BELONG-ABC' === $code ? 'belong-abc' : 'BELONG-ABC', $asked );
		// Whoever answers must stand what is no code at all.
		$this->assertContains( 0, $asked );
		$this->assertContains( '', $asked );
	}

	public function test_a_virtual_coupon_leaves_an_order_that_costs_more_from_then_on(): void {
		$answer = static function () {
			return array( 'amount' => '7.00' );
		};
		add_filter( 'woocommerce_get_shop_coupon_data', $answer );
		$order = $this->an_order( 'pending' );
		$order->apply_coupon( 'belong-abc' );
		remove_filter( 'woocommerce_get_shop_coupon_data', $answer );
		$order = wc_get_order( $order->get_id() );
		$this->assertSame( 33.0, (float) $order->get_total() );
		$order->remove_coupon( 'BELONG-abc' );
		$order = wc_get_order( $order->get_id() );
		$this->assertSame( array( 40.0, array() ), array( (float) $order->get_total(), $order->get_coupon_codes() ) );
	}

	public function test_a_coupon_is_refused_by_an_exception_with_its_words(): void {
		add_filter(
			'woocommerce_get_shop_coupon_data',
			static function () {
				return array( 'amount' => '7.00' );
			}
		);
		add_filter(
			'woocommerce_coupon_is_valid',
			static function () {
				throw new \Exception( 'This reward was used already.' );
			}
		);
		$order  = $this->an_order( 'pending' );
		$answer = $order->apply_coupon( 'belong-abc' );
		$this->assertInstanceOf( \WP_Error::class, $answer );
		$this->assertStringContainsString( 'used already', $answer->get_error_message() );
		$this->assertSame( 40.0, (float) $order->get_total() );
	}

	public function test_whoever_judges_a_coupon_is_told_of_the_order_and_then_that_it_was_applied(): void {
		add_filter(
			'woocommerce_get_shop_coupon_data',
			static function () {
				return array( 'amount' => '7.00' );
			}
		);
		$told = array();
		$note = static function ( $first, $second = null, $third = null ) use ( &$told ) {
			$order  = $third ? $third->get_object() : $second;
			$told[] = array( current_filter(), $order->get_id(), (float) $order->get_total() );
			return $first;
		};
		add_filter( 'woocommerce_coupon_is_valid', $note, 10, 3 );
		add_action( 'woocommerce_order_applied_coupon', $note, 10, 2 );
		$order = $this->an_order( 'pending' );
		$order->apply_coupon( 'belong-abc' );
		$id = $order->get_id();
		$this->assertSame( array( 'woocommerce_coupon_is_valid', $id, 40.0 ), $told[0] );
		$this->assertContains( array( 'woocommerce_order_applied_coupon', $id, 40.0 ), $told );
		$this->assertSame( 33.0, (float) wc_get_order( $id )->get_total() );
	}

	public function test_meta_that_begins_with_an_underscore_is_dropped_and_hidden_by_rest(): void {
		wp_set_current_user( 1 );
		update_user_meta( 1, '_belong_hidden', 'there' );
		$request = new \WP_REST_Request( 'PUT', '/wc/v3/customers/1' );
		$request->set_param(
			'meta_data',
			array(
				array(
					'key'   => '_belong_snapshot',
					'value' => 'x',
				),
				array(
					'key'   => 'belong_snapshot',
					'value' => 'x',
				),
			)
		);
		$answer = rest_do_request( $request );
		$this->assertSame( 200, $answer->get_status() );
		$keys = array_column( json_decode( wp_json_encode( $answer->get_data() ), true )['meta_data'], 'key' );
		$this->assertContains( 'belong_snapshot', $keys );
		// Before 9.5.2 such meta is like any other, so nobody may count on it to be hidden.
		$is_like_any = version_compare( WC_VERSION, '9.5.2', '<' );
		$this->assertSame( $is_like_any, in_array( '_belong_snapshot', $keys, true ) );
		$this->assertSame( $is_like_any, in_array( '_belong_hidden', $keys, true ) );
		$this->assertSame( $is_like_any ? 'x' : '', get_user_meta( 1, '_belong_snapshot', true ) );
	}

	public function test_a_line_saved_alone_moves_no_date_and_fires_no_hook(): void {
		$order = $this->an_order( 'completed' );
		$items = $order->get_items();
		$item  = reset( $items );
		$log   = new HookLog();
		$item->set_total( '5.00' );
		$item->save();
		$this->assertSame( array(), $log->names() );
		$again = wc_get_order( $order->get_id() )->get_items();
		$this->assertSame( 5.0, (float) reset( $again )->get_total() );
	}

	public function test_an_order_that_was_never_saved_takes_no_step(): void {
		$order = new \WC_Order();
		$this->assertFalse( $order->update_status( 'completed' ) );
		$this->assertSame( 0, $order->get_id() );
	}

	public function test_an_order_that_another_process_changed_is_remembered_as_it_was(): void {
		global $wpdb;
		$id    = $this->an_order( 'processing' )->get_id();
		$table = defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ? 'double_orders' : 'wc_orders';
		$where = $this->has_order_tables() ? array( $table, 'status', 'id' ) : array( 'posts', 'post_status', 'ID' );
		wc_get_order( $id );
		$wpdb->update( $wpdb->prefix . $where[0], array( $where[1] => 'wc-cancelled' ), array( $where[2] => $id ) );
		$this->assertSame( 'processing', wc_get_order( $id )->get_status() );
		wp_cache_flush_runtime();
		$this->assertSame( 'cancelled', wc_get_order( $id )->get_status() );
	}

	public function test_orders_in_the_trash_are_in_no_list_but_their_own(): void {
		$order = $this->an_order( 'completed', 9 );
		$id    = $order->get_id();
		$order->delete( false );
		$this->assertSame( 0, $order->get_id() );
		$wanted = array(
			'customer_id' => 9,
			'limit'       => 5,
			'return'      => 'ids',
		);
		$this->assertSame( array(), wc_get_orders( $wanted + array( 'status' => 'any' ) ) );
		$this->assertSame( array( $id ), wc_get_orders( $wanted + array( 'status' => 'trash' ) ) );
		$this->assertSame( 'trash', wc_get_order( $id )->get_status() );
	}
}
