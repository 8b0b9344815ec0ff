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
	const REDEEM       = 'redeem';

	/**
	 * To whom.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Patience with each of the two calls.
	 *
	 * @var int
	 */
	private $seconds;

	/**
	 * Asks nobody yet.
	 *
	 * @param Connection $connection To whom.
	 * @param int        $seconds    Patience with each of the two calls.
	 */
	public function __construct( Connection $connection, int $seconds = self::SECONDS ) {
		$this->connection = $connection;
		$this->seconds    = $seconds;
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
	 * @param string     $scope   READ, CHOOSE or REDEEM.
	 * @param string     $path    Below /v1/me/.
	 * @param array|null $body    Posted; null asks only.
	 * @param array      $headers More of them.
	 */
	public function ask( int $user_id, string $scope, string $path, ?array $body, array $headers = array() ): Answer {
		if ( $user_id <= 0 || ! $this->is_open() ) {
			return Answer::none();
		}
		$wanted = array(
			'customer' => (string) $user_id,
			'scopes'   => array( $scope ),
			'seconds'  => self::LIFETIME,
		);
		$given  = ( new Service( $this->connection ) )->post( Service::OF_A_MEMBER, $wanted, $this->seconds );
		$token  = $given->is_ok() ? $given->text( 'token' ) : '';
		return '' === $token ? $given : $this->request( $token, $path, $body, $headers );
	}

	/**
	 * Says that a customer of this shop has agreed to take part. Who is no member has no token. Never throws.
	 *
	 * @param int $user_id Who is signed in.
	 */
	public function agree( int $user_id ): Answer {
		if ( $user_id <= 0 || ! $this->is_open() ) {
			return Answer::none();
		}
		$body = array(
			'customer' => (string) $user_id,
			'agrees'   => true,
		);
		return ( new Service( $this->connection ) )->post( Service::JOINING, $body, $this->seconds );
	}

	/**
	 * With the token.
	 *
	 * @param string     $token   Of one customer.
	 * @param string     $path    Below /v1/me/.
	 * @param array|null $body    Posted; null asks only.
	 * @param array      $headers More of them.
	 */
	private function request( string $token, string $path, ?array $body, array $headers ): Answer {
		$request = array(
			'method'              => null === $body ? 'GET' : 'POST',
			'timeout'             => $this->seconds,
			'redirection'         => 0,
			'limit_response_size' => self::ANSWER_BYTES,
			'user-agent'          => 'Belong for WooCommerce/' . Site::VERSION,
			'headers'             => $headers + array(
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
