<?php
/**
 * The service's side of a pairing, in our own words after docs/plugin-wire.md.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Signer;

final class PairingDouble {

	public $address    = 'https://points.example/sub';
	public $connection = '6f1c2f0e-8f1b-4f57-9a3d-0c1d2e3f4a5b';
	public $key        = '';
	public $to_service = '';
	public $to_shop    = '';

	/** What was handed over, opened. */
	public $rest_key = null;

	/** Body of the first call. */
	public $told = array();

	/** Which calls came. */
	public $heard = array();

	public $requests = array();

	/** The shop's public keys, one for each first call. */
	public $publics = array();

	/** Calls whose answer gets lost, once each. */
	public $loses = array();

	/** Call to what comes instead of an answer. */
	public $instead = array();

	/** What somebody has changed in the first answer. */
	public $changes = array();

	/** The service's clock, if it is another. */
	public $clock = null;

	/** Called while it confirms. */
	public $meanwhile = null;

	private $id       = '';
	private $private  = '';
	private $hand_over = '';
	private $answered = array();

	public function __construct() {
		add_filter( 'pre_http_request', array( $this, 'answer' ), 10, 3 );
	}

	/** A new code. */
	public function code(): string {
		$raw          = random_bytes( 16 );
		$this->key    = random_bytes( 32 );
		$hex          = bin2hex( $raw );
		$this->id     = substr( $hex, 0, 8 ) . '-' . substr( $hex, 8, 4 ) . '-' . substr( $hex, 12, 4 ) . '-' . substr( $hex, 16, 4 ) . '-' . substr( $hex, 20 );
		// Reckoned once: without sodium it takes most of a second.
		$this->private = base64_decode( 'nfawJqjGwm48Os0jcKFuk//9wAFf9b2Hkhh4gCXbAoA=' );
		$this->answered = array();
		$check        = substr( hash( 'sha256', $this->address . $raw . $this->key, true ), 0, 4 );
		return 'BELONG1.' . self::url64( $this->address ) . '.' . self::url64( $raw . $this->key . $check );
	}

	public function answer( $before, array $request, string $url ) {
		$name               = basename( $url ) === $this->id ? 'first' : basename( $url );
		$this->requests[]   = $request;
		$this->heard[]      = $name;
		$body               = json_decode( $request['body'], true );
		$answer             = array( 200, array() );
		if ( array_key_exists( $name, $this->instead ) ) {
			$answer = $this->instead[ $name ];
		} elseif ( 'first' === $name ) {
			$answer = $this->first( $body );
		} elseif ( 'confirm' === $name ) {
			$answer = $this->confirm( $request, $body );
		}
		if ( in_array( $name, $this->loses, true ) ) {
			$this->loses = array_diff( $this->loses, array( $name ) );
			$answer      = null;
		}
		if ( null === $answer ) {
			return new \WP_Error( 'http_request_failed', 'cURL error 28' );
		}
		return array(
			'headers'  => new \WpOrg\Requests\Utility\CaseInsensitiveDictionary( array( 'Date' => gmdate( 'D, d M Y H:i:s', $this->clock ?? time() ) . ' GMT' ) ),
			'body'     => is_array( $answer[1] ) ? wp_json_encode( (object) $answer[1] ) : $answer[1],
			'response' => array(
				'code'    => $answer[0],
				'message' => '',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	}

	private function first( array $body ): array {
		if ( isset( $this->answered['confirm'] ) ) {
			// It was used: as the real one, which takes up only the second call again.
			return array( 404, array( 'code' => 'no-pairing' ) );
		}
		$this->told      = $body;
		$this->publics[] = $body['public'];
		$right           = self::proof( $this->key, array( 'belong pairing 1 shop', $this->id, $body['public'], $body['site'], $body['rest_url'] ) );
		if ( ! hash_equals( $right, $body['proof'] ) ) {
			return array( 401, array( 'code' => 'wrong-proof' ) );
		}
		if ( isset( $this->answered['first'] ) && $this->answered['first'] !== $body['public'] ) {
			return array( 409, array( 'code' => 'pairing-taken' ) );
		}
		$this->answered['first'] = $body['public'];
		$public                  = 'FCrSyT6U6xhfP3J4u/c6GI0Cl7FJsRLrEGAEQq0gpyI=';
		$shared                  = sodium_crypto_scalarmult( $this->private, base64_decode( $body['public'] ) );
		$info                    = implode( "\n", array( 'belong pairing 1 keys', $this->id, $body['public'], $public ) );
		list( $this->to_service, $this->to_shop, $this->hand_over ) = str_split( hash_hkdf( 'sha256', $shared, 96, $info, $this->key ), 32 );
		$answer = array(
			'connection' => $this->connection,
			'public'     => $public,
			'programme'  => 'Leaves',
			'proof'      => self::proof( $this->key, array( 'belong pairing 1 service', $this->id, $body['public'], $public, $this->connection ) ),
		);
		return array( 201, $this->changes + $answer );
	}

	private function confirm( array $request, array $body ): array {
		$problem = Signer::problem( $request['headers'], 'confirm', $request['body'], array( $this->to_service ), $this->clock ?? time() );
		if ( '' !== $problem ) {
			return array( 401, array( 'code' => Signer::STALE === $problem ? 'stale-timestamp' : 'wrong-signature' ) );
		}
		if ( ! isset( $this->answered['confirm'] ) ) {
			$raw            = null === $body['rest_key'] ? null : base64_decode( $body['rest_key'] );
			$this->rest_key = null === $raw ? null : json_decode( sodium_crypto_aead_chacha20poly1305_ietf_decrypt( substr( $raw, 12 ), '', substr( $raw, 0, 12 ), $this->hand_over ), true );
		}
		$this->answered['confirm'] = true;
		if ( $this->meanwhile ) {
			call_user_func( $this->meanwhile );
		}
		return array(
			200,
			array(
				'connection' => $this->connection,
				'programme'  => 'Leaves',
				'reachable'  => true,
				'problem'    => null,
			),
		);
	}

	private static function proof( string $key, array $parts ): string {
		return base64_encode( hash_hmac( 'sha256', implode( "\n", $parts ), $key, true ) );
	}

	private static function url64( string $raw ): string {
		return rtrim( strtr( base64_encode( $raw ), '+/', '-_' ), '=' );
	}
}
