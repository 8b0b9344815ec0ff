<?php
/**
 * Sign-up, change, deletion and a claimed order.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Outbox;

final class CustomerStoriesTest extends ConnectedTestCase {

	public function test_sign_up_is_marked(): void {
		$id = $this->a_user();
		$this->assertSame( array( "customer:$id" ), $this->marked() );
	}

	public function test_a_change_is_marked_however_it_is_made(): void {
		$id = $this->a_user();
		$this->empty_outbox();
		wp_update_user(
			array(
				'ID'         => $id,
				'first_name' => 'Ada',
			)
		);
		$this->assertSame( array( "customer:$id" ), $this->marked() );
		$this->empty_outbox();
		( new \WC_Customer( $id ) )->save();
		$this->assertSame( array( "customer:$id" ), $this->marked() );
	}

	public function test_deletion_leaves_that_there_was_somebody_and_nothing_about_them(): void {
		require_once ABSPATH . 'wp-admin/includes/user.php';
		$id = $this->a_user();
		$this->empty_outbox();
		wp_delete_user( $id );
		$this->assertSame( '{}', $this->row( Outbox::CUSTOMER, $id )->tombstone );
	}

	public function test_an_order_that_the_shop_gives_to_a_customer_is_marked(): void {
		$order = $this->an_order();
		$id    = $this->a_user();
		$this->empty_outbox();
		do_action( 'woocommerce_update_new_customer_past_order', $order->get_id(), new \WC_Customer( $id ) );
		$this->assert_marked( $order );
	}

	private function a_user(): int {
		return wp_insert_user(
			array(
				'user_login' => 'ada',
				'user_email' => 'ada@shop.example',
				'user_pass'  => 'not a secret',
			)
		);
	}
}
