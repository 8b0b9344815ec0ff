<?php
/**
 * How calls of the service have gone.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * In an option of its own that no page loads: it changes with calls, and the shop's pages need none of it.
 */
final class Health {

	const OPTION = 'belong_health';

	// A success that follows a success is written once in this time.
	const SECONDS = 30;

	// A clock that is wrong by more is no clock.
	const OFFSET_MAX = 86400;

	const NOTHING = array(
		'last_success' => 0,
		'last_failure' => 0,
		'reason'       => '',
		'clock_offset' => 0,
	);

	/**
	 * All of it: keys as in NOTHING, moments in Unix seconds, reason a word of Reasons.
	 */
	public static function read(): array {
		$kept = get_option( self::OPTION, array() );
		return is_array( $kept ) ? array_intersect_key( $kept, self::NOTHING ) + self::NOTHING : self::NOTHING;
	}

	/**
	 * The service has taken something.
	 */
	public static function succeeded(): void {
		$now = self::read();
		if ( $now['last_failure'] >= $now['last_success'] || time() - $now['last_success'] >= self::SECONDS ) {
			self::write( array( 'last_success' => time() ) );
		}
	}

	/**
	 * It has not, or it was not there.
	 *
	 * @param string $reason A word of Reasons, never what somebody else wrote.
	 */
	public static function failed( string $reason ): void {
		self::write(
			array(
				'last_failure' => time(),
				'reason'       => $reason,
			)
		);
	}

	/**
	 * Seconds to add to the shop's clock so that it is the service's.
	 */
	public static function clock_offset(): int {
		return (int) self::read()['clock_offset'];
	}

	/**
	 * Takes it from the service's Date.
	 *
	 * @param string $date As in the header.
	 * @return bool Whether that may help.
	 */
	public static function learn_clock( string $date ): bool {
		$offset = self::offset_of( $date );
		if ( null === $offset || self::clock_offset() === $offset ) {
			return false;
		}
		self::write( array( 'clock_offset' => $offset ) );
		return true;
	}

	/**
	 * Seconds by which the service's clock is ahead of the shop's, by an answer that has just come; null if it does not say.
	 *
	 * @param string $date As in the header.
	 */
	public static function offset_of( string $date ): ?int {
		$theirs = '' === $date ? false : strtotime( $date );
		$offset = false === $theirs ? null : $theirs - time();
		return null === $offset || abs( $offset ) > self::OFFSET_MAX ? null : $offset;
	}

	/**
	 * A connection begins, with a success and what is known of the clocks.
	 *
	 * @param int $clock_offset Seconds.
	 */
	public static function begin( int $clock_offset ): void {
		$now = array(
			'last_success' => time(),
			'clock_offset' => $clock_offset,
		);
		update_option( self::OPTION, $now + self::NOTHING, false );
	}

	/**
	 * Nothing is known.
	 */
	public static function forget(): void {
		delete_option( self::OPTION );
	}

	/**
	 * Writes parts of it.
	 *
	 * @param array $parts What changes.
	 */
	private static function write( array $parts ): void {
		update_option( self::OPTION, $parts + self::read(), false );
	}
}
