<?php
/**
 * What other plugins have left is found and read, and nothing else is done to it.
 *
 * The rows are ours, in the form in which each plugin keeps its own; where that was read stands in Importing\Kinds.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Importing\Counts;
use Belong\Importing\Kinds;
use Belong\Importing\Listing;

final class ImportKindsTest extends ImportTestCase {

	public function test_a_shop_without_any_of_them_is_told_so(): void {
		$this->assertSame( array(), Kinds::found() );
		$this->assertStringContainsString( 'None of them has left any points', $this->page() );
	}

	public function test_each_plugin_is_found_by_what_it_has_left(): void {
		list( $ada, $bob ) = $this->customers( 2 );
		update_option( 'mycred_types', array( 'mycred_default' => 'Points', 'gems' => 'Gems', 'never' => 'Never used' ) );
		update_user_meta( $ada, 'mycred_default', '120.50' );
		update_user_meta( $ada, 'gems', '3' );
		// Of all time, which is no balance.
		update_user_meta( $ada, 'mycred_default_total', '999' );
		wp_insert_post(
			array(
				'post_type'   => 'points-type',
				'post_name'   => 'coins',
				'post_title'  => 'Coin',
				'post_status' => 'publish',
			)
		);
		foreach ( array( 'points', 'new_points', 'points_awarded', 'points_deducted' ) as $beside ) {
			update_user_meta( $bob, '_gamipress_coins_' . $beside, '40' );
		}
		update_user_meta( $bob, '_gamipress_forgotten_points', '7' );
		update_user_meta( $bob, 'wps_wpr_points', '55' );
		// Of before the plugin had its present name; it was copied.
		update_user_meta( $bob, 'mwb_wpr_points', '50' );
		$this->wployalty( array( 'ada@shop.example' => 10 ) );
		$found = array();
		foreach ( Kinds::found() as $kind ) {
			$found[ $kind->key() ] = array( $kind->label, $kind->count );
		}
		$this->assertSame(
			array(
				'mycred:mycred_default'                 => array( 'Points', 1 ),
				'mycred:gems'                           => array( 'Gems', 1 ),
				'gamipress:_gamipress_coins_points'     => array( 'Coin', 1 ),
				'gamipress:_gamipress_forgotten_points' => array( 'forgotten', 1 ),
				'wp-swings:wps_wpr_points'              => array( '', 1 ),
				'wployalty:points'                      => array( '', 1 ),
			),
			$found
		);
	}

	public function test_nothing_but_reading_is_done_to_what_they_have_left(): void {
		global $wpdb;
		$customers = $this->balances( 60 );
		$before    = $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM %i ORDER BY umeta_id', $wpdb->usermeta ) );
		$this->look();
		$this->book();
		$this->assertEquals( $before, $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM %i ORDER BY umeta_id', $wpdb->usermeta ) ) );
		$this->assertCount( 60, $this->service->given );
	}

	public function test_wployalty_is_brought_to_accounts_of_the_same_address(): void {
		list( $ada, $bob ) = $this->customers( 2 );
		$address           = get_userdata( $ada )->user_email;
		$this->wployalty( array( strtoupper( $address ) => 10, 'guest@elsewhere.example' => 20, get_userdata( $bob )->user_email => 0 ) );
		$this->look( 'wployalty:points' );
		$this->book();
		$this->assertSame( array( $ada => array( 1 => 10 ) ), $this->service->given );
		$this->assertSame( array( 'no-account' => 1 ), ( new Counts() )->refused );
		$page = $this->page();
		$this->assertStringContainsString( 'guest@elsewhere.example', $page );
		$this->assertStringContainsString( 'There is no account in this shop for it.', $page );
	}

	public function test_of_a_key_that_stands_twice_the_first_counts(): void {
		list( $ada, $bob ) = $this->customers( 2 );
		add_user_meta( $ada, 'wps_wpr_points', '10' );
		add_user_meta( $ada, 'wps_wpr_points', '99' );
		add_user_meta( $bob, 'wps_wpr_points', '20' );
		$this->look();
		$this->book();
		$this->assertSame( array( $ada => array( 1 => 10 ), $bob => array( 1 => 20 ) ), $this->service->given );
	}

	/** @return array[] */
	public static function formulas(): array {
		return array( array( '=1+1' ), array( '+1+1' ), array( '-1+1' ), array( '@SUM(1)' ), array( "\t=1+1" ), array( "\r=1+1" ), array( "\n=1+1" ) );
	}

	/** @dataProvider formulas */
	public function test_the_file_names_everybody_and_is_no_formula( string $formula ): void {
		list( $ada, $bob ) = $this->customers( 2 );
		update_user_meta( $ada, 'wps_wpr_points', '10' );
		update_user_meta( $bob, 'wps_wpr_points', $formula );
		$this->look();
		ob_start();
		Listing::write();
		$file = new \SplTempFileObject();
		$file->fwrite( (string) ob_get_clean() );
		$file->rewind();
		$lines = array();
		while ( $file->valid() ) {
			$lines[] = $file->fgetcsv( ',', '"', '' );
		}
		$this->assertSame( array( (string) $ada, get_userdata( $ada )->user_email, '10', '10', 'no', 'new', '' ), $lines[1] );
		$this->assertSame( array( "'" . $formula, 'refused', 'not-a-number' ), array_values( array_intersect_key( $lines[2], array( 2 => 0, 5 => 0, 6 => 0 ) ) ) );
	}
}
