<?php
/**
 * One row for each dirty thing, one query for it, and a new version whenever it changes again.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Guard;
use Belong\Outbox;
use Belong\Plugin;

final class OutboxTest extends ConnectedTestCase {

	public function test_completing_an_order_costs_one_query_more(): void {
		// The first one fills caches of WordPress.
		$this->queries_to_complete( $this->an_order() );
		$with = $this->queries_to_complete( $this->an_order() );
		$this->silence_us();
		$without = $this->queries_to_complete( $this->an_order() );
		$this->assertSame( 1, $with - $without );
	}

	public function test_a_thousand_orders_cost_little_more_than_one_query_each(): void {
		global $wpdb;
		$before = $wpdb->num_queries;
		for ( $id = 1; $id <= 1000; $id++ ) {
			for ( $save = 0; $save < 3; $save++ ) {
				Plugin::outbox()->mark( Outbox::ORDER, $id );
			}
		}
		Plugin::outbox()->mark_again();
		$this->assertSame( 1002, $wpdb->num_queries - $before );
		$this->assertSame( '2', $this->row( Outbox::ORDER, 1 )->version );
		$this->assertSame( '2', $this->row( Outbox::ORDER, 1000 )->version );
		$this->assertCount( 1000, $this->marked() );
	}

	public function test_an_object_has_one_row_whose_version_rises_with_each_request(): void {
		foreach ( array( '1', '2', '3' ) as $version ) {
			Plugin::outbox()->mark( Outbox::ORDER, 5 );
			$this->assertSame( $version, $this->row( Outbox::ORDER, 5 )->version );
			$this->next_request();
		}
		$this->assertSame( array( 'order:5' ), $this->marked() );
	}

	public function test_what_was_marked_gets_a_new_version_when_the_request_ends_because_others_may_have_read_it_half_done(): void {
		global $wpdb;
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->request_ends();
		$this->assertSame( '2', $this->row( Outbox::ORDER, 5 )->version );
		$this->next_request();
		Plugin::outbox()->mark( Outbox::ORDER, 6 );
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i', \Belong\Schema::outbox() ) );
		$this->request_ends();
		$this->assertSame( array( 'order:6' ), $this->marked() );
	}

	public function test_what_could_not_be_written_is_tried_again_by_the_next_hook(): void {
		$break = static function ( $sql ) {
			return false !== strpos( $sql, 'belong_outbox' ) ? '' : $sql;
		};
		add_filter( 'query', $break );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		remove_filter( 'query', $break );
		$this->assertSame( array(), $this->marked() );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->assertSame( array( 'order:5' ), $this->marked() );
	}

	public function test_times_are_utc(): void {
		update_option( 'gmt_offset', 5 );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$row = $this->row( Outbox::ORDER, 5 );
		$this->assertSame( $row->next_at, $row->created_at );
		$this->assertLessThan( 5, abs( time() - strtotime( $row->next_at . ' UTC' ) ) );
	}

	public function test_an_order_and_a_customer_of_one_number_are_two_things(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		Plugin::outbox()->mark( Outbox::CUSTOMER, 5 );
		$this->assertSame( array( 'order:5', 'customer:5' ), $this->marked() );
	}

	public function test_nothing_has_no_number(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 0 );
		$this->assertSame( array(), $this->marked() );
	}

	private function queries_to_complete( \WC_Order $order ): int {
		global $wpdb;
		$before = $wpdb->num_queries;
		$order->update_status( 'completed' );
		return $wpdb->num_queries - $before;
	}

	/** Takes away what we listen to and leaves what the shop itself listens to. */
	private function silence_us(): void {
		global $wp_filter;
		foreach ( $wp_filter as $hook => $listeners ) {
			foreach ( $listeners->callbacks as $priority => $callbacks ) {
				foreach ( $callbacks as $callback ) {
					if ( $callback['function'] instanceof \Closure && $this->is_guarded( $callback['function'] ) ) {
						remove_filter( $hook, $callback['function'], $priority );
					}
				}
			}
		}
	}

	private function is_guarded( \Closure $listener ): bool {
		return ( new \ReflectionFunction( $listener ) )->getClosureThis() instanceof Guard;
	}
}
