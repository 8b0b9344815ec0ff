<?php
/**
 * The programme's summary as it is kept.
 *
 * @package Belong
 */

namespace Belong\Rest;

use Belong\Display\Programme;

defined( 'ABSPATH' ) || exit;

/**
 * In an option that WordPress loads with every page: a product page that says what it earns must cost no query. It is at
 * most 64 KB, and changes with the programme.
 */
final class KeptProgramme {

	const BYTES_MAX = 65536;

	/**
	 * Writes it, unless what is kept is newer. Of equal versions the last one counts: rarities change within one.
	 *
	 * @param string $text JSON.
	 * @return string as it is kept now
	 */
	public static function write( string $text ): string {
		$kept = (string) get_option( Programme::OPTION, '' );
		$new  = self::version( $text );
		if ( null === $new || ( self::version( $kept ) ?? array( -1, -1 ) ) > $new ) {
			return $kept;
		}
		update_option( Programme::OPTION, $text, true );
		return (string) get_option( Programme::OPTION, '' );
	}

	/**
	 * Epoch and version of the programme; null for what is no summary.
	 *
	 * @param string $text JSON.
	 * @return int[]|null
	 */
	private static function version( string $text ): ?array {
		$read    = strlen( $text ) <= self::BYTES_MAX ? json_decode( $text, true, 32 ) : null;
		$version = is_array( $read ) ? $read['version'] ?? null : null;
		$is_good = is_array( $version ) && array( 0, 1 ) === array_keys( $version ) && is_int( $version[0] ) && is_int( $version[1] );
		return $is_good ? $version : null;
	}
}
