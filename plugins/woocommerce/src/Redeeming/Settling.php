<?php
/**
 * Clears up what the service was not told, or whose reply was lost.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Connection;
use Belong\Sending\Pace;

defined( 'ABSPATH' ) || exit;

/**
 * A wish without a reply is asked once more under its key, which shows whether points were set aside; nobody waits for
 * them any more, so they go back. Whatever this does not reach lapses at the service by itself.
 */
final class Settling {

	const ROWS    = 20;
	const SECONDS = 15;

	// A shopper's request may be at it until then.
	const UNCLEAR_AFTER = 60;

	// The same shopper may have two requests at once.
	const OWN_UNCLEAR_AFTER = 15;

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * The service.
	 *
	 * @var Asking
	 */
	private $asking;

	/**
	 * Settles nothing yet.
	 *
	 * @param Reservations $reservations Our table.
	 * @param Asking       $asking       The service.
	 */
	public function __construct( Reservations $reservations, Asking $asking ) {
		$this->reservations = $reservations;
		$this->asking       = $asking;
	}

	/**
	 * In the queue, for everybody.
	 */
	public function run(): void {
		if ( Connection::kept()->is_open() && ( new Pace() )->may_send() ) {
			$this->clear( 0, self::UNCLEAR_AFTER );
		}
	}

	/**
	 * For one shopper, who waits.
	 *
	 * @param int    $user_id Who.
	 * @param string $key     Of what the shopper wants: it is asked again by itself.
	 * @return bool Whether nothing is left.
	 */
	public function settle( int $user_id, string $key ): bool {
		return $this->clear( $user_id, self::OWN_UNCLEAR_AFTER, $key );
	}

	/**
	 * One after the other, until nobody answers.
	 *
	 * @param int    $user_id Whose; 0 for everybody's.
	 * @param int    $seconds How old an unclear one must be.
	 * @param string $key     Of a wish that is unclear and stays so; empty for none.
	 */
	private function clear( int $user_id, int $seconds, string $key = '' ): bool {
		$ends       = microtime( true ) + self::SECONDS;
		$is_settled = true;
		foreach ( $this->reservations->unsettled( $user_id, $seconds, self::ROWS ) as $found ) {
			if ( $found->is_unclear() && $found->wish() === $key ) {
				continue;
			}
			if ( microtime( true ) > $ends || ( ! $is_settled && ( new Pace() )->is_down() ) ) {
				return false;
			}
			$is_settled = $this->clear_one( $found ) && $is_settled;
		}
		return $is_settled;
	}

	/**
	 * One row.
	 *
	 * @param Reservation $found Which.
	 */
	private function clear_one( Reservation $found ): bool {
		if ( $found->ends_at() <= time() ) {
			$this->reservations->close( $found->wish(), $found->is_unclear() ? Reservation::ASKED : Reservation::RELEASING );
			return true;
		}
		if ( $found->is_unclear() ) {
			$answer = $this->asking->hold( $found->wish(), $found->user_id(), $found->request() );
			if ( ! $answer->is_ok() ) {
				return Asking::is_none( $answer );
			}
			$found = $this->reservations->of_wish( $found->wish() );
			if ( ! $found || ! $found->is_open() || ! $this->reservations->let_go( $found->code(), $found->user_id() ) ) {
				return true;
			}
		}
		return $this->asking->release( $found );
	}
}
