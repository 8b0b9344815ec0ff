<?php
/**
 * What is known about a person, for WordPress's own export.
 *
 * @package Belong
 */

namespace Belong\Personal;

use Belong\Account\Voice;
use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * What lies in the shop comes first; after it the whole history, a page for each call, as the service tells it. Where
 * that cannot be had, a line says so: an export that is silently short would be a wrong one.
 */
final class Exporter {

	const KEY = 'belong-for-woocommerce';

	// A page of reasons stays well below what Voice reads of one answer.
	const ENTRIES = 50;

	// A history longer than this many pages is no person's.
	const PAGES_MAX = 1000;

	/**
	 * Beside the others.
	 *
	 * @param array $exporters By key.
	 */
	public function add( $exporters ): array {
		$ours = array(
			'exporter_friendly_name' => __( 'Belong: points and badges', 'belong-for-woocommerce' ),
			'callback'               => array( $this, 'export' ),
		);
		return array( self::KEY => $ours ) + (array) $exporters;
	}

	/**
	 * One page of what is known.
	 *
	 * @param string $email Whose address.
	 * @param int    $page  From 1 on.
	 * @return array data, done
	 */
	public function export( $email, $page = 1 ): array {
		$user = get_user_by( 'email', (string) $email );
		if ( ! $user ) {
			return self::answer( array(), true );
		}
		$user_id = (int) $user->ID;
		$kept    = new Kept( $user_id );
		if ( (int) $page > 1 ) {
			return $this->history( array(), $kept, $user_id, (int) $page );
		}
		delete_transient( self::place( $user_id ) );
		return $this->history( $kept->items(), $kept, $user_id, 1 );
	}

	/**
	 * A page of the history. Where it goes on is remembered between two calls.
	 *
	 * @param array $items   What there is already.
	 * @param Kept  $kept    What lies in the shop.
	 * @param int   $user_id Whose.
	 * @param int   $page    From 1 on.
	 */
	private function history( array $items, Kept $kept, int $user_id, int $page ): array {
		if ( ! Connection::kept()->is_connected() ) {
			return self::answer( array_merge( $items, $kept->history() ), true );
		}
		$before = 1 === $page ? 0 : (int) get_transient( self::place( $user_id ) );
		$answer = $page > 1 && $before <= 0 ? Answer::none() : $this->ask( $user_id, $before );
		if ( 404 === $answer->status && null !== $answer->body && 'not-connected' !== $answer->code ) {
			return self::answer( $items, true );
		}
		$is_short = ! $answer->is_ok() || $page > self::PAGES_MAX;
		if ( $is_short ) {
			return self::answer( array_merge( $items, array( self::missing() ), 1 === $page ? $kept->history() : array() ), true );
		}
		$told = new Part( $answer->body );
		$next = $told->number( 'next_before' );
		if ( $next > 0 ) {
			set_transient( self::place( $user_id ), $next, HOUR_IN_SECONDS );
		} else {
			delete_transient( self::place( $user_id ) );
		}
		return self::answer( array_merge( $items, Item::history( $told->parts( 'entries' ) ) ), $next <= 0 );
	}

	/**
	 * Nobody is asked by a shop that may not call.
	 *
	 * @param int $user_id Whose history.
	 * @param int $before  Number of the entry that the last page ended with; 0 for the newest.
	 */
	private function ask( int $user_id, int $before ): Answer {
		return Voice::of_this_shop()->ask( $user_id, Voice::READ, 'entries?limit=' . self::ENTRIES . ( $before > 0 ? '&before=' . $before : '' ), null );
	}

	/**
	 * Read by whoever asked for the copy, not by the owner.
	 */
	private static function missing(): array {
		$words = __( 'The older history of points is missing here: it could not be read just now. Please ask for this copy again later.', 'belong-for-woocommerce' );
		return Item::of( 'belong-entries', 'missing', array( __( 'Missing', 'belong-for-woocommerce' ) => $words ) );
	}

	/**
	 * Where the history of somebody goes on.
	 *
	 * @param int $user_id Whose.
	 */
	private static function place( int $user_id ): string {
		return 'belong_export_' . $user_id;
	}

	/**
	 * As WordPress wants it.
	 *
	 * @param array $items   What is on it.
	 * @param bool  $is_over Whether it is the last one.
	 */
	private static function answer( array $items, bool $is_over ): array {
		return array(
			'data' => $items,
			'done' => $is_over,
		);
	}
}
