<?php
/**
 * Asks the service in the name of whoever is signed in.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The shop's server gets a token for one customer and few minutes; a page never sees it. Only in an act, never in a
 * page view.
 */
final class Voice {

	const SECONDS  = 8;
	const LIFETIME = 60;
	const READ     = 'read';
	const CHOOSE   = 'choose';

	/**
	 * The connection; null if there is none.
	 *
	 * @var SignedCalls|null
	 */
	private $calls;

	/**
	 * Of a connection.
	 *
	 * @param SignedCalls|null $calls The connection; null if there is none.
	 */
	public function __construct( ?SignedCalls $calls ) {
		$this->calls = $calls;
	}

	/**
	 * Of this shop's connection.
	 */
	public static function of_this_shop(): self {
		/**
		 * The shop's connection.
		 *
		 * @param SignedCalls|null $calls Null if there is none.
		 */
		$calls = apply_filters( 'belong_signed_calls', null );
		return new self( $calls instanceof SignedCalls ? $calls : null );
	}

	/**
	 * Whether asking makes sense. Costs nothing.
	 */
	public function is_open(): bool {
		return null !== $this->calls && $this->calls->is_open();
	}

	/**
	 * Asks for a customer of this shop.
	 *
	 * @param int        $user_id Who is signed in.
	 * @param string     $scope   READ or CHOOSE.
	 * @param string     $path    Below /v1/me/.
	 * @param array|null $body    Posted; null asks only.
	 * @return array status (0: no answer) and decoded body or null
	 */
	public function ask( int $user_id, string $scope, string $path, ?array $body ): array {
		if ( $user_id <= 0 || ! $this->is_open() ) {
			return array( 0, null );
		}
		$wanted                = array(
			'customer' => (string) $user_id,
			'scopes'   => array( $scope ),
			'seconds'  => self::LIFETIME,
		);
		list( $status, $given ) = $this->calls->post( 'shopper-tokens', $wanted, self::SECONDS );
		$token                 = is_array( $given ) ? ( $given['token'] ?? null ) : null;
		if ( ! is_string( $token ) || ! in_array( $status, array( 200, 201 ), true ) ) {
			return array( 404 === $status ? 404 : 0, null );
		}
		return $this->request( $token, $path, $body );
	}

	/**
	 * With the token.
	 *
	 * @param string     $token Of one customer.
	 * @param string     $path  Below /v1/me/.
	 * @param array|null $body  Posted; null asks only.
	 */
	private function request( string $token, string $path, ?array $body ): array {
		$request = array(
			'method'      => null === $body ? 'GET' : 'POST',
			'timeout'     => self::SECONDS,
			'redirection' => 0,
			'headers'     => array(
				'authorization' => 'Bearer ' . $token,
				'content-type'  => 'application/json',
			),
		);
		if ( null !== $body ) {
			$request['body'] = wp_json_encode( (object) $body );
		}
		$answer = wp_remote_request( $this->calls->address() . '/v1/me/' . $path, $request );
		if ( is_wp_error( $answer ) ) {
			return array( 0, null );
		}
		$decoded = json_decode( wp_remote_retrieve_body( $answer ), true );
		return array( (int) wp_remote_retrieve_response_code( $answer ), is_array( $decoded ) ? $decoded : null );
	}
}
