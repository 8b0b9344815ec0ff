<?php
/**
 * The table of what points were set aside for.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * A row is there before the service is asked, so a lost reply is asked for again with the same key. Each step from one
 * state to the next is one conditional update: of two that try at once, one succeeds.
 */
final class Reservations {

	// Sixteen letters of Crockford's alphabet, with or without signs between them.
	const SHAPE = '/\A[0-9a-z-]{16,40}\z/';

	// A row says something of orders and disputes for so long.
	const DAYS = 400;

	// A command can run through thousands of orders.
	const REMEMBERED_MAX = 100;

	const COLUMNS = array( 'redemption', 'code', 'kind', 'name', 'value_minor', 'currency', 'percent_bp', 'minimum_minor', 'product_id', 'ends_at' );

	/**
	 * By code; false where there is none. WooCommerce asks for each code many times in a request.
	 *
	 * @var array<string, Reservation|false>
	 */
	private static $read = array();

	/**
	 * Somebody wants a reward, and the service is asked next.
	 *
	 * @param string $key     Of this wish, for the service.
	 * @param int    $user_id Who.
	 */
	public function ask( string $key, int $user_id ): void {
		global $wpdb;
		$now = gmdate( 'Y-m-d H:i:s' );
		$sql = 'INSERT INTO %i (wish, user_id, state, ends_at, created_at) VALUES (%s, %d, %s, %s, %s) ON DUPLICATE KEY UPDATE wish = wish';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), $key, $user_id, Reservation::ASKED, $now, $now ) );
	}

	/**
	 * The service has set points aside.
	 *
	 * @param string $key   Of the wish.
	 * @param array  $given Keys as in COLUMNS; ends_at as in the table, in UTC.
	 * @return bool Whether it was this call that wrote it.
	 */
	public function issue( string $key, array $given ): bool {
		global $wpdb;
		$given         = array_intersect_key( $given, array_flip( self::COLUMNS ) ) + array( 'state' => Reservation::ISSUED );
		$given['code'] = strtolower( (string) ( $given['code'] ?? '' ) );
		$where         = array(
			'wish'  => $key,
			'state' => Reservation::ASKED,
		);
		self::$read    = array();
		return 1 === $wpdb->update( Schema::reservations(), $given, $where ); // phpcs:ignore WordPress.DB -- our own table.
	}

	/**
	 * Of a code, in whatever case it was typed.
	 *
	 * @param mixed $code What WooCommerce asks for: also 0 and empty text.
	 */
	public function of_code( $code ): ?Reservation {
		global $wpdb;
		$code = is_string( $code ) ? strtolower( trim( $code ) ) : '';
		if ( ! preg_match( self::SHAPE, $code ) ) {
			return null;
		}
		if ( ! isset( self::$read[ $code ] ) ) {
			self::$read = count( self::$read ) < self::REMEMBERED_MAX ? self::$read : array();
			$sql = 'SELECT * FROM %i WHERE code = %s';
			// phpcs:ignore WordPress.DB -- our own table; kept for this request.
			$row = $wpdb->get_row( $wpdb->prepare( $sql, Schema::reservations(), $code ) );
			self::$read[ $code ] = $row ? new Reservation( $row ) : false;
		}
		return self::$read[ $code ] ? self::$read[ $code ] : null;
	}

	/**
	 * An order takes it; of two orders one.
	 *
	 * @param string $code     As on the order.
	 * @param int    $user_id  Whose order.
	 * @param int    $order_id Its number.
	 */
	public function burn( string $code, int $user_id, int $order_id ): bool {
		global $wpdb;
		$sql        = 'UPDATE %i SET state = %s, order_id = %d WHERE code = %s AND user_id = %d AND state = %s AND ends_at > %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$changed = $wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), Reservation::USED, $order_id, strtolower( $code ), $user_id, Reservation::ISSUED, gmdate( 'Y-m-d H:i:s' ) ) );
		return 1 === $changed;
	}

	/**
	 * The order has come to nothing: what it took can be used again until its end.
	 *
	 * @param int $order_id Its number.
	 */
	public function free( int $order_id ): void {
		global $wpdb;
		$sql        = 'UPDATE %i SET state = %s, order_id = 0 WHERE order_id = %d AND state = %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), Reservation::ISSUED, $order_id, Reservation::USED ) );
	}

	/**
	 * Another request begins, or another process may have written.
	 */
	public function forget(): void {
		self::$read = array();
	}

	/**
	 * Rows of long ago go.
	 */
	public function prune(): void {
		global $wpdb;
		$before = gmdate( 'Y-m-d H:i:s', time() - self::DAYS * DAY_IN_SECONDS );
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE ends_at < %s', Schema::reservations(), $before ) );
	}
}
