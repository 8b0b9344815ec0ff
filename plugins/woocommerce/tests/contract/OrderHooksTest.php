<?php
/**
 * Which hooks an order fires, in which order. Runs against the double and, unchanged, against a real WooCommerce.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class OrderHooksTest extends ShopTestCase {

	public function test_a_new_order(): void {
		$log = new HookLog();
		wc_create_order();
		$this->assertSame( array( 'new_order' ), $log->names_without_saves() );
	}

	public function test_lines_may_be_missing_when_an_order_is_announced(): void {
		$lines = null;
		add_action(
			'woocommerce_new_order',
			static function ( $id ) use ( &$lines ) {
				$lines = count( wc_get_order( $id )->get_items() );
			}
		);
		$order = new \WC_Order();
		$line  = new \WC_Order_Item_Product();
		$line->set_props( array( 'total' => '10.00' ) );
		$order->add_item( $line );
		$order->save();
		$this->assertSame( 0, $lines );
		$this->assertCount( 1, wc_get_order( $order->get_id() )->get_items() );
	}

	public function test_a_status_step_that_pays(): void {
		$order = $this->an_order( 'pending' );
		$log   = new HookLog();
		$order->update_status( 'processing' );
		$expected = array(
			'order_status_processing',
			'order_status_pending_to_processing',
			'order_status_changed',
			'order_payment_status_changed',
		);
		$this->assertSame( $expected, $log->names_without_saves() );
		$this->assertSame( 'update_order', $log->names()[0] );
	}

	public function test_a_status_step_of_a_paid_order(): void {
		$order = $this->an_order( 'processing' );
		$log   = new HookLog();
		$order->update_status( 'completed' );
		$expected = array( 'order_status_completed', 'order_status_processing_to_completed', 'order_status_changed' );
		$this->assertSame( $expected, $log->names_without_saves() );
	}

	/** Within the second of the last change nothing fires at all; later, the save does. */
	public function test_meta_alone_is_a_save_at_most(): void {
		$order = $this->an_order();
		$log   = new HookLog();
		$order->update_meta_data( 'gift', 'yes' );
		$order->save_meta_data();
		$this->assertSame( array(), $log->names_without_saves() );
		$this->assertLessThanOrEqual( 1, count( $log->names() ) );
	}

	public function test_a_partial_refund(): void {
		$order = $this->an_order( 'completed' );
		$log   = new HookLog();
		$this->refund( $order, '10.00' );
		$expected = array( 'order_partially_refunded', 'update_order', 'refund_created', 'order_refunded' );
		$this->assertSame( $expected, $log->names() );
	}

	public function test_a_full_refund(): void {
		$order = $this->an_order( 'completed' );
		$log   = new HookLog();
		$this->refund( $order, '40.00' );
		$expected = array(
			'order_fully_refunded',
			'order_status_refunded',
			'order_status_completed_to_refunded',
			'order_status_changed',
			'refund_created',
			'order_refunded',
		);
		$this->assertSame( $expected, $log->names_without_saves() );
	}

	public function test_a_status_of_refunded_makes_one_refund_without_lines(): void {
		$order = $this->an_order( 'completed' );
		$this->refund( $order, '10.00' );
		wc_get_order( $order->get_id() )->update_status( 'refunded' );
		$refunds = wc_get_order( $order->get_id() )->get_refunds();
		$amounts = array();
		foreach ( $refunds as $refund ) {
			$amounts[] = (float) $refund->get_amount();
			$this->assertCount( 0, $refund->get_items() );
		}
		sort( $amounts );
		$this->assertSame( array( 10.0, 30.0 ), $amounts );
		wc_get_order( $order->get_id() )->update_status( 'completed' );
		$this->assertCount( 2, wc_get_order( $order->get_id() )->get_refunds() );
	}

	public function test_a_deleted_refund_is_told_by_one_filter_alone(): void {
		$order  = $this->an_order( 'completed' );
		$refund = $this->refund( $order, '40.00' );
		$log    = new HookLog();
		$refund->delete( true );
		$this->assertSame( array( 'pre_delete_order_refund' ), $log->names() );
		$this->assertSame( 'refunded', wc_get_order( $order->get_id() )->get_status() );
	}

	public function test_into_the_trash_and_out_of_it(): void {
		$order = $this->an_order( 'completed' );
		$id    = $order->get_id();
		$log   = new HookLog();
		$order->delete( false );
		$this->assertSame( array( 'trash_order' ), $log->names_without_saves() );
		$log = new HookLog();
		wc_get_order( $id )->untrash();
		$names = $log->names_without_saves();
		$this->assertContains( 'order_status_changed', $names );
		// Orders among posts may come back by the change of their status alone.
		if ( $this->has_order_tables() ) {
			$this->assertSame( 'untrash_order', $names[0] );
		}
	}

	public function test_deleted_for_good(): void {
		$order = $this->an_order( 'completed' );
		$this->refund( $order, '10.00' );
		$log = new HookLog();
		wc_get_order( $order->get_id() )->delete( true );
		// Refunds among posts go with their order and nobody is asked.
		$refunds  = $this->has_order_tables() ? array( 'pre_delete_order_refund' ) : array();
		$expected = array_merge( array( 'before_delete_order' ), $refunds, array( 'delete_order' ) );
		$this->assertSame( $expected, $log->names_without_saves() );
	}

	public function test_an_exception_silences_every_later_listener_and_leaves_the_order_saved(): void {
		$order = $this->an_order( 'processing' );
		$heard = false;
		add_action(
			'woocommerce_order_status_completed',
			static function () {
				throw new \Exception( 'of somebody else' );
			},
			1
		);
		add_action(
			'woocommerce_order_status_changed',
			static function () use ( &$heard ) {
				$heard = true;
			}
		);
		$order->update_status( 'completed' );
		$this->assertFalse( $heard );
		$this->assertSame( 'completed', wc_get_order( $order->get_id() )->get_status() );
	}

	public function test_an_error_escapes_although_the_order_is_saved(): void {
		$order = $this->an_order( 'processing' );
		add_action(
			'woocommerce_order_status_completed',
			static function () {
				throw new \TypeError( 'of somebody else' );
			},
			1
		);
		try {
			$order->update_status( 'completed' );
			$this->fail( 'An Error must escape.' );
		} catch ( \TypeError $error ) {
			$this->assertSame( 'completed', wc_get_order( $order->get_id() )->get_status() );
		}
	}

	private function refund( \WC_Order $order, string $amount ): \WC_Order_Refund {
		$arguments = array(
			'order_id' => $order->get_id(),
			'amount'   => $amount,
		);
		return wc_create_refund( $arguments );
	}
}
