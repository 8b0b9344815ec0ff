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
 * totals follow later in the same request.
 */
final class Outbox {

	const ORDER    = 'order';
	const REFUND   = 'refund';
	const CUSTOMER = 'customer';

	// A command can run through thousands of orders: then the set is written and begun anew.
	const REMEMBERED_MAX = 500;

	/**
	 * What this request has marked: "kind:id" to the number of changes since its row was written.
	 *
	 * @var array<string, int>
	 */
	private $marked = array();

	/**
	 * Whether anything was written since the last wake.
	 *
	 * @var bool
	 */
	private $is_dirty = false;

	/**
	 * The object must be read again. One query the first time in a request, none after that.
	 *
	 * @param string     $kind      One of the constants.
	 * @param int        $object_id Its id.
	 * @param array|null $tombstone What cannot be read later, because the object is about to go.
	 */
	public function mark( string $kind, int $object_id, ?array $tombstone = null ): void {
		if ( $object_id <= 0 ) {
			return;
		}
		$key = $kind . ':' . $object_id;
		if ( null === $tombstone && isset( $this->marked[ $key ] ) ) {
			++$this->marked[ $key ];
			return;
		}
		if ( count( $this->marked ) >= self::REMEMBERED_MAX ) {
			$this->mark_again();
		}
		$this->write( array( array( $kind, $object_id ) ), $tombstone );
		$this->marked[ $key ] = 0;
	}

	/**
	 * What was changed after its row was written gets a new version, all in one query: a drain of another process may
	 * have read the object in between.
	 */
	public function mark_again(): void {
		$changed = array();
		foreach ( $this->marked as $key => $times ) {
			if ( $times > 0 ) {
				list( $kind, $object_id ) = explode( ':', $key );
				$changed[]                = array( $kind, (int) $object_id );
			}
		}
		$this->marked = array();
		if ( $changed ) {
			$this->write( $changed, null );
		}
	}

	/**
	 * The next mark of anything writes again. For the drain, which may take rows of this very request.
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
	 * One statement. A tombstone once written stays: deleting an order fires more hooks after we read it.
	 *
	 * @param array      $objects   Pairs of kind and id.
	 * @param array|null $tombstone For the only pair.
	 */
	private function write( array $objects, ?array $tombstone ): void {
		global $wpdb;
		$now    = gmdate( 'Y-m-d H:i:s' );
		$last   = null === $tombstone ? '' : wp_json_encode( $tombstone );
		$values = array( Schema::outbox() );
		foreach ( $objects as $pair ) {
			array_push( $values, $pair[0], $pair[1], $last, $now, $now );
		}
		$rows = implode( ', ', array_fill( 0, count( $objects ), "(%s, %d, 1, NULLIF(%s, ''), %s, %s)" ) );
		$sql  = "INSERT INTO %i (kind, object_id, version, tombstone, next_at, created_at) VALUES $rows
			ON DUPLICATE KEY UPDATE version = version + 1, next_at = VALUES(next_at),
			tombstone = COALESCE(VALUES(tombstone), tombstone)";
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- our own table; $rows holds only placeholders.
		$wpdb->query( $wpdb->prepare( $sql, $values ) );
		$this->is_dirty = true;
	}
}
