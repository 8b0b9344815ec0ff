<?php
/**
 * Rows of the outbox: those that are due, and what becomes of them.
 *
 * @package Belong
 */

namespace Belong\Sending;

use Belong\Placeholders;
use Belong\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * Whatever is done to a row names the version that was sent: one that was marked meanwhile stays, and stays due.
 */
final class Rows {

	const COLUMNS   = 'id, kind, object_id, version, tombstone, attempts';
	const ERROR_MAX = 250;

	/**
	 * What must be told now, first marked first.
	 *
	 * @param int $limit     How many at most.
	 * @param int $since_ago For how many seconds they have been due at least.
	 * @return object[]
	 */
	public function due( int $limit, int $since_ago = 0 ): array {
		global $wpdb;
		$sql = 'SELECT ' . self::COLUMNS . ' FROM %i WHERE next_at <= %s ORDER BY id LIMIT %d';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table, names of columns.
		return (array) $wpdb->get_results( $wpdb->prepare( $sql, Schema::outbox(), self::at( time() - $since_ago ), $limit ) );
	}

	/**
	 * The rows of certain objects.
	 *
	 * @param array[] $objects Pairs of kind and id.
	 * @return object[]
	 */
	public function of( array $objects ): array {
		global $wpdb;
		$values = array( Schema::outbox() );
		foreach ( $objects as $object ) {
			array_push( $values, $object[0], $object[1] );
		}
		$sql = 'SELECT ' . self::COLUMNS . ' FROM %i WHERE ' . Placeholders::for_each( $objects, '(kind = %s AND object_id = %d)', ' OR ' ) . ' ORDER BY id';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table.
		return (array) $wpdb->get_results( $wpdb->prepare( $sql, $values ) );
	}

	/**
	 * They were told.
	 *
	 * @param object[] $rows As they were read.
	 */
	public function delete( array $rows ): void {
		global $wpdb;
		if ( ! $rows ) {
			return;
		}
		$values = array( Schema::outbox() );
		foreach ( $rows as $row ) {
			array_push( $values, $row->id, $row->version );
		}
		$sql = 'DELETE FROM %i WHERE ' . Placeholders::for_each( $rows, '(id = %d AND version = %d)', ' OR ' );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table.
		$wpdb->query( $wpdb->prepare( $sql, $values ) );
	}

	/**
	 * One could not be told; others go on.
	 *
	 * @param object $row     As it was read.
	 * @param string $error   What the merchant sees.
	 * @param int    $seconds When to try again.
	 */
	public function put_off( object $row, string $error, int $seconds ): void {
		global $wpdb;
		$sql    = 'UPDATE %i SET attempts = attempts + 1, last_error = %s, next_at = %s WHERE id = %d AND version = %d';
		$values = array( Schema::outbox(), mb_substr( $error, 0, self::ERROR_MAX ), self::at( time() + $seconds ), $row->id, $row->version );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table.
		$wpdb->query( $wpdb->prepare( $sql, $values ) );
	}

	/**
	 * A moment as the table keeps it.
	 *
	 * @param int $timestamp Unix seconds.
	 */
	private static function at( int $timestamp ): string {
		return gmdate( 'Y-m-d H:i:s', $timestamp );
	}
}
