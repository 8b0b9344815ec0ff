<?php
/**
 * How much is waiting to be told.
 *
 * @package Belong
 */

namespace Belong\Connection;

use Belong\Schema;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * For people and for the service; the sender looks at rows itself.
 */
final class Queue {

	/**
	 * Its depth, and since when the oldest has been waiting.
	 *
	 * @return array{depth: int, oldest: string|null}
	 */
	public static function now(): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$row = $wpdb->get_row( $wpdb->prepare( 'SELECT COUNT(*) AS depth, MIN(created_at) AS oldest FROM %i', Schema::outbox() ) );
		return array(
			'depth'  => (int) ( $row->depth ?? 0 ),
			'oldest' => empty( $row->oldest ) ? null : str_replace( ' ', 'T', $row->oldest ) . 'Z',
		);
	}

	/**
	 * All of it is due now, and a drain is asked for. Who holds back calls after failures listens to the action.
	 */
	public static function send_now(): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET next_at = %s', Schema::outbox(), gmdate( 'Y-m-d H:i:s' ) ) );
		do_action( 'belong_send_now' );
		Wake::ask();
	}
}
