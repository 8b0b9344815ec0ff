<?php
/**
 * What the service takes is deleted, whatever else happens nothing is lost, and the service is not asked in vain.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Sending\Batch;
use Belong\Sending\Pace;
use Belong\Wake;

final class SenderTest extends ConnectedTestCase {

	/**
	 * What is told.
	 *
	 * @var BatchService
	 */
	private $service;

	protected function setUp(): void {
		parent::setUp();
		$this->service = new BatchService();
	}

	public function test_many_rows_go_in_batches_until_nothing_is_left(): void {
		$this->mark( 120 );
		$this->drain();
		$this->assertSame( array( 50, 50, 20 ), $this->sizes() );
		$this->assertSame( array(), $this->marked() );
		$this->assertSame( array( 120, 70, 20 ), array_column( array_column( $this->service->batches, 'queue' ), 'depth' ) );
	}

	public function test_nothing_to_tell_is_no_call(): void {
		$this->drain();
		$this->drain( Wake::NET );
		$this->assertSame( 0, $this->service->calls );
	}

	public function test_what_changes_while_it_is_told_is_told_again(): void {
		$order                    = $this->an_order( 'processing' );
		$this->service->meanwhile = function () use ( $order ) {
			$this->service->meanwhile = null;
			wc_get_order( $order->get_id() )->update_status( 'cancelled' );
			Plugin::outbox()->mark_again();
		};
		Plugin::outbox()->mark( Outbox::ORDER, $order->get_id() );
		$this->drain();
		$this->assertCount( 1, $this->marked() );
		$this->drain();
		$this->assertSame( 'cancelled', $this->service->known[ 'order:' . $order->get_id() ]['state']['order']['status'] );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_what_another_process_changed_is_read_afresh(): void {
		global $wpdb;
		$order = $this->an_order( 'processing' );
		Plugin::outbox()->mark( Outbox::ORDER, $order->get_id() );
		$wpdb->query( $wpdb->prepare( "UPDATE {$wpdb->prefix}double_orders SET status = 'cancelled' WHERE id = %d", $order->get_id() ) );
		$this->assertSame( 'processing', wc_get_order( $order->get_id() )->get_status() );
		$this->drain();
		$this->assertSame( 'cancelled', $this->service->known[ 'order:' . $order->get_id() ]['state']['order']['status'] );
	}

	public function test_a_refused_row_stays_with_its_problem_for_six_hours_and_others_go(): void {
		$this->mark( 3 );
		$this->service->refuses = array( 'order:900002' => 'Its currency is none.' );
		$this->drain();
		$this->assertSame( array( 'order:900002' ), $this->marked() );
		$row = $this->row( Outbox::ORDER, 900002 );
		$this->assertSame( array( '1', 'Its currency is none.' ), array( $row->attempts, $row->last_error ) );
		$this->assert_in( 6 * 3600, $row->next_at );
		$this->drain();
		$this->assertSame( 1, $this->service->calls );
		Plugin::outbox()->mark( Outbox::ORDER, 900002 );
		$this->assertSame( '', $this->row( Outbox::ORDER, 900002 )->last_error );
		$this->service->refuses = array();
		$this->drain();
		$this->assertSame( array(), $this->marked() );
	}

	public function test_an_object_that_throws_waits_alone(): void {
		$broken = $this->an_order( 'completed' );
		$fine   = $this->an_order( 'completed' );
		add_filter(
			'woocommerce_order_number',
			static function ( $number, $order ) use ( $broken ) {
				if ( $order->get_id() === $broken->get_id() ) {
					throw new \TypeError( 'of somebody else, about ada@shop.example' );
				}
				return $number;
			},
			10,
			2
		);
		Plugin::outbox()->mark( Outbox::ORDER, $broken->get_id() );
		Plugin::outbox()->mark( Outbox::ORDER, $fine->get_id() );
		$this->drain();
		$this->assert_marked( $broken );
		$this->assertArrayHasKey( 'order:' . $fine->get_id(), $this->service->known );
		$row = $this->row( Outbox::ORDER, $broken->get_id() );
		$this->assertSame( 'It cannot be read: TypeError', $row->last_error );
		$this->assert_in( 30, $row->next_at );
		$this->assertStringNotContainsString( 'ada@', $this->logged()[0][1] );
	}

	public function test_one_time_out_opens_the_breaker_for_all(): void {
		$this->mark( 120 );
		$this->service->instead = array( null );
		$this->drain();
		$this->drain();
		$this->drain( Wake::NET );
		$this->assertSame( 1, $this->service->calls );
		$this->assertCount( 120, $this->marked() );
		$this->assertSame( '0', $this->row( Outbox::ORDER, 900001 )->attempts );
		$this->time_passes( 31 );
		$this->drain( Wake::NET );
		$this->assertSame( array(), $this->marked() );
	}

	/**
	 * Nothing of it is the service's answer to a batch.
	 *
	 * @dataProvider troubles
	 */
	public function test_trouble_is_waited_out( ?array $trouble, int $seconds ): void {
		$this->mark( 1 );
		$this->service->instead = array( $trouble );
		$this->drain();
		$this->assertCount( 1, $this->marked() );
		$this->assert_waits( $seconds );
		$this->time_passes( $seconds + 1 );
		$this->drain();
		$this->assertSame( array(), $this->marked() );
		$this->assertTrue( ( new Pace() )->may_send() );
	}

	public function troubles(): array {
		return array(
			'nothing'            => array( null, 30 ),
			'500'                => array( array( 500, 'oops' ), 30 ),
			'502 of a proxy'     => array( array( 502, '<html>' ), 30 ),
			'404 of a proxy'     => array( array( 404, '<html>' ), 30 ),
			'a page that says 200' => array( array( 200, '<html>Coming soon' ), 30 ),
			'JSON of others'     => array( array( 200, array( 'ok' => true ) ), 30 ),
			'429'                => array( array( 429, array(), array( 'retry-after' => '120' ) ), 120 ),
			'503'                => array( array( 503, array(), array( 'retry-after' => '90' ) ), 90 ),
			'503 for a week'     => array( array( 503, array(), array( 'retry-after' => '604800' ) ), 21600 ),
			'503 without a word' => array( array( 503, array() ), 30 ),
		);
	}

	public function test_waiting_doubles_up_to_six_hours(): void {
		$this->mark( 1 );
		foreach ( array( 30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600 ) as $seconds ) {
			$this->service->instead = array( null );
			$this->drain();
			$this->assert_waits( $seconds );
			$this->time_passes( $seconds + 1 );
		}
		$this->assertCount( 1, $this->marked() );
	}

	/**
	 * What only the owner can settle.
	 *
	 * @dataProvider stops
	 */
	public function test_some_answers_stop_it_and_keep_rows( array $answer ): void {
		$this->mark( 2 );
		$this->service->instead = array( $answer, $answer );
		$this->drain();
		$calls = $this->service->calls;
		$this->time_passes( 100000 );
		$this->drain();
		$this->drain( Wake::NET );
		$this->assertSame( $calls, $this->service->calls );
		$this->assertCount( 2, $this->marked() );
	}

	public function stops(): array {
		return array(
			array( array( 401, array( 'code' => 'wrong-signature' ) ) ),
			array( array( 404, array( 'code' => 'not-connected' ) ) ),
			array( array( 410, array( 'code' => 'not-connected' ) ) ),
			array( array( 409, array( 'code' => 'other-site' ) ) ),
		);
	}

	public function test_a_replay_goes_again_under_another_id(): void {
		$this->mark( 1 );
		$this->service->instead = array( array( 409, array( 'code' => 'replayed' ) ) );
		$this->drain();
		$this->assertSame( array( array(), 2 ), array( $this->marked(), $this->service->calls ) );
	}

	public function test_what_is_too_large_goes_in_halves(): void {
		$this->mark( 50 );
		$this->service->instead = array( array( 413, '<html>' ), array( 413, '<html>' ) );
		$this->drain();
		$this->assertSame( array( 12, 12, 12, 12, 2 ), $this->sizes() );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_one_that_is_too_large_alone_waits_alone(): void {
		$this->mark( 2 );
		$this->service->instead = array( array( 413, array() ), array( 413, array() ) );
		$this->drain();
		$this->assertSame( array( 'order:900001' ), $this->marked() );
		$this->assertSame( Batch::TOO_LARGE, $this->row( Outbox::ORDER, 900001 )->last_error );
	}

	public function test_a_batch_stays_below_what_the_service_takes(): void {
		add_filter(
			'belong_order_meta_keys',
			static function () {
				return array( 'note' );
			}
		);
		$orders = array();
		for ( $time = 0; $time < 5; $time++ ) {
			$order = $this->an_order( 'completed' );
			$order->update_meta_data( 'note', str_repeat( 'x', 500000 ) );
			$order->save();
			$orders[] = $order->get_id();
		}
		foreach ( $orders as $id ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
		}
		$this->drain();
		$this->assertSame( array(), $this->marked() );
		$this->assertSame( array( 3, 2 ), $this->sizes() );
	}

	public function test_an_item_without_an_answer_stays(): void {
		$this->mark( 2 );
		add_filter(
			'pre_http_request',
			static function ( $answer ) {
				$body = json_decode( $answer['body'], true );
				array_pop( $body['items'] );
				$body['items'][] = array( 'ref' => '999:1', 'state' => 'kept' );
				$body['items'][] = 'nonsense';
				$answer['body']  = wp_json_encode( $body );
				return $answer;
			},
			11
		);
		$this->drain();
		$this->assertSame( array( 'order:900002' ), $this->marked() );
		$this->assert_in( 30, $this->row( Outbox::ORDER, 900002 )->next_at );
	}

	public function test_snapshots_are_written_and_named_at_once(): void {
		$body                = $this->snapshot( 42 );
		$this->service->more = array(
			'snapshots' => array(
				array(
					'customer' => '1',
					'body'     => $body,
				),
			),
		);
		$this->mark( 1 );
		$this->drain();
		$this->assertSame( $body, get_user_meta( 1, '_belong_snapshot', true ) );
		$this->assertSame( array( array( array( '1', 1, 42 ) ) ), array_column( $this->service->batches, 'shown' ) );
		$this->assertSame( array( 1, 0 ), $this->sizes() );
	}

	public function test_an_older_snapshot_is_not_written_and_what_is_there_is_named(): void {
		update_user_meta( 1, '_belong_snapshot', $this->snapshot( 43 ) );
		$this->service->more = array(
			'snapshots' => array(
				array(
					'customer' => '1',
					'body'     => $this->snapshot( 42 ),
				),
				array(
					'customer' => '987654',
					'body'     => $this->snapshot( 42 ),
				),
			),
			'removals'  => array( '987655' ),
			'programme' => '{"schema":1,"version":[1,3],"name":"Leaves"}',
		);
		$this->mark( 1 );
		$this->drain();
		$this->assertSame( $this->snapshot( 43 ), get_user_meta( 1, '_belong_snapshot', true ) );
		$next = $this->service->batches[1];
		$this->assertSame( array( array( '1', 1, 43 ) ), $next['shown'] );
		$this->assertSame( array( '987655' ), $next['removed'] );
		$this->assertSame( hash( 'sha256', '{"schema":1,"version":[1,3],"name":"Leaves"}' ), $next['summary'] );
	}

	public function test_a_service_that_cannot_reach_the_shop_is_called_every_minute(): void {
		$this->service->more = array( 'collect' => true );
		$this->mark( 1 );
		$this->drain();
		$this->service->more = array( 'collect' => true );
		$this->drain( Wake::NET );
		$this->assertSame( array( 1, 0 ), $this->sizes() );
		$this->drain();
		$this->assertSame( 2, $this->service->calls );
		$this->drain( Wake::NET );
		$this->drain( Wake::NET );
		$this->assertSame( 3, $this->service->calls );
	}

	public function test_the_queue_runs_the_drain(): void {
		$this->mark( 1 );
		$this->request_ends();
		ActionQueue::run();
		$this->assertSame( array( 'complete' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->assertSame( 1, $this->service->calls );
	}

	public function test_a_process_that_dies_in_the_middle_loses_nothing(): void {
		$this->mark( 2 );
		$this->service->meanwhile = static function () {
			throw new \Error( 'of a process that dies' );
		};
		$this->drain();
		$this->assertCount( 1, $this->logged() );
		$this->assertCount( 2, $this->marked() );
		$this->service->meanwhile = null;
		$this->drain( Wake::NET );
		$this->assertSame( array(), $this->marked() );
	}

	/** That many orders which are gone, so that reading them costs nothing. */
	private function mark( int $count ): void {
		for ( $id = 900001; $id <= 900000 + $count; $id++ ) {
			Plugin::outbox()->mark( Outbox::ORDER, $id );
		}
	}

	/** @return int[] */
	private function sizes(): array {
		return array_map( 'count', array_column( $this->service->batches, 'items' ) );
	}

	private function assert_waits( int $seconds ): void {
		$left = get_option( Pace::OPTION )['wait_until'] - time();
		$this->assertLessThanOrEqual( $seconds, $left );
		$this->assertGreaterThanOrEqual( (int) ( $seconds * 0.75 ) - 1, $left );
		$this->assertFalse( ( new Pace() )->may_send() );
	}

	private function assert_in( int $seconds, string $moment ): void {
		$left = strtotime( $moment . ' UTC' ) - time();
		$this->assertLessThanOrEqual( $seconds, $left );
		$this->assertGreaterThanOrEqual( (int) ( $seconds * 0.75 ) - 2, $left );
	}

	/** Instead of waiting, what waits is moved. */
	private function time_passes( int $seconds ): void {
		$pace = get_option( Pace::OPTION );
		foreach ( array( 'wait_until', 'direct_until' ) as $name ) {
			$pace[ $name ] = max( 0, $pace[ $name ] - $seconds );
		}
		update_option( Pace::OPTION, $pace );
	}
}
