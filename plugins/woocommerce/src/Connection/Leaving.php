<?php
/**
 * How a shop leaves, moves, or turns out to be a copy.
 *
 * @package Belong
 */

namespace Belong\Connection;

use Belong\Importing\Run;
use Belong\Schema;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * The owner decides; nothing of this happens by itself.
 */
final class Leaving {

	/**
	 * Nobody is told anything any more. Our side goes even if the service cannot be told.
	 *
	 * @return bool Whether the service knows.
	 */
	public static function disconnect(): bool {
		$connection = Connection::kept();
		$answer     = ( new Service( $connection ) )->post( 'disconnect', array() );
		$is_told    = $answer->is_ok() || Reasons::NOT_CONNECTED === Reasons::of( $answer );
		self::clear( $connection );
		return $is_told;
	}

	/**
	 * This is a copy: the original keeps its connection, so nobody is called. What was copied goes here, rows and the
	 * original's REST key among it, which would open this shop as well.
	 */
	public static function forget_as_copy(): void {
		global $wpdb;
		self::clear( Connection::kept() );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i', Schema::outbox() ) );
	}

	/**
	 * The shop has moved here: the service is told its new address.
	 */
	public static function move(): Answer {
		$connection = Connection::kept();
		$where      = array(
			'site'     => Site::address(),
			'rest_url' => Site::rest_url(),
		);
		$answer     = ( new Service( $connection ) )->post( 'site', $where, Pairing::CONFIRM_SECONDS );
		if ( $answer->is_ok() ) {
			$connection->has_moved( true === ( $answer->body['reachable'] ?? false ), $answer->text( 'problem' ) );
			do_action( 'belong_connected' );
		}
		return $answer;
	}

	/**
	 * Keys of both directions, and whatever waits to be done.
	 *
	 * @param Connection $connection Which.
	 */
	private static function clear( Connection $connection ): void {
		RestKey::delete( $connection->rest_key() );
		Unfinished::forget( true );
		Connection::forget();
		Wake::cancel_all();
		Run::forget();
	}
}
