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

	// Nobody holds points for a cart for longer (the service's own limit is a week), whatever became of a wish.
	const UNCLEAR_SECONDS = 604800;

	const COLUMNS = array( 'points', 'redemption', 'code', 'kind', 'name', 'value_minor', 'currency', 'percent_bp', 'minimum_minor', 'product_id', 'ends_at' );

	/**
	 * By code; false where there is none. WooCommerce asks for each code many times in a request.
	 *
	 * @var array<string, Reservation|false>
	 */
	private static $read = array();

	/**
	 * Key of a wish for the service: the one that it has already while nothing came of it or an order may still take what
	 * came, else the next.
	 *
	 * @param Wish $wish What, and who.
	 */
	public function key( Wish $wish ): string {
		global $wpdb;
		$sql = 'SELECT wish, ( state = %s OR ( state = %s AND ends_at > %s ) ) AS is_open FROM %i WHERE user_id = %d AND wish LIKE %s ORDER BY is_open DESC, id DESC LIMIT 1';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$last = $wpdb->get_row( $wpdb->prepare( $sql, Reservation::ASKED, Reservation::ISSUED, gmdate( 'Y-m-d H:i:s' ), Schema::reservations(), $wish->user_id, $wpdb->esc_like( $wish->stem() ) . '-%' ) );
		if ( $last && $last->is_open ) {
			return (string) $last->wish;
		}
		return $wish->stem() . '-' . ( $last ? (int) substr( $last->wish, strlen( $wish->stem() ) + 1 ) + 1 : 0 );
	}

	/**
	 * Somebody wants a reward, and the service is asked next. The same wish has one key until something came of it, also
	 * where two processes wish at once.
	 *
	 * @param Wish $wish What, and who.
	 * @return string Its key, for the service.
	 */
	public function ask( Wish $wish ): string {
		global $wpdb;
		$key  = $this->key( $wish );
		$ends = gmdate( 'Y-m-d H:i:s', time() + self::UNCLEAR_SECONDS );
		$sql  = 'INSERT INTO %i (wish, user_id, state, name, request, ends_at, created_at) VALUES (%s, %d, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE wish = wish';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), $key, $wish->user_id, Reservation::ASKED, $wish->name, $wish->request, $ends, gmdate( 'Y-m-d H:i:s' ) ) );
		return $key;
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
	 * Points that a member had set aside at a moment, and that no order has taken.
	 *
	 * @param int $user_id Whose.
	 * @param int $moment  Unix seconds: what is younger is in no number of that moment.
	 */
	public function points_held( int $user_id, int $moment ): int {
		global $wpdb;
		$sql = 'SELECT COALESCE( SUM( points ), 0 ) FROM %i WHERE user_id = %d AND state IN ( %s, %s ) AND created_at <= %s AND ends_at > %s';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		return (int) $wpdb->get_var( $wpdb->prepare( $sql, Schema::reservations(), $user_id, Reservation::ISSUED, Reservation::RELEASING, gmdate( 'Y-m-d H:i:s', $moment ), gmdate( 'Y-m-d H:i:s' ) ) );
	}

	/**
	 * Of a wish.
	 *
	 * @param string $key Of the wish.
	 */
	public function of_wish( string $key ): ?Reservation {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- our own table; two processes may write it.
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE wish = %s', Schema::reservations(), $key ) );
		return $row ? new Reservation( $row ) : null;
	}

	/**
	 * Of a code, in whatever case it was typed.
	 *
	 * @param mixed $code What WooCommerce asks for: also 0 and empty text.
	 */
	public function of_code( $code ): ?Reservation {
		global $wpdb;
		$code = self::plain( $code );
		if ( '' === $code ) {
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
	 * What an order has taken; null for nothing.
	 *
	 * @param int $order_id Its number.
	 */
	public function of_order( int $order_id ): ?Reservation {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- our own table; another process may write it.
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM %i WHERE order_id = %d AND state = %s', Schema::reservations(), $order_id, Reservation::USED ) );
		return $row ? new Reservation( $row ) : null;
	}

	/**
	 * An order takes it; of two orders one. What was read of it in this request stays read: nothing but this changes.
	 *
	 * @param string $code     As on the order.
	 * @param int    $user_id  Whose order.
	 * @param int    $order_id Its number.
	 */
	public function burn( string $code, int $user_id, int $order_id ): bool {
		global $wpdb;
		$code = self::plain( $code );
		if ( '' === $code ) {
			return false;
		}
		$read       = self::$read[ $code ] ?? false;
		self::$read = array();
		$sql        = 'UPDATE %i SET state = %s, order_id = %d WHERE code = %s AND user_id = %d AND state = %s AND ends_at > %s';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$changed = $wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), Reservation::USED, $order_id, $code, $user_id, Reservation::ISSUED, gmdate( 'Y-m-d H:i:s' ) ) );
		if ( 1 === $changed && $read ) {
			self::$read[ $code ] = $read->taken_by( $order_id );
		}
		return 1 === $changed;
	}

	/**
	 * A later order of the same shopper takes it from the one that has it; of two that want to, one does.
	 *
	 * @param Reservation $found    As it was read.
	 * @param int         $user_id  Whose order.
	 * @param int         $order_id The later one's number.
	 */
	public function move( Reservation $found, int $user_id, int $order_id ): bool {
		global $wpdb;
		$sql = 'UPDATE %i SET order_id = %d WHERE code = %s AND user_id = %d AND state = %s AND order_id = %d AND ends_at > %s';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$changed    = $wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), $order_id, $found->code(), $user_id, Reservation::USED, $found->order_id(), gmdate( 'Y-m-d H:i:s' ) ) );
		self::$read = 1 === $changed ? array( $found->code() => $found->taken_by( $order_id ) ) : array();
		return 1 === $changed;
	}

	/**
	 * The order has come to nothing: what it took can be used again until its end. What is over stays as it is.
	 *
	 * @param int $order_id Its number.
	 */
	public function free( int $order_id ): void {
		global $wpdb;
		$sql        = 'UPDATE %i SET state = %s, order_id = 0 WHERE order_id = %d AND state = %s AND ends_at > %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), Reservation::ISSUED, $order_id, Reservation::USED, gmdate( 'Y-m-d H:i:s' ) ) );
	}

	/**
	 * The order was paid: whatever becomes of it, nothing else takes what it took.
	 *
	 * @param int $order_id Its number.
	 */
	public function spend( int $order_id ): void {
		global $wpdb;
		$now        = gmdate( 'Y-m-d H:i:s' );
		$sql        = 'UPDATE %i SET ends_at = %s WHERE order_id = %d AND state = %s AND ends_at > %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), $now, $order_id, Reservation::USED, $now ) );
	}

	/**
	 * The cart does not want it any more: the service is told as soon as it can be.
	 *
	 * @param string $code     As in the cart.
	 * @param int    $user_id  Whose.
	 * @param int    $order_id The order that has it and that its shopper has left; 0 if none has it.
	 * @return bool Whether there was one that nothing else had taken.
	 */
	public function let_go( string $code, int $user_id, int $order_id = 0 ): bool {
		global $wpdb;
		$where      = array(
			'code'     => strtolower( $code ),
			'user_id'  => $user_id,
			'state'    => $order_id > 0 ? Reservation::USED : Reservation::ISSUED,
			'order_id' => $order_id,
		);
		self::$read = array();
		return 1 === $wpdb->update( Schema::reservations(), array( 'state' => Reservation::RELEASING ), $where ); // phpcs:ignore WordPress.DB -- our own table.
	}

	/**
	 * The same with all that a member has in other carts, or had before.
	 *
	 * @param int    $user_id Whose.
	 * @param string $key     Of the wish that stays; empty for none.
	 * @return bool Whether there was any.
	 */
	public function let_go_all( int $user_id, string $key = '' ): bool {
		global $wpdb;
		$sql        = 'UPDATE %i SET state = %s WHERE user_id = %d AND state = %s AND wish <> %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		return $wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), Reservation::RELEASING, $user_id, Reservation::ISSUED, $key ) ) > 0;
	}

	/**
	 * The shop belongs to another connection now, which knows nothing of these: none is worth anything any more, also
	 * where its order comes to nothing later. The one before gives the points back by itself.
	 */
	public function end_all(): void {
		global $wpdb;
		$now        = gmdate( 'Y-m-d H:i:s' );
		$sql        = 'UPDATE %i SET ends_at = %s, state = CASE WHEN state = %s THEN state ELSE %s END WHERE ends_at > %s';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		$wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), $now, Reservation::USED, Reservation::RELEASED, $now ) );
	}

	/**
	 * Nothing is set aside for it now: the service has said so, or it never was.
	 *
	 * @param string $key  Of the wish.
	 * @param string $from State that it must be in.
	 */
	public function close( string $key, string $from ): void {
		global $wpdb;
		$where      = array(
			'wish'  => $key,
			'state' => $from,
		);
		self::$read = array();
		$wpdb->update( Schema::reservations(), array( 'state' => Reservation::RELEASED ), $where ); // phpcs:ignore WordPress.DB -- our own table.
	}

	/**
	 * What the service must still be told, or asked again because its reply was lost: the oldest first.
	 *
	 * @param int $user_id Whose; 0 for everybody's.
	 * @param int $seconds How old an unclear one must be: a younger one may be asked for right now.
	 * @param int $limit   How many.
	 * @return Reservation[]
	 */
	public function unsettled( int $user_id, int $seconds, int $limit ): array {
		global $wpdb;
		$sql = 'SELECT * FROM %i WHERE ( state = %s OR ( state = %s AND created_at <= %s ) ) AND ( user_id = %d OR 0 = %d ) ORDER BY id LIMIT %d';
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		return self::read_rows( $wpdb->get_results( $wpdb->prepare( $sql, Schema::reservations(), Reservation::RELEASING, Reservation::ASKED, gmdate( 'Y-m-d H:i:s', time() - $seconds ), $user_id, $user_id, $limit ) ) );
	}

	/**
	 * All of a member, the oldest first.
	 *
	 * @param int $user_id Whose.
	 * @return Reservation[]
	 */
	public function of_user( int $user_id ): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		return self::read_rows( $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM %i WHERE user_id = %d ORDER BY id', Schema::reservations(), $user_id ) ) );
	}

	/**
	 * Nobody's any more, and over. A code that an order has used stays used, and is worth nothing either should that order
	 * come to nothing: its points were of somebody who is forgotten.
	 *
	 * @param int $user_id Whose.
	 * @return bool Whether there was any.
	 */
	public function forget_user( int $user_id ): bool {
		global $wpdb;
		$now        = gmdate( 'Y-m-d H:i:s' );
		$sql        = 'UPDATE %i SET user_id = 0, request = NULL, wish = CONCAT( %s, id ), ends_at = CASE WHEN ends_at > %s THEN %s ELSE ends_at END, state = CASE WHEN state = %s THEN state ELSE %s END WHERE user_id = %d';
		self::$read = array();
		// phpcs:ignore WordPress.DB -- our own table; the statement is fixed.
		return $wpdb->query( $wpdb->prepare( $sql, Schema::reservations(), 'forgotten-', $now, $now, Reservation::USED, Reservation::RELEASED, $user_id ) ) > 0;
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

	/**
	 * As the table keeps it; empty for what cannot be a code of ours, which is looked for nowhere.
	 *
	 * @param mixed $code In whatever case it was typed.
	 */
	private static function plain( $code ): string {
		$code = is_string( $code ) ? strtolower( trim( $code ) ) : '';
		return preg_match( self::SHAPE, $code ) ? $code : '';
	}

	/**
	 * Rows as they were read.
	 *
	 * @param array|null $rows Of our table.
	 * @return Reservation[]
	 */
	private static function read_rows( $rows ): array {
		return array_map(
			static function ( $row ) {
				return new Reservation( $row );
			},
			(array) $rows
		);
	}
}
