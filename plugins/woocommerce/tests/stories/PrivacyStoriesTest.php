<?php
/**
 * Whoever the shop's own tools erase is erased by the service.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class PrivacyStoriesTest extends ConnectedTestCase {

	public function test_what_woocommerce_erases_is_told(): void {
		$service = new BatchService();
		$answer  = array( 'done' => true );
		$this->assertSame( $answer, apply_filters( 'woocommerce_privacy_erase_personal_data_customer', $answer, new \WC_Customer( 1 ) ) );
		$this->assertSame( array( 'privacy:1' ), $this->marked() );
		$this->drain();
		$this->assertSame( array( 'request' => 'erase' ), $service->known['privacy:1']['state'] );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_what_wordpress_erases_is_told(): void {
		$request = wp_create_user_request( get_userdata( 1 )->user_email, 'remove_personal_data' );
		do_action( 'wp_privacy_personal_data_erased', $request );
		$this->assertSame( array( 'privacy:1' ), $this->marked() );
	}

	public function test_who_has_no_account_is_nobody_to_us(): void {
		$request = wp_create_user_request( 'guest@shop.example', 'remove_personal_data' );
		do_action( 'wp_privacy_personal_data_erased', $request );
		do_action( 'wp_privacy_personal_data_erased', 987654 );
		$this->assertSame( array(), $this->marked() );
	}
}
