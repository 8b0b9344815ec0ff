<?php
/**
 * Answers what the plugin posts, and remembers it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;

final class ServiceDouble {

	const ADDRESS    = 'https://points.example/sub';
	const CONNECTION = '6f1c2f0e-8f1b-4f57-9a3d-0c1d2e3f4a5b';
	const TO_SERVICE = 'bytes that sign what we tell 000';
	const TO_SHOP    = 'bytes that sign what it tells 00';

	/**
	 * Every request: url, headers, body, and what else was asked of it.
	 *
	 * @var array[]
	 */
	public $requests = array();

	/**
	 * What the next calls get: [status, body, headers], a callable that says it, or null for "nobody is there".
	 *
	 * @var array
	 */
	private $answers;

	public function __construct( ...$answers ) {
		$this->answers = $answers;
		add_filter( 'pre_http_request', array( $this, 'answer' ), 10, 3 );
	}

	/** As pairing leaves it. */
	public static function connect( array $more = array() ): Connection {
		return Connection::keep(
			$more + array(
				'service'      => self::ADDRESS,
				'id'           => self::CONNECTION,
				'programme'    => 'Leaves',
				'to_service'   => array( base64_encode( self::TO_SERVICE ) ),
				'to_shop'      => array( base64_encode( self::TO_SHOP ) ),
				'connected_at' => 1795780800,
				'is_reachable' => true,
			)
		);
	}

	/** What comes after the answers so far. */
	public function then( ...$answer ): void {
		$this->answers[] = 1 === count( $answer ) ? $answer[0] : $answer;
	}

	public function answer( $before, array $request, string $url ) {
		$this->requests[] = $request + array( 'url' => $url );
		$answer           = array_shift( $this->answers );
		if ( is_callable( $answer ) ) {
			$answer = $answer( $request, $url );
		}
		if ( null === $answer ) {
			return new \WP_Error( 'http_request_failed', 'cURL error 28: ' . $url );
		}
		list( $status, $body, $headers ) = $answer + array( 200, array(), array() );
		return array(
			'headers'  => new \WpOrg\Requests\Utility\CaseInsensitiveDictionary( $headers ),
			'body'     => is_array( $body ) ? wp_json_encode( (object) $body ) : $body,
			'response' => array(
				'code'    => $status,
				'message' => '',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	}
}
