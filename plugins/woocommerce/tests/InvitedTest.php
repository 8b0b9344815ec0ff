<?php
/**
 * By whose code a shopper came: said by a form, or by joining with a link.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\ChoicesForm;
use Belong\Account\Invited;
use Belong\Account\Posted;
use Belong\Account\Sheet;
use Belong\Connection\Connection;

final class InvitedTest extends ShopTestCase {

	const ROUTE = '/belong/v1/me/choices';
	const TOKEN = array( 201, array( 'token' => 'st_1' ) );

	/**
	 * Who answers.
	 *
	 * @var ServiceDouble
	 */
	private $service;

	protected function setUp(): void {
		parent::setUp();
		$this->nobody_came();
		ServiceDouble::connect();
		wc_clear_notices();
	}

	protected function tearDown(): void {
		$this->nobody_came();
		parent::tearDown();
	}

	public function test_who_is_new_finds_a_form_with_the_code_of_their_link_and_others_none(): void {
		$this->signed_in();
		$this->assertMatchesRegularExpression( '#name="belong_code" required [^>]*value=""#', Sheet::own()->captured( 'referral' ) );
		$_COOKIE[ Invited::COOKIE ] = 'adatea23';
		$this->assertStringContainsString( 'value="ADATEA23"', Sheet::own()->captured( 'referral' ) );
		$this->came_to( 'bentea99' );
		$this->assertStringContainsString( 'value="BENTEA99"', Sheet::own()->captured( 'referral' ) );
		foreach ( array( false, null, 'true' ) as $takes ) {
			Pushed::signed_in( Pushed::member( array( 'referral' => array( 'code' => 'KIMTEA42', 'takes_code' => $takes ) ) ), 'kim-' . wp_json_encode( $takes ) );
			$this->assertStringNotContainsString( 'belong_code', Sheet::own()->captured( 'points' ) );
		}
	}

	public function test_ones_own_link_fills_nothing_in(): void {
		$this->signed_in( 'KIMTEA42' );
		$_COOKIE[ Invited::COOKIE ] = 'KIMTEA42';
		$this->assertMatchesRegularExpression( '#name="belong_code" required [^>]*value=""#', Sheet::own()->captured( 'referral' ) );
	}

	public function test_while_nobody_can_be_asked_there_is_no_form(): void {
		ServiceDouble::connect( array( 'stopped' => Connection::REFUSED ) );
		$this->signed_in();
		$this->assertStringNotContainsString( 'belong_code', Sheet::own()->captured( 'referral' ) );
	}

	/** @return array[] */
	public static function no_codes(): array {
		return array(
			'the word of mails' => array( 'points' ),
			'markup'            => array( '"><script>alert(1)</script>' ),
			'a list'            => array( array( 'ADATEA23' ) ),
			'too long'          => array( str_repeat( 'A', 5000 ) ),
			'a line break'      => array( "ADATEA23\n" ),
			'other letters'     => array( 'АДАТЕА23' ),
			'nothing'           => array( '' ),
		);
	}

	/**
	 * @dataProvider no_codes
	 * @param mixed $text What an address or a cookie says.
	 */
	public function test_what_is_no_code_is_nothing( $text ): void {
		$this->came_to( $text );
		$this->assertSame( '', Invited::code() );
		// A cookie is sanitised first, which takes a line break away.
		if ( is_string( $text ) && trim( $text ) === $text ) {
			$_COOKIE[ Invited::COOKIE ] = $text;
			$this->assertSame( '', Invited::code() );
		}
	}

	public function test_a_code_asks_wordpress_for_nothing_and_the_word_of_mails_does(): void {
		$this->assertSame( array( 'pagename' => 'tea' ), apply_filters( 'request', array( 'pagename' => 'tea', 'belong' => 'ADATEA23' ) ) );
		$this->assertSame( array( 'belong' => 'points' ), apply_filters( 'request', array( 'belong' => 'points' ) ) );
	}

	public function test_a_code_is_entered_by_script_in_the_name_of_that_customer_alone(): void {
		$user_id = $this->signed_in();
		$this->answers( self::TOKEN, array( 200, array( 'outcome' => 'taken' ) ) );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$told                       = $this->call( array( 'choice' => 'invited', 'code' => ' adatea23 ' ) );
		$this->assertSame( array( 200, 'came' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertStringContainsString( 'once your first order counts', $told->get_data()['message'] );
		list( $minted, $entered ) = $this->service->requests;
		$this->assertSame( '{"customer":"' . $user_id . '","scopes":["choose"],"seconds":60}', $minted['body'] );
		$this->assertSame( array( 'POST', ServiceDouble::ADDRESS . '/v1/me/referred-by', '{"code":"adatea23"}', 'Bearer st_1' ), array( $entered['method'], $entered['url'], $entered['body'], $entered['headers']['authorization'] ) );
		$this->assertSame( '', Invited::code(), 'It was answered.' );
	}

	public function test_the_same_form_does_it_without_a_script(): void {
		$this->signed_in();
		$this->answers( self::TOKEN, array( 200, array( 'outcome' => 'taken' ) ) );
		$this->post( array( ChoicesForm::FIELD => 'invited', 'belong_code' => 'ADATEA23' ) );
		$this->assertStringContainsString( 'Thank you!', wc_get_notices( 'success' )[0]['notice'] );
	}

	/** @return array[] */
	public static function refusals(): array {
		return array(
			'own'              => array( array( 200, array( 'outcome' => 'own-code' ) ), 409, 'your own code', '' ),
			'a ring'           => array( array( 200, array( 'outcome' => 'not-counted' ) ), 409, 'cannot count for you', '' ),
			'nobody has it'    => array( array( 409, array( 'code' => 'code-unknown' ) ), 409, 'Nobody has this code', '' ),
			'brought already'  => array( array( 409, array( 'code' => 'already-referred' ) ), 409, 'the first one counts', '' ),
			'often'            => array( array( 429, array( 'code' => 'too-many-codes', 'numbers' => array( 'retry_after_seconds' => 3541 ) ) ), 429, 'again in 60 minutes', 'ADATEA23' ),
			'often, at last'   => array( array( 429, array( 'code' => 'too-many-codes', 'numbers' => array( 'retry_after_seconds' => 2 ) ) ), 429, 'again in 1 minute.', 'ADATEA23' ),
			'often, no number' => array( array( 429, array( 'code' => 'too-many-codes' ) ), 429, 'again in 60 minutes', 'ADATEA23' ),
			'no word of ours'  => array( array( 200, array( 'outcome' => 'else' ) ), 503, 'try again later', 'ADATEA23' ),
			'no answer'        => array( null, 503, 'try again later', 'ADATEA23' ),
			'an error'         => array( array( 500, '' ), 503, 'try again later', 'ADATEA23' ),
		);
	}

	/** @dataProvider refusals */
	public function test_what_is_wrong_is_said_and_what_has_no_answer_is_kept_for_later( ?array $answer, int $status, string $said, string $kept ): void {
		$this->signed_in();
		$this->answers( self::TOKEN, $answer );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$told                       = $this->call( array( 'choice' => 'invited', 'code' => 'ADATEA23' ) );
		$this->assertSame( $status, $told->get_status() );
		$this->assertStringContainsString( $said, $told->get_data()['message'] );
		$this->assertSame( $kept, Invited::code() );
	}

	public function test_an_empty_code_asks_nobody(): void {
		$this->signed_in();
		$this->answers( self::TOKEN );
		$this->assertSame( 409, $this->call( array( 'choice' => 'invited', 'code' => "  \n" ) )->get_status() );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_visitor_enters_nothing(): void {
		$this->assertSame( 401, $this->call( array( 'choice' => 'invited', 'code' => 'ADATEA23' ) )->get_status() );
	}

	public function test_who_came_by_any_code_leaves_none_to_the_next_person_of_the_browser(): void {
		foreach ( array( array( 200, array( 'outcome' => 'taken' ) ), array( 409, array( 'code' => 'already-referred' ) ) ) as $n => $answer ) {
			$this->nobody_came();
			Pushed::signed_in( Pushed::member(), 'kim' . $n );
			$this->answers( self::TOKEN, $answer );
			$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
			$this->call( array( 'choice' => 'invited', 'code' => 'BENTEA99' ) );
			$this->assertSame( '', Invited::code() );
		}
		$this->nobody_came();
		$this->answers( self::TOKEN, array( 409, array( 'code' => 'code-unknown' ) ) );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$this->call( array( 'choice' => 'invited', 'code' => 'BENTEA99' ) );
		$this->assertSame( 'ADATEA23', Invited::code(), 'Another one was mistyped.' );
	}

	public function test_who_joins_sees_the_code_of_their_link_and_may_change_it_or_take_it_out(): void {
		$this->newcomer();
		$this->assertStringNotContainsString( 'belong_code', Sheet::own()->captured( 'points' ) );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$page                       = Sheet::own()->captured( 'points' );
		$this->assertMatchesRegularExpression( '#<label for="(belong-invited-\d+)">Your friend’s code</label>\s*<input type="text" id="\1" name="belong_code" maxlength[^>]* value="ADATEA23">#', $page );
		$this->answers( array( 200, array( 'id' => 'm', 'is_new' => true ) ) );
		$this->assertSame( 'joined', $this->call( array( 'choice' => 'join', 'code' => ' ' ) )->get_data()['outcome'] );
		$this->assertCount( 1, $this->service->requests, 'Nobody hears of a code that was taken out.' );
		$this->answers( array( 200, array( 'id' => 'm', 'is_new' => false ) ), self::TOKEN, array( 200, array( 'outcome' => 'taken' ) ) );
		$this->post( array( ChoicesForm::FIELD => 'join', 'belong_code' => 'bentea99' ) );
		$this->assertSame( '{"code":"bentea99"}', $this->service->requests[2]['body'] );
		$this->assertMatchesRegularExpression( '/\AWelcome! .* Thank you! You get your points/', wc_get_notices( 'success' )[0]['notice'] );
		$this->assertSame( '', Invited::code() );
	}

	public function test_who_joins_hears_that_nobody_has_the_code(): void {
		$this->newcomer();
		$this->answers( array( 200, array( 'id' => 'm', 'is_new' => true ) ), self::TOKEN, array( 409, array( 'code' => 'code-unknown' ) ) );
		$told = $this->call( array( 'choice' => 'join', 'code' => 'NOBODYS1' ) );
		$this->assertSame( array( 200, 'joined' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertMatchesRegularExpression( '/\AWelcome! .* Nobody has this code\./', $told->get_data()['message'] );
	}

	public function test_who_joins_by_a_link_has_come_by_it(): void {
		$this->newcomer();
		$this->answers( array( 200, array( 'id' => 'm', 'is_new' => true ) ), self::TOKEN, array( 200, array( 'outcome' => 'taken' ) ) );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$told                       = $this->call( array( 'choice' => 'join', 'code' => 'ADATEA23' ) );
		$this->assertSame( array( 200, 'joined' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/me/referred-by', '{"code":"ADATEA23"}' ), array( $this->service->requests[2]['url'], $this->service->requests[2]['body'] ) );
		$this->assertSame( '', Invited::code() );
	}

	public function test_a_code_that_could_not_be_told_hinders_nobody_from_joining(): void {
		$this->newcomer();
		$this->answers( array( 200, array( 'id' => 'm', 'is_new' => true ) ), self::TOKEN, null );
		$_COOKIE[ Invited::COOKIE ] = 'ADATEA23';
		$told                       = $this->call( array( 'choice' => 'join', 'code' => 'ADATEA23' ) );
		$this->assertSame( array( 200, 'joined' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertSame( 'ADATEA23', Invited::code(), 'The form asks for it later.' );
	}

	private function nobody_came(): void {
		$_POST = array();
		unset( $_COOKIE[ Invited::COOKIE ] );
		$this->came_to( null );
	}

	/** @param mixed $text what the address of this request says */
	private function came_to( $text ): void {
		apply_filters( 'request', null === $text ? array() : array( 'belong' => $text ) );
	}

	/** @param string|null $code of their own */
	private function signed_in( ?string $code = null ): int {
		return Pushed::signed_in( Pushed::member( array( 'referral' => array( 'code' => $code, 'points' => 1, 'friend_points' => 1, 'takes_code' => true ) ) ) );
	}

	private function newcomer(): void {
		Pushed::to_all( Pushed::programme( array( 'enrolment' => 'consent' ) ) );
		wp_set_current_user( (int) wp_create_user( 'newcomer', 'secret', 'newcomer@shop.example' ) );
	}

	/** @param array|null ...$answers what the service says, one after the other; null: nothing */
	private function answers( ?array ...$answers ): void {
		$this->service = new ServiceDouble( ...$answers );
	}

	/** @param array $fields without the nonce */
	private function post( array $fields ): void {
		$this->post_form( array( '_belong_nonce' => wp_create_nonce( ChoicesForm::NONCE ) ) + $fields, array( new Posted(), 'look' ) );
	}

	private function call( array $body ): \WP_REST_Response {
		$request = new \WP_REST_Request( 'POST', self::ROUTE );
		$request->set_body_params( $body );
		return rest_do_request( $request );
	}
}
