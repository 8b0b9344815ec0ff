<?php
/**
 * What was pushed is read with care, and told in the merchant's words.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Format;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

final class DisplayReadingTest extends ConnectedTestCase {

	const PUSHED = array(
		'schema'      => 2,
		'version'     => array( 1, 42 ),
		'language'    => 'en',
		'points_name' => array( 'leaf', 'leaves' ),
		'status'      => 'active',
		'available'   => 1200,
		'pending'     => 30,
		'held'        => 0,
		'deficit'     => 0,
		'lifetime'    => 9000,
		'texts'       => array( 'next_tier' => '100 leaves to Gold' ),
		'dropped'     => array( 'entries' ),
	);

	public function test_what_was_pushed_is_read(): void {
		$snapshot = Snapshot::read( wp_json_encode( self::PUSHED ) );
		$this->assertTrue( $snapshot->exists() && $snapshot->is_active() );
		$this->assertSame( array( 1200, 30, array( 1, 42 ) ), array( $snapshot->available(), $snapshot->count_of( 'pending' ), $snapshot->version() ) );
		$this->assertSame( '100 leaves to Gold', $snapshot->sentence( 'next_tier' ) );
		$this->assertTrue( $snapshot->is_shortened( 'entries' ) );
		$this->assertFalse( $snapshot->is_shortened( 'badges' ) );
	}

	/** @return array[] */
	public static function unreadable(): array {
		$change = static function ( array $with ) {
			return array( wp_json_encode( array_merge( self::PUSHED, $with ) ) );
		};
		return array(
			'nothing'                  => array( '' ),
			'no text'                  => array( array( 'schema' => 2 ) ),
			'cut off'                  => array( substr( wp_json_encode( self::PUSHED ), 0, 60 ) ),
			'a number'                 => array( '2' ),
			'another schema'           => $change( array( 'schema' => 3 ) ),
			'a schema in words'        => $change( array( 'schema' => '2' ) ),
			'a balance in words'       => $change( array( 'available' => '1200' ) ),
			'a balance below zero'     => $change( array( 'available' => -1 ) ),
			'a balance with a half'    => $change( array( 'pending' => 0.5 ) ),
			'a balance beyond numbers' => array( str_replace( '1200', '99999999999999999999', wp_json_encode( self::PUSHED ) ) ),
			'no name of points'        => $change( array( 'points_name' => array( '', '' ) ) ),
		);
	}

	/** @dataProvider unreadable */
	public function test_what_cannot_be_understood_is_as_if_nothing_was_pushed( $text ): void {
		$snapshot = Snapshot::read( $text );
		$this->assertFalse( $snapshot->exists() );
		$this->assertSame( array( 0, '', array() ), array( $snapshot->available(), $snapshot->status(), $snapshot->parts( 'badges' ) ) );
	}

	public function test_parts_of_another_type_read_as_nothing(): void {
		$broken   = array_merge( self::PUSHED, array( 'badges' => array( 'x', 7, null, array() ), 'tier' => 'Gold', 'texts' => array( 'next_tier' => array() ) ) );
		$snapshot = Snapshot::read( wp_json_encode( $broken ) );
		$this->assertTrue( $snapshot->exists() );
		$this->assertSame( array(), $snapshot->parts( 'badges' ) );
		$this->assertSame( array( '', 0, '' ), array( $snapshot->part( 'tier' )->text( 'name' ), $snapshot->part( 'tier' )->number( 'rank' ), $snapshot->sentence( 'next_tier' ) ) );
	}

	public function test_a_guest_has_nothing_and_a_customer_costs_no_query(): void {
		global $wpdb;
		$this->assertFalse( Snapshot::own()->exists() );
		$user_id = wp_create_user( 'kim', 'secret', 'kim@shop.example' );
		update_user_meta( $user_id, Snapshot::META, wp_slash( wp_json_encode( self::PUSHED ) ) );
		wp_set_current_user( $user_id );
		get_user_meta( $user_id );
		$before = $wpdb->num_queries;
		$this->assertSame( 1200, Snapshot::own()->available() );
		$this->assertSame( $before, $wpdb->num_queries );
	}

	public function test_points_are_called_what_the_merchant_calls_them(): void {
		$format = new Format( array( 'leaf', 'leaves' ) );
		$this->assertSame( '1 leaf', $format->points( 1 ) );
		$this->assertSame( '1,234 leaves', $format->points( 1234 ) );
		$this->assertSame( '0 points', ( new Format( array() ) )->points( 0 ) );
	}

	public function test_numbers_stay_exact_however_large(): void {
		$format = new Format( array() );
		$this->assertSame( '9,007,199,254,740,991', $format->number( Format::EXACT_MAX ) );
		$this->assertSame( '9,223,372,036,854,775,807', $format->number( PHP_INT_MAX ) );
		$this->assertSame( '10,007,199,254,740,993', $format->number( 10007199254740993 ) );
		$this->assertSame( array( '+7', "\u{2212}1,000" ), array( $format->signed( 7 ), $format->signed( -1000 ) ) );
	}

	public function test_dates_are_of_the_shops_zone_and_days_of_none(): void {
		update_option( 'timezone_string', 'America/New_York' );
		update_option( 'date_format', 'Y-m-d' );
		$format = new Format( array() );
		$this->assertSame( '2026-12-31', $format->date( '2027-01-01T03:00:00Z' ) );
		$this->assertSame( '2026-12-31', $format->last_day( '2027-01-01T05:00:00Z' ) );
		$this->assertSame( '2027-01-01', $format->day( '2027-01-01' ) );
		$this->assertSame( array( '', '', '' ), array( $format->date( 'tomorrow' ), $format->day( '<b>' ), $format->last_day( '' ) ) );
	}

	public function test_a_way_is_done_at_its_end_alone(): void {
		$this->assertSame( array( 0, 50, 99, 100, 100, 0 ), array( Format::percent( 0, 10 ), Format::percent( 5, 10 ), Format::percent( 999999, 1000000 ), Format::percent( 10, 10 ), Format::percent( 3, 0 ), Format::percent( -4, 10 ) ) );
	}

	public function test_a_programme_speaks_the_language_of_who_looks_or_the_shops(): void {
		$rules = array(
			'en' => array( array( 'key' => 'earn', 'title' => 'Earning', 'sentences' => array( 'One leaf each.' ) ) ),
			'de' => array( array( 'key' => 'earn', 'title' => 'Sammeln', 'sentences' => array( 'Je ein Blatt.' ) ) ),
		);
		update_option( Programme::OPTION, wp_json_encode( array( 'schema' => 1, 'name' => 'Club', 'language' => 'de', 'rules' => $rules, 'points_name' => array( 'en' => array( 'leaf', 'leaves' ) ) ) ) );
		$this->assertSame( 'Earning', Programme::kept()->rules()[0]->text( 'title' ) );
		$this->assertSame( array( 'leaf', 'leaves' ), Programme::kept()->points_name() );
		add_filter( 'pre_determine_locale', static function () {
			return 'fr_FR';
		} );
		$this->assertSame( 'Sammeln', Programme::kept()->rules()[0]->text( 'title' ) );
		$this->assertFalse( ( new Programme( '{"schema":2,"name":"Club"}' ) )->exists() );
	}
}
