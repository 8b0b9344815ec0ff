<?php
/**
 * Every story of an order marks it, and what is no order is left alone.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Outbox;

final class OrderStoriesTest extends ConnectedTestCase {

	public function test_a_new_order_is_marked(): void {
		$order = wc_create_order();
		$this->assert_marked( $order );
	}

	public function test_each_step_of_an_order_is_marked(): void {
		$order = $this->an_order( 'pending' );
		foreach ( array( 'on-hold', 'processing', 'completed', 'cancelled', 'completed', 'processing', 'failed' ) as $status ) {
			$this->empty_outbox();
			$order->update_status( $status );
			$this->assert_marked( $order );
		}
	}

	public function test_an_edit_that_changes_no_status_is_marked(): void {
		$order = $this->an_order( 'completed' );
		$order->set_billing_email( 'else@shop.example' );
		$order->save();
		$this->assert_marked( $order );
	}

	public function test_an_order_that_gets_another_customer_is_marked(): void {
		$order = $this->an_order( 'completed', 3 );
		$order->set_customer_id( 4 );
		$order->save();
		$this->assert_marked( $order );
	}

	public function test_a_partial_refund_is_marked(): void {
		$order = $this->an_order( 'completed' );
		$this->refund( $order, '10.00' );
		$this->assert_marked( $order );
		$this->assertSame( 'completed', wc_get_order( $order->get_id() )->get_status() );
	}

	public function test_a_full_refund_is_marked(): void {
		$order = $this->an_order( 'completed' );
		$this->refund( $order, '40.00' );
		$this->assert_marked( $order );
		$this->assertSame( 'refunded', wc_get_order( $order->get_id() )->get_status() );
	}

	public function test_a_status_that_refunds_is_marked(): void {
		$order = $this->an_order( 'completed' );
		$order->update_status( 'refunded' );
		$this->assert_marked( $order );
		$this->assertCount( 1, $order->get_refunds() );
	}

	public function test_a_deleted_refund_marks_its_order(): void {
		$order  = $this->an_order( 'completed' );
		$refund = $this->refund( $order, '10.00' );
		$this->empty_outbox();
		$this->assertTrue( $refund->delete( true ) );
		$this->assert_marked( $order );
		$this->assertSame( array(), $order->get_refunds() );
	}

	public function test_the_answer_of_others_to_the_deletion_of_a_refund_stays(): void {
		$refund = $this->refund( $this->an_order( 'completed' ), '10.00' );
		add_filter(
			'woocommerce_pre_delete_order_refund',
			static function () {
				return false;
			},
			1
		);
		$this->assertFalse( $refund->delete( true ) );
		$this->assertNotFalse( wc_get_order( $refund->get_id() ) );
	}

	public function test_into_the_trash_and_out_of_it_are_marked(): void {
		$order = $this->an_order( 'completed' );
		$id    = $order->get_id();
		$order->delete( false );
		$this->assertSame( array( "order:$id" ), $this->marked() );
		$this->empty_outbox();
		wc_get_order( $id )->untrash();
		$this->assertSame( array( "order:$id" ), $this->marked() );
	}

	public function test_an_order_deleted_for_good_leaves_whose_it_was(): void {
		$order    = $this->an_order( 'completed', 7 );
		$id       = $order->get_id();
		$currency = $order->get_currency();
		$order->delete( true );
		$this->assertFalse( wc_get_order( $id ) );
		$this->assertSame( array( "order:$id" ), $this->marked() );
		$this->assertSame(
			array(
				'customer_id' => 7,
				'status'      => 'completed',
				'currency'    => $currency,
				'total'       => '40.00',
			),
			json_decode( $this->row( Outbox::ORDER, $id )->tombstone, true )
		);
	}

	public function test_deletion_after_a_change_in_the_same_request_still_leaves_a_tombstone(): void {
		$order = $this->an_order( 'completed' );
		$this->refund( $order, '10.00' );
		$id = $order->get_id();
		$order->delete( true );
		$this->assertSame( array( "order:$id" ), $this->marked() );
		$this->assertNotNull( $this->row( Outbox::ORDER, $id )->tombstone );
		$this->request_ends();
		$this->assertNotNull( $this->row( Outbox::ORDER, $id )->tombstone );
	}

	public function test_a_draft_is_ignored_until_it_is_an_order(): void {
		$draft = wc_create_order( array( 'status' => 'checkout-draft' ) );
		$draft->set_billing_email( 'typing@shop.example' );
		$draft->save();
		$this->assertSame( array(), $this->marked() );
		$draft->update_status( 'pending' );
		$this->assert_marked( $draft );
	}

	public function test_a_draft_that_lapses_is_ignored(): void {
		$draft = wc_create_order( array( 'status' => 'checkout-draft' ) );
		$draft->delete( true );
		$this->assertSame( array(), $this->marked() );
	}

	/**
	 * Other plugins fire some of them alone, and versions differ in how often they fire others.
	 *
	 * @dataProvider hooks
	 */
	public function test_each_hook_marks_by_itself( string $hook, array $more ): void {
		$order = $this->an_order( 'completed' );
		foreach ( $more as $place => $argument ) {
			$more[ $place ] = 'the order' === $argument ? $order : $argument;
		}
		do_action( $hook, $order->get_id(), ...$more );
		$this->assert_marked( $order );
	}

	public function hooks(): array {
		return array(
			array( 'woocommerce_new_order', array( 'the order' ) ),
			array( 'woocommerce_update_order', array( 'the order' ) ),
			array( 'woocommerce_order_status_changed', array( 'processing', 'completed', 'the order' ) ),
			array( 'woocommerce_order_refunded', array( 5 ) ),
			array( 'woocommerce_trash_order', array() ),
			array( 'woocommerce_untrash_order', array( 'completed' ) ),
			array( 'woocommerce_update_new_customer_past_order', array( null ) ),
		);
	}

	public function test_a_shop_that_is_not_connected_marks_nothing_and_asks_the_database_nothing(): void {
		global $wpdb;
		$this->disconnect();
		$order = $this->an_order( 'processing' );
		$order->update_status( 'completed' );
		$this->assertSame( array(), $this->marked() );
		$before = $wpdb->num_queries;
		\Belong\Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->request_ends();
		$this->assertSame( 0, $wpdb->num_queries - $before );
	}

	private function refund( \WC_Order $order, string $amount ): \WC_Order_Refund {
		$refund = wc_create_refund(
			array(
				'order_id' => $order->get_id(),
				'amount'   => $amount,
			)
		);
		$this->assertInstanceOf( \WC_Order_Refund::class, $refund );
		return $refund;
	}
}
