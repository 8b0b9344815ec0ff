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
use Belong\Rest\KeptProgramme;
use Belong\Rest\KeptSnapshots;

defined( 'ABSPATH' ) || exit;

/**
 * Looks anew each time: another process may have connected or disconnected the shop meanwhile.
 */
final class Link {

	const PURPOSE = 'batch';

	// An answer takes milliseconds. A drain has patience all the same, a shopper's worker has not.
	const DIRECT_SECONDS = 3;

	/**
	 * Whom the last message was for.
	 *
	 * @var Connection|null
	 */
	private $asked = null;

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
		$this->asked = Connection::kept();
		return ( new Service( $this->asked ) )->post( self::PURPOSE, $body, $is_direct ? self::DIRECT_SECONDS : Service::SECONDS );
	}

	/**
	 * Keeps what the answer brought for the shop, unless it joined another connection meanwhile: what the one before had
	 * pushed is gone, and must not come back.
	 *
	 * @param array $answer Of the service.
	 * @return array[] "shown": customer, epoch and counter of each snapshot that is there now; "removed": customers
	 */
	public function keep( array $answer ): array {
		$done = array(
			'shown'   => array(),
			'removed' => array(),
		);
		$brings = ! empty( $answer['snapshots'] ) || ! empty( $answer['removals'] ) || isset( $answer['programme'] );
		if ( $brings && $this->asked && $this->asked->is_replaced() ) {
			return $done;
		}
		$kept = new KeptSnapshots();
		foreach ( (array) ( $answer['snapshots'] ?? array() ) as $one ) {
			$result = is_array( $one ) ? $kept->write( $one['customer'] ?? null, $one['body'] ?? null ) : array();
			if ( isset( $result['version'] ) ) {
				$done['shown'][] = array_merge( array( $result['customer'] ), $result['version'] );
			}
		}
		foreach ( (array) ( $answer['removals'] ?? array() ) as $customer ) {
			$result = $kept->remove( $customer );
			if ( 'accepted' === $result['state'] ) {
				$done['removed'][] = $result['customer'];
			}
		}
		if ( is_string( $answer['programme'] ?? null ) ) {
			KeptProgramme::write( $answer['programme'] );
		}
		return $done;
	}
}
