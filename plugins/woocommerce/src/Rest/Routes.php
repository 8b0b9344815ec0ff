<?php
/**
 * What the service may ask of the shop.
 *
 * @package Belong
 */

namespace Belong\Rest;

use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Queue;
use Belong\Connection\Reasons;
use Belong\Connection\Site;

defined( 'ABSPATH' ) || exit;

/**
 * Five addresses below belong/v1, all signed; see docs/plugin-wire.md. Nothing of the shop is told but what was pushed.
 */
final class Routes {

	const BASE      = 'belong/v1';
	const ITEMS_MAX = 100;

	// Last word of the address, and what answers there.
	const ALL = array( 'snapshots', 'removals', 'shown', 'programme', 'state' );

	/**
	 * Makes them known to WordPress.
	 */
	public function register(): void {
		$gate = new Gate();
		foreach ( self::ALL as $name ) {
			register_rest_route(
				self::BASE,
				'/' . $name,
				array(
					'methods'             => 'POST',
					'callback'            => array( $this, $name ),
					'permission_callback' => array( $gate, 'admits' ),
					'show_in_index'       => false,
				)
			);
		}
	}

	/**
	 * Writes snapshots where they are newer.
	 *
	 * @param \WP_REST_Request $request Proven.
	 * @return array|\WP_Error
	 */
	public function snapshots( \WP_REST_Request $request ) {
		$given = self::listed( $request, 'snapshots' );
		if ( null === $given ) {
			return self::unreadable();
		}
		$kept = new KeptSnapshots();
		return array(
			'results' => array_map(
				static function ( $one ) use ( $kept ) {
					return $kept->write( is_array( $one ) ? $one['customer'] ?? null : null, is_array( $one ) ? $one['body'] ?? null : null );
				},
				$given
			),
		);
	}

	/**
	 * Nothing of ours stays with these customers.
	 *
	 * @param \WP_REST_Request $request Proven.
	 * @return array|\WP_Error
	 */
	public function removals( \WP_REST_Request $request ) {
		$given = self::listed( $request, 'customers' );
		return null === $given ? self::unreadable() : array( 'results' => array_map( array( new KeptSnapshots(), 'remove' ), $given ) );
	}

	/**
	 * What is shown to these customers, by version and digest.
	 *
	 * @param \WP_REST_Request $request Proven.
	 * @return array|\WP_Error
	 */
	public function shown( \WP_REST_Request $request ) {
		$given = self::listed( $request, 'customers' );
		return null === $given ? self::unreadable() : array( 'customers' => array_map( array( new KeptSnapshots(), 'shown' ), $given ) );
	}

	/**
	 * Writes the programme's summary, unless it is older than what is kept.
	 *
	 * @param \WP_REST_Request $request Proven.
	 * @return array|\WP_Error
	 */
	public function programme( \WP_REST_Request $request ) {
		$body = self::body( $request );
		return isset( $body['programme'] ) && is_string( $body['programme'] ) ? array( 'programme' => KeptProgramme::write( $body['programme'] ) ) : self::unreadable();
	}

	/**
	 * What the shop says of itself.
	 */
	public function state(): array {
		$health = Health::read();
		return array(
			'versions'      => Site::versions(),
			'site'          => Site::address(),
			'is_other_site' => Connection::kept()->is_other_site(),
			'queue'         => Queue::now(),
			'last_success'  => self::moment( $health['last_success'] ),
			'last_failure'  => self::moment( $health['last_failure'] ),
			'reason'        => Reasons::in_words( $health['reason'] ),
		);
	}

	/**
	 * Null for never.
	 *
	 * @param int $seconds Unix seconds.
	 */
	private static function moment( int $seconds ): ?string {
		return $seconds > 0 ? gmdate( 'Y-m-d\TH:i:s.000\Z', $seconds ) : null;
	}

	/**
	 * A list of the body; null if there is none, or one that is too long.
	 *
	 * @param \WP_REST_Request $request Proven.
	 * @param string           $key     Its name.
	 */
	private static function listed( \WP_REST_Request $request, string $key ): ?array {
		$list = self::body( $request )[ $key ] ?? null;
		return is_array( $list ) && count( $list ) <= self::ITEMS_MAX ? array_values( $list ) : null;
	}

	/**
	 * What was signed, and not what WordPress has gathered from the address besides.
	 *
	 * @param \WP_REST_Request $request Proven.
	 */
	private static function body( \WP_REST_Request $request ): array {
		$body = json_decode( (string) $request->get_body(), true, 16 );
		return is_array( $body ) ? $body : array();
	}

	/**
	 * It has not the form that was agreed on.
	 */
	private static function unreadable(): \WP_Error {
		return new \WP_Error( 'belong_unreadable', __( 'This cannot be read.', 'belong-for-woocommerce' ), array( 'status' => 400 ) );
	}
}
