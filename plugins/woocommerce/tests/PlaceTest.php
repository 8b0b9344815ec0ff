<?php
/**
 * A member's own place on the leaderboard: told to nobody else, and asked for seldom.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Place;
use Belong\Connection\Connection;
use Belong\Sending\Link;

final class PlaceTest extends ShopTestCase {

	/**
	 * Who answers.
	 *
	 * @var ServiceDouble
	 */
	private $service;

	protected function setUp(): void {
		parent::setUp();
		Connection::forget();
		ServiceDouble::connect();
	}

	public function test_the_own_place_is_asked_for_with_a_token_that_may_only_read(): void {
		Pushed::to_all( Pushed::programme() );
		$this->service = new ServiceDouble( array( 201, array( 'token' => 'st_1' ) ), array( 200, array( 'me' => array( 'rank' => 17, 'value' => 3, 'name' => 'Kim' ), 'places' => array() ) ) );
		$request = new \WP_REST_Request( 'GET', '/belong/v1/me/place' );
		wp_set_current_user( 0 );
		$this->assertSame( 401, rest_do_request( $request )->get_status() );
		$user_id = Pushed::signed_in( Pushed::member() );
		$told    = rest_do_request( $request );
		$this->assertSame( array( 'me' => array( 'rank' => 17, 'value' => 3 ) ), $told->get_data() );
		$this->assertSame( 'no-store', $told->get_headers()['Cache-Control'], 'Another person may use this browser.' );
		list( $minted, $asked ) = $this->service->requests;
		$this->assertSame( '{"customer":"' . $user_id . '","scopes":["read"],"seconds":60}', $minted['body'] );
		$this->assertSame( array( 'GET', ServiceDouble::ADDRESS . '/v1/me/leaderboards/reviews_approved?limit=1' ), array( $asked['method'], $asked['url'] ) );
		$this->assertSame( $told->get_data(), rest_do_request( $request )->get_data() );
		$this->assertCount( 2, $this->service->requests, 'A page that is seen again soon asks nobody.' );
	}

	public function test_what_was_said_of_a_place_is_no_other_persons_no_other_boards_and_old_after_five_minutes(): void {
		Pushed::to_all( Pushed::programme() );
		$request = new \WP_REST_Request( 'GET', '/belong/v1/me/place' );
		$token   = array( 201, array( 'token' => 'st_1' ) );
		$this->service = new ServiceDouble( $token, self::place( 17 ), $token, self::place( 4 ), $token, self::place( 16 ), $token, self::place( 2 ), $token, array( 500, '' ) );
		$rank          = static function () use ( $request ): int {
			return rest_do_request( $request )->get_data()['me']['rank'];
		};
		$kim = Pushed::signed_in( Pushed::member() );
		$this->assertSame( 17, $rank() );
		Pushed::signed_in( Pushed::member(), 'ada' );
		$this->assertSame( 4, $rank() );
		wp_set_current_user( $kim );
		$this->assertSame( 17, $rank() );
		update_user_meta( $kim, Place::META, array( 'at' => time() - 300 ) + get_user_meta( $kim, Place::META, true ) );
		$this->assertSame( 16, $rank() );
		Pushed::to_all( Pushed::programme( array( 'board' => array( 'measure' => 'orders' ) ) ) );
		$this->assertSame( 2, $rank() );
		$this->assertCount( 8, $this->service->requests );
		( new Link() )->keep( array( 'removals' => array( (string) $kim ) ) );
		$this->assertSame( '', get_user_meta( $kim, Place::META, true ) );
		$told = rest_do_request( $request );
		$this->assertSame( array( 503, 'no-store' ), array( $told->get_status(), $told->get_headers()['Cache-Control'] ) );
	}

	private static function place( int $rank ): array {
		return array( 200, array( 'me' => array( 'rank' => $rank, 'value' => 3 ) ) );
	}
}
