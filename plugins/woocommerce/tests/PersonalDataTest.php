<?php
/**
 * A person gets a copy of what is known, has it erased, and reads beforehand what that is.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Display\Snapshot;
use Belong\Importing\Amount;
use Belong\Importing\Rows;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Personal\Exporter;
use Belong\Personal\Policy;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Schema;

final class PersonalDataTest extends ConnectedTestCase {

	const EMAIL = 'kim@shop.example';
	const CODE  = '7k3m-9q2r-5t8v-1x4z';

	/**
	 * Whose data it is.
	 *
	 * @var int
	 */
	private $user_id = 0;

	protected function setUp(): void {
		parent::setUp();
		( new Reservations() )->forget();
		$this->user_id = Pushed::customer( Pushed::member(), 'kim' );
		update_user_meta( $this->user_id, Choices::BADGE, 'yes' );
		update_user_meta( $this->user_id, Choices::BOARD, array( 'takes_part' => true, 'name' => 'Kim <b>' ) );
		update_user_meta( $this->user_id, Choices::MAILS, 'yes' );
		$this->empty_outbox();
	}

	public function test_the_copy_has_what_lies_in_the_shop_and_the_whole_history(): void {
		$this->reserved();
		$token   = array( 201, array( 'token' => 'st_1' ) );
		$service = new ServiceDouble( $token, $this->history( 300, 201, 201 ), $token, $this->history( 200, 1, null ) );
		$export  = $this->exporter();
		$first   = call_user_func( $export, self::EMAIL, 1 );
		$this->assertFalse( $first['done'] );
		$second = call_user_func( $export, self::EMAIL, 2 );
		$this->assertTrue( $second['done'] );
		$this->assertStringEndsWith( '/v1/me/entries?limit=50&before=201', $service->requests[3]['url'] );
		$this->assertSame( '{"customer":"' . $this->user_id . '","scopes":["read"],"seconds":60}', $service->requests[0]['body'] );
		$items = array_merge( $first['data'], $second['data'] );
		$this->assertSame( 300, count( array_keys( array_column( $items, 'group_id' ), 'belong-entries', true ) ) );
		$this->assertSame( count( $items ), count( array_unique( array_column( $items, 'item_id' ) ) ) );
		$text = wp_json_encode( $items, JSON_UNESCAPED_SLASHES );
		foreach ( array( '1,240 leaves', 'Silver leaf', 'LEAF-7Q2M-K4', 'Tea taster', 'KIMTEA42', self::CODE, 'Order 7', 'Kim &lt;b&gt;' ) as $known ) {
			$this->assertStringContainsString( $known, $text );
		}
		$this->assertStringContainsString( '{"name":"Mails about your points","value":"Yes"}', $text );
		$this->assertStringNotContainsString( 'st_1', $text );
		$this->assertFalse( get_transient( 'belong_export_' . $this->user_id ) );
	}

	/** @return array[] */
	public static function silences(): array {
		return array(
			'nobody is there' => array( null ),
			'broken'          => array( array( 500, '' ) ),
			'a proxy'         => array( array( 200, '<html>' ) ),
		);
	}

	/** @dataProvider silences */
	public function test_a_copy_that_is_short_says_so( ?array $answer ): void {
		new ServiceDouble( array( 201, array( 'token' => 'st_1' ) ), $answer );
		$page = call_user_func( $this->exporter(), self::EMAIL, 1 );
		$this->assertTrue( $page['done'] );
		$this->assertStringContainsString( 'is missing here', wp_json_encode( $page['data'] ) );
	}

	/** A call that may not be made is no reason for silence. */
	public function test_a_copy_of_a_shop_that_may_not_call_says_so(): void {
		$service = new ServiceDouble();
		ServiceDouble::connect( array( 'stopped' => 'refused' ) );
		$page = call_user_func( $this->exporter(), self::EMAIL, 1 );
		$this->assertSame( array(), $service->requests );
		$this->assertStringContainsString( 'is missing here', wp_json_encode( $page['data'] ) );
	}

	/** Caches lose things: the history then ends with a sentence, and does not begin again. */
	public function test_a_copy_that_lost_its_place_says_so(): void {
		$service = new ServiceDouble( array( 201, array( 'token' => 'st_1' ) ), $this->history( 100, 51, 51 ) );
		call_user_func( $this->exporter(), self::EMAIL, 1 );
		delete_transient( 'belong_export_' . $this->user_id );
		$page = call_user_func( $this->exporter(), self::EMAIL, 2 );
		$this->assertSame( array( true, 2 ), array( $page['done'], count( $service->requests ) ) );
		$this->assertStringContainsString( 'is missing here', wp_json_encode( $page['data'] ) );
	}

	public function test_who_is_no_member_gets_what_there_is(): void {
		new ServiceDouble( array( 404, array( 'detail' => 'There is no such member.' ) ) );
		$page = call_user_func( $this->exporter(), self::EMAIL, 1 );
		$this->assertTrue( $page['done'] );
		$this->assertStringNotContainsString( 'is missing here', wp_json_encode( $page['data'] ) );
	}

	public function test_nobody_is_asked_for_an_address_without_an_account_or_by_a_shop_that_is_not_connected(): void {
		$service = new ServiceDouble();
		$this->assertSame( array( 'data' => array(), 'done' => true ), call_user_func( $this->exporter(), 'guest@shop.example', 1 ) );
		$this->disconnect();
		$page = call_user_func( $this->exporter(), self::EMAIL, 1 );
		$this->assertTrue( $page['done'] );
		// What was pushed before lies there still, shown or not.
		$this->assertStringContainsString( '1,240 leaves', wp_json_encode( $page['data'] ) );
		$this->assertSame( 8, count( array_keys( array_column( $page['data'], 'group_id' ), 'belong-entries', true ) ) );
		$this->assertSame( array(), $service->requests );
	}

	public function test_erasing_takes_away_what_lies_in_the_shop_and_leaves_nobody_elses(): void {
		$other = Pushed::customer( Pushed::member(), 'lee' );
		$this->reserved();
		$answer = call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertSame( array( true, false, true ), array( $answer['items_removed'], $answer['items_retained'], $answer['done'] ) );
		$this->assertStringContainsString( 'your Belong is told', $answer['messages'][0] );
		$this->assertFalse( Snapshot::of( $this->user_id )->exists() );
		$this->assertSame( array( false, false ), array( Choices::shows_badge( $this->user_id ), Choices::takes_mails( $this->user_id ) ) );
		$this->assertSame( array( array( Reservation::RELEASED, '0', null ) ), $this->rows() );
		$this->assertTrue( Snapshot::of( $other )->exists() );
		$this->assertFalse( call_user_func( $this->eraser(), self::EMAIL, 1 )['items_removed'] );
		$this->assertFalse( call_user_func( $this->eraser(), 'guest@shop.example', 1 )['items_removed'] );
	}

	public function test_a_code_that_an_order_used_stays_used_and_is_nobodys(): void {
		$this->reserved();
		( new Reservations() )->burn( self::CODE, $this->user_id, 77 );
		call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertSame( array( array( Reservation::USED, '0', null ) ), $this->rows() );
		$this->assertFalse( ( new Reservations() )->burn( self::CODE, 0, 78 ) );
		// Nor when the order comes to nothing: nobody pays with points of somebody who is forgotten.
		( new Reservations() )->free( 77 );
		$this->assertFalse( ( new Reservations() )->burn( self::CODE, 0, 78 ) );
	}

	public function test_what_an_order_keeps_of_a_reward_is_said_once(): void {
		$this->reserved();
		( new Reservations() )->burn( self::CODE, $this->user_id, 77 );
		$answer = call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertTrue( $answer['items_retained'] );
		$this->assertStringContainsString( 'Orders keep', $answer['messages'][0] );
		$again = call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertSame( array( false, false ), array( $again['items_removed'], $again['items_retained'] ) );
	}

	public function test_what_no_order_used_is_not_kept(): void {
		$this->reserved();
		$this->assertFalse( call_user_func( $this->eraser(), self::EMAIL, 1 )['items_retained'] );
	}

	public function test_the_copy_has_what_waits_to_be_told_and_what_was_brought_along(): void {
		new ServiceDouble( array( 404, array( 'detail' => 'There is no such member.' ) ) );
		Plugin::outbox()->mark( Outbox::CUSTOMER, $this->user_id );
		Plugin::outbox()->mark( Outbox::CUSTOMER, $this->user_id + 1 );
		Rows::keep( array( 'place' => 5, 'user' => $this->user_id, 'text' => '812.50' ), new Amount( '812.50', 1, 1 ), Rows::STATE_NEW );
		$items = call_user_func( $this->exporter(), self::EMAIL, 1 )['data'];
		$this->assertSame( array( 'belong-waiting-customer' ), array_values( preg_grep( '/^belong-waiting/', array_column( $items, 'item_id' ) ) ) );
		$this->assertStringContainsString( '812.50', wp_json_encode( $items ) );
	}

	public function test_the_whole_request_tells_the_service_too(): void {
		$request = wp_create_user_request( self::EMAIL, 'remove_personal_data' );
		call_user_func( $this->eraser(), self::EMAIL, 1 );
		do_action( 'wp_privacy_personal_data_erased', $request );
		$this->assertSame( array( 'privacy:' . $this->user_id ), $this->marked() );
	}

	public function test_the_guide_for_a_policy_has_our_text(): void {
		foreach ( array( 'class-wp-screen', 'screen', 'plugin', 'class-wp-privacy-policy-content' ) as $file ) {
			require_once ABSPATH . 'wp-admin/includes/' . $file . '.php';
		}
		set_current_screen( 'dashboard' );
		remove_all_actions( 'admin_init' );
		add_action( 'admin_init', array( new Policy(), 'suggest' ) );
		do_action( 'admin_init' );
		$found = array_column( \WP_Privacy_Policy_Content::get_suggested_policy_text(), 'policy_text', 'plugin_name' );
		unset( $GLOBALS['current_screen'] );
		$this->assertStringContainsString( 'Only if you come by a friend’s link does the programme set a cookie', $found['Belong for WooCommerce'] );
	}

	/** Every name by which the plugin keeps something about a person is known to the eraser. */
	public function test_nothing_else_of_a_person_is_left(): void {
		global $wpdb;
		$this->reserved();
		call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertSame( array(), $wpdb->get_col( $wpdb->prepare( "SELECT meta_key FROM {$wpdb->usermeta} WHERE user_id = %d AND meta_key LIKE %s", $this->user_id, '%belong%' ) ) );
	}

	private function exporter(): callable {
		return apply_filters( 'wp_privacy_personal_data_exporters', array() )[ Exporter::KEY ]['callback'];
	}

	private function eraser(): callable {
		return apply_filters( 'wp_privacy_personal_data_erasers', array() )[ Exporter::KEY ]['callback'];
	}

	/** Points are set aside for a cart. */
	private function reserved(): void {
		$key = ( new Reservations() )->ask( $this->a_wish( $this->user_id ) );
		( new Reservations() )->issue( $key, array( 'code' => self::CODE, 'points' => 500, 'ends_at' => gmdate( 'Y-m-d H:i:s', time() + 600 ) ) );
	}

	/** As the service tells a page of a history. */
	private function history( int $from, int $to, ?int $next ): array {
		$entries = array();
		for ( $n = $from; $n >= $to; $n-- ) {
			$entries[] = array( 'id' => 'e' . $n, 'n' => $n, 'at' => '2026-11-01T10:00:00Z', 'kind' => 'earn', 'points' => 10, 'order' => (string) $n, 'why' => 'Order ' . $n );
		}
		return array( 200, array( 'entries' => $entries, 'next_before' => $next ) );
	}

	private function rows(): array {
		global $wpdb;
		return $wpdb->get_results( $wpdb->prepare( 'SELECT state, user_id, request FROM %i', Schema::reservations() ), ARRAY_N );
	}
}
