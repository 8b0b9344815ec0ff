<?php
/**
 * The service is let in where it signs, once, and nobody else is.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Connection\Signer;
use Belong\Connection\Unfinished;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Rest\Routes;
use Belong\Rest\UsedIds;
use Belong\Schema;

final class GateTest extends SignedTestCase {

	public function test_while_a_pairing_is_confirmed_the_service_is_let_in(): void {
		Connection::forget();
		$this->assertSame( 'belong_not_connected', $this->code( $this->ask( 'state', array() ) ) );
		Unfinished::of( 'a-code' );
		Unfinished::add( array( 'to_shop' => base64_encode( ServiceDouble::TO_SHOP ) ) );
		$this->assertSame( 200, $this->ask( 'state', array() )->get_status() );
		// What it pushes would be thrown away with what the connection before has pushed: it comes again.
		$early = $this->ask( 'snapshots', array( 'snapshots' => array( array( 'customer' => '1', 'body' => self::snapshot( array( 1, 1 ) ) ) ) ) );
		$this->assertSame( array( 503, 'belong_not_yet' ), array( $early->get_status(), $this->code( $early ) ) );
		$this->assertSame( '', get_user_meta( 1, Snapshot::META, true ) );
	}

	/**
	 * Each of them is refused, and changes nothing.
	 *
	 * @dataProvider intruders
	 */
	public function test_whoever_does_not_sign_is_not_let_in( string $role, string $route ): void {
		$this->sign_in( $role );
		add_user_meta( 1, Snapshot::META, self::snapshot( array( 1, 1 ) ) );
		$request = $this->request( $route, '{"customers":["1"],"snapshots":[],"programme":"{}"}', array() );
		$answer  = rest_do_request( $request );
		$this->assertSame( 401, $answer->get_status() );
		$this->assertSame( 'belong_wrong_signature', $this->code( $answer ) );
		foreach ( array( 'GET', 'PUT', 'PATCH', 'DELETE' ) as $method ) {
			$this->assertSame( 404, rest_do_request( new \WP_REST_Request( $method, '/belong/v1/' . $route ) )->get_status() );
		}
		$this->assertSame( self::snapshot( array( 1, 1 ) ), get_user_meta( 1, Snapshot::META, true ) );
	}

	public function intruders(): array {
		$rows = array();
		foreach ( array( '', 'subscriber', 'customer', 'contributor', 'shop_manager', 'administrator' ) as $role ) {
			foreach ( array( 'snapshots', 'removals', 'shown', 'programme', 'state' ) as $route ) {
				$rows[ ( '' === $role ? 'visitor' : $role ) . ' at ' . $route ] = array( $role, $route );
			}
		}
		return $rows;
	}

	public function test_no_route_of_ours_is_missing_in_this_table(): void {
		$ours = array();
		foreach ( array_keys( rest_get_server()->get_routes() ) as $route ) {
			if ( 0 === strpos( $route, '/belong/v1/' ) ) {
				$ours[] = substr( $route, strlen( '/belong/v1/' ) );
			}
		}
		$tried = array_values( array_unique( array_column( $this->intruders(), 1 ) ) );
		$this->assertSame( Routes::ALL, $tried );
		// Those of My Account and of wp-admin have tests of their own.
		$this->assertSame( array(), array_diff( $tried, $ours ) );
		$this->assertSame( array(), array_diff( $ours, $tried, $this->tried_elsewhere() ) );
	}

	/**
	 * Forged, altered, replayed, stale.
	 *
	 * @dataProvider forgeries
	 */
	public function test_a_message_that_is_not_the_services_is_refused( string $kind, string $code, int $status ): void {
		$body    = '{"programme":"{\"version\":[1,1]}"}';
		$time    = time() + ( 'stale' === $kind ? -301 : 0 );
		$headers = Signer::sign( 'of another address' === $kind ? 'state' : 'programme', $body, 'forged' === $kind ? 'x' : ServiceDouble::TO_SHOP, $time );
		$sent    = 'altered' === $kind ? str_replace( '[1,1]', '[9,1]', $body ) : $body;
		if ( 'replayed' === $kind ) {
			$this->assertSame( 200, rest_do_request( $this->request( 'programme', $sent, $headers ) )->get_status() );
			delete_option( Programme::OPTION );
		}
		$answer = rest_do_request( $this->request( 'programme', $sent, $headers ) );
		$this->assertSame( array( $code, $status ), array( $this->code( $answer ), $answer->get_status() ) );
		$this->assertSame( '', (string) get_option( Programme::OPTION, '' ) );
	}

	public function forgeries(): array {
		return array(
			array( 'forged', 'belong_wrong_signature', 401 ),
			array( 'altered', 'belong_wrong_signature', 401 ),
			array( 'of another address', 'belong_wrong_signature', 401 ),
			array( 'stale', 'belong_stale_timestamp', 401 ),
			array( 'replayed', 'belong_replayed', 409 ),
		);
	}

	public function test_what_was_not_signed_is_not_read(): void {
		$body    = '{"programme":"{\"version\":[1,1]}"}';
		$request = $this->request( 'programme', $body, Signer::sign( 'programme', $body, ServiceDouble::TO_SHOP, time() ) );
		$request->set_query_params( array( 'programme' => '{"version":[7,7]}' ) );
		$this->assertSame( '{"version":[1,1]}', rest_do_request( $request )->get_data()['programme'] );
	}

	public function test_asking_again_for_the_methods_of_a_route_is_no_replay(): void {
		$request  = $this->signed( 'state', '{}' );
		$response = rest_do_request( $request );
		$response = rest_send_allow_header( $response, rest_get_server(), $request );
		$this->assertSame( 'POST', $response->get_headers()['Allow'] );
		$this->assertCount( 1, $this->used() );
	}

	public function test_who_cannot_sign_fills_no_table(): void {
		rest_do_request( $this->request( 'state', '{}', Signer::sign( 'state', '{}', 'x', time() ) ) );
		$this->assertSame( array(), $this->used() );
	}

	public function test_ids_are_forgotten_when_they_are_too_old_to_come_again(): void {
		$this->assertTrue( UsedIds::take( 'state_1' ) );
		$this->assertFalse( UsedIds::take( 'state_1' ) );
		UsedIds::prune( time() + Signer::TOLERANCE );
		$this->assertFalse( UsedIds::take( 'state_1' ) );
		UsedIds::prune( time() + UsedIds::SECONDS + 1 );
		$this->assertTrue( UsedIds::take( 'state_1' ) );
	}

	public function test_a_body_that_is_too_large_is_refused_before_it_is_read(): void {
		$answer = rest_do_request( $this->signed( 'state', '{"x":"' . str_repeat( 'x', 6291456 ) . '"}' ) );
		$this->assertSame( 413, $answer->get_status() );
	}

	/** Routes below belong/v1 that other tests try with each role. */
	private function tried_elsewhere(): array {
		$number = '(?P<id>\d{1,18})';
		return array( 'me/choices', 'me/place', 'me/rewards', "admin/order/$number", "admin/customer/$number", "admin/customer/$number/adjust" );
	}

	/** @return string[] */
	private function used(): array {
		global $wpdb;
		return $wpdb->get_col( $wpdb->prepare( 'SELECT id FROM %i', Schema::used_ids() ) );
	}
}
