<?php
/**
 * What the merchant carries from the service to the shop.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Address, id and key, with a check at the end: a slip of the hand is found before anybody is asked.
 */
final class PairingCode {

	const BEGINS      = 'BELONG1.';
	const ID_BYTES    = 16;
	const KEY_BYTES   = 32;
	const CHECK_BYTES = 4;

	/**
	 * Of the service, without a slash at the end.
	 *
	 * @var string
	 */
	public $address;

	/**
	 * A UUID.
	 *
	 * @var string
	 */
	public $id;

	/**
	 * 32 bytes.
	 *
	 * @var string
	 */
	public $key;

	/**
	 * By read.
	 *
	 * @param string $address Of the service.
	 * @param string $id      A UUID.
	 * @param string $key     32 bytes.
	 */
	private function __construct( string $address, string $id, string $key ) {
		$this->address = $address;
		$this->id      = $id;
		$this->key     = $key;
	}

	/**
	 * From what was pasted: mails break long lines, and people copy what stands around.
	 *
	 * @param string $text As it was pasted.
	 * @throws PairingProblem If it is torn, mistyped or of a newer version.
	 */
	public static function read( string $text ): self {
		$text = (string) preg_replace( '/[\s\x{200B}\x{FEFF}\x{00A0}\x{60}"\']+/u', '', $text );
		if ( preg_match( '/\ABELONG([2-9]|[1-9][0-9]+)\./', $text ) ) {
			throw new PairingProblem( PairingProblem::NEWER );
		}
		$parts = explode( '.', $text );
		if ( 0 !== strpos( $text, self::BEGINS ) || 3 !== count( $parts ) ) {
			throw new PairingProblem( PairingProblem::TORN );
		}
		$address = self::from_base64url( $parts[1] );
		$raw     = self::from_base64url( $parts[2] );
		$length  = self::ID_BYTES + self::KEY_BYTES;
		if ( strlen( $raw ) < $length + self::CHECK_BYTES || '' === $address ) {
			throw new PairingProblem( PairingProblem::TORN );
		}
		$body = substr( $raw, 0, $length );
		if ( substr( hash( 'sha256', $address . $body, true ), 0, self::CHECK_BYTES ) !== substr( $raw, $length ) ) {
			throw new PairingProblem( PairingProblem::MISTYPED );
		}
		if ( ! preg_match( '#\Ahttps?://[^\s/?\#@]+(/[^\s?\#]*)?\z#i', $address ) ) {
			throw new PairingProblem( PairingProblem::MISTYPED );
		}
		return new self( $address, self::uuid( substr( $body, 0, self::ID_BYTES ) ), substr( $body, self::ID_BYTES ) );
	}

	/**
	 * Whether others on the way could read what is sent. Within a house, and on one machine, it is the owner's matter.
	 */
	public function is_open_to_others(): bool {
		if ( 0 === stripos( $this->address, 'https://' ) ) {
			return false;
		}
		$host = strtolower( trim( (string) wp_parse_url( $this->address, PHP_URL_HOST ), '[].' ) );
		if ( false !== filter_var( $host, FILTER_VALIDATE_IP ) ) {
			return false !== filter_var( $host, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE );
		}
		return false !== strpos( $host, '.' ) && ! preg_match( '/\.(local|lan|home|internal|test|arpa)\z/', $host );
	}

	/**
	 * As text.
	 *
	 * @param string $raw 16 bytes.
	 */
	private static function uuid( string $raw ): string {
		return implode( '-', sscanf( bin2hex( $raw ), '%8s%4s%4s%4s%12s' ) );
	}

	/**
	 * Empty for what is no base64url.
	 *
	 * @param string $text Without padding.
	 */
	private static function from_base64url( string $text ): string {
		if ( ! preg_match( '/\A[A-Za-z0-9_-]+\z/', $text ) ) {
			return '';
		}
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- the code is written so.
		return (string) base64_decode( strtr( $text, '-_', '+/' ), false );
	}
}
