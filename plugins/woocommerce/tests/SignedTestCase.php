<?php
/**
 * A connected shop that the service calls.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Signer;

abstract class SignedTestCase extends ShopTestCase {

	protected function setUp(): void {
		parent::setUp();
		ServiceDouble::connect();
	}

	protected static function snapshot( array $version ): string {
		return '{"schema":2,"version":[' . implode( ',', $version ) . ']}';
	}

	protected function ask( string $route, array $body ): \WP_REST_Response {
		return rest_do_request( $this->signed( $route, wp_json_encode( (object) $body ) ) );
	}

	protected function signed( string $route, string $body ): \WP_REST_Request {
		return $this->request( $route, $body, Signer::sign( $route, $body, ServiceDouble::TO_SHOP, time() ) );
	}

	protected function request( string $route, string $body, array $headers ): \WP_REST_Request {
		$request = new \WP_REST_Request( 'POST', '/belong/v1/' . $route );
		$request->set_body( $body );
		foreach ( $headers + array( 'content-type' => 'application/json' ) as $name => $value ) {
			$request->set_header( $name, $value );
		}
		return $request;
	}

	protected function code( \WP_REST_Response $answer ): string {
		return (string) ( $answer->get_data()['code'] ?? '' );
	}
}
