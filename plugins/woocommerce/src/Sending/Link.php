<?php
/**
 * What a batch needs of the connection.
 *
 * @package Belong
 */

namespace Belong\Sending;

use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Service;
use Belong\Connection\Site;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * Looks anew each time: another process may have connected or disconnected the shop meanwhile.
 */
final class Link {

	const PURPOSE = 'batch';

	// An answer takes milliseconds. A drain has patience all the same, a shopper's worker has not.
	const DIRECT_SECONDS = 3;

	/**
	 * Whether there is anybody to tell. Costs nothing.
	 */
	public function is_connected(): bool {
		return Connection::kept()->is_connected();
	}

	/**
	 * Whether it may be told now: connected, and nothing that only the owner can settle. Costs nothing.
	 */
	public function is_open(): bool {
		return Connection::kept()->is_open();
	}

	/**
	 * What every batch says of the shop.
	 */
	public function head(): array {
		$programme = (string) get_option( Programme::OPTION, '' );
		return array(
			'site'     => Site::address(),
			'collects' => true,
			'versions' => Site::versions(),
			'summary'  => '' === $programme ? null : hash( 'sha256', $programme ),
		);
	}

	/**
	 * Signs and posts a batch, each time with a new id. Never throws.
	 *
	 * @param string $body      As JSON.
	 * @param bool   $is_direct Whether a shopper's worker waits: then not for long.
	 */
	public function post( string $body, bool $is_direct ): Answer {
		return ( new Service( Connection::kept() ) )->post( self::PURPOSE, $body, $is_direct ? self::DIRECT_SECONDS : Service::SECONDS );
	}

	/**
	 * Keeps what the answer brought for the shop.
	 *
	 * @param array $answer Of the service.
	 * @return array[] "shown": customer, epoch and counter of each snapshot that is there now; "removed": customers
	 */
	public function keep( array $answer ): array {
		$done = array(
			'shown'   => array(),
			'removed' => array(),
		);
		foreach ( (array) ( $answer['snapshots'] ?? array() ) as $one ) {
			$version = $this->write( (int) ( $one['customer'] ?? 0 ), (string) ( $one['body'] ?? '' ) );
			if ( $version ) {
				$done['shown'][] = array_merge( array( (string) (int) $one['customer'] ), $version );
			}
		}
		foreach ( (array) ( $answer['removals'] ?? array() ) as $customer ) {
			delete_user_meta( (int) $customer, Snapshot::META );
			$done['removed'][] = (string) (int) $customer;
		}
		if ( is_string( $answer['programme'] ?? null ) && ( new Programme( $answer['programme'] ) )->exists() ) {
			update_option( Programme::OPTION, $answer['programme'], true );
		}
		return $done;
	}

	/**
	 * One snapshot, if it is newer than what is there.
	 *
	 * @param int    $user_id Of the customer.
	 * @param string $text    As it came.
	 * @return int[] epoch and counter of what is there now; empty if nothing is
	 */
	private function write( int $user_id, string $text ): array {
		$new = Snapshot::read( $text );
		if ( ! $new->exists() || ! get_userdata( $user_id ) ) {
			return array();
		}
		$kept = Snapshot::of( $user_id );
		if ( ! $kept->exists() || $new->version() > $kept->version() ) {
			update_user_meta( $user_id, Snapshot::META, wp_slash( $text ) );
			return $new->version();
		}
		return $kept->version();
	}
}
