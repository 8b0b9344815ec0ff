<?php
/**
 * A person gets a copy of what is known, has it erased, and reads beforehand what that is.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Display\Snapshot;
use Belong\Earning\Basket;
use Belong\Personal\Exporter;
use Belong\Personal\Policy;
use Belong\Redeeming\Offer;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Redeeming\Wish;
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
		$this->assertStringEndsWith( '/v1/me/entries?limit=100&before=201', $service->requests[3]['url'] );
		$this->assertSame( '{"customer":"' . $this->user_id . '","scopes":["read"],"seconds":60}', $service->requests[0]['body'] );
		$items = array_merge( $first['data'], $second['data'] );
		$this->assertSame( 300, count( array_keys( array_column( $items, 'group_id' ), 'belong-entries', true ) ) );
		$this->assertSame( count( $items ), count( array_unique( array_column( $items, 'item_id' ) ) ) );
		$text = wp_json_encode( $items, JSON_UNESCAPED_SLASHES );
		foreach ( array( '1,240 leaves', 'Silver leaf', 'Tea taster', 'KIMTEA42', self::CODE, 'Order 7', 'Kim &lt;b&gt;' ) as $known ) {
			$this->assertStringContainsString( $known, $text );
		}
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
		$this->assertStringContainsString( 'history is missing', wp_json_encode( $page['data'] ) );
	}

	public function test_who_is_no_member_gets_what_there_is(): void {
		new ServiceDouble( array( 404, array( 'detail' => 'There is no such member.' ) ) );
		$page = call_user_func( $this->exporter(), self::EMAIL, 1 );
		$this->assertTrue( $page['done'] );
		$this->assertStringNotContainsString( 'history is missing', wp_json_encode( $page['data'] ) );
	}

	public function test_nobody_is_asked_for_an_address_without_an_account_or_by_a_shop_that_is_not_connected(): void {
		$service = new ServiceDouble();
		$this->assertSame( array( 'data' => array(), 'done' => true ), call_user_func( $this->exporter(), 'guest@shop.example', 1 ) );
		$this->disconnect();
		$this->assertTrue( call_user_func( $this->exporter(), self::EMAIL, 1 )['done'] );
		$this->assertSame( array(), $service->requests );
	}

	public function test_erasing_takes_away_what_lies_in_the_shop_and_leaves_nobody_elses(): void {
		$other = Pushed::customer( Pushed::member(), 'lee' );
		$this->reserved();
		$answer = call_user_func( $this->eraser(), self::EMAIL, 1 );
		$this->assertSame( array( true, false, true ), array( $answer['items_removed'], $answer['items_retained'], $answer['done'] ) );
		$this->assertStringContainsString( 'your Belong is told', $answer['messages'][0] );
		$this->assertFalse( Snapshot::of( $this->user_id )->exists() );
		$this->assertFalse( Choices::shows_badge( $this->user_id ) );
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
		$this->assertStringContainsString( 'sets no cookies', $found['Belong for WooCommerce'] );
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
		$offer = new Offer( array( 'id' => 'five', 'name' => 'Five off', 'kind' => 'amount', 'points' => 500 ) );
		$key   = ( new Reservations() )->ask( new Wish( $this->user_id, $offer, null, new Basket( array( 'currency' => 'EUR' ) ) ) );
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
