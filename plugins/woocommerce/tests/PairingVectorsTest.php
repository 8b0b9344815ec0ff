<?php
/**
 * The plugin comes to the same bytes as the service: tests/data/pairing_vectors.json.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\PairingCode;
use Belong\Connection\PairingProblem;
use Belong\Connection\PairKeys;
use Belong\Connection\Signer;
use PHPUnit\Framework\TestCase;

final class PairingVectorsTest extends TestCase {

	public function test_the_code_is_read(): void {
		$code = $this->code();
		$this->assertSame( $this->vectors()['code']['address'], $code->address );
		$this->assertSame( $this->vectors()['code']['id'], $code->id );
		$this->assertSame( $this->vectors()['code']['key'], base64_encode( $code->key ) );
	}

	public function test_proofs_and_keys_are_the_same(): void {
		$given = $this->vectors();
		$code  = $this->code();
		$own   = base64_decode( $given['shop']['private'] );
		$this->assertSame( $given['shop']['public'], PairKeys::public_of( $own ) );
		$this->assertSame( $given['shop']['proof'], PairKeys::shop_proof( $code, $given['shop']['public'], $given['shop']['site'], $given['shop']['rest_url'] ) );
		$this->assertSame( $given['service']['proof'], PairKeys::service_proof( $code, $given['shop']['public'], $given['service']['public'], $given['service']['connection'] ) );
		$keys = PairKeys::agree( $code, $own, $given['service']['public'] );
		$this->assertSame( $given['keys']['to_service'], base64_encode( $keys->to_service ) );
		$this->assertSame( $given['keys']['to_shop'], base64_encode( $keys->to_shop ) );
		$this->assertSame( $given['rest_key']['sealed'], $keys->seal( $given['rest_key']['plain'], base64_decode( $given['rest_key']['nonce'] ) ) );
	}

	public function test_a_signed_message_is_the_same(): void {
		$signed = $this->vectors()['signed'];
		$made   = Signer::signature( $signed['webhook-id'], $signed['webhook-timestamp'], $signed['body'], base64_decode( $signed['secret'] ) );
		$this->assertSame( $signed['webhook-signature'], 'v1,' . $made );
	}

	/**
	 * Each gives a secret that everybody knows.
	 *
	 * @dataProvider refused
	 */
	public function test_a_key_that_gives_no_secret_is_refused( string $public ): void {
		$this->expectExceptionObject( new PairingProblem( PairingProblem::NOT_PROVEN ) );
		PairKeys::agree( $this->code(), PairKeys::new_private(), $public );
	}

	public function refused(): array {
		$more = array( '', 'x', base64_encode( 'short' ), str_repeat( '!', 44 ) );
		return array_map(
			static function ( $public ) {
				return array( $public );
			},
			array_merge( $this->vectors()['refused_public'], $more )
		);
	}

	/**
	 * Torn, mistyped, or nothing at all.
	 *
	 * @dataProvider wrong
	 */
	public function test_a_wrong_code_is_told_apart( string $text, string $word ): void {
		try {
			PairingCode::read( $text );
			$this->fail( 'it was read' );
		} catch ( PairingProblem $problem ) {
			$this->assertSame( $word, $problem->word() );
		}
	}

	public function wrong(): array {
		$words = array( 'mistyped', 'mistyped', 'newer', 'torn', 'torn', 'torn' );
		$rows  = array_map( null, $this->vectors()['wrong_codes'], $words );
		$text  = $this->vectors()['code']['text'];
		return array_merge(
			$rows,
			array(
				array( $text . 'A', 'mistyped' ),
				array( substr( $text, 0, -1 ) . '!', 'torn' ),
				array( "\xff" . $text, 'torn' ),
				array( 'ftp' . $text, 'torn' ),
			)
		);
	}

	public function test_what_a_mail_does_to_a_code_is_no_matter(): void {
		$text = $this->vectors()['code']['text'];
		$this->assertSame( $this->code()->id, PairingCode::read( " \"\xEF\xBB\xBF" . chunk_split( $text, 20, "\r\n  " ) . "\xC2\xA0\"\n" )->id );
	}

	/**
	 * Where others could read.
	 *
	 * @dataProvider addresses
	 */
	public function test_an_address_over_which_others_can_read( string $address, bool $is_open ): void {
		$raw   = random_bytes( 48 );
		$check = substr( hash( 'sha256', $address . $raw, true ), 0, 4 );
		$url64 = static function ( string $bytes ): string {
			return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
		};
		$code  = PairingCode::read( 'BELONG1.' . $url64( $address ) . '.' . $url64( $raw . $check ) );
		$this->assertSame( $is_open, $code->is_open_to_others() );
	}

	public function addresses(): array {
		return array(
			array( 'https://points.example', false ),
			array( 'http://points.example', true ),
			array( 'http://93.184.216.34:8000', true ),
			array( 'http://[2606:2800:220:1::1]/x', true ),
			array( 'http://localhost:8000', false ),
			array( 'http://127.0.0.1:8000', false ),
			array( 'http://192.168.1.7:8000', false ),
			array( 'http://10.1.2.3', false ),
			array( 'http://172.20.0.2:8000', false ),
			array( 'http://[::1]:8000', false ),
			array( 'http://[fd00::1]', false ),
			array( 'http://belong:8000/sub', false ),
			array( 'http://nas.local', false ),
			array( 'http://10.points.example', true ),
		);
	}

	private function code(): PairingCode {
		return PairingCode::read( $this->vectors()['code']['text'] );
	}

	private function vectors(): array {
		return json_decode( file_get_contents( dirname( __DIR__, 3 ) . '/tests/data/pairing_vectors.json' ), true );
	}
}
