<?php
/**
 * What changed and is not told yet.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * One row for each dirty object. A row says that the object must be read again, never what is in it: lines, refunds and
 * totals follow later in the same request. So each row is written twice: at once, that nothing is lost if the process
 * ends, and with a new version when the request is done, because another process may have read it half finished.
 */
final class Outbox {

	const ORDER    = 'order';
	const CUSTOMER = 'customer';
	const REVIEW   = 'review';
	const PRIVACY  = 'privacy';

	// A command can run through thousands of orders: then the set is written and begun anew.
	const REMEMBERED_MAX = 500;

	// What becomes of a row that is there already. A tombstone once written stays: deleting an order fires more hooks
	// after we read it.
	const RENEW = "version = version + 1, attempts = 0, last_error = '', next_at = VALUES(next_at),
		tombstone = COALESCE(VALUES(tombstone), tombstone)";
	const KEEP  = 'version = version';

	/**
	 * Whether there is anybody to tell; asked at each mark, so it must cost nothing.
	 *
	 * @var callable
	 */
	private $is_connected;

	/**
	 * What this request has marked: "kind:id" to what cannot be read later.
	 *
	 * @var array<string, array|null>
	 */
	private $marked = array();

	/**
	 * Whether anything was written since the last wake.
	 *
	 * @var bool
	 */
	private $is_dirty = false;

	/**
	 * Notes nothing yet.
	 *
	 * @param callable $is_connected Whether there is anybody to tell.
	 */
	public function __construct( callable $is_connected ) {
		$this->is_connected = $is_connected;
	}

	/**
	 * The object must be read again. One query the first time in a request, none after that; none at all in a shop that
	 * is not connected: the service reads everything when it is.
	 *
	 * @param string     $kind      One of the constants.
	 * @param int        $object_id Its id.
	 * @param array|null $tombstone What cannot be read later, because the object is about to go.
	 */
	public function mark( string $kind, int $object_id, ?array $tombstone = null ): void {
		if ( $object_id <= 0 || ! call_user_func( $this->is_connected ) ) {
			return;
		}
		$key = $kind . ':' . $object_id;
		if ( null === $tombstone && array_key_exists( $key, $this->marked ) ) {
			return;
		}
		if ( count( $this->marked ) >= self::REMEMBERED_MAX ) {
			$this->mark_again();
		}
		if ( false !== $this->write( array( array( $kind, $object_id, $tombstone ) ) ) ) {
			$this->marked[ $key ] = $tombstone ?? $this->marked[ $key ] ?? null;
		}
	}

	/**
	 * All of this request gets a new version, in one query.
	 *
	 * @return array[] pairs of kind and id
	 */
	public function mark_again(): array {
		$objects = array();
		foreach ( $this->marked as $key => $tombstone ) {
			list( $kind, $object_id ) = explode( ':', $key );
			$objects[]                = array( $kind, (int) $object_id, $tombstone );
		}
		$this->marked = array();
		if ( $objects ) {
			$this->write( $objects );
		}
		return $objects;
	}

	/**
	 * The service lacks these and has asked for them. One that is marked already stays as it is: it is told anyway, or it
	 * was put off because the service would not take it, and asking again makes it no better.
	 *
	 * @param string $kind One of the constants.
	 * @param int[]  $ids  Of the objects.
	 * @return bool Whether any of them were not marked yet.
	 */
	public function want( string $kind, array $ids ): bool {
		$objects = array();
		foreach ( array_unique( $ids ) as $id ) {
			if ( $id > 0 ) {
				// An answer is owed: what turns out to be no order is told as gone.
				$objects[] = array( $kind, $id, array() );
			}
		}
		$is_news = false;
		foreach ( array_chunk( $objects, self::REMEMBERED_MAX ) as $some ) {
			$is_news = $this->write( $some, false ) > 0 || $is_news;
		}
		return $is_news;
	}

	/**
	 * As if nothing had been marked in this request. For tests, in which requests end early.
	 */
	public function forget(): void {
		$this->marked = array();
	}

	/**
	 * Whether something was written since this was asked last.
	 */
	public function take_dirty(): bool {
		$is_dirty       = $this->is_dirty;
		$this->is_dirty = false;
		return $is_dirty;
	}

	/**
	 * One statement.
	 *
	 * @param array[] $objects Kind, id, and tombstone or null.
	 * @param bool    $renews  Whether those that are there already are told as if they were new.
	 * @return int|false How many rows changed; false if it failed.
	 */
	private function write( array $objects, bool $renews = true ) {
		global $wpdb;
		$now    = gmdate( 'Y-m-d H:i:s' );
		$values = array( Schema::outbox() );
		foreach ( $objects as list( $kind, $object_id, $tombstone ) ) {
			array_push( $values, $kind, $object_id, null === $tombstone ? '' : wp_json_encode( (object) $tombstone ), $now, $now );
		}
		$sql = 'INSERT INTO %i (kind, object_id, version, tombstone, next_at, created_at) VALUES '
			. Placeholders::for_each( $objects, "(%s, %d, 1, NULLIF(%s, ''), %s, %s)" )
			. ' ON DUPLICATE KEY UPDATE ' . ( $renews ? self::RENEW : self::KEEP );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table.
		$changed        = $wpdb->query( $wpdb->prepare( $sql, $values ) );
		$this->is_dirty = $this->is_dirty || false !== $changed;
		return $changed;
	}
}
