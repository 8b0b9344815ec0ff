<?php
/**
 * The double's queue keeps what was seen of Action Scheduler, for what a real one cannot be asked in a test.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;

final class ActionQueueTest extends ShopTestCase {

	protected function tearDown(): void {
		ActionQueue::$major = 4;
		parent::tearDown();
	}

	public function test_the_older_queue_loses_actions_that_differ_by_argument_and_the_newer_does_not(): void {
		foreach ( array( 3, 4 ) as $major ) {
			ActionQueue::$major = $major;
			as_enqueue_async_action( "belong_by_$major", array( 1 ), 'belong', true );
			$answer = as_enqueue_async_action( "belong_by_$major", array( 2 ), 'belong', true );
			$this->assertSame( $major >= 4, $answer > 0 );
		}
	}

	public function test_what_comes_while_the_action_runs_is_refused(): void {
		$answer = null;
		add_action(
			'belong_slow',
			static function () use ( &$answer ) {
				$answer = as_enqueue_async_action( 'belong_slow', array(), 'belong', true );
			}
		);
		as_enqueue_async_action( 'belong_slow', array(), 'belong', true );
		ActionQueue::run();
		$this->assertSame( 0, $answer );
	}

	public function test_accepting_costs_four_queries_and_refusing_two(): void {
		global $wpdb;
		$costs = array();
		foreach ( array( 1, 2 ) as $time ) {
			$before = $wpdb->num_queries;
			as_enqueue_async_action( 'belong_cost', array(), 'belong', true );
			$costs[] = $wpdb->num_queries - $before;
		}
		$this->assertSame( array( 4, 2 ), $costs );
	}

	public function test_what_throws_has_failed_and_is_not_tried_again(): void {
		add_action(
			'belong_broken',
			static function () {
				throw new \Error( 'broken' );
			}
		);
		as_enqueue_async_action( 'belong_broken' );
		ActionQueue::run();
		$this->assertSame( array( 'failed' ), ActionQueue::statuses( 'belong_broken' ) );
		$this->assertSame( 0, ActionQueue::run() );
	}
}
