<?php
/**
 * Every minute somebody looks, whatever happened to the request that should have asked.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Wake;

final class NetTest extends ConnectedTestCase {

	public function test_what_a_killed_process_left_behind_is_told_by_the_net(): void {
		$service = new BatchService();
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->next_request();
		do_action( 'action_scheduler_ensure_recurring_actions' );
		ActionQueue::run();
		$this->assertSame( array( 'order:900001' ), array_keys( $service->known ) );
		$this->assertSame( array( 'complete', 'pending' ), ActionQueue::statuses( Wake::NET ) );
	}

	public function test_there_is_one_net_and_it_does_not_block_the_drain(): void {
		do_action( 'action_scheduler_ensure_recurring_actions' );
		do_action( 'action_scheduler_ensure_recurring_actions' );
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::NET ) );
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->request_ends();
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
	}

	public function test_older_queues_are_looked_after_once_an_hour_in_wp_admin(): void {
		update_option( Wake::LOOK_OPTION, time() - 3599 );
		$this->admin_looks();
		$this->assertSame( array(), ActionQueue::statuses( Wake::NET ) );
		update_option( Wake::LOOK_OPTION, time() - 3601 );
		$this->admin_looks();
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::NET ) );
	}

	public function test_a_plugin_that_was_switched_off_has_its_net_again_at_once(): void {
		$this->admin_looks();
		Plugin::deactivate();
		$this->assertSame( array( 'canceled' ), ActionQueue::statuses( Wake::NET ) );
		$this->admin_looks();
		$this->assertSame( array( 'canceled', 'pending' ), ActionQueue::statuses( Wake::NET ) );
	}

	public function test_a_shop_that_is_not_connected_has_no_net(): void {
		do_action( 'action_scheduler_ensure_recurring_actions' );
		$this->disconnect();
		do_action( 'action_scheduler_ensure_recurring_actions' );
		$this->assertSame( array( 'canceled' ), ActionQueue::statuses( Wake::NET ) );
	}

	public function test_an_order_is_told_within_ninety_seconds_by_cron_alone(): void {
		$service = new BatchService();
		$order   = $this->an_order( 'processing' );
		$order->update_status( 'completed' );
		$this->request_ends();
		$this->next_request();
		// WP-Cron comes once a minute, and both the drain and the net wait for it.
		ActionQueue::run();
		$this->assertArrayHasKey( 'order:' . $order->get_id(), $service->known );
		$this->assertLessThanOrEqual( 60, Wake::NET_SECONDS );
	}

	/** Only ours: others at this hook of WordPress need a page. */
	private function admin_looks(): void {
		global $wp_filter;
		foreach ( $wp_filter['admin_init']->callbacks[10] as $listener ) {
			if ( $listener['function'] instanceof \Closure && ( new \ReflectionFunction( $listener['function'] ) )->getClosureThis() instanceof \Belong\Guard ) {
				call_user_func( $listener['function'] );
			}
		}
	}
}
