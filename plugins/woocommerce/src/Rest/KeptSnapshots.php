<?php
/**
 * Snapshots as they are kept in user meta.
 *
 * @package Belong
 */

namespace Belong\Rest;

use Belong\Account\Choices;
use Belong\Account\Place;
use Belong\Display\Snapshot;
use Belong\Redeeming\JustTaken;
use Belong\Redeeming\OpenPresses;

defined( 'ABSPATH' ) || exit;

/**
 * Newer replaces older, whatever comes when. User meta has no unique key and may be cached, so what counts is read from
 * the table, and each change names what it replaces: of two at once one finds that nothing is there any more and looks again.
 */
final class KeptSnapshots {

	const BYTES_MAX = 16384;

	// All that we keep of a user in their meta; statements below have a place for each.
	const METAS = array( Snapshot::META, Choices::BADGE, Choices::BOARD, Choices::MAILS, OpenPresses::META, JustTaken::META, Place::META );

	// Each failure means that somebody else has written; so many do not come.
	const ATTEMPTS = 20;

	/**
	 * Writes one, if it is newer.
	 *
	 * @param mixed $customer Id of the user, as text.
	 * @param mixed $body     JSON text.
	 * @return array customer, state, reason, version of what is kept now
	 */
	public function write( $customer, $body ): array {
		$user_id = self::user_id( $customer );
		$version = self::version( $body );
		if ( 0 === $user_id || null === $version ) {
			return self::result( $customer, 'refused', 0 === $user_id ? 'customer' : 'body', null );
		}
		if ( ! self::is_there( $user_id ) ) {
			return self::result( $customer, 'gone', '', null );
		}
		for ( $attempt = 0; $attempt < self::ATTEMPTS; $attempt++ ) {
			$rows  = self::rows( $user_id );
			$first = array_shift( $rows );
			if ( null === $first ) {
				if ( ! self::insert( $user_id, $body ) ) {
					return self::result( $customer, 'refused', 'database', null );
				}
				// Another process may have done the same.
				continue;
			}
			if ( $rows ) {
				self::settle( array_merge( array( $first ), $rows ) );
				continue;
			}
			$kept = self::version( $first->meta_value );
			if ( $body === $first->meta_value ) {
				return self::result( $customer, 'accepted', '', $version );
			}
			if ( null !== $kept && $kept >= $version ) {
				return self::result( $customer, 'obsolete', '', $kept );
			}
			if ( false === self::replace( $first, $body ) ) {
				return self::result( $customer, 'refused', 'database', $kept );
			}
		}
		return self::result( $customer, 'refused', 'busy', null );
	}

	/**
	 * Nothing of ours stays.
	 *
	 * @param mixed $customer Id of the user, as text.
	 */
	public function remove( $customer ): array {
		global $wpdb;
		$user_id = self::user_id( $customer );
		if ( 0 === $user_id ) {
			return self::result( $customer, 'refused', 'customer', null );
		}
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- past caches, and of users who are gone as well.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE user_id = %d AND meta_key IN (%s, %s, %s, %s, %s, %s, %s)', $wpdb->usermeta, $user_id, ...self::METAS ) );
		wp_cache_delete( $user_id, 'user_meta' );
		return self::rows( $user_id ) ? self::result( $customer, 'refused', 'database', null ) : self::result( $customer, 'accepted', '', null );
	}

	/**
	 * Whether anything of ours is there.
	 *
	 * @param int $user_id Whose.
	 */
	public function has_any( int $user_id ): bool {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- past caches.
		return (bool) $wpdb->get_var( $wpdb->prepare( 'SELECT COUNT(*) FROM %i WHERE user_id = %d AND meta_key IN (%s, %s, %s, %s, %s, %s, %s)', $wpdb->usermeta, $user_id, ...self::METAS ) );
	}

	/**
	 * What is kept.
	 *
	 * @param mixed $customer Id of the user, as text.
	 */
	public function shown( $customer ): array {
		$user_id = self::user_id( $customer );
		$rows    = $user_id > 0 ? self::rows( $user_id ) : array();
		$text    = $rows ? (string) $rows[0]->meta_value : null;
		return array(
			'customer' => is_scalar( $customer ) ? (string) $customer : '',
			'is_there' => $user_id > 0 && self::is_there( $user_id ),
			'version'  => null === $text ? null : self::version( $text ),
			'digest'   => null === $text ? null : hash( 'sha256', $text ),
		);
	}

