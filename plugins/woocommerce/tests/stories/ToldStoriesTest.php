<?php
/**
 * Every story of an order ends with the service knowing its last state, and nothing left to tell.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Outbox;
use Belong\State\OrderState;

final class ToldStoriesTest extends ConnectedTestCase {

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

	public function test_completed_twice(): void {
		$order = $this->told_order( 'completed' );
		$order->update_status( 'processing' );
		$this->drain();
		$order->update_status( 'completed' );
		$this->assertSame( 'completed', $this->told( $order )['order']['status'] );
	}

	public function test_a_partial_refund_with_its_line(): void {
		$order = $this->told_order( 'completed' );
		$lines = array_keys( $order->get_items() );
		$this->refund( $order, '10.00', $lines[0] );
		$told = $this->told( $order );
		$this->assertSame( array( '-10.00' ), array_column( $told['order']['refunds'], 'total' ) );
		$line = $told['refunds'][0]['line_items'][0];
		$this->assertSame( array( -1, '-10.00' ), array( $line['quantity'], $line['total'] ) );
		$this->assertSame( (string) $lines[0], $line['meta_data'][0]['value'] );
		$this->assertSame( '40.00', $told['order']['total'] );
	}

	public function test_a_refund_that_is_deleted(): void {
		$order  = $this->told_order( 'completed' );
		$refund = $this->refund( $order, '10.00' );
		$this->drain();
		$refund->delete( true );
		$told = $this->told( $order );
		$this->assertSame( array( array(), array() ), array( $told['order']['refunds'], $told['refunds'] ) );
	}

	public function test_a_refund_that_is_deleted_while_another_process_drains(): void {
		$order  = $this->told_order( 'completed' );
		$refund = $this->refund( $order, '10.00' );
		$this->drain();
		// After we marked it and before WooCommerce deletes it: the refund is still there, and is told.
		add_filter(
			'woocommerce_pre_delete_order_refund',
			function ( $answer ) use ( $order ) {
				$this->another_process_drains();
				$this->assertCount( 1, $this->service->known[ 'order:' . $order->get_id() ]['state']['refunds'] );
				return $answer;
			},
			99
		);
		$refund->delete( true );
		$this->assertSame( array(), $this->told( $order )['refunds'] );
	}

	public function test_cancelled_and_completed_again_and_again(): void {
		$order = $this->told_order( 'completed' );
		foreach ( array( 'cancelled', 'completed', 'cancelled', 'completed', 'cancelled' ) as $status ) {
			$order->update_status( $status );
			$this->assertSame( $status, $this->told( $order )['order']['status'] );
		}
	}

	public function test_many_steps_between_two_drains_are_told_once_as_they_ended(): void {
		$order = $this->told_order( 'completed' );
		foreach ( array( 'cancelled', 'completed', 'processing', 'cancelled' ) as $status ) {
			$order->update_status( $status );
			$this->request_ends();
			$this->next_request();
		}
		$calls = $this->service->calls;
		$this->assertSame( 'cancelled', $this->told( $order )['order']['status'] );
		$this->assertSame( 1, $this->service->calls - $calls );
	}

	public function test_trashed_restored_and_deleted_for_good(): void {
		$order = $this->told_order( 'completed', 7 );
		$id    = $order->get_id();
		$order->delete( false );
		$this->assertSame( 'trash', $this->told( wc_get_order( $id ) )['order']['status'] );
		wc_get_order( $id )->untrash();
		$this->assertSame( 'completed', $this->told( wc_get_order( $id ) )['order']['status'] );
		wc_get_order( $id )->delete( true );
		$this->drain();
		$gone = $this->service->known[ "order:$id" ]['gone'];
		$this->assertSame( array( 7, 'completed', '40.00' ), array( $gone['customer_id'], $gone['status'], $gone['total'] ) );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_an_order_that_is_deleted_while_another_process_drains(): void {
		$order = $this->told_order( 'completed', 7 );
		$id    = $order->get_id();
		add_action(
			'woocommerce_before_delete_order',
			function () {
				$this->another_process_drains();
			},
			99
		);
		$order->delete( true );
		$this->drain();
		$this->assertSame( 7, $this->service->known[ "order:$id" ]['gone']['customer_id'] );
	}

	public function test_an_order_that_is_saved_by_a_process_that_read_it_before_another_deleted_it(): void {
		$order = $this->told_order( 'completed', 7 );
		$id    = $order->get_id();
		$late  = wc_get_order( $id );
		$order->delete( true );
		$this->drain();
		$this->assertSame( 7, $this->service->known[ "order:$id" ]['gone']['customer_id'] );
		$this->next_request();
		$late->update_status( 'processing' );
		$this->drain();
		// Whose it was has been told; the number alone is enough to say again that it is gone.
		$this->assertFalse( wc_get_order( $id ) );
		$this->assertSame( array(), $this->service->known[ "order:$id" ]['gone'] );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_an_order_that_vanished_without_a_hook(): void {
		\Belong\Plugin::outbox()->mark( Outbox::ORDER, 987654 );
		$this->drain();
		$this->assertSame( array(), $this->service->known['order:987654']['gone'] );
	}

	public function test_another_customer(): void {
		$order = $this->told_order( 'completed', 3 );
		$order->set_customer_id( 4 );
		$order->save();
		$this->assertSame( 4, $this->told( $order )['order']['customer_id'] );
	}

	public function test_refunded_by_status_and_opened_again(): void {
		$order = $this->told_order( 'completed' );
		$order->update_status( 'refunded' );
		$this->assertSame( array( '40.00' ), array_column( $this->told( $order )['refunds'], 'amount' ) );
		wc_get_order( $order->get_id() )->update_status( 'completed' );
		$told = $this->told( $order );
		$this->assertSame( array( 'completed', '40.00' ), array( $told['order']['status'], $told['refunds'][0]['amount'] ) );
	}

	public function test_a_new_order_that_another_process_reads_before_its_lines_are_there(): void {
		add_action(
			'woocommerce_new_order',
			function () {
				$this->another_process_drains();
			},
			99
		);
		$order = new \WC_Order();
		$line  = new \WC_Order_Item_Product();
		$line->set_props( array( 'total' => '10.00' ) );
		$order->add_item( $line );
		$order->save();
		$this->assertSame( array(), $this->service->known[ 'order:' . $order->get_id() ]['state']['order']['line_items'] );
		$this->assertCount( 1, $this->told( $order )['order']['line_items'] );
	}

	public function test_a_draft_that_got_a_row_is_not_told(): void {
		$draft = wc_create_order( array( 'status' => 'checkout-draft' ) );
		\Belong\Plugin::outbox()->mark( Outbox::ORDER, $draft->get_id() );
		$this->drain();
		$this->assertSame( array( 0, array() ), array( $this->service->calls, $this->marked() ) );
	}

	/** What another process marked, drained and deleted; this one remembers its own marks. */
	private function another_process_drains(): void {
		global $wpdb;
		$outbox = \Belong\Plugin::outbox();
		$memory = ( new \ReflectionClass( $outbox ) )->getProperty( 'marked' );
		if ( PHP_VERSION_ID < 80100 ) {
			$memory->setAccessible( true );
		}
		$before = $memory->getValue( $outbox );
		$memory->setValue( $outbox, array() );
		do_action( \Belong\Wake::DRAIN );
		$memory->setValue( $outbox, $before );
		$this->assertSame( array(), $this->marked() );
	}

	private function told_order( string $status, int $customer_id = 0 ): \WC_Order {
		$order = $this->an_order( $status, $customer_id );
		\Belong\Plugin::outbox()->mark( Outbox::ORDER, $order->get_id() );
		$this->told( $order );
		return $order;
	}

	/** The last state that was told, which must be the present one. */
	private function told( \WC_Order $order ): array {
		$this->drain();
		$this->assertSame( array(), $this->marked() );
		$told = $this->service->known[ 'order:' . $order->get_id() ]['state'];
		$now  = ( new OrderState() )->of( wc_get_order( $order->get_id() ) );
		$this->assertSame( json_decode( wp_json_encode( $now ), true ), $told );
		return $told;
	}

	private function refund( \WC_Order $order, string $amount, int $line = 0 ): \WC_Order_Refund {
		$lines = array(
			$line => array(
				'qty'          => 1,
				'refund_total' => $amount,
				'refund_tax'   => array(),
			),
		);
		return wc_create_refund(
			array(
				'order_id'   => $order->get_id(),
				'amount'     => $amount,
				'line_items' => $line ? $lines : array(),
			)
		);
	}
}
