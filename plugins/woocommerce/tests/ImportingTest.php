<?php
/**
 * What customers had with another plugin comes along: looked at, given once, taken back.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Admin\Outcome;
use Belong\Importing\Counts;
use Belong\Importing\Importer;
use Belong\Importing\Rows;
use Belong\Importing\Run;
use Belong\Privacy;
use Belong\Plugin;
use Belong\Wake;

final class ImportingTest extends ImportTestCase {

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
		$this->submit( 'import_forget' );
		$this->assertSame( '', Run::kept()->phase(), 'one that cannot go on may be given up' );
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

	public function test_one_that_gives_is_not_given_up(): void {
		$this->balances( 1 );
		$this->look();
		Run::kept()->turn( Run::LOOKED, Run::BOOKING );
		$this->submit( 'import_forget' );
		$this->assertSame( Run::BOOKING, Run::kept()->phase() );
		$this->look();
		$this->assertSame( array( Run::BOOKING, 1 ), array( Run::kept()->phase(), ( new Counts() )->rows( Rows::STATE_NEW ) ) );
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
}