	/**
	 * Epoch and counter; null for what is no snapshot.
	 *
	 * @param mixed $body JSON text, mostly.
	 * @return int[]|null
	 */
	public static function version( $body ): ?array {
		if ( ! is_string( $body ) || strlen( $body ) > self::BYTES_MAX ) {
			return null;
		}
		$read    = json_decode( $body, true, 32 );
		$version = is_array( $read ) && 0 === strpos( ltrim( $body ), '{' ) ? $read['version'] ?? null : null;
		$is_good = is_array( $version ) && array( 0, 1 ) === array_keys( $version ) && is_int( $version[0] ) && is_int( $version[1] );
		return $is_good && $version[0] >= 0 && $version[1] >= 0 ? $version : null;
	}

	/**
	 * Rows of a user, the first written first; more than one only for a moment.
	 *
	 * @param int $user_id Whose.
	 * @return object[]
	 */
	private static function rows( int $user_id ): array {
		global $wpdb;
		$sql = 'SELECT umeta_id, user_id, meta_value FROM %i WHERE user_id = %d AND meta_key = %s ORDER BY umeta_id';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- past caches.
		return (array) $wpdb->get_results( $wpdb->prepare( $sql, $wpdb->usermeta, $user_id, Snapshot::META ) );
	}

	/**
	 * The first one.
	 *
	 * @param int    $user_id Whose.
	 * @param string $body    JSON text.
	 */
	private static function insert( int $user_id, string $body ): bool {
		global $wpdb;
		$sql = 'INSERT INTO %i (user_id, meta_key, meta_value) VALUES (%d, %s, %s)';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- past caches.
		$done = $wpdb->query( $wpdb->prepare( $sql, $wpdb->usermeta, $user_id, Snapshot::META, $body ) );
		wp_cache_delete( $user_id, 'user_meta' );
		return 1 === $done;
	}

	/**
	 * In the place of what was read; no row is changed if that is not there any more.
	 *
	 * @param object $row  As it was read.
	 * @param string $body JSON text.
	 * @return int|false as of $wpdb
	 */
	private static function replace( object $row, string $body ) {
		global $wpdb;
		$sql = 'UPDATE %i SET meta_value = %s WHERE umeta_id = %d AND meta_value = %s';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- past caches.
		$done = $wpdb->query( $wpdb->prepare( $sql, $wpdb->usermeta, $body, $row->umeta_id, $row->meta_value ) );
		wp_cache_delete( (int) $row->user_id, 'user_meta' );
		return $done;
	}

	/**
	 * Of several rows the newest stays, of equals the first; one that was changed meanwhile is left alone.
	 *
	 * @param object[] $rows As they were read.
	 */
	private static function settle( array $rows ): void {
		global $wpdb;
		$best = 0;
		foreach ( $rows as $at => $row ) {
			if ( ( self::version( $row->meta_value ) ?? array( -1, -1 ) ) > ( self::version( $rows[ $best ]->meta_value ) ?? array( -1, -1 ) ) ) {
				$best = $at;
			}
		}
		unset( $rows[ $best ] );
		foreach ( $rows as $row ) {
			$sql = 'DELETE FROM %i WHERE umeta_id = %d AND meta_value = %s';
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- past caches.
			$wpdb->query( $wpdb->prepare( $sql, $wpdb->usermeta, $row->umeta_id, $row->meta_value ) );
			wp_cache_delete( (int) $row->user_id, 'user_meta' );
		}
	}

	/**
	 * Whether there is such a user, past caches.
	 *
	 * @param int $user_id Who.
	 */
	private static function is_there( int $user_id ): bool {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- past caches.
		return null !== $wpdb->get_var( $wpdb->prepare( 'SELECT ID FROM %i WHERE ID = %d', $wpdb->users, $user_id ) );
	}

	/**
	 * 0 for what is no id.
	 *
	 * @param mixed $customer As text.
	 */
	private static function user_id( $customer ): int {
		return is_string( $customer ) && preg_match( '/\A[1-9][0-9]{0,17}\z/', $customer ) ? (int) $customer : 0;
	}

	/**
	 * As the wire has it.
	 *
	 * @param mixed      $customer As it came.
	 * @param string     $state    accepted, obsolete, gone or refused.
	 * @param string     $reason   A word, if it was refused.
	 * @param array|null $version  Of what is kept now.
	 */
	private static function result( $customer, string $state, string $reason, ?array $version ): array {
		return array(
			'customer' => is_scalar( $customer ) ? (string) $customer : '',
			'state'    => $state,
			'reason'   => $reason,
			'version'  => $version,
		);
	}
}
