<?php
/**
 * What a shopper lets others see: their own alone, and only because they wanted it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Account\ChoicesForm;
use Belong\Account\Posted;
use Belong\Account\Sheet;
use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Sending\Link;

final class ChoicesTest extends ShopTestCase {

	const ROUTE  = '/belong/v1/me/choices';
	const TICKED = '/name="belong_takes_mails"[^>]* checked=/';

	/**
	 * Who answers.
	 *
	 * @var ServiceDouble
	 */
	private $service;

	protected function setUp(): void {
		parent::setUp();
		$_POST = array();
		Connection::forget();
		wc_clear_notices();
		wp_set_current_user( 0 );
	}

	protected function tearDown(): void {
		$_POST = array();
		parent::tearDown();
	}

	public function test_a_visitor_may_neither_read_nor_choose(): void {
		foreach ( array( 'GET', 'POST' ) as $method ) {
			$this->assertSame( 401, $this->call( $method, array( 'choice' => 'badge', 'badge_shown' => true ) )->get_status() );
		}
	}

	public function test_a_cookie_without_its_nonce_is_nobody(): void {
		$user_id = Pushed::signed_in( Pushed::member() );
		$GLOBALS['wp_rest_auth_cookie'] = true;
		unset( $_REQUEST['_wpnonce'], $_SERVER['HTTP_X_WP_NONCE'] );
		rest_cookie_check_errors( null );
		$this->assertSame( 0, get_current_user_id() );
		$this->assertSame( 401, $this->call( 'POST', array( 'choice' => 'badge', 'badge_shown' => true ) )->get_status() );
		$this->assertFalse( Choices::shows_badge( $user_id ) );
	}

	public function test_a_shopper_chooses_for_nobody_else(): void {
		$other   = Pushed::customer( Pushed::member(), 'ada' );
		$user_id = Pushed::signed_in( Pushed::member() );
		$answer  = $this->call( 'POST', array( 'choice' => 'badge', 'badge_shown' => true, 'user_id' => $other, 'customer' => $other, 'id' => $other ) );
		$this->assertSame( array( 200, true ), array( $answer->get_status(), $answer->get_data()['badge_shown'] ) );
		$this->assertTrue( Choices::shows_badge( $user_id ) );
		$this->assertFalse( Choices::shows_badge( $other ) );
		$this->call( 'POST', array( 'choice' => 'badge', 'badge_shown' => false ) );
		$this->assertFalse( Choices::shows_badge( $user_id ) );
	}

	public function test_the_service_is_asked_with_a_token_of_that_customer_alone(): void {
		$this->connect( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'takes_part' => true, 'name' => 'Kim' ) ) );
		$user_id = Pushed::signed_in( Pushed::member() );
		$answer  = $this->call( 'POST', array( 'choice' => 'board', 'takes_part' => true, 'name' => "  Kim\n" ) );
		$this->assertSame( array( 200, true, 'Kim' ), array( $answer->get_status(), $answer->get_data()['takes_part'], $answer->get_data()['name'] ) );
		list( $minted, $chosen ) = $this->service->requests;
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/store/shopper-tokens', '{"customer":"' . $user_id . '","scopes":["choose"],"seconds":60}' ), array( $minted['url'], $minted['body'] ) );
		$this->assertSame( array( 'POST', ServiceDouble::ADDRESS . '/v1/me/leaderboard-choice', '{"takes_part":true,"name":"Kim"}', 'Bearer st_1', 0 ), array( $chosen['method'], $chosen['url'], $chosen['body'], $chosen['headers']['authorization'], $chosen['redirection'] ) );
		$this->assertSame( array( 'takes_part' => true, 'name' => 'Kim' ), Choices::board( $user_id ) );
		$this->assertStringNotContainsString( 'st_1', wp_json_encode( $answer->get_data() ) . Sheet::own()->captured( 'points' ) );
	}

	public function test_leaving_sends_no_name(): void {
		$this->connect( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'takes_part' => false, 'name' => '' ) ) );
		Pushed::signed_in( Pushed::member() );
		$this->call( 'POST', array( 'choice' => 'board', 'takes_part' => false, 'name' => 'Kim' ) );
		$this->assertSame( '{"takes_part":false,"name":""}', $this->service->requests[1]['body'] );
	}

	/** @return array[] */
	public static function silences(): array {
		$token = array( 201, array( 'token' => 'st_1' ) );
		return array(
			'nobody is there'    => array( null, null, 503 ),
			'a page of a proxy'  => array( array( 200, '<html>' ), null, 503 ),
			'a token of nothing' => array( array( 201, array( 'token' => 7 ) ), null, 503 ),
			'no answer'          => array( $token, null, 503 ),
			'an error'           => array( $token, array( 500, '' ), 503 ),
			'good but no JSON'   => array( $token, array( 200, '<html>' ), 503 ),
			'good but no choice' => array( $token, array( 200, array( 'takes_part' => 'yes' ) ), 503 ),
			'refused by a proxy' => array( $token, array( 409, '<html>' ), 503 ),
			'not connected'      => array( array( 404, array( 'code' => 'not-connected' ) ), null, 503 ),
			'no member'          => array( array( 404, array() ), null, 404 ),
			'a name not to show' => array( $token, array( 409, array( 'code' => 'name-refused' ) ), 409 ),
		);
	}

	/** @dataProvider silences */
	public function test_what_the_service_does_not_do_changes_nothing_and_is_said_kindly( ?array $token, ?array $answer, int $status ): void {
		$this->connect( $token, $answer );
		$user_id = Pushed::signed_in( Pushed::member() );
		$told    = $this->call( 'POST', array( 'choice' => 'board', 'takes_part' => true, 'name' => 'Kim' ) );
		$this->assertSame( $status, $told->get_status() );
		$this->assertNotSame( '', $told->get_data()['message'] );
		$this->assertSame( array( 'takes_part' => false, 'name' => '' ), Choices::board( $user_id ) );
	}

	public function test_that_somebody_is_no_member_is_no_failure_of_the_connection(): void {
		$this->connect( array( 404, array() ), null );
		Pushed::signed_in( Pushed::member() );
		Health::forget();
		$this->call( 'POST', array( 'choice' => 'code' ) );
		$this->assertSame( 0, Health::read()['last_failure'] );
		$this->assertGreaterThan( 0, Health::read()['last_success'] );
	}

	public function test_while_nobody_can_be_asked_the_form_says_so_and_nobody_is(): void {
		ServiceDouble::connect( array( 'stopped' => Connection::REFUSED ) );
		add_filter( 'pre_http_request', function () {
			$this->fail( 'Somebody was asked.' );
		} );
		Pushed::signed_in( Pushed::member( array( 'referral' => array( 'code' => null, 'points' => 1, 'friend_points' => 1 ) ) ) );
		$page = Sheet::own()->captured( 'points' );
		$this->assertStringContainsString( 'cannot be changed at the moment', $page );
		$this->assertMatchesRegularExpression( '#<h3>Mails about your points</h3>\s*<p class="belong-fine">This does not work at the moment#', $page );
		$this->assertStringContainsString( 'You have no code yet', $page );
		$this->assertSame( 503, $this->call( 'POST', array( 'choice' => 'board', 'takes_part' => true ) )->get_status() );
		$this->assertSame( 503, $this->call( 'POST', array( 'choice' => 'code' ) )->get_status() );
	}

	public function test_a_form_without_a_script_does_the_same_and_leads_back(): void {
		ServiceDouble::connect();
		$user_id = Pushed::signed_in( Pushed::member() );
		$this->post( array( ChoicesForm::FIELD => 'badge', 'belong_badge_shown' => 'yes' ) );
		$this->assertTrue( Choices::shows_badge( $user_id ) );
		$this->assertSame( 'Saved.', wc_get_notices( 'success' )[0]['notice'] );
		$this->assertStringContainsString( ' checked=', Sheet::own()->captured( 'points' ) );
		$this->post( array( ChoicesForm::FIELD => 'badge' ) );
		$this->assertFalse( Choices::shows_badge( $user_id ) );
	}

	public function test_a_form_that_another_site_sent_does_nothing(): void {
		$user_id = Pushed::signed_in( Pushed::member() );
		foreach ( array( '', 'wrong', wp_create_nonce( 'wp_rest' ) ) as $nonce ) {
			$_POST = array( '_belong_nonce' => $nonce, ChoicesForm::FIELD => 'badge', 'belong_badge_shown' => 'yes' );
			( new Posted() )->look();
		}
		$this->assertFalse( Choices::shows_badge( $user_id ) );
	}

	public function test_whoever_is_removed_has_chosen_nothing_any_more(): void {
		$user_id = Pushed::signed_in( Pushed::member() );
		update_user_meta( $user_id, Choices::BADGE, 'yes' );
		update_user_meta( $user_id, Choices::BOARD, array( 'takes_part' => true, 'name' => 'Kim' ) );
		update_user_meta( $user_id, Choices::MAILS, 'yes' );
		( new Link() )->keep( array( 'removals' => array( (string) $user_id ) ) );
		$this->assertSame( array( '', '', '' ), array( get_user_meta( $user_id, Choices::BADGE, true ), get_user_meta( $user_id, Choices::BOARD, true ), get_user_meta( $user_id, Choices::MAILS, true ) ) );
	}

	public function test_a_hostile_name_comes_back_as_text(): void {
		$this->connect( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'takes_part' => true, 'name' => '"><script>alert(1)</script>' ) ) );
		Pushed::signed_in( Pushed::member() );
		$this->call( 'POST', array( 'choice' => 'board', 'takes_part' => true, 'name' => 'x' ) );
		$page = Sheet::own()->captured( 'points' );
		$this->assertStringContainsString( 'value="&quot;&gt;&lt;script&gt;', $page );
	}

	public function test_a_code_is_asked_for_once_and_comes_with_the_next_snapshot(): void {
		$this->connect( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'code' => 'KIMTEA42' ) ) );
		Pushed::signed_in( Pushed::member( array( 'referral' => array( 'code' => null, 'points' => 1, 'friend_points' => 1 ) ) ) );
		$this->assertStringContainsString( 'Get my code', Sheet::own()->captured( 'referral' ) );
		$told = $this->call( 'POST', array( 'choice' => 'code' ) );
		$this->assertSame( array( 200, 'code_comes' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/me/referral-code', '{}' ), array( $this->service->requests[1]['url'], $this->service->requests[1]['body'] ) );
	}

	public function test_a_copy_of_the_shop_asks_nobody(): void {
		ServiceDouble::connect( array( 'site' => 'another' ) );
		$this->service = new ServiceDouble();
		Pushed::signed_in( Pushed::member() );
		$this->assertSame( 503, $this->call( 'POST', array( 'choice' => 'board', 'takes_part' => true ) )->get_status() );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_what_was_chosen_elsewhere_is_asked_for(): void {
		$token = array( 201, array( 'token' => 'st_1' ) );
		ServiceDouble::connect();
		$this->service = new ServiceDouble( $token, array( 200, array( 'takes_part' => true, 'name' => 'Kim' ) ), $token, array( 200, array( 'takes_mails' => true, 'page' => 'https://belong.example/mails/1' ) ) );
		$user_id       = Pushed::signed_in( Pushed::member() );
		$told          = $this->call( 'GET', array() );
		$this->assertSame( array( 200, true, true ), array( $told->get_status(), $told->get_data()['takes_part'], $told->get_data()['takes_mails'] ) );
		$this->assertSame( array( 'GET', 'GET' ), array( $this->service->requests[1]['method'], $this->service->requests[3]['method'] ) );
		$this->assertSame( array( 'Kim', true ), array( Choices::board( $user_id )['name'], Choices::takes_mails( $user_id ) ) );
	}

	public function test_mails_are_agreed_to_without_a_script_remembered_and_stopped(): void {
		$token = array( 201, array( 'token' => 'st_1' ) );
		$page  = 'https://belong.example/mails/1';
		ServiceDouble::connect();
		$this->service = new ServiceDouble( $token, array( 200, array( 'takes_mails' => true, 'page' => $page ) ), $token, array( 200, array( 'takes_mails' => false, 'page' => $page ) ) );
		$user_id       = Pushed::signed_in( Pushed::member() );
		$this->assertDoesNotMatchRegularExpression( self::TICKED, Sheet::own()->captured( 'choices' ), 'Nobody is written to who has not said so.' );
		$this->post( array( ChoicesForm::FIELD => 'mails', 'belong_takes_mails' => 'yes' ) );
		list( $minted, $chosen ) = $this->service->requests;
		$this->assertSame( '{"customer":"' . $user_id . '","scopes":["choose"],"seconds":60}', $minted['body'] );
		$this->assertSame( array( 'POST', ServiceDouble::ADDRESS . '/v1/me/mail-choice', '{"takes_mails":true}' ), array( $chosen['method'], $chosen['url'], $chosen['body'] ) );
		$this->assertSame( 'Saved.', wc_get_notices( 'success' )[0]['notice'] );
		$shown = Sheet::own()->captured( 'choices' );
		$this->assertMatchesRegularExpression( self::TICKED, $shown );
		$this->assertStringNotContainsString( $page, $shown . wp_json_encode( get_user_meta( $user_id ) ), 'Whoever has that address can choose for them.' );
		$this->assertSame( array( 200, false ), array( $this->call( 'POST', array( 'choice' => 'mails' ) )->get_status(), Choices::takes_mails( $user_id ) ) );
		$this->assertSame( '{"takes_mails":false}', $this->service->requests[3]['body'] );
		$this->assertDoesNotMatchRegularExpression( self::TICKED, Sheet::own()->captured( 'choices' ) );
	}

	/** @return array[] */
	public static function nothing_about_mails(): array {
		$token = array( 201, array( 'token' => 'st_1' ) );
		return array(
			'no answer'        => array( $token, null, 503 ),
			'an error'         => array( $token, array( 500, '' ), 503 ),
			'good but no word' => array( $token, array( 200, array( 'takes_mails' => 'no' ) ), 503 ),
			'no member'        => array( array( 404, array() ), null, 404 ),
		);
	}

	/** @dataProvider nothing_about_mails */
	public function test_what_was_said_of_mails_stays_where_the_service_does_nothing( ?array $token, ?array $answer, int $status ): void {
		$this->connect( $token, $answer );
		$user_id = Pushed::signed_in( Pushed::member() );
		update_user_meta( $user_id, Choices::MAILS, 'yes' );
		$told = $this->call( 'POST', array( 'choice' => 'mails', 'takes_mails' => false ) );
		$this->assertSame( array( $status, true ), array( $told->get_status(), $told->get_data()['takes_mails'] ) );
		$this->assertTrue( Choices::takes_mails( $user_id ) );
	}

	public function test_who_is_asked_first_agrees_by_a_button_and_the_shop_tells_it(): void {
		$user_id = $this->asked_first();
		$this->connect( array( 200, array( 'id' => 'm', 'is_new' => true ) ), null );
		$page = Sheet::own()->captured( 'balance' );
		$this->assertStringContainsString( 'You can leave at any time.', $page );
		$this->assertStringContainsString( '>Take part</button>', $page );
		$this->assertStringNotContainsString( 'no points of yours', $page );
		$told = $this->call( 'POST', array( 'choice' => 'join' ) );
		$this->assertSame( array( 200, 'joined' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertStringContainsString( 'Welcome!', $told->get_data()['message'] );
		$asked = $this->service->requests;
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/store/join', '{"customer":"' . $user_id . '","agrees":true}' ), array( $asked[0]['url'], $asked[0]['body'] ) );
		$this->assertStringStartsWith( 'join_', $asked[0]['headers']['webhook-id'] );
		$this->assertCount( 1, $asked, 'Who is no member has no token.' );
	}

	public function test_the_same_form_does_it_without_a_script(): void {
		$this->asked_first();
		$this->connect( array( 200, array( 'id' => 'm', 'is_new' => true ) ), null );
		$this->post( array( ChoicesForm::FIELD => 'join' ) );
		$this->assertStringContainsString( 'Welcome!', wc_get_notices( 'success' )[0]['notice'] );
		$this->assertCount( 1, $this->service->requests );
	}

	/** @return array[] */
	public static function not_joined(): array {
		return array(
			'nobody is there'   => array( null, 503, true ),
			'an older service'  => array( array( 404, array() ), 503, true ),
			'a page of a proxy' => array( array( 200, '<html>' ), 503, true ),
			'blocked'           => array( array( 409, array( 'code' => 'member-blocked' ) ), 409, false ),
			'erased'            => array( array( 409, array( 'code' => 'member-erased' ) ), 503, false ),
		);
	}

	/** @dataProvider not_joined */
	public function test_who_could_not_join_reads_that_and_the_connection_fails_only_where_it_did( ?array $answer, int $status, bool $is_failure ): void {
		$this->asked_first();
		$this->connect( $answer, null );
		Health::forget();
		$told = $this->call( 'POST', array( 'choice' => 'join' ) );
		$this->assertSame( $status, $told->get_status() );
		$this->assertNotSame( '', $told->get_data()['message'] );
		$this->assertSame( $is_failure, Health::read()['last_failure'] > 0 );
		$this->post( array( ChoicesForm::FIELD => 'join' ) );
		$this->assertCount( 1, wc_get_notices( 'error' ) );
	}

	public function test_where_nobody_can_be_told_there_is_no_button(): void {
		$this->asked_first();
		ServiceDouble::connect( array( 'stopped' => Connection::REFUSED ) );
		$page = Sheet::own()->captured( 'balance' );
		$this->assertStringContainsString( 'You can leave at any time.', $page );
		$this->assertStringContainsString( 'does not work at the moment', $page );
		$this->assertStringNotContainsString( '<button', $page );
	}

	public function test_only_who_may_join_finds_a_button(): void {
		ServiceDouble::connect();
		Pushed::to_all( Pushed::programme( array( 'enrolment' => 'consent' ) ) );
		$this->assertStringNotContainsString( '<button', Sheet::own()->captured( 'balance' ), 'A guest has no account yet.' );
		foreach ( array( 'blocked' => false, 'erased' => false, 'merged' => false, 'left' => true ) as $status => $may ) {
			Pushed::signed_in( Pushed::member( array( 'status' => $status ) ), 'kim-' . $status );
			$this->assertSame( $may, false !== strpos( Sheet::own()->captured( 'balance' ), '>Take part again</button>' ), $status );
		}
		Pushed::to_all( Pushed::programme( array( 'enrolment' => 'automatic' ) ) );
		wp_set_current_user( (int) wp_create_user( 'newcomer', 'secret', 'newcomer@shop.example' ) );
		$this->assertStringNotContainsString( '<button', Sheet::own()->captured( 'balance' ), 'Everybody is a member with the first order.' );
	}

	public function test_a_member_leaves_in_two_steps(): void {
		$this->connect( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'takes_part' => false ) ) );
		Pushed::signed_in( Pushed::member() );
		$page = Sheet::own()->captured( 'choices' );
		$this->assertMatchesRegularExpression( '#<details><summary>Leave the programme</summary>.*>Yes, leave the programme</button>.*</details>#s', $page );
		$told = $this->call( 'POST', array( 'choice' => 'leave' ) );
		$this->assertSame( array( 200, 'left' ), array( $told->get_status(), $told->get_data()['outcome'] ) );
		$this->assertStringContainsString( 'You have left the programme.', $told->get_data()['message'] );
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/me/membership', '{"takes_part":false}' ), array( $this->service->requests[1]['url'], $this->service->requests[1]['body'] ) );
	}

	public function test_what_is_no_choice_is_refused(): void {
		$this->connect( null, null );
		Pushed::signed_in( Pushed::member() );
		$this->assertSame( 400, $this->call( 'POST', array( 'choice' => 'everything' ) )->get_status() );
		$this->post( array( ChoicesForm::FIELD => 'everything' ) );
		$this->assertCount( 1, wc_get_notices( 'error' ) );
		$this->assertSame( array(), $this->service->requests );
	}

	/** @return int somebody with an account who is no member of a programme that asks first */
	private function asked_first(): int {
		ServiceDouble::connect();
		Pushed::to_all( Pushed::programme( array( 'enrolment' => 'consent' ) ) );
		$user_id = (int) wp_create_user( 'newcomer', 'secret', 'newcomer@shop.example' );
		wp_set_current_user( $user_id );
		return $user_id;
	}

	/** @param array $fields without the nonce */
	private function post( array $fields ): void {
		$this->post_form( array( '_belong_nonce' => wp_create_nonce( ChoicesForm::NONCE ) ) + $fields, array( new Posted(), 'look' ) );
	}

	private function call( string $method, array $body ): \WP_REST_Response {
		$request = new \WP_REST_Request( $method, self::ROUTE );
		$request->set_body_params( $body );
		return rest_do_request( $request );
	}

	/** As if connected: what the service says to the shop, and to the shopper; null: nothing. */
	private function connect( ?array $to_shop, ?array $to_shopper ): void {
		ServiceDouble::connect();
		$this->service = new ServiceDouble( $to_shop, $to_shopper );
	}
}
