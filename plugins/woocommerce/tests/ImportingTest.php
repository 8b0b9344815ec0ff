<?php
/**
 * What customers had with another plugin comes along: found, looked at, given once, taken back.
 *
 * The rows are ours, in the form in which each plugin keeps its own; where that was read stands in Importing\Kinds.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Admin\Actions;
use Belong\Admin\ImportPage;
use Belong\Admin\Outcome;
use Belong\Connection\Connection;
use Belong\Importing\Counts;
use Belong\Importing\Importer;
use Belong\Importing\Kinds;
use Belong\Importing\Listing;
use Belong\Importing\Rows;
use Belong\Importing\Run;
use Belong\Importing\TableKind;
use Belong\Privacy;
use Belong\Plugin;
use Belong\Wake;

final class ImportingTest extends ShopTestCase {

	private $service;

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

	public function test_a_look_shows_every_number_and_gives_nothing(): void {
		list( $ada, $bob, $cyd, $dan, $eve, $fay ) = $this->customers( 6 );
		update_user_meta( $ada, 'mycred_default', '1200' );
		update_user_meta( $bob, 'mycred_default', '1204.5' );
		update_user_meta( $cyd, 'mycred_default', '-10' );
		update_user_meta( $dan, 'mycred_default', '99999999999999' );
		update_user_meta( $eve, 'mycred_default', '0' );
		update_user_meta( $fay, 'mycred_default', '<b>many</b>' );
		add_metadata( 'user', 999999, 'mycred_default', '30' );
		$this->look( 'mycred:mycred_default', 10, 1 );
		$this->assertSame( Run::LOOKED, Run::kept()->phase() );
		$counts = new Counts();
		$this->assertSame( array( 7, 2, 240, 1, 1, 4 ), array( $counts->all(), $counts->rows( Rows::STATE_NEW ), $counts->points( Rows::STATE_NEW ), $counts->rounded(), $counts->rows( Rows::NOTHING ), $counts->refusals() ) );
		$this->assertSame( '2,404.5', $counts->before() );
		$this->assertEquals( array( 'negative' => 1, 'no-account' => 1, 'not-a-number' => 1, 'too-large' => 1 ), $counts->refused );
		$this->assertSame( array( array( 'look', 1, array( $ada => 120, $bob => 120 ) ) ), $this->service->calls );
		$this->assertSame( array(), $this->service->given );
		$page = $this->page();
		foreach ( array( 'Nothing is changed yet.', 'Give this now: 2 customers, points: 240', '2,404.5', '10 = 1', 'The balance is below zero.', '&lt;b&gt;many&lt;/b&gt;' ) as $said ) {
			$this->assertStringContainsString( $said, $page );
		}
		$this->assertStringNotContainsString( '<b>many', $page );
	}

	public function test_what_was_shown_is_given_once(): void {
		list( $ada, $bob ) = $this->balances( 2 );
		$this->look();
		$this->book();
		$this->book();
		$this->assertSame( Run::BOOKED, Run::kept()->phase() );
		$this->assertSame( array( 101, 102 ), array( $this->service->has( $ada ), $this->service->has( $bob ) ) );
		$this->look();
		$counts = new Counts();
		$this->assertSame( array( 0, 2 ), array( $counts->rows( Rows::STATE_NEW ), $counts->rows( Rows::KNOWN ) ) );
		$this->assertStringNotContainsString( 'Give this now', $this->page() );
		$this->assertStringContainsString( 'Brought along before', $this->page() );
	}

	public function test_who_becomes_a_member_by_it_is_counted(): void {
		list( $ada, $bob )        = $this->balances( 2 );
		$this->service->strangers = array( $bob );
		$this->look();
		$this->assertSame( 1, ( new Counts() )->joining );
		$this->assertStringContainsString( 'Customers who join the programme by it', $this->page() );
		$this->book();
		$counts = new Counts();
		$this->assertSame( array( 1, 2, 0 ), array( $counts->joining, $counts->rows( Rows::BOOKED ), $counts->refusals() ) );
	}

	public function test_who_must_agree_first_is_refused_and_can_be_brought_later(): void {
		list( $ada, $bob )   = $this->balances( 2 );
		$this->service->asks = array( $bob );
		$this->look();
		$this->book();
		$this->assertSame( array( 'opening-needs-consent' => 1 ), ( new Counts() )->refused );
		$this->service->asks = array();
		$this->look();
		$this->book();
		$this->assertSame( array( 101, 102 ), array( $this->service->has( $ada ), $this->service->has( $bob ) ) );
	}

	public function test_only_what_was_shown_is_given(): void {
		list( $ada ) = $this->balances( 1 );
		$this->look();
		$this->submit( 'import_book', array( 'seen' => '1:100' ) );
		$this->assertSame( Run::LOOKED, Run::kept()->phase() );
		$this->assertStringContainsString( 'not what you were shown', Outcome::take()['text'] );
		$this->assertSame( array(), $this->service->given );
	}

	public function test_a_balance_that_changed_meanwhile_is_left_alone_and_listed(): void {
		list( $ada, $bob ) = $this->balances( 2 );
		$this->look();
		update_user_meta( $ada, 'wps_wpr_points', '5' );
		$this->book();
		$this->assertSame( array( 0, 102 ), array( $this->service->has( $ada ), $this->service->has( $bob ) ) );
		$this->assertSame( array( 'changed' => 1 ), ( new Counts() )->refused );
		$this->look();
		$this->book();
		$this->assertSame( array( 5, 102 ), array( $this->service->has( $ada ), $this->service->has( $bob ) ) );
	}

	public function test_a_service_that_is_down_is_waited_for_by_the_net(): void {
		$customers              = $this->balances( 120 );
		$this->service->instead = array( null );
		$this->look();
		$this->assertSame( array( Run::LOOKING, 'nobody', 0 ), array( Run::kept()->phase(), Run::kept()->problem(), ( new Counts() )->all() ) );
		$this->assertStringContainsString( 'Your Belong did not answer.', $this->page() );
		do_action( Wake::NET );
		$this->assertSame( array( Run::LOOKED, '' ), array( Run::kept()->phase(), Run::kept()->problem() ) );
		// The first page is given and its answer lost.
		$this->service->loses = 1;
		$this->book();
		$this->assertSame( Run::BOOKING, Run::kept()->phase() );
		$this->assertSame( 120, ( new Counts() )->rows( Rows::STATE_NEW ) );
		do_action( Wake::NET );
		$this->assertSame( Run::BOOKED, Run::kept()->phase() );
		$this->assert_all_have_theirs( $customers );
		$this->assertSame( array( 50, 70 ), array( ( new Counts() )->rows( Rows::KNOWN ), ( new Counts() )->rows( Rows::BOOKED ) ) );
	}

	public function test_a_process_that_dies_between_two_pages_is_followed_by_the_next(): void {
		$customers = $this->balances( 120 );
		$this->look();
		$calls = 0;
		$dies  = static function ( $before ) use ( &$calls ) {
			if ( 2 === ++$calls ) {
				throw new \LogicException( 'killed' );
			}
			return $before;
		};
		add_filter( 'pre_http_request', $dies, 1 );
		try {
			$this->book();
			$this->fail( 'it lives' );
		} catch ( \LogicException $killed ) {
			remove_filter( 'pre_http_request', $dies, 1 );
		}
		$this->assertCount( 50, $this->service->given );
		do_action( Importer::HOOK );
		$this->assertSame( Run::BOOKED, Run::kept()->phase() );
		$this->assert_all_have_theirs( $customers );
	}

	public function test_a_refusal_of_all_stops_it_and_says_what_to_do(): void {
		$this->balances( 1 );
		$this->look();
		$this->service->instead = array( array( 200, array( 'state' => 'refused', 'code' => 'importing-needs-operator', 'problem' => 'x' ) ) );
		$this->book();
		$this->assertSame( array( Run::BOOKING, 'importing-needs-operator' ), array( Run::kept()->phase(), Run::kept()->problem() ) );
		$this->assertStringContainsString( 'plugin_imports yes', $this->page() );
		$this->assertSame( array(), $this->service->given );
	}

	/**
	 * What somebody in between wrote is no answer.
	 *
	 * @dataProvider nonsense
	 */
	public function test_nonsense_is_no_answer( array $body ): void {
		$this->balances( 1 );
		$this->service->instead = array( array( 200, $body ) );
		$this->look();
		$this->assertSame( array( Run::LOOKING, 0 ), array( Run::kept()->phase(), ( new Counts() )->all() ) );
		$this->assertNotSame( '', Run::kept()->problem() );
	}

	public function nonsense(): array {
		return array(
			'nothing'       => array( array() ),
			'no items'      => array( array( 'state' => 'done' ) ),
			'too few items' => array( array( 'state' => 'done', 'items' => array() ) ),
			'another state' => array( array( 'state' => 'done', 'items' => array( array( 'customer' => '1', 'state' => 'perhaps' ) ) ) ),
			'no object'     => array( array( 'state' => 'done', 'items' => array( 'x' ) ) ),
		);
	}

	public function test_a_wrong_worth_is_taken_back_and_done_again(): void {
		list( $ada ) = $this->balances( 1 );
		$this->look();
		$this->book();
		$this->submit( 'import_take_back' );
		$this->assertSame( Run::BOOKED, Run::kept()->phase(), 'not without the box' );
		$this->submit( 'import_take_back', array( 'sure' => 'yes' ) );
		$this->assertSame( array( Run::TAKEN, 0 ), array( Run::kept()->phase(), $this->service->has( $ada ) ) );
		$this->submit( 'import_forget' );
		$this->look( 'wp-swings:wps_wpr_points', 10, 1 );
		$this->assertSame( 2, Run::kept()->round() );
		$this->book();
		$this->assertSame( 10, $this->service->has( $ada ) );
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

	public function test_the_file_names_everybody_and_is_no_formula(): void {
		list( $ada, $bob ) = $this->customers( 2 );
		update_user_meta( $ada, 'wps_wpr_points', '10' );
		update_user_meta( $bob, 'wps_wpr_points', '=1+1' );
		$this->look();
		ob_start();
		Listing::write();
		$lines = explode( "\n", trim( (string) ob_get_clean() ) );
		$this->assertCount( 3, $lines );
		$this->assertSame( array( (string) $ada, get_userdata( $ada )->user_email, '10', '10', 'no', 'new', '' ), str_getcsv( $lines[1], ',', '"', '' ) );
		$this->assertSame( array( "'=1+1", 'refused', 'not-a-number' ), array_values( array_intersect_key( str_getcsv( $lines[2], ',', '"', '' ), array( 2 => 0, 5 => 0, 6 => 0 ) ) ) );
	}

	public function test_of_somebody_who_is_erased_no_row_stays(): void {
		list( $ada, $bob ) = $this->balances( 2 );
		$this->look();
		( new Privacy( Plugin::outbox() ) )->erase( $ada );
		$this->assertSame( array( $bob ), Rows::users( array( $ada, $bob ) ) );
	}

	public function test_another_connection_knows_nothing_of_it(): void {
		$this->balances( 1 );
		$this->look();
		ServiceDouble::connect( array( 'id' => '11111111-8f1b-4f57-9a3d-0c1d2e3f4a5b' ) );
		$this->assertSame( '', Run::kept()->phase() );
		do_action( Wake::NET );
		$this->assertCount( 1, $this->service->calls );
	}

	/** @dataProvider worths */
	public function test_a_worth_is_two_whole_numbers( string $old, string $new ): void {
		$this->balances( 1 );
		$this->submit( 'import_look', array( 'kind' => 'wp-swings:wps_wpr_points', 'old' => $old, 'new' => $new ) );
		$this->assertSame( '', Run::kept()->phase() );
		$this->assertStringContainsString( 'whole numbers from 1', Outcome::take()['text'] );
	}

	public function worths(): array {
		return array( array( '0', '1' ), array( '1', '0' ), array( '1.5', '1' ), array( '-1', '1' ), array( '1', '1000001' ), array( '', '1' ) );
	}

	private function customers( int $count ): array {
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
	private function balances( int $count ): array {
		global $wpdb;
		$made = array();
		for ( $number = 1; $number <= $count; $number++ ) {
			$wpdb->insert( $wpdb->users, array( 'user_login' => 'c' . $number, 'user_nicename' => 'c' . $number, 'user_email' => 'c' . $number . '@shop.example' ) );
			$made[] = (int) $wpdb->insert_id;
			add_user_meta( end( $made ), 'wps_wpr_points', (string) ( 100 + $number ) );
		}
		return $made;
	}

	private function assert_all_have_theirs( array $customers ): void {
		foreach ( $customers as $at => $customer ) {
			$this->assertSame( 101 + $at, $this->service->has( $customer ) );
		}
	}

	private function wployalty( array $balances ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'CREATE TABLE IF NOT EXISTS %i (id bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_email varchar(180) DEFAULT NULL, points bigint(20) DEFAULT 0, earn_total_point bigint(20) DEFAULT 0, PRIMARY KEY (id))', TableKind::table() ) );
		foreach ( $balances as $address => $points ) {
			$wpdb->insert( TableKind::table(), array( 'user_email' => $address, 'points' => $points, 'earn_total_point' => 999 ) );
		}
	}

	private function look( string $kind = 'wp-swings:wps_wpr_points', int $old = 1, int $new = 1 ): void {
		$this->submit( 'import_look', array( 'kind' => $kind, 'old' => (string) $old, 'new' => (string) $new ) );
	}

	private function book(): void {
		$this->submit( 'import_book', array( 'seen' => \Belong\Admin\ImportForms::seen( new Counts() ) ) );
	}

	private function submit( string $form, array $fields = array() ): void {
		$_POST    = $fields + array( Actions::NONCE => wp_create_nonce( Actions::hook( $form ) ) );
		$_REQUEST = $_POST;
		try {
			( new Actions() )->run( $form );
		} catch ( \DomainException $end ) {
			$this->assertSame( 'led to ' . ImportPage::url(), $end->getMessage() );
		}
	}

	private function page(): string {
		ob_start();
		( new ImportPage() )->show();
		return (string) ob_get_clean();
	}
}
