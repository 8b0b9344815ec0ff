<?php
/**
 * Signs and proves messages as Standard Webhooks.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * What a message is for stands at the beginning of its id, so that none can be replayed to another address.
 */
final class Signer {

	const ID        = 'webhook-id';
	const TIMESTAMP = 'webhook-timestamp';
	const SIGNATURE = 'webhook-signature';

	const TOLERANCE = 300;
	const WRONG     = 'wrong_signature';
	const STALE     = 'stale_timestamp';

	// While a secret is being changed there are two; who sends a hundred wants something else.
	const SIGNATURES_MAX = 8;

	/**
	 * Headers for a message. Each attempt has a new id.
	 *
	 * @param string $purpose Last word of the address.
	 * @param string $body    As it will be sent.
	 * @param string $secret  Bytes.
	 * @param int    $time    Unix seconds.
	 * @return array<string, string>
	 */
	public static function sign( string $purpose, string $body, string $secret, int $time ): array {
		$id = $purpose . '_' . bin2hex( random_bytes( 16 ) );
		return array(
			self::ID        => $id,
			self::TIMESTAMP => (string) $time,
			self::SIGNATURE => 'v1,' . self::signature( $id, (string) $time, $body, $secret ),
		);
	}

	/**
	 * What is wrong with a message; empty if nothing is. The signature is looked at first: whoever cannot sign learns
	 * nothing else.
	 *
	 * @param array    $headers By their names in small letters.
	 * @param string   $purpose Last word of the address it came to.
	 * @param string   $body    As it came.
	 * @param string[] $secrets Each of them may be the right one.
	 * @param int      $now     Unix seconds.
	 */
	public static function problem( array $headers, string $purpose, string $body, array $secrets, int $now ): string {
		$id   = (string) ( $headers[ self::ID ] ?? '' );
		$time = (string) ( $headers[ self::TIMESTAMP ] ?? '' );
		if ( ! preg_match( '/\A' . preg_quote( $purpose, '/' ) . '_[A-Za-z0-9-]{16,64}\z/', $id ) || ! preg_match( '/\A[0-9]{1,11}\z/', $time ) ) {
			return self::WRONG;
		}
		$given    = array_slice( explode( ' ', (string) ( $headers[ self::SIGNATURE ] ?? '' ) ), 0, self::SIGNATURES_MAX );
		$is_right = false;
		foreach ( $secrets as $secret ) {
			$wanted = 'v1,' . self::signature( $id, $time, $body, $secret );
			foreach ( $given as $signature ) {
				$is_right = hash_equals( $wanted, $signature ) || $is_right;
			}
		}
		if ( ! $is_right ) {
			return self::WRONG;
		}
		return abs( $now - (int) $time ) > self::TOLERANCE ? self::STALE : '';
	}

	/**
	 * In base64.
	 *
	 * @param string $id     Of the message.
	 * @param string $time   As it is sent.
	 * @param string $body   As it is sent.
	 * @param string $secret Bytes.
	 */
	public static function signature( string $id, string $time, string $body, string $secret ): string {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- the standard says so.
		return base64_encode( hash_hmac( 'sha256', $id . '.' . $time . '.' . $body, $secret, true ) );
	}
}
