<?php
/**
 * One drain is asked for at the end of a request that changed something.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Connection\Queue;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Wake;

final class WakeTest extends ConnectedTestCase {

	protected function tearDown(): void {
		ActionQueue::$major = 4;
		parent::tearDown();
	}

	public function test_a_request_that_changed_nothing_asks_for_nothing_and_costs_nothing(): void {
		global $wpdb;
		$before = $wpdb->num_queries;
		$this->request_ends();
		$this->assertSame( 0, $wpdb->num_queries - $before );
		$this->assertSame( array(), ActionQueue::statuses( Wake::DRAIN ) );
	}

	public function test_many_changed_orders_ask_once(): void {
		foreach ( array( 1, 2, 3 ) as $id ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
		}
		$this->request_ends();
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
	}

	/**
	 * Whatever the shop's Action Scheduler compares.
	 *
	 * @dataProvider majors
	 */
	public function test_a_second_request_adds_no_second_drain( int $major ): void {
		ActionQueue::$major = $major;
		foreach ( array( 1, 2 ) as $id ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
			$this->request_ends();
			$this->next_request();
		}
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
	}

	public function majors(): array {
		return array( array( 3 ), array( 4 ) );
	}

	public function test_a_single_order_costs_four_queries_in_its_request(): void {
		global $wpdb;
		$before = $wpdb->num_queries;
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		$this->request_ends();
		$this->assertSame( 4, $wpdb->num_queries - $before );
	}

	public function test_only_our_own_asking_is_kept_out_of_the_log(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		$this->request_ends();
		$this->assertSame( array(), $this->logged_actions() );
		$other = as_enqueue_async_action( 'belong_of_another_plugin' );
		$this->assertSame( array( (string) $other ), $this->logged_actions() );
	}

	public function test_who_presses_send_now_asks_in_the_same_way(): void {
		Queue::send_now();
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->assertSame( array(), $this->logged_actions() );
	}

	public function test_a_shop_that_logs_no_actions_logs_none_after_us_either(): void {
		remove_action( Wake::STORED, array( \ActionScheduler::logger(), 'log_stored_action' ) );
		Wake::ask();
		as_enqueue_async_action( 'belong_of_another_plugin' );
		$this->assertSame( array(), $this->logged_actions() );
	}

	public function test_a_queue_that_throws_leaves_its_log_on(): void {
		add_action(
			Wake::STORED,
			static function () {
				throw new \RuntimeException( 'broken' );
			},
			1
		);
		try {
			Wake::ask();
			$this->fail( 'Nothing was thrown.' );
		} catch ( \RuntimeException $thrown ) {
			$this->assertSame( 10, has_action( Wake::STORED, array( \ActionScheduler::logger(), 'log_stored_action' ) ) );
		}
	}

	private function logged_actions(): array {
		global $wpdb;
		return $wpdb->get_col( "SELECT action_id FROM {$wpdb->prefix}double_action_logs ORDER BY id" );
	}

	public function test_while_the_service_is_down_no_request_asks_for_a_drain(): void {
		$service          = new BatchService();
		$service->instead = array( null );
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		$this->drain();
		Plugin::outbox()->mark( Outbox::ORDER, 2 );
		$this->request_ends();
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->assertSame( array( 'order:1', 'order:2' ), $this->marked() );
	}

	public function test_a_shop_that_is_disconnected_keeps_its_rows_and_its_drain_ends_well(): void {
		$service = new BatchService();
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		$this->request_ends();
		$this->disconnect();
		ActionQueue::run();
		$this->assertSame( array( 'complete' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->assertSame( array( array( 'order:1' ), 0 ), array( $this->marked(), $service->calls ) );
	}

	public function test_deactivation_leaves_no_action_behind(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 1 );
		$this->request_ends();
		Plugin::deactivate();
		$this->assertSame( array( 'canceled' ), ActionQueue::statuses( Wake::DRAIN ) );
	}
}
