<?php
/**
 * A pairing that is under way.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Any answer can get lost. Kept are our key and what was handed over, so that the same code goes on where it was; and the
 * secret of the service, which calls us before it answers the last call.
 */
final class Unfinished {

	const OPTION = 'belong_pairing';

	// As long as a code is good, and a little for clocks.
	const SECONDS = 1200;

	/**
	 * What is kept of this code; whatever was kept of another is gone, its REST key too.
	 *
	 * @param string $code_id Of the code.
	 * @return array id, secret (ours, in base64), started; later also to_shop, rest_key, sealed
	 */
	public static function of( string $code_id ): array {
		$kept = self::read();
		if ( ( $kept['id'] ?? '' ) === $code_id ) {
			return $kept;
		}
		self::forget( true );
		$fresh = array(
			'id'      => $code_id,
			'secret'  => PairKeys::base64( PairKeys::new_private() ),
			'started' => time(),
		);
		update_option( self::OPTION, $fresh, false );
		return $fresh;
	}

	/**
	 * More is known of it.
	 *
	 * @param array $parts What changes.
	 */
	public static function add( array $parts ): array {
		$now = $parts + self::read();
		update_option( self::OPTION, $now, false );
		return $now;
	}

	/**
	 * The service's secret while it does not know whether we have heard of it.
	 *
	 * @return string[]
	 */
	public static function secrets_to_shop(): array {
		$kept = self::read();
		if ( empty( $kept['to_shop'] ) || abs( time() - (int) $kept['started'] ) > self::SECONDS ) {
			return array();
		}
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys are bytes.
		return array( base64_decode( $kept['to_shop'] ) );
	}

	/**
	 * The REST key that was made for it; empty if none was.
	 */
	public static function rest_key(): array {
		$row = self::read()['rest_key'] ?? array();
		return is_array( $row ) ? $row : array();
	}

	/**
	 * It is done, or given up.
	 *
	 * @param bool $with_key Whether the REST key goes too, because nobody will use it.
	 */
	public static function forget( bool $with_key ): void {
		if ( $with_key ) {
			RestKey::delete( self::rest_key() );
		}
		delete_option( self::OPTION );
	}

	/**
	 * As it is kept.
	 */
	private static function read(): array {
		$kept = get_option( self::OPTION, array() );
		return is_array( $kept ) ? $kept : array();
	}
}
