<?php
/**
 * What the service asks for is told, once, and what it cannot get it does not ask for in vain.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Connection\Connection;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Wake;

final class WantedTest extends ConnectedTestCase {

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

	public function test_an_answer_of_a_connection_that_was_replaced_meanwhile_brings_nothing(): void {
		$this->service->meanwhile = function (): void {
			global $wpdb;
			$anew = array( 'id' => 'of-another-process' ) + get_option( Connection::OPTION );
			$wpdb->update( $wpdb->options, array( 'option_value' => serialize( $anew ) ), array( 'option_name' => Connection::OPTION ) );
			$this->service->more = array(
				'snapshots' => array(
					array(
						'customer' => '1',
						'body'     => $this->snapshot( 42 ),
					),
				),
				'programme' => '{"version":[1,7]}',
			);
		};
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->drain();
		$this->assertSame( 1, $this->service->calls );
		$this->assertSame( array( '', '' ), array( get_user_meta( 1, Snapshot::META, true ), get_option( Programme::OPTION ) ) );
	}

	public function test_a_draft_that_the_service_wants_is_no_order_and_is_told_so_once(): void {
		$draft = $this->an_order( 'checkout-draft' )->get_id();
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->service->meanwhile = function ( array $batch ) use ( $draft ): void {
			$this->service->more = isset( $this->service->known[ "order:$draft" ] ) || $this->service->calls > 20 ? array() : array( 'wanted' => array( 'orders' => array( (string) $draft ) ) );
		};
		$this->drain();
		$this->assertSame( array(), $this->service->known[ "order:$draft" ]['gone'] );
		$this->assertArrayNotHasKey( 'state', $this->service->known[ "order:$draft" ] );
		$this->assertSame( 2, $this->service->calls );
		$this->assertSame( array(), $this->marked() );
		// Nobody asked for this one: it is nobody's business.
		Plugin::outbox()->mark( Outbox::ORDER, $this->an_order( 'checkout-draft' )->get_id() );
		$this->drain();
		$this->assertSame( 2, $this->service->calls );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_what_the_service_wants_and_refuses_is_not_sent_again_and_again(): void {
		$order                  = $this->an_order( 'completed' )->get_id();
		$this->service->refuses = array( "order:$order" => 'Its currency is none.' );
		$wanted                 = array( 'wanted' => array( 'orders' => array( (string) $order ) ) );

		$this->service->meanwhile = function () use ( $wanted ): void {
			$this->service->more = $this->service->calls < 20 ? $wanted : array();
		};
		for ( $time = 0; $time < 3; $time++ ) {
			Plugin::outbox()->mark( Outbox::ORDER, 900001 );
			$this->drain();
		}
		$this->assertSame( 4, $this->service->calls );
		$row = $this->row( Outbox::ORDER, $order );
		$this->assertSame( array( 'Its currency is none.', '1' ), array( $row->last_error, (string) $row->attempts ) );
		$this->assertGreaterThan( gmdate( 'Y-m-d H:i:s', time() + 16000 ), $row->next_at );
		// What really changes is another matter.
		Plugin::outbox()->mark( Outbox::ORDER, $order );
		$this->service->refuses = array();
		$this->drain();
		$this->assertSame( array(), $this->marked() );
	}

	public function test_what_the_service_wants_is_told_at_once(): void {
		$order               = $this->an_order( 'completed' );
		$this->service->more = array( 'wanted' => array( 'orders' => array( (string) $order->get_id(), '-5', 'x' ) ) );
		Plugin::outbox()->mark( Outbox::ORDER, 900001 );
		$this->drain();
		$this->assertArrayHasKey( 'order:' . $order->get_id(), $this->service->known );
		$this->assertSame( array(), $this->marked() );
		$this->assertSame( 2, $this->service->calls );
		$asked = ActionQueue::statuses( Wake::DRAIN );
		$this->request_ends();
		$this->assertSame( $asked, ActionQueue::statuses( Wake::DRAIN ) );
	}
}
