<?php
/**
 * Nothing leaves a shop that is not connected; in one that was never connected nothing piles up either.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;
use Belong\Account\Endpoint;
use Belong\Account\Sheet;
use Belong\Admin\Page;
use Belong\Connection\Connection;
use Belong\Desk\OrderBox;
use Belong\Personal\Exporter;
use Belong\Wake;

final class QuietTest extends RedeemTestCase {

	/**
	 * Who manages the shop; signing in empties the outbox, so it is done before.
	 *
	 * @var int
	 */
	private $owner = 0;

	/**
	 * Who buys in it.
	 *
	 * @var int
	 */
	private $member = 0;

	protected function setUp(): void {
		parent::setUp();
		$this->member = get_current_user_id();
		$this->owner  = $this->sign_in( 'administrator' );
		wp_set_current_user( $this->member );
		$this->answers();
	}

	/** @return array[] */
	public static function shops(): array {
		return array( 'before it is connected' => array( 'never' ), 'after it was disconnected' => array( 'left' ), 'a copy of it' => array( 'copy' ) );
	}

	/** @dataProvider shops */
	public function test_nobody_hears_of_anything( string $shop ): void {
		if ( 'copy' === $shop ) {
			Connection::keep( array( 'site' => hash( 'sha256', 'https://original.example' ) ) + get_option( Connection::OPTION ) );
		} else {
			$this->disconnect();
		}
		if ( 'never' === $shop ) {
			delete_option( Connection::OPTION );
		}
		$this->a_day_in_the_shop();
		$this->assertSame( array(), array_column( $this->service->requests, 'url' ) );
		// What a copy notes is told if its owner says that the shop has moved, and forgotten if it is a copy.
		$this->assertSame( 'copy' === $shop, array() !== $this->marked() );
	}

	/** The trap can spring: of the same day a connected shop tells, and each way of telling is in it. */
	public function test_a_connected_shop_is_heard_of(): void {
		$this->a_day_in_the_shop();
		$kinds = array_unique( preg_replace( '/:.*/', '', $this->marked() ) );
		$this->assertEqualsCanonicalizing( array( 'order', 'customer', 'review', 'privacy' ), $kinds );
		$urls = implode( "\n", array_column( $this->service->requests, 'url' ) );
		foreach ( array( '/v1/store/batch', '/v1/store/shopper-tokens', '/v1/store/order', '/v1/store/member' ) as $called ) {
			$this->assertStringContainsString( $called, $urls );
		}
	}

	/** While a page is looked at, nobody calls, connected or not. */
	public function test_looking_at_pages_asks_nobody(): void {
		$order = $this->an_order( 'completed', $this->member );
		$this->printed( array( $this, 'looking' ), $order );
		wp_set_current_user( $this->owner );
		$this->printed( array( $this, 'managing' ), $order );
		$this->assertSame( array(), array_column( $this->service->requests, 'url' ) );
	}

	/** Whatever the plugin listens to happens, pages are looked at, and the queue runs. */
	private function a_day_in_the_shop(): void {
		$order = $this->buying();
		$this->printed( array( $this, 'looking' ), $order );
		$this->choosing();
		wp_set_current_user( $this->owner );
		$this->printed( array( $this, 'managing' ), $order );
		$this->asking( $order );
		$this->request_ends();
		do_action( Wake::DRAIN );
		do_action( Wake::NET );
		$this->forgetting( $order );
		$this->request_ends();
	}

	/** Stories of an order, an account and a review. */
	private function buying(): \WC_Order {
		wp_update_user( array( 'ID' => $this->member, 'first_name' => 'Kim' ) );
		$order = new \WC_Order();
		$order->set_customer_id( $this->member );
		$order->save();
		foreach ( array( 'pending', 'processing', 'completed', 'cancelled', 'completed' ) as $status ) {
			$order->update_status( $status );
		}
		wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => '0' ) );
		$product = $this->a_product()->get_id();
		wp_insert_comment( array( 'comment_post_ID' => $product, 'comment_type' => 'review', 'user_id' => $this->member, 'comment_content' => 'Good tea' ) );
		do_action( 'comment_post', wp_insert_comment( array( 'comment_post_ID' => $product, 'comment_type' => 'review', 'user_id' => $this->member ) ), 1 );
		return $order;
	}

	/** What a shopper asks for. */
	private function choosing(): void {
		$this->choose( 'five' );
		call_user_func( StoreApi::container()->get( ExtendSchema::class )->get_update_callback( 'belong' ), array( 'reward' => 'five' ) );
		$request = new \WP_REST_Request( 'POST', '/belong/v1/me/choices' );
		$request->set_body_params( array( 'choice' => 'board', 'takes_part' => true, 'name' => 'Kim' ) );
		rest_do_request( $request );
		do_action( 'wp_logout', $this->member );
	}

	/** Each place in which a shopper is shown something. */
	private function looking( \WC_Order $order ): void {
		$GLOBALS['product'] = $this->a_product();
		foreach ( Sheet::names() as $name ) {
			do_shortcode( '[belong_' . str_replace( '-', '_', $name ) . ']' );
		}
		foreach ( array( 'wp_enqueue_scripts', 'woocommerce_single_product_summary', 'woocommerce_after_shop_loop_item_title', 'woocommerce_before_cart_totals', 'woocommerce_cart_totals_after_order_total', 'woocommerce_review_order_after_order_total', 'woocommerce_login_form', 'woocommerce_account_' . Endpoint::SLUG . '_endpoint' ) as $hook ) {
			do_action( $hook );
		}
		do_action( 'woocommerce_before_checkout_form', null );
		do_action( 'woocommerce_order_details_after_order_table', $order );
		do_action( 'woocommerce_email_after_order_table', $order, false, false );
		apply_filters( 'woocommerce_account_menu_items', array( 'orders' => 'Orders' ) );
		StoreApi::container()->get( ExtendSchema::class )->get_endpoint_data( 'cart' );
		unset( $GLOBALS['product'] );
	}

	/** Each screen of ours in wp-admin, and those of others that we add to. */
	private function managing( \WC_Order $order ): void {
		foreach ( array( 'admin_menu', 'admin_notices' ) as $hook ) {
			do_action( $hook );
		}
		( new Page() )->show();
		( new \Belong\Admin\Console() )->show();
		( new OrderBox() )->show( $order );
		do_action( 'edit_user_profile', get_user_by( 'id', $this->member ) );
		apply_filters( 'debug_information', array() );
		foreach ( array_column( apply_filters( 'site_status_tests', array( 'direct' => array() ) )['direct'], 'test' ) as $test ) {
			call_user_func( $test );
		}
	}

	/** What is filled after a screen was shown, and a copy of what is known. */
	private function asking( \WC_Order $order ): void {
		rest_do_request( new \WP_REST_Request( 'GET', '/belong/v1/admin/order/' . $order->get_id() ) );
		rest_do_request( new \WP_REST_Request( 'GET', '/belong/v1/admin/customer/' . $this->member ) );
		$email = get_user_by( 'id', $this->member )->user_email;
		call_user_func( apply_filters( 'wp_privacy_personal_data_exporters', array() )[ Exporter::KEY ]['callback'], $email, 1 );
	}

	/** All of it goes. The queue does not run any more, so what is noted can be seen. */
	private function forgetting( \WC_Order $order ): void {
		$email = get_user_by( 'id', $this->member )->user_email;
		call_user_func( apply_filters( 'wp_privacy_personal_data_erasers', array() )[ Exporter::KEY ]['callback'], $email, 1 );
		do_action( 'woocommerce_privacy_erase_personal_data_customer', array(), new \WC_Customer( $this->member ) );
		$order->delete( true );
	}

	private function printed( callable $what, \WC_Order $order ): void {
		ob_start();
		try {
			$what( $order );
		} finally {
			ob_end_clean();
		}
	}
}
