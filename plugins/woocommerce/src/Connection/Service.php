<?php
/**
 * Calls the service.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Never from a page view: only the queue, wp-admin, and the end of a request whose answer the shopper has already. Never
 * throws, and logs nothing of what is sent.
 */
final class Service {

	const SECONDS      = 10;
	const ANSWER_BYTES = 8388608;
	const ID_HEADER    = 'belong-connection';

	// What a shop that is not where it was may say, because it settles that.
	const SETTLES = 'site';

	// What is asked for a customer, who may be no member.
	const OF_A_MEMBER = 'shopper-tokens';

	// That somebody takes part, who may be blocked.
	const JOINING = 'join';

	/**
	 * To whom.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * Calls nobody yet.
	 *
	 * @param Connection $connection To whom.
	 */
	public function __construct( Connection $connection ) {
		$this->connection = $connection;
	}

	/**
	 * Signs and posts. Where the clocks differ, once more with the service's.
	 *
	 * @param string       $purpose Last word of the address.
	 * @param array|string $body    What is sent, or the JSON of it.
	 * @param int          $seconds Patience.
	 */
	public function post( string $purpose, $body, int $seconds = self::SECONDS ): Answer {
		$is_elsewhere = $this->connection->is_other_site() && self::SETTLES !== $purpose;
		$json         = is_string( $body ) ? $body : wp_json_encode( (object) $body );
		if ( ! $this->connection->is_connected() || $is_elsewhere || false === $json ) {
			return Answer::none();
		}
		$answer = $this->send( $purpose, $json, $seconds );
		if ( 401 === $answer->status && 'stale-timestamp' === $answer->code && Health::learn_clock( $answer->date ) ) {
			$answer = $this->send( $purpose, $json, $seconds );
		}
		$this->note( $purpose, $answer );
		return $answer;
	}

	/**
	 * One POST of JSON, to anybody: pairing has no connection yet.
	 *
	 * @param string $url     Address.
	 * @param string $json    Body.
	 * @param array  $headers More of them.
	 * @param int    $seconds Patience.
	 */
	public static function post_json( string $url, string $json, array $headers = array(), int $seconds = self::SECONDS ): Answer {
		return Answer::read(
			wp_remote_post(
				$url,
				array(
					'timeout'             => $seconds,
					'redirection'         => 0,
					'sslverify'           => true,
					'limit_response_size' => self::ANSWER_BYTES,
					'user-agent'          => 'Belong for WooCommerce/' . Site::VERSION,
					'headers'             => $headers + array(
						'content-type' => 'application/json',
						'accept'       => 'application/json',
					),
					'body'                => $json,
				)
			)
		);
	}

	/**
	 * One attempt.
	 *
	 * @param string $purpose Last word of the address.
	 * @param string $json    Body.
	 * @param int    $seconds Patience.
	 */
	private function send( string $purpose, string $json, int $seconds ): Answer {
		$secrets = $this->connection->secrets_to_service();
		if ( ! $secrets ) {
			return Answer::none();
		}
		$headers = Signer::sign( $purpose, $json, $secrets[0], time() + Health::clock_offset() );
		$headers = $headers + array( self::ID_HEADER => $this->connection->id() );
		return self::post_json( $this->connection->service() . '/v1/store/' . $purpose, $json, $headers, $seconds );
	}

	/**
	 * What the merchant sees, and whether to go on. That somebody is no member yet, or blocked, is an answer like others.
	 *
	 * @param string $purpose Last word of the address.
	 * @param Answer $answer  What came.
	 */
	private function note( string $purpose, Answer $answer ): void {
		$is_no_member = self::OF_A_MEMBER === $purpose && 404 === $answer->status
			&& null !== $answer->body && 'not-connected' !== $answer->code;
		$is_refused   = self::JOINING === $purpose && 409 === $answer->status && 0 === strpos( $answer->code, 'member-' );
		if ( $answer->is_ok() || $is_no_member || $is_refused ) {
			Health::succeeded();
			return;
		}
		$reason = Reasons::of( $answer );
		// To be told again under another id, or in smaller parts, is no failure.
		if ( ! in_array( $reason, array( Reasons::REPLAYED, Reasons::TOO_LARGE ), true ) ) {
			Health::failed( $reason );
		}
		$stops = array( Reasons::OTHER_SITE, Reasons::NOT_CONNECTED, Reasons::REFUSED );
		if ( in_array( $reason, $stops, true ) ) {
			$this->connection->stop( $reason );
		}
	}
}
