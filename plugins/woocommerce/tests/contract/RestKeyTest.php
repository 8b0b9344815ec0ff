<?php
/**
 * A key that is written as we write it opens WooCommerce's REST API. Runs against the double and, unchanged, against a
 * real WooCommerce.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\RestKey;

final class RestKeyTest extends ShopTestCase {

	public function test_halves_of_a_key_have_the_form_that_is_handed_over(): void {
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{40}$/', wc_rand_hash() );
		$this->assertNotSame( wc_rand_hash(), wc_rand_hash() );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{64}$/', wc_api_hash( 'ck_x' ) );
		$this->assertSame( wc_api_hash( 'ck_x' ), wc_api_hash( 'ck_x' ) );
	}

	public function test_the_key_is_found_by_its_hash_and_opens_the_shop_until_it_is_deleted(): void {
		global $wpdb;
		$made = RestKey::make( 1 );
		$row  = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}woocommerce_api_keys WHERE key_id = %d", $made['row']['id'] ) );
		$this->assertSame( array( '1', 'Belong', 'read_write' ), array( $row->user_id, $row->description, $row->permissions ) );
		$this->assertSame( substr( $made['plain']['consumer_key'], -7 ), $row->truncated_key );
		$this->assertNotSame( $made['plain']['consumer_key'], $row->consumer_key );
		$this->assertSame( 1, $this->user_of( $made['plain'] ) );
		RestKey::delete( $made['row'] );
		$this->assertSame( 0, $this->user_of( $made['plain'] ) );
	}

	public function test_a_role_that_manages_a_shop_may_and_a_customer_may_not(): void {
		$this->assertTrue( get_role( 'shop_manager' )->has_cap( 'manage_woocommerce' ) );
		$this->assertTrue( get_role( 'administrator' )->has_cap( 'manage_woocommerce' ) );
		$this->assertFalse( get_role( 'customer' )->has_cap( 'manage_woocommerce' ) );
	}

	/** By WooCommerce's own hand where there is one. */
	private function user_of( array $plain ): int {
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			return \ShopKeys::user_of( $plain['consumer_key'], $plain['consumer_secret'] );
		}
		$kept                     = $_SERVER;
		$_SERVER['PHP_AUTH_USER'] = $plain['consumer_key'];
		$_SERVER['PHP_AUTH_PW']   = $plain['consumer_secret'];
		$_SERVER['REQUEST_URI']   = '/wp-json/wc/v3/orders';
		$user_id                  = (int) ( new \WC_REST_Authentication() )->authenticate( false );
		$_SERVER                  = $kept;
		return $user_id;
	}
}
