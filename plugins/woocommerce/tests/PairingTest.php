<?php
/**
 * A shop is connected with a pairing code, whatever gets lost on the way, and nobody in between can do anything.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Leaving;
use Belong\Connection\PairingProblem;
use Belong\Connection\Pairing;
use Belong\Connection\Signer;
use Belong\Connection\Unfinished;
use Belong\Display\Snapshot;
use Belong\Rest\KeptProgramme;
use Belong\Rest\KeptSnapshots;

final class PairingTest extends ShopTestCase {

	/**
	 * The service's side.
	 *
	 * @var PairingDouble
	 */
	private $service;

	protected function setUp(): void {
		parent::setUp();
		$this->service = new PairingDouble();
	}

	public function test_a_shop_is_connected(): void {
		$connection = Pairing::pair( $this->service->code(), 1 );
		$this->assertTrue( $connection->is_open() );
		$this->assertSame( $this->service->address, $connection->service() );
		$this->assertSame( $this->service->connection, $connection->id() );
		$this->assertSame( 'Leaves', $connection->programme() );
		$this->assertTrue( $connection->is_reachable() );
		$this->assertSame( array( $this->service->to_service ), Connection::kept()->secrets_to_service() );
		$this->assertSame( array( $this->service->to_shop ), Connection::kept()->secrets_to_shop() );
		$this->assertSame( array( 'first', 'confirm' ), $this->service->heard );
		$this->assertFalse( get_option( Unfinished::OPTION ) );
		$this->assertGreaterThan( 0, Health::read()['last_success'] );
	}

	public function test_what_the_service_hears_is_true(): void {
		Pairing::pair( $this->service->code(), 1 );
		$told = $this->service->told;
		$this->assertSame( 'https://shop.example', $told['site'] );
		$this->assertStringContainsString( 'shop.example', $told['rest_url'] );
		$this->assertSame( array( 'processing', 'completed' ), $told['paid_statuses'] );
		$this->assertSame( get_woocommerce_currency(), $told['currency'] );
		$this->assertSame( 'en_US', $told['language'] );
		$this->assertSame( array( 'plugin', 'woocommerce', 'wordpress', 'php' ), array_keys( $told['versions'] ) );
		$this->assertSame( 1, \ShopKeys::user_of( $this->service->rest_key['consumer_key'], $this->service->rest_key['consumer_secret'] ) );
	}

	public function test_a_shop_in_a_sub_folder_is_another_than_that_at_the_top(): void {
		$folder = static function () {
			return 'https://shop.example/sub/';
		};
		add_filter( 'option_home', $folder, 20 );
		$this->assertTrue( Pairing::pair( $this->service->code(), 1 )->is_open() );
		$this->assertSame( 'https://shop.example/sub', $this->service->told['site'] );
		$this->assertStringStartsWith( 'https://shop.example/sub/', $this->service->told['rest_url'] );
		$this->assertFalse( Connection::kept()->is_other_site() );
		remove_filter( 'option_home', $folder, 20 );
		$this->assertTrue( Connection::kept()->is_other_site() );
	}

	public function test_keys_never_lie_open_in_a_request(): void {
		Pairing::pair( $this->service->code(), 1 );
		$sent = wp_json_encode( $this->service->requests );
		foreach ( $this->service->rest_key as $secret ) {
			$this->assertStringNotContainsString( $secret, $sent );
		}
		$this->assertStringNotContainsString( base64_encode( $this->service->to_service ), $sent );
		$this->assertStringNotContainsString( base64_encode( $this->service->key ), $sent );
	}

	/**
	 * Trying again goes on.
	 *
	 * @dataProvider calls
	 */
	public function test_a_lost_answer_is_no_matter( string $lost ): void {
		$this->service->loses = array( $lost );
		$code                 = $this->service->code();
		$this->assertSame( PairingProblem::UNREACHABLE, $this->problem( $code ) );
		$this->assertFalse( Connection::kept()->is_connected() );
		$this->assertTrue( Pairing::pair( $code, 1 )->is_open() );
		$this->assertCount( 1, array_unique( $this->service->publics ) );
		$this->assertSame( 1, $this->keys() );
		$this->assertSame( 1, \ShopKeys::user_of( $this->service->rest_key['consumer_key'], $this->service->rest_key['consumer_secret'] ) );
	}

	public function calls(): array {
		return array( array( 'first' ), array( 'confirm' ) );
	}

	public function test_while_it_is_confirmed_the_service_can_already_call(): void {
		$this->service->meanwhile = function () {
			$this->assertFalse( Connection::kept()->is_connected() );
			$this->assertSame( array( $this->service->to_shop ), Unfinished::secrets_to_shop() );
		};
		Pairing::pair( $this->service->code(), 1 );
		$this->assertSame( array(), Unfinished::secrets_to_shop() );
		update_option( Unfinished::OPTION, array( 'to_shop' => 'eA==', 'started' => time() - 1300 ) );
		$this->assertSame( array(), Unfinished::secrets_to_shop() );
	}

	public function test_pairing_again_replaces_the_keys_and_leaves_one_rest_key(): void {
		$first  = Pairing::pair( $this->service->code(), 1 );
		$older  = $this->service->rest_key;
		$second = Pairing::pair( $this->service->code(), 1 );
		$this->assertNotSame( $first->secrets_to_service(), $second->secrets_to_service() );
		$this->assertSame( 1, $this->keys() );
		$this->assertSame( 0, \ShopKeys::user_of( $older['consumer_key'], $older['consumer_secret'] ) );
		$this->assertNotContains( 'disconnect', $this->service->heard );
	}

	public function test_while_pairing_again_fails_the_old_connection_goes_on(): void {
		$first                = Pairing::pair( $this->service->code(), 1 );
		$this->service->loses = array( 'confirm' );
		$this->problem( $this->service->code() );
		$this->assertSame( $first->secrets_to_service(), Connection::kept()->secrets_to_service() );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_a_new_code_leaves_nothing_of_an_unfinished_one(): void {
		$this->service->loses = array( 'confirm' );
		$this->problem( $this->service->code() );
		$this->assertSame( 1, $this->keys() );
		Pairing::pair( $this->service->code(), 1 );
		$this->assertSame( 1, $this->keys() );
		$this->assertCount( 2, array_unique( $this->service->publics ) );
	}

	public function test_the_service_before_is_told_when_another_takes_its_place(): void {
		ServiceDouble::connect( array( 'id' => '00000000-0000-4000-8000-000000000009' ) );
		Pairing::pair( $this->service->code(), 1 );
		$this->assertContains( 'disconnect', $this->service->heard );
	}

	public function test_what_another_connection_pushed_is_never_shown_for_this_one(): void {
		$kept = new KeptSnapshots();
		Pairing::pair( $this->service->code(), 1 );
		$this->assertSame( 'accepted', $kept->write( '1', '{"version":[1,42]}' )['state'] );
		KeptProgramme::write( '{"version":[1,7]}' );
		update_user_meta( 1, Choices::BADGE, 'yes' );
		update_user_meta( 1, Choices::MAILS, 'yes' );
		// The same one again: it goes on.
		Pairing::pair( $this->service->code(), 1 );
		$this->assertSame( array( 1, 42 ), $kept->shown( '1' )['version'] );
		$this->assertTrue( Choices::takes_mails( 1 ) );
		Leaving::disconnect();
		$this->service->connection = '00000000-1111-4222-8333-444444444444';
		Pairing::pair( $this->service->code(), 1 );
		$this->assertSame( '', get_user_meta( 1, Snapshot::META, true ) );
		$this->assertSame( 'accepted', $kept->write( '1', '{"version":[1,2]}' )['state'] );
		$this->assertSame( '{"version":[1,1]}', KeptProgramme::write( '{"version":[1,1]}' ) );
		$this->assertTrue( Choices::shows_badge( 1 ) );
		$this->assertFalse( Choices::takes_mails( 1 ), 'They said it to another service.' );
	}

	public function test_a_copy_that_is_paired_does_not_end_the_originals_connection(): void {
		ServiceDouble::connect( array( 'site' => hash( 'sha256', 'https://original.example' ) ) );
		Pairing::pair( $this->service->code(), 1 );
		$this->assertNotContains( 'disconnect', $this->service->heard );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_clocks_that_differ_are_helped(): void {
		$this->service->clock = time() + 3600;
		$this->assertTrue( Pairing::pair( $this->service->code(), 1 )->is_open() );
		$this->assertEqualsWithDelta( 3600, Health::clock_offset(), 60 );
	}

	/**
	 * Somebody in between, or a refusal.
	 *
	 * @dataProvider answers
	 */
	public function test_what_is_in_the_way_is_said( array $instead, string $word ): void {
		$this->service->instead = $instead;
		$this->assertSame( $word, $this->problem( $this->service->code() ) );
		$this->assertFalse( Connection::kept()->is_connected() );
		$this->assertNotSame( PairingProblem::in_words( 'refused' ), 'refused' === $word ? '' : PairingProblem::in_words( $word ) );
	}

	public function answers(): array {
		$code = static function ( int $status, string $word ): array {
			return array( $status, array( 'code' => $word ) );
		};
		return array(
			'over'                   => array( array( 'first' => $code( 404, 'no-pairing' ) ), 'over' ),
			'over at last'           => array( array( 'confirm' => $code( 404, 'no-pairing' ) ), 'over' ),
			'wrong proof'            => array( array( 'first' => $code( 401, 'wrong-proof' ) ), 'mistyped' ),
			'taken'                  => array( array( 'first' => $code( 409, 'pairing-taken' ) ), 'taken' ),
			'of another programme'   => array( array( 'confirm' => $code( 409, 'connected-elsewhere' ) ), 'elsewhere' ),
			'no answer'              => array( array( 'first' => null ), 'unreachable' ),
			'a page'                 => array( array( 'first' => array( 200, '<html>' ) ), 'no-service' ),
			'another program'        => array( array( 'first' => array( 404, array() ) ), 'no-service' ),
			'busy'                   => array( array( 'first' => array( 503, '' ) ), 'busy' ),
			'refused'                => array( array( 'first' => array( 400, array() ) ), 'refused' ),
			'no proof'               => array( array( 'first' => array( 201, array( 'connection' => '6f1c2f0e-8f1b-4f57-9a3d-0c1d2e3f4a5b' ) ) ), 'not-proven' ),
			'another connection'     => array( array( 'confirm' => array( 200, array( 'connection' => 'x' ) ) ), 'not-proven' ),
		);
	}

	/**
	 * Only proven in part, or with a key that gives no secret.
	 *
	 * @dataProvider changes
	 */
	public function test_an_answer_that_somebody_changed_connects_nothing( string $key, string $value ): void {
		$this->service->changes = array( $key => $value );
		$this->assertSame( PairingProblem::NOT_PROVEN, $this->problem( $this->service->code() ) );
		$this->assertSame( array( 'first' ), $this->service->heard );
		$this->assertSame( 0, $this->keys() );
	}

	public function changes(): array {
		return array(
			array( 'public', base64_encode( str_repeat( 'x', 32 ) ) ),
			array( 'connection', '00000000-0000-4000-8000-000000000000' ),
			array( 'proof', base64_encode( str_repeat( 'x', 32 ) ) ),
			array( 'proof', '' ),
		);
	}

	public function test_http_over_the_public_internet_is_said_before_anything_is_sent(): void {
		$this->service->address = 'http://points.example';
		$this->assertSame( PairingProblem::HTTP, $this->problem( $this->service->code() ) );
		$this->assertSame( array(), $this->service->requests );
		$this->assertTrue( Pairing::pair( $this->service->code(), 1, true )->is_open() );
	}

	public function test_a_torn_code_is_asked_of_nobody(): void {
		$this->assertSame( PairingProblem::TORN, $this->problem( substr( $this->service->code(), 0, -12 ) ) );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_shop_without_rest_keys_is_connected_without(): void {
		Pairing::pair( $this->service->code(), 0 );
		$this->assertNull( $this->service->rest_key );
		$this->assertSame( array(), Connection::kept()->rest_key() );
	}

	private function problem( string $code ): string {
		try {
			Pairing::pair( $code, 1 );
		} catch ( PairingProblem $problem ) {
			return $problem->word();
		}
		return '';
	}

	private function keys(): int {
		global $wpdb;
		return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}woocommerce_api_keys" );
	}
}
