<?php
/**
 * A test in a shop that is connected to a service which refuses what the real one refuses.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Display\Snapshot;

abstract class ConnectedTestCase extends ShopTestCase {

	protected function setUp(): void {
		parent::setUp();
		ServiceDouble::connect();
	}

	/** The least that pages show. */
	protected function snapshot( int $counter ): string {
		$counts = array_fill_keys( Snapshot::COUNTS, 0 );
		return wp_json_encode( 
			array(
				'schema'      => 2,
				'points_name' => array( 'point', 'points' ),
				'version'     => array( 1, $counter ),
			) + $counts
		 );
	}

	protected function disconnect(): void {
		Connection::forget();
	}
}
