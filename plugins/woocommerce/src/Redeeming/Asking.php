<?php
/**
 * Sets points aside at the service, and lets them go.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Account\Voice;
use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Sending\Pace;

defined( 'ABSPATH' ) || exit;

/**
 * Each question can be asked again: a hold by the key of its wish, a release by nature. Only in an act of the shopper
 * or in the queue, never in a page view and never inside an order's hooks.
 */
final class Asking {

	// A shopper waits for it.
	const SECONDS = 4;

	// Another process asks the same at this moment.
	const ATTEMPTS      = 3;
	const PAUSE_SECONDS = 0.4;

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * Asks nothing yet.
	 *
	 * @param Reservations $reservations Our table.
	 */
	public function __construct( Reservations $reservations ) {
		$this->reservations = $reservations;
	}

	/**
	 * Whether it makes sense to ask.
	 */
	public static function is_possible(): bool {
		return Connection::kept()->is_open() && ! ( new Pace() )->is_down();
	}

	/**
	 * Asks for points to be set aside, and writes down what came of it.
	 *
	 * @param string $key     Of the wish, which is in the table.
	 * @param int    $user_id Whose.
	 * @param string $request What is sent, as JSON.
	 */
	public function hold( string $key, int $user_id, string $request ): Answer {
		$answer = self::redeem( $user_id, (array) json_decode( $request, true ), $key );
		if ( $answer->is_ok() ) {
			$this->keep( $key, $answer );
		} elseif ( self::is_none( $answer ) ) {
			$this->reservations->close( $key, Reservation::ASKED );
		}
		return $answer;
	}

	/**
	 * Asks for points to be used or set aside, once for each key. Writes nothing down.
	 *
	 * @param int    $user_id Whose.
	 * @param array  $wish    What is sent.
	 * @param string $key     Of the wish.
	 */
	public static function redeem( int $user_id, array $wish, string $key ): Answer {
		$answer = Answer::none();
		for ( $attempt = 1; $attempt <= self::ATTEMPTS; $attempt++ ) {
			$answer = self::ask( $user_id, 'redemptions', $wish, array( 'idempotency-key' => $key ) );
			if ( 'request-under-way' !== $answer->code || self::ATTEMPTS === $attempt ) {
				break;
			}
			usleep( (int) ( self::PAUSE_SECONDS * 1000000 ) );
		}
		return $answer;
	}

	/**
	 * Tells the service that points are not wanted any more. Where it set none aside, or time or an order was quicker,
	 * nothing is left to say.
	 *
	 * @param Reservation $reservation Which is to be let go.
	 * @return bool Whether it is settled.
	 */
	public function release( Reservation $reservation ): bool {
		$answer = self::ask( $reservation->user_id(), 'redemptions/' . rawurlencode( $reservation->redemption() ) . '/release', array(), array() );
		if ( ! $answer->is_ok() && ! self::is_no( $answer ) ) {
			return false;
		}
		$this->reservations->close( $reservation->wish(), Reservation::RELEASING );
		return true;
	}

	/**
	 * Whether the service has decided that nothing happens. Somebody in between who refuses has no code and decides
	 * nothing.
	 *
	 * @param Answer $answer What came.
	 */
	public static function is_no( Answer $answer ): bool {
		$is_for_later = in_array( $answer->code, array( 'request-under-way', 'too-fast', 'not-connected', 'other-site', 'replayed' ), true );
		// Of what it cannot read, such as a cart of more than 500 lines, the service says no code, but what all its problems say.
		$is_problem = 400 === $answer->status && 400 === ( $answer->body['status'] ?? 0 );
		$is_of_ours = null !== $answer->body && ( '' !== $answer->code || 404 === $answer->status || $is_problem );
		return $is_of_ours && ! $is_for_later && in_array( $answer->status, array( 400, 404, 409, 422 ), true );
	}

	/**
	 * Whether the service has set nothing aside, and whoever wants it asks anew.
	 *
	 * @param Answer $answer What came of asking for a hold.
	 */
	public static function is_none( Answer $answer ): bool {
		return self::is_no( $answer ) || 'too-fast' === $answer->code;
	}

	/**
	 * Writes down a hold. Anything else that the service answers is none, such as one that has lapsed since.
	 *
	 * @param string $key    Of the wish.
	 * @param Answer $answer What the service said.
	 */
	private function keep( string $key, Answer $answer ): void {
		$body    = $answer->body;
		$ends_at = $answer->moment( 'lapses_at' );
		$kind    = $answer->text( 'kind' );
		$value   = (int) ( $body['value_minor'] ?? 0 );
		if ( 'held' !== $answer->text( 'state' ) || '' === $answer->text( 'code' ) || $ends_at <= time() ) {
			$this->reservations->close( $key, Reservation::ASKED );
			return;
		}
		$this->reservations->issue(
			$key,
			array(
				'points'        => (int) ( $body['points'] ?? 0 ),
				'redemption'    => $answer->text( 'redemption' ),
				'code'          => $answer->text( 'code' ),
				// A percentage with a cap was reckoned for this cart and is an amount now.
				'kind'          => 'percent' === $kind && $value > 0 ? 'amount' : $kind,
				'value_minor'   => $value,
				'currency'      => $answer->text( 'currency' ),
				'percent_bp'    => (int) ( $body['percent_bp'] ?? 0 ),
				'minimum_minor' => (int) ( $body['minimum_order_minor'] ?? 0 ),
				'product_id'    => (int) $answer->text( 'product_id' ),
				'ends_at'       => gmdate( 'Y-m-d H:i:s', $ends_at ),
			)
		);
	}

	/**
	 * In the member's name. What nobody answers is remembered, so that the next page does not offer it.
	 *
	 * @param int    $user_id Whose.
	 * @param string $path    Below /v1/me/.
	 * @param array  $body    Posted.
	 * @param array  $headers More of them.
	 */
	private static function ask( int $user_id, string $path, array $body, array $headers ): Answer {
		$answer = ( new Voice( Connection::kept(), self::SECONDS ) )->ask( $user_id, Voice::REDEEM, $path, $body, $headers );
		$pace   = new Pace();
		if ( $answer->is_ok() ) {
			$pace->succeeded( true, $pace->collects() );
		} elseif ( $answer->is_network_failure() || $answer->status >= 500 ) {
			$pace->failed( true, $answer->retry_after );
		}
		return $answer;
	}
}
