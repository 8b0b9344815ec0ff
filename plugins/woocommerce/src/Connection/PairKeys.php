<?php
/**
 * What both sides know after the exchange of keys.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * X25519, HMAC, HKDF, ChaCha20-Poly1305: PHP's own, or WordPress's substitute for sodium. See docs/plugin-wire.md.
 */
final class PairKeys {

	const BYTES = 32;
	const NONCE = 12;

	/**
	 * Signs what the shop tells.
	 *
	 * @var string
	 */
	public $to_service;

	/**
	 * Signs what the service tells.
	 *
	 * @var string
	 */
	public $to_shop;

	/**
	 * Seals the REST key.
	 *
	 * @var string
	 */
	private $hand_over;

	/**
	 * By agree.
	 *
	 * @param string $all 96 bytes.
	 */
	private function __construct( string $all ) {
		list( $this->to_service, $this->to_shop, $this->hand_over ) = str_split( $all, self::BYTES );
	}

	/**
	 * A fresh private key, 32 bytes.
	 */
	public static function new_private(): string {
		return random_bytes( self::BYTES );
	}

	/**
	 * The public key of a private one, in base64.
	 *
	 * @param string $secret 32 bytes.
	 */
	public static function public_of( string $secret ): string {
		return self::base64( sodium_crypto_scalarmult_base( $secret ) );
	}

	/**
	 * The permanent keys, bound to the code and both public keys.
	 *
	 * @param PairingCode $code           With it all began.
	 * @param string      $secret         Our private key.
	 * @param string      $service_public The service's, in base64.
	 * @throws PairingProblem For a key with which everybody would know the secret, or that is none.
	 */
	public static function agree( PairingCode $code, string $secret, string $service_public ): self {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys are bytes.
		$theirs = (string) base64_decode( $service_public, true );
		if ( self::BYTES !== strlen( $theirs ) || self::base64( $theirs ) !== $service_public ) {
			throw new PairingProblem( PairingProblem::NOT_PROVEN );
		}
		try {
			$shared = sodium_crypto_scalarmult( $secret, $theirs );
		} catch ( \SodiumException $refused ) {
			throw new PairingProblem( PairingProblem::NOT_PROVEN );
		}
		if ( hash_equals( str_repeat( "\0", self::BYTES ), $shared ) ) {
			throw new PairingProblem( PairingProblem::NOT_PROVEN );
		}
		$info = implode( "\n", array( 'belong pairing 1 keys', $code->id, self::public_of( $secret ), $service_public ) );
		return new self( hash_hkdf( 'sha256', $shared, 3 * self::BYTES, $info, $code->key ) );
	}

	/**
	 * That the shop has the code: over its key and its addresses.
	 *
	 * @param PairingCode $code     The code.
	 * @param string      $public   Ours, in base64.
	 * @param string      $site     The shop's address.
	 * @param string      $rest_url Where its REST API begins.
	 */
	public static function shop_proof( PairingCode $code, string $public, string $site, string $rest_url ): string {
		return self::proof( $code, array( 'belong pairing 1 shop', $code->id, $public, $site, $rest_url ) );
	}

	/**
	 * That the service has it: over both keys, and what the connection will be called.
	 *
	 * @param PairingCode $code           The code.
	 * @param string      $public         Ours, in base64.
	 * @param string      $service_public Theirs.
	 * @param string      $connection     A UUID.
	 */
	public static function service_proof( PairingCode $code, string $public, string $service_public, string $connection ): string {
		return self::proof( $code, array( 'belong pairing 1 service', $code->id, $public, $service_public, $connection ) );
	}

	/**
	 * So that only the service can read it, in base64.
	 *
	 * @param string      $plain What is handed over.
	 * @param string|null $nonce For tests; otherwise a fresh one.
	 */
	public function seal( string $plain, ?string $nonce = null ): string {
		$nonce = $nonce ?? random_bytes( self::NONCE );
		return self::base64( $nonce . sodium_crypto_aead_chacha20poly1305_ietf_encrypt( $plain, '', $nonce, $this->hand_over ) );
	}

	/**
	 * As all bytes are written here.
	 *
	 * @param string $raw Bytes.
	 */
	public static function base64( string $raw ): string {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys are bytes.
		return base64_encode( $raw );
	}

	/**
	 * In base64.
	 *
	 * @param PairingCode $code  Its key proves.
	 * @param string[]    $parts What is proven.
	 */
	private static function proof( PairingCode $code, array $parts ): string {
		return self::base64( hash_hmac( 'sha256', implode( "\n", $parts ), $code->key, true ) );
	}
}
