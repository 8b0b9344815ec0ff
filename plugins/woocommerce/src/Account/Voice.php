<?php
/**
 * Asks the service in the name of whoever is signed in.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Service;
use Belong\Connection\Site;

defined( 'ABSPATH' ) || exit;

/**
 * The shop's server gets a token for one customer and one minute; a page never sees it. Only in an act, never in a page
 * view.
 */
final class Voice {

	const SECONDS      = 8;
	const LIFETIME     = 60;
	const ANSWER_BYTES = 65536;
	const READ         = 'read';
	const CHOOSE       = 'choose';

	/**
	 * To whom.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Asks nobody yet.
	 *
	 * @param Connection $connection To whom.
	 */
	public function __construct( Connection $connection ) {
		$this->connection = $connection;
	}

	/**
	 * Of this shop's connection.
	 */
	public static function of_this_shop(): self {
		return new self( Connection::kept() );
	}

	/**
	 * Whether asking makes sense. Costs nothing.
	 */
	public function is_open(): bool {
		return $this->connection->is_open();
	}

	/**
	 * Asks for a customer of this shop. Never throws.
	 *
	 * @param int        $user_id Who is signed in.
	 * @param string     $scope   READ or CHOOSE.
	 * @param string     $path    Below /v1/me/.
	 * @param array|null $body    Posted; null asks only.
	 */
	public function ask( int $user_id, string $scope, string $path, ?array $body ): Answer {
		if ( $user_id <= 0 || ! $this->is_open() ) {
			return Answer::none();
		}
		$wanted = array(
			'customer' => (string) $user_id,
			'scopes'   => array( $scope ),
			'seconds'  => self::LIFETIME,
		);
		$given  = ( new Service( $this->connection ) )->post( Service::OF_A_MEMBER, $wanted, self::SECONDS );
		$token  = $given->is_ok() ? $given->text( 'token' ) : '';
		return '' === $token ? $given : $this->request( $token, $path, $body );
	}

	/**
	 * With the token.
	 *
	 * @param string     $token Of one customer.
	 * @param string     $path  Below /v1/me/.
	 * @param array|null $body  Posted; null asks only.
	 */
	private function request( string $token, string $path, ?array $body ): Answer {
		$request = array(
			'method'              => null === $body ? 'GET' : 'POST',
			'timeout'             => self::SECONDS,
			'redirection'         => 0,
			'limit_response_size' => self::ANSWER_BYTES,
			'user-agent'          => 'Belong for WooCommerce/' . Site::VERSION,
			'headers'             => array(
				'authorization' => 'Bearer ' . $token,
				'content-type'  => 'application/json',
				'accept'        => 'application/json',
			),
		);
		if ( null !== $body ) {
			$request['body'] = wp_json_encode( (object) $body );
		}
		return Answer::read( wp_remote_request( $this->connection->service() . '/v1/me/' . $path, $request ) );
	}
}
