<?php
/**
 * Where PHP can end the answer first, the service hears at once; where it cannot, or the service is slow, nobody waits.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Guard;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Schema;
use Belong\Sending\DirectPush;
use Belong\Sending\Link;
use Belong\Sending\Pace;
use Belong\Sending\Sender;
use Belong\Wake;

final class DirectPushTest extends ConnectedTestCase {

	/**
	 * What is told.
	 *
	 * @var BatchService
	 */
	private $service;

	/**
	 * What happened, in order.
	 *
	 * @var string[]
	 */
	private $steps = array();

	protected function setUp(): void {
		parent::setUp();
		$this->service            = new BatchService();
		$this->service->meanwhile = function () {
			$this->steps[] = 'told';
		};
	}

	public function test_what_a_request_changed_is_told_after_its_answer_and_no_drain_is_asked_for(): void {
		$order = $this->an_order( 'completed' );
		$order->update_status( 'cancelled' );
		$this->assertSame( 0, $this->service->calls );
		$this->end_where_answers_can_be_ended();
		$this->assertSame( array( 'answered', 'told' ), $this->steps );
		$this->assertSame( 'cancelled', $this->service->known[ 'order:' . $order->get_id() ]['state']['order']['status'] );
		$this->assertSame( array( array(), array() ), array( $this->marked(), ActionQueue::statuses( Wake::DRAIN ) ) );
		$this->assertSame( array( 3 ), $this->service->patience );
	}

	public function test_until_the_answer_is_out_it_costs_two_queries(): void {
		global $wpdb;
		$before = $wpdb->num_queries;
		$cost   = 0;
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->end_where_answers_can_be_ended(
			static function () use ( $wpdb, $before, &$cost ) {
				$cost = $wpdb->num_queries - $before;
			}
		);
		$this->assertSame( 2, $cost );
	}

	public function test_this_php_has_no_such_way_so_nothing_is_told_at_the_end(): void {
		$this->assertNull( DirectPush::closer() );
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->request_ends();
		$this->assertSame( array( 0, array( 'pending' ) ), array( $this->service->calls, ActionQueue::statuses( Wake::DRAIN ) ) );
	}

	public function test_a_slow_service_is_left_to_the_drain_and_not_tried_again_for_a_minute(): void {
		$this->service->instead = array( null );
		foreach ( array( 900001, 900002, 900003 ) as $id ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
			$this->end_where_answers_can_be_ended();
		}
		$this->assertSame( 1, $this->service->calls );
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->drain();
		$this->assertSame( array(), $this->marked() );
		// The drain has patience; that it got through says nothing about the next visitor's worker.
		$this->assertFalse( ( new Pace() )->may_push() );
	}

	public function test_a_dead_service_costs_a_visitor_nothing(): void {
		$this->service->instead = array( null, null );
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->drain();
		$this->steps = array();
		for ( $id = 900002; $id < 900010; $id++ ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
			$this->end_where_answers_can_be_ended();
		}
		$this->assertSame( array( 1, array() ), array( $this->service->calls, $this->steps ) );
		$this->assertCount( 9, $this->marked() );
	}

	public function test_only_what_this_request_changed_is_told_unless_cron_stands_still(): void {
		global $wpdb;
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		Plugin::outbox()->mark( Outbox::ORDER, 900002 );
		$this->next_request();
		$late = gmdate( 'Y-m-d H:i:s', time() - 301 );
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET next_at = %s WHERE object_id = 900001', Schema::outbox(), $late ) );
		Plugin::outbox()->mark( Outbox::ORDER, 900003 );
		$this->end_where_answers_can_be_ended();
		$this->assertSame( array( 'order:900003', 'order:900001' ), array_keys( $this->service->known ) );
		$this->assertSame( array( 'order:900002' ), $this->marked() );
	}

	public function test_where_the_answer_cannot_be_ended_after_all_nobody_waits(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->end_where_answers_can_be_ended(
			static function () {
				return false;
			}
		);
		$this->assertSame( array( 0, array( 'pending' ) ), array( $this->service->calls, ActionQueue::statuses( Wake::DRAIN ) ) );
	}

	public function test_what_a_drain_has_told_meanwhile_is_not_told_again(): void {
		global $wpdb;
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->end_where_answers_can_be_ended(
			static function () use ( $wpdb ) {
				$wpdb->query( $wpdb->prepare( 'DELETE FROM %i', Schema::outbox() ) );
			}
		);
		$this->assertSame( array( 0, array() ), array( $this->service->calls, ActionQueue::statuses( Wake::DRAIN ) ) );
	}

	public function test_a_bulk_edit_is_left_to_the_drain(): void {
		for ( $id = 900001; $id <= 900021; $id++ ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
		}
		$this->end_where_answers_can_be_ended();
		$this->assertSame( array( 0, array( 'pending' ) ), array( $this->service->calls, ActionQueue::statuses( Wake::DRAIN ) ) );
	}

	public function test_snapshots_that_come_back_are_written_and_named(): void {
		$this->service->more = array(
			'snapshots' => array(
				array(
					'customer' => '1',
					'body'     => $this->snapshot( 7 ),
				),
			),
		);
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->end_where_answers_can_be_ended();
		$this->assertSame( array( array( '1', 1, 7 ) ), $this->service->batches[1]['shown'] );
	}

	/** The end of a request in a PHP that can end answers. */
	private function end_where_answers_can_be_ended( ?callable $then = null ): void {
		$closer = function () use ( $then ) {
			$this->steps[] = 'answered';
			return $then ? $then() : true;
		};
		$link   = new Link();
		$sender = new Sender( $link, Plugin::outbox(), new Guard() );
		( new Wake( Plugin::outbox(), $link, new DirectPush( $link, $sender, $closer ) ) )->at_the_end_of_the_request();
		$this->next_request();
	}
}
