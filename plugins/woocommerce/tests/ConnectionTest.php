<?php
/**
 * What the shop knows of its connection, and what it costs to ask.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Site;

final class ConnectionTest extends ShopTestCase {

	public function test_a_new_shop_is_connected_to_nobody(): void {
		$connection = Connection::kept();
		$this->assertFalse( $connection->is_connected() );
		$this->assertFalse( $connection->is_open() );
		$this->assertFalse( $connection->is_other_site() );
		$this->assertSame( array(), $connection->secrets_to_service() );
	}

	public function test_asking_costs_no_query_connected_or_not(): void {
		global $wpdb;
		foreach ( array( false, true, false ) as $is_connected ) {
			$is_connected ? ServiceDouble::connect() : Connection::forget();
			wp_cache_flush();
			wp_load_alloptions();
			$before = $wpdb->num_queries;
			$this->assertSame( $is_connected, Connection::kept()->is_connected() );
			$this->assertSame( $is_connected, Connection::kept()->is_open() );
			$this->assertSame( 0, $wpdb->num_queries - $before );
		}
	}

	public function test_it_knows_what_pairing_left(): void {
		ServiceDouble::connect();
		$connection = Connection::kept();
		$this->assertSame( ServiceDouble::ADDRESS, $connection->service() );
		$this->assertSame( ServiceDouble::CONNECTION, $connection->id() );
		$this->assertSame( array( ServiceDouble::TO_SERVICE ), $connection->secrets_to_service() );
		$this->assertSame( array( ServiceDouble::TO_SHOP ), $connection->secrets_to_shop() );
	}

	public function test_at_another_address_it_is_another_site_and_back_again_it_is_not(): void {
		ServiceDouble::connect();
		$elsewhere = static function () {
			return 'https://staging.example';
		};
		add_filter( 'option_home', $elsewhere );
		$this->assertTrue( Connection::kept()->is_other_site() );
		$this->assertTrue( Connection::kept()->is_connected() );
		$this->assertFalse( Connection::kept()->is_open() );
		$this->assertSame( Connection::OTHER_SITE, Connection::kept()->stopped() );
		remove_filter( 'option_home', $elsewhere );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_the_address_does_not_change_with_the_request_that_asks(): void {
		$before           = Site::digest();
		$https            = $_SERVER['HTTPS'];
		$_SERVER['HTTPS'] = 'off';
		add_filter(
			'home_url',
			static function ( $url ) {
				return $url . '/de';
			}
		);
		try {
			$this->assertSame( $before, Site::digest() );
			$this->assertSame( 'https://shop.example', Site::address() );
		} finally {
			$_SERVER['HTTPS'] = $https;
		}
	}

	public function test_what_one_call_learned_does_not_stop_a_connection_that_was_made_meanwhile(): void {
		$old = ServiceDouble::connect();
		ServiceDouble::connect( array( 'to_service' => array( base64_encode( 'newer' ) ) ) );
		$old->stop( Connection::REFUSED );
		$this->assertTrue( Connection::kept()->is_open() );
		Connection::forget();
		$old->stop( Connection::REFUSED );
		$this->assertFalse( Connection::kept()->is_connected() );
	}

	public function test_nor_one_that_another_process_made_while_this_one_remembered_the_first(): void {
		global $wpdb;
		$before = ServiceDouble::connect();
		$anew   = array( 'id' => 'of-another-process' ) + get_option( Connection::OPTION );
		$wpdb->update( $wpdb->options, array( 'option_value' => serialize( $anew ) ), array( 'option_name' => Connection::OPTION ) );
		$this->assertSame( ServiceDouble::CONNECTION, Connection::kept()->id() );
		$before->stop( Connection::NOT_CONNECTED );
		wp_cache_flush();
		$this->assertSame( array( 'of-another-process', '' ), array( Connection::kept()->id(), Connection::kept()->stopped() ) );
	}

	public function test_stopping_and_going_on(): void {
		$connection = ServiceDouble::connect();
		$connection->stop( Connection::REFUSED );
		$this->assertFalse( Connection::kept()->is_open() );
		$this->assertTrue( Connection::kept()->is_connected() );
		Connection::kept()->go_on();
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_what_changes_with_each_call_is_loaded_with_no_page(): void {
		ServiceDouble::connect();
		Health::succeeded();
		Health::failed( 'nobody' );
		wp_cache_flush();
		$loaded = wp_load_alloptions();
		$this->assertArrayHasKey( Connection::OPTION, $loaded );
		$this->assertArrayNotHasKey( Health::OPTION, $loaded );
		$this->assertSame( 'nobody', Health::read()['reason'] );
	}

	public function test_success_after_success_is_not_written_each_time(): void {
		global $wpdb;
		Health::succeeded();
		$before = $wpdb->num_queries;
		Health::succeeded();
		$this->assertSame( 0, $wpdb->num_queries - $before );
		Health::failed( 'nobody' );
		Health::succeeded();
		$this->assertGreaterThanOrEqual( Health::read()['last_failure'], Health::read()['last_success'] );
	}

	public function test_the_version_is_that_of_the_plugin(): void {
		require_once ABSPATH . 'wp-admin/includes/plugin.php';
		$this->assertSame( get_plugin_data( WP_PLUGIN_DIR . '/' . InstallTest::PLUGIN, false, false )['Version'], Site::VERSION );
	}
}
