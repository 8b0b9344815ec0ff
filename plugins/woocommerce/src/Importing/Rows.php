<?php
/**
 * One row for each balance of an import: what was kept, what it becomes, and what came of it.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Placeholders;
use Belong\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * All that is counted and all that is left to do follows from it. No names and no addresses are in it.
 */
final class Rows {

	const STATE_NEW  = 'new';
	const BOOKED     = 'booked';
	const KNOWN      = 'known';
	const NOTHING    = 'nothing';
	const TAKEN_BACK = 'taken-back';
	const REFUSED    = 'refused';

	// Of whoever becomes a member by it.
	const JOINS = 'joins';

	const NO_ACCOUNT = 'no-account';
	const TWICE      = 'twice';
	const CHANGED    = 'changed';

	/**
	 * The last place that was looked at; 0 if none was.
	 */
	public static function last_place(): int {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		return (int) $wpdb->get_var( $wpdb->prepare( 'SELECT MAX(place) FROM %i', Schema::imports() ) );
	}

	/**
	 * Keeps what was found at a place. A second process that found the same changes nothing.
	 *
	 * @param array  $row    place, user and text.
	 * @param Amount $amount What it becomes.
	 * @param string $state  One of the states.
	 * @param string $code   Why it is refused.
	 */
	public static function keep( array $row, Amount $amount, string $state, string $code = '' ): void {
		global $wpdb;
		$sql = 'INSERT IGNORE INTO %i (place, user_id, old, whole, micro, points, is_rounded, state, code) VALUES (%d, %d, %s, %d, %d, %d, %d, %s, %s)';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- our own table.
		$wpdb->query( $wpdb->prepare( $sql, Schema::imports(), $row['place'], $row['user'], mb_substr( $row['text'], 0, 60 ), $amount->whole, $amount->micro, $amount->points, (int) $amount->is_rounded, $state, $code ) );
	}

	/**
	 * The next rows in one of these states.
	 *
	 * @param string[] $states Which.
	 * @param int      $limit  How many at most.
	 * @param int      $after  Place of the last one.
	 * @return object[] place, user_id, old, points, state, code; text and numbers as the database gives them
	 */
	public static function next( array $states, int $limit, int $after = 0 ): array {
		global $wpdb;
		$sql    = 'SELECT place, user_id, old, points, is_rounded, state, code FROM %i WHERE place > %d AND state IN (' . Placeholders::for_each( $states, '%s' ) . ') ORDER BY place LIMIT %d';
		$values = array_merge( array( Schema::imports(), $after ), $states, array( $limit ) );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- our own table.
		return (array) $wpdb->get_results( $wpdb->prepare( $sql, $values ) );
	}

	/**
	 * What came of one.
	 *
	 * @param int    $place Which.
	 * @param string $state One of the states.
	 * @param string $code  Why it is refused.
	 */
	public static function settle( int $place, string $state, string $code = '' ): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET state = %s, code = %s WHERE place = %d', Schema::imports(), $state, $code, $place ) );
	}

	/**
	 * Users who have a row already.
	 *
	 * @param int[] $users Which to look for.
	 * @return int[]
	 */
	public static function users( array $users ): array {
		global $wpdb;
		if ( ! $users ) {
			return array();
		}
		$sql = 'SELECT user_id FROM %i WHERE user_id IN (' . Placeholders::for_each( $users, '%d' ) . ')';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- our own table.
		return array_map( 'intval', $wpdb->get_col( $wpdb->prepare( $sql, array_merge( array( Schema::imports() ), $users ) ) ) );
	}

	/**
	 * Nothing is kept.
	 */
	public static function clear(): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i', Schema::imports() ) );
	}

	/**
	 * What was found of a user.
	 *
	 * @param int $user_id Whose.
	 * @return object[] place, old, points; as the database gives them
	 */
	public static function of_user( int $user_id ): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		return (array) $wpdb->get_results( $wpdb->prepare( 'SELECT place, old, points FROM %i WHERE user_id = %d ORDER BY place', Schema::imports(), $user_id ) );
	}

	/**
	 * Of a user who is erased nothing stays.
	 *
	 * @param int $user_id Whose.
	 */
	public static function forget_user( int $user_id ): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE user_id = %d', Schema::imports(), $user_id ) );
	}
}
