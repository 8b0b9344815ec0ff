<?php
/**
 * How the service is called, and what becomes of its answers.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Reasons;
use Belong\Connection\Service;
use Belong\Connection\Signer;

final class ServiceTest extends ShopTestCase {

	public function test_a_call_is_signed_and_careful(): void {
		$double = new ServiceDouble( array( 200, array( 'items' => array() ) ) );
		$answer = $this->service()->post( 'batch', array( 'items' => array( 'ü' ) ) );
		$this->assertTrue( $answer->is_ok() );
		$this->assertSame( array( 'items' => array() ), $answer->body );
		$request = $double->requests[0];
		$this->assertSame( 'https://points.example/sub/v1/store/batch', $request['url'] );
		$this->assertSame( 'POST', $request['method'] );
		$this->assertSame( 10, $request['timeout'] );
		$this->assertSame( 0, $request['redirection'] );
		$this->assertTrue( $request['sslverify'] );
		$this->assertSame( 'application/json', $request['headers']['content-type'] );
		$this->assertSame( ServiceDouble::CONNECTION, $request['headers'][ Service::ID_HEADER ] );
		$this->assertSame( '', Signer::problem( $request['headers'], 'batch', $request['body'], array( ServiceDouble::TO_SERVICE ), time() ) );
		$this->assertStringNotContainsString( 'shop.example', $request['user-agent'] );
		$this->assertGreaterThan( 0, Health::read()['last_success'] );
	}

	public function test_an_empty_body_is_an_object(): void {
		$double = new ServiceDouble( array( 200, array() ) );
		$this->service()->post( 'state', array() );
		$this->assertSame( '{}', $double->requests[0]['body'] );
	}

	public function test_nobody_is_called_where_nobody_is_connected(): void {
		$double = new ServiceDouble();
		$answer = ( new Service( Connection::kept() ) )->post( 'batch', array() );
		$this->assertTrue( $answer->is_network_failure() );
		$this->assertSame( array(), $double->requests );
	}

	public function test_a_copy_says_nothing_but_where_it_is(): void {
		$double  = new ServiceDouble( array( 200, array() ) );
		$service = $this->service();
		add_filter(
			'option_home',
			static function () {
				return 'https://staging.example';
			}
		);
		foreach ( array( 'batch', 'state', 'disconnect', 'shopper-tokens' ) as $purpose ) {
			$service->post( $purpose, array() );
		}
		$this->assertSame( array(), $double->requests );
		$this->assertTrue( $service->post( 'site', array() )->is_ok() );
	}

	public function test_where_clocks_differ_it_is_told_once_more_with_the_services(): void {
		$theirs = time() + 7200;
		$stale  = array( 401, array( 'code' => 'stale-timestamp' ), array( 'Date' => gmdate( 'D, d M Y H:i:s', $theirs ) . ' GMT' ) );
		$double = new ServiceDouble( $stale, array( 200, array() ), array( 200, array() ) );
		$this->assertTrue( $this->service()->post( 'state', array() )->is_ok() );
		$this->assertCount( 2, $double->requests );
		$this->assertEqualsWithDelta( $theirs, (int) $double->requests[1]['headers'][ Signer::TIMESTAMP ], 60 );
		$this->assertNotSame( $double->requests[0]['headers'][ Signer::ID ], $double->requests[1]['headers'][ Signer::ID ] );
		$this->assertEqualsWithDelta( 7200, Health::clock_offset(), 60 );
		$this->service()->post( 'state', array() );
		$this->assertCount( 3, $double->requests, 'it is remembered' );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_a_clock_that_cannot_be_helped_is_no_endless_conversation(): void {
		$stale  = array( 401, array( 'code' => 'stale-timestamp' ), array( 'Date' => gmdate( 'D, d M Y H:i:s', time() + 7200 ) . ' GMT' ) );
		$double = new ServiceDouble( $stale, $stale, array( 401, array( 'code' => 'stale-timestamp' ) ) );
		$this->service()->post( 'state', array() );
		$this->assertCount( 2, $double->requests );
		$this->service()->post( 'state', array() );
		$this->assertCount( 3, $double->requests );
		$this->assertSame( Reasons::CLOCK, Health::read()['reason'] );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	/**
	 * What the shop makes of it.
	 *
	 * @dataProvider refusals
	 * @param array|null $given What came.
	 */
	public function test_an_answer_and_what_becomes_of_it( $given, string $reason, string $stopped ): void {
		new ServiceDouble( $given );
		$answer = $this->service()->post( 'batch', array() );
		$this->assertFalse( $answer->is_ok() );
		$this->assertSame( $reason, Reasons::of( $answer ) );
		$this->assertSame( $stopped, Connection::kept()->stopped() );
		$this->assertTrue( Connection::kept()->is_connected() );
		$this->assertSame( in_array( $reason, array( 'replayed', 'too-large' ), true ) ? '' : $reason, Health::read()['reason'] );
		$this->assertNotSame( '', Reasons::in_words( $reason ) );
	}

	public function refusals(): array {
		return array(
			array( null, 'nobody', '' ),
			array( array( 401, array( 'code' => 'wrong-signature' ) ), 'refused', 'refused' ),
			array( array( 401, '<h1>Password</h1>' ), 'somebody-else', '' ),
			array( array( 404, array( 'code' => 'not-connected' ) ), 'not-connected', 'not-connected' ),
			array( array( 410, array( 'code' => 'not-connected' ) ), 'not-connected', 'not-connected' ),
			array( array( 404, array() ), 'broken', '' ),
			array( array( 409, array( 'code' => 'replayed' ) ), 'replayed', '' ),
			array( array( 409, array( 'code' => 'other-site' ) ), 'other-site', 'other-site' ),
			array( array( 413, '' ), 'too-large', '' ),
			array( array( 429, array() ), 'busy', '' ),
			array( array( 503, '' ), 'busy', '' ),
			array( array( 500, array() ), 'broken', '' ),
			array( array( 200, '<html>' ), 'somebody-else', '' ),
			array( array( 302, '' ), 'somebody-else', '' ),
		);
	}

	public function test_how_long_to_wait_is_read(): void {
		new ServiceDouble( array( 503, '', array( 'Retry-After' => '120' ) ), array( 503, '', array( 'Retry-After' => 'Fri, 27 Nov 2026 12:00:00 GMT' ) ) );
		$this->assertSame( 120, $this->service()->post( 'batch', array() )->retry_after );
		$this->assertNull( $this->service()->post( 'batch', array() )->retry_after );
	}

	private function service(): Service {
		return new Service( ServiceDouble::connect() );
	}
}
