<?php
/**
 * Orders among posts, moved and deleted as wp-admin does it there: by WordPress's own functions. On the double a post
 * stands for each order; a real WooCommerce has them among posts if BELONG_ORDERS is `posts`.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Outbox;
use Belong\Redeeming\Reservation;
use Belong\Schema;

final class OrderPostsTest extends ConnectedTestCase {

	protected function setUp(): void {
		parent::setUp();
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			update_option( 'woocommerce_custom_orders_table_enabled', 'no' );
			register_post_type( 'shop_order' );
			register_post_type( 'shop_order_refund' );
		}
	}

	protected function tearDown(): void {
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			delete_option( 'woocommerce_custom_orders_table_enabled' );
			unregister_post_type( 'shop_order' );
			unregister_post_type( 'shop_order_refund' );
		}
		parent::tearDown();
	}

	public function test_the_bin_and_back_and_deleted_for_good(): void {
		$order = $this->an_order_among_posts();
		$id    = $order->get_id();
		foreach ( array( 'wp_trash_post', 'wp_untrash_post' ) as $move ) {
			$move( $id );
			$this->assertSame( $this->noted( $id ), $this->marked(), $move );
			$this->empty_outbox();
		}
		wp_delete_post( $id, true );
		$this->assertSame( $this->noted( $id ), $this->marked() );
		if ( ! $this->keeps_tables() ) {
			$this->assertSame( 7, json_decode( $this->row( Outbox::ORDER, $id )->tombstone, true )['customer_id'] );
		}
	}

	public function test_a_refund_that_is_deleted_marks_its_order(): void {
		$order  = $this->an_order_among_posts();
		$refund = wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => '10.00' ) );
		$this->stands_for( $refund->get_id(), 'shop_order_refund', $order->get_id() );
		$this->empty_outbox();
		wp_delete_post( $refund->get_id(), true );
		$this->assertSame( $this->noted( $order->get_id() ), $this->marked() );
	}

	/** Unpaid, so that its reward can be used again. */
	public function test_an_order_in_the_bin_gives_its_reward_back(): void {
		global $wpdb;
		$order = $this->an_order_among_posts( 'pending' );
		$row   = array(
			'wish'       => 'cart-posts-0',
			'user_id'    => 7,
			'state'      => Reservation::USED,
			'name'       => 'Five off',
			'code'       => '5t8v1x4z7k3m9q2r',
			'kind'       => 'amount',
			'order_id'   => $order->get_id(),
			'ends_at'    => gmdate( 'Y-m-d H:i:s', time() + 600 ),
			'created_at' => gmdate( 'Y-m-d H:i:s' ),
		);
		$this->assertSame( 1, $wpdb->insert( Schema::reservations(), $row ) );
		wp_trash_post( $order->get_id() );
		$this->assertSame( $this->keeps_tables() ? Reservation::USED : Reservation::ISSUED, $wpdb->get_var( $wpdb->prepare( 'SELECT state FROM %i', Schema::reservations() ) ) );
	}

	public function test_other_posts_and_copies_of_orders_in_tables_are_nothing(): void {
		$page = wp_insert_post( array( 'post_title' => 'A page', 'post_type' => 'page', 'post_status' => 'publish' ) );
		$this->empty_outbox();
		wp_trash_post( $page );
		wp_delete_post( $page, true );
		$this->assertSame( array(), $this->marked() );
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			$order = $this->an_order_among_posts();
			update_option( 'woocommerce_custom_orders_table_enabled', 'yes' );
			wp_delete_post( $order->get_id(), true );
			$this->assertSame( array(), $this->marked() );
		}
	}

	private function an_order_among_posts( string $status = 'completed' ): \WC_Order {
		do {
			// On the double a page may have this number.
			$order = $this->an_order( $status, 7 );
		} while ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) && get_post( $order->get_id() ) );
		$this->stands_for( $order->get_id(), 'shop_order', 0 );
		$this->empty_outbox();
		return $order;
	}

	private function stands_for( int $id, string $type, int $parent ): void {
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			$made = wp_insert_post( array( 'import_id' => $id, 'post_type' => $type, 'post_status' => 'publish', 'post_parent' => $parent, 'post_title' => 'Order' ) );
			$this->assertSame( $id, $made );
		}
	}

	/** A real WooCommerce with tables: what lies among its posts is no order. */
	private function keeps_tables(): bool {
		return ! defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) && $this->has_order_tables();
	}

	private function noted( int $id ): array {
		return $this->keeps_tables() ? array() : array( Outbox::ORDER . ':' . $id );
	}
}
