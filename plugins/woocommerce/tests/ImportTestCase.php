<?php
/**
 * A shop whose customers have points of another plugin.
 *
 * The rows are ours, in the form in which each plugin keeps its own; where that was read stands in Importing\Kinds.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Admin\Actions;
use Belong\Admin\ImportPage;
use Belong\Importing\Counts;
use Belong\Importing\Rows;
use Belong\Importing\Run;
use Belong\Importing\TableKind;

abstract class ImportTestCase extends ShopTestCase {

	protected $service;

	protected function setUp(): void {
		parent::setUp();
		delete_option( Run::OPTION );
		Rows::clear();
		$this->service = new OpeningService();
		ServiceDouble::connect();
		$this->sign_in( 'shop_manager' );
		add_filter(
			'wp_redirect',
			static function ( $where ) {
				throw new \DomainException( 'led to ' . $where );
			}
		);
	}

	protected function tearDown(): void {
		$_POST    = array();
		$_REQUEST = array();
		parent::tearDown();
	}

	protected function customers( int $count ): array {
		$made = array();
		for ( $number = 1; $number <= $count; $number++ ) {
			$made[] = wp_insert_user(
				array(
					'user_login' => 'customer-' . $number,
					'user_pass'  => 'not a secret',
					'user_email' => 'customer-' . $number . '@shop.example',
					'role'       => 'customer',
				)
			);
		}
		$this->empty_outbox();
		return $made;
	}

	/** Customers with 101, 102 and so on points of WP Swings. */
	protected function balances( int $count ): array {
		global $wpdb;
		$made = array();
		for ( $number = 1; $number <= $count; $number++ ) {
			$wpdb->insert( $wpdb->users, array( 'user_login' => 'c' . $number, 'user_nicename' => 'c' . $number, 'user_email' => 'c' . $number . '@shop.example' ) );
			$made[] = (int) $wpdb->insert_id;
			add_user_meta( end( $made ), 'wps_wpr_points', (string) ( 100 + $number ) );
		}
		return $made;
	}

	protected function assert_all_have_theirs( array $customers ): void {
		foreach ( $customers as $at => $customer ) {
			$this->assertSame( 101 + $at, $this->service->has( $customer ) );
		}
	}

	protected function wployalty( array $balances ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'CREATE TABLE IF NOT EXISTS %i (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_email varchar(180) DEFAULT NULL, points bigint(20) DEFAULT 0, earn_total_point bigint(20) DEFAULT 0, PRIMARY KEY (id))', TableKind::table() ) );
		foreach ( $balances as $address => $points ) {
			$wpdb->insert( TableKind::table(), array( 'user_email' => $address, 'points' => $points, 'earn_total_point' => 999 ) );
		}
	}

	protected function look( string $kind = 'wp-swings:wps_wpr_points', int $old = 1, int $new = 1 ): void {
		$this->submit( 'import_look', array( 'kind' => $kind, 'old' => (string) $old, 'new' => (string) $new ) );
	}

	protected function book(): void {
		$this->submit( 'import_book', array( 'seen' => \Belong\Admin\ImportForms::seen( new Counts() ) ) );
	}

	protected function submit( string $form, array $fields = array() ): void {
		$_POST    = $fields + array( Actions::NONCE => wp_create_nonce( Actions::hook( $form ) ) );
		$_REQUEST = $_POST;
		try {
			( new Actions() )->run( $form );
		} catch ( \DomainException $end ) {
			$this->assertSame( 'led to ' . ImportPage::url(), $end->getMessage() );
		}
	}

	protected function page(): string {
		ob_start();
		( new ImportPage() )->show();
		return (string) ob_get_clean();
	}
}
