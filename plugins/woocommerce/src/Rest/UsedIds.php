<?php
/**
 * Which messages were taken.
 *
 * @package Belong
 */

namespace Belong\Rest;

use Belong\Connection\Signer;
use Belong\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * Each once, also where two processes get the same one: the table's key decides.
 */
final class UsedIds {

	// Older ones would be refused for their age, whichever clock is ahead.
	const SECONDS = 4 * Signer::TOLERANCE;

	// One of so many calls looks for what can go.
	const PRUNE_EVERY = 50;

	/**
	 * Whether it is new. Where that cannot be written down it is not.
	 *
	 * @param string $id Of the message, proven already.
	 */
	public static function take( string $id ): bool {
		global $wpdb;
		$now = time();
		if ( 1 === wp_rand( 1, self::PRUNE_EVERY ) ) {
			self::prune( $now );
		}
		$sql = 'INSERT IGNORE INTO %i (id, used_at) VALUES (%s, %s)';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table.
		return 1 === $wpdb->query( $wpdb->prepare( $sql, Schema::used_ids(), $id, gmdate( 'Y-m-d H:i:s', $now ) ) );
	}

	/**
	 * Forgets those that are too old to come again.
	 *
	 * @param int $now Unix seconds.
	 */
	public static function prune( int $now ): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE used_at < %s', Schema::used_ids(), gmdate( 'Y-m-d H:i:s', $now - self::SECONDS ) ) );
	}
}
