<?php
/**
 * A signature proves what a message is for, when it was made, and each byte of it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Signer;
use PHPUnit\Framework\TestCase;

final class SignerTest extends TestCase {

	const NOW  = 1795780800;
	const BODY = '{"note":"ü/€"}';

	public function test_it_signs_as_the_standard_says(): void {
		// HMAC-SHA256 of "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}", the standard's own example.
		$key = base64_decode( 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' );
		$this->assertSame(
			'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
			Signer::signature( 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}', $key )
		);
	}

	public function test_what_was_signed_is_good_and_each_time_under_another_id(): void {
		$headers = $this->signed();
		$this->assertSame( '', $this->problem( $headers ) );
		$this->assertNotSame( $headers[ Signer::ID ], $this->signed()[ Signer::ID ] );
		$this->assertMatchesRegularExpression( '/^batch_[a-z0-9]{32}$/', $headers[ Signer::ID ] );
	}

	public function test_two_secrets_while_one_is_being_changed(): void {
		$this->assertSame( '', $this->problem( $this->signed( 'older' ), array( 'newer', 'older' ) ) );
		$both                        = $this->signed( 'older' );
		$newer                       = Signer::signature( $both[ Signer::ID ], (string) self::NOW, self::BODY, 'newer' );
		$both[ Signer::SIGNATURE ]  .= ' v1,' . $newer;
		$this->assertSame( '', $this->problem( $both, array( 'newer' ) ) );
		$this->assertSame( Signer::WRONG, $this->problem( $both, array( 'third' ) ) );
		$this->assertSame( Signer::WRONG, $this->problem( $both, array() ) );
	}

	/**
	 * Each of these is somebody else's.
	 *
	 * @dataProvider forgeries
	 */
	public function test_what_is_not_ours_is_refused( array $change, string $wanted = Signer::WRONG ): void {
		$body    = $change['body'] ?? self::BODY;
		$purpose = $change['purpose'] ?? 'batch';
		$headers = array_filter( ( $change['headers'] ?? array() ) + $this->signed(), 'is_string' );
		$problem = Signer::problem( $headers, $purpose, $body, array( 'secret' ), self::NOW + ( $change['later'] ?? 0 ) );
		$this->assertSame( $wanted, $problem );
	}

	public function forgeries(): array {
		$of = static function ( string $name, $value ): array {
			return array( array( 'headers' => array( $name => $value ) ) );
		};
		return array(
			'another body'         => array( array( 'body' => self::BODY . ' ' ) ),
			'another address'      => array( array( 'purpose' => 'state' ) ),
			'an older version'     => $of( Signer::SIGNATURE, 'v0,x' ),
			'no signature'         => $of( Signer::SIGNATURE, null ),
			'an empty one'         => $of( Signer::SIGNATURE, '' ),
			'another id'           => $of( Signer::ID, 'batch_0123456789abcdef' ),
			'no id'                => $of( Signer::ID, null ),
			'a short id'           => $of( Signer::ID, 'batch_1' ),
			'an id with a line'    => $of( Signer::ID, "batch_0123456789abcdef\n" ),
			'another moment'       => $of( Signer::TIMESTAMP, (string) ( self::NOW + 1 ) ),
			'no moment'            => $of( Signer::TIMESTAMP, null ),
			'a moment of words'    => $of( Signer::TIMESTAMP, '1e9' ),
			'too old'              => array( array( 'later' => 301 ), Signer::STALE ),
			'from the future'      => array( array( 'later' => -301 ), Signer::STALE ),
			'nearly too old'       => array( array( 'later' => 300 ), '' ),
			'forged and too old'   => array(
				array(
					'later' => 301,
					'body'  => '{}',
				),
			),
		);
	}

	private function signed( string $secret = 'secret' ): array {
		return Signer::sign( 'batch', self::BODY, $secret, self::NOW );
	}

	private function problem( array $headers, array $secrets = array( 'secret' ) ): string {
		return Signer::problem( $headers, 'batch', self::BODY, $secrets, self::NOW );
	}
}
