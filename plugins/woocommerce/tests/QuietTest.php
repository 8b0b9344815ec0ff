<?php
/**
 * Nothing leaves a shop that is not connected, and nothing piles up in it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Redeeming\Choosing;
use Belong\Wake;

final class QuietTest extends ConnectedTestCase {

	/**
	 * What was asked of anybody.
	 *
	 * @var ServiceDouble
	 */
	private $heard;

	/** @return array[] */
	public static function shops(): array {
		return array( 'before it is connected' => array( 'never' ), 'after it was disconnected' => array( 'left' ), 'a copy of it' => array( 'copy' ) );
	}

	/** @dataProvider shops */
	public function test_nobody_hears_of_anything( string $shop ): void {
		$this->heard = new ServiceDouble();
		if ( 'copy' === $shop ) {
			Connection::keep( array( 'site' => hash( 'sha256', 'https://original.example' ) ) + get_option( Connection::OPTION ) );
		} elseif ( 'left' === $shop ) {
			$this->disconnect();
		} else {
			$this->disconnect();
			update_option( Connection::OPTION, '' );
		}
		$this->a_day_in_the_shop();
		$this->assertSame( array(), array_column( $this->heard->requests, 'url' ) );
		if ( 'copy' !== $shop ) {
			$this->assertSame( array(), $this->marked() );
		}
	}

	/** Whatever the plugin listens to happens, pages are looked at, and the queue runs. */
	private function a_day_in_the_shop(): void {
		$user_id = Pushed::signed_in( Pushed::member() );
		wp_update_user( array( 'ID' => $user_id, 'first_name' => 'Kim' ) );
		$order = new \WC_Order();
		$order->set_customer_id( $user_id );
		$order->save();
		foreach ( array( 'pending', 'processing', 'completed', 'cancelled', 'completed' ) as $status ) {
			$order->update_status( $status );
		}
		wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => '0' ) );
		$order->delete( false );
		wp_insert_comment( array( 'comment_post_ID' => 1, 'comment_type' => 'review', 'user_id' => $user_id, 'comment_content' => 'Good tea' ) );
		do_action( 'woocommerce_privacy_erase_personal_data_customer', array(), new \WC_Customer( $user_id ) );
		wc_load_cart();
		WC()->cart->empty_cart();
		Choosing::own()->choose( 'five', null );
		do_action( 'wp_logout', $user_id );
		foreach ( array( 'belong_points', 'belong_rules', 'belong_rewards' ) as $shortcode ) {
			do_shortcode( '[' . $shortcode . ']' );
		}
		$this->sign_in( 'administrator' );
		foreach ( array( 'admin_menu', 'admin_notices', 'woocommerce_before_cart_totals', Wake::DRAIN, Wake::NET ) as $hook ) {
			ob_start();
			do_action( $hook );
			ob_end_clean();
		}
		apply_filters( 'debug_information', array() );
		$this->request_ends();
	}
}
