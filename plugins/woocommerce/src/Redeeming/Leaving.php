<?php
/**
 * A reward leaves the cart unused.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * Only written down where it happens; the service is told once the shopper has the answer, or by the queue. What nobody
 * tells it lapses.
 */
final class Leaving {

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * Ends the answer; null where it cannot be ended.
	 *
	 * @var callable|null
	 */
	private $closer;

	/**
	 * Whether this request let something go.
	 *
	 * @var bool
	 */
	private $is_due = false;

	/**
	 * Lets nothing go yet.
	 *
	 * @param Reservations  $reservations Our table.
	 * @param callable|null $closer       Ends the answer; null where it cannot be ended.
	 */
	public function __construct( Reservations $reservations, ?callable $closer ) {
		$this->reservations = $reservations;
		$this->closer       = $closer;
	}

	/**
	 * Removed by the shopper, or by the cart, whose coupon is not good any more. An order that was left unpaid has it no
	 * longer either: should it be paid after all, it is paid without.
	 *
	 * @param string $code As in the cart.
	 */
	public function removed( $code ): void {
		$found = $this->reservations->of_code( $code );
		if ( $found && ( ! $found->is_used() || LeftOrder::has( $found ) ) ) {
			$this->is_due = $this->reservations->let_go( (string) $code, get_current_user_id(), $found->order_id() ) || $this->is_due;
		}
	}

	/**
	 * Emptied by the shopper, or because an order was made: that keeps its reward.
	 */
	public function emptied(): void {
		foreach ( WC()->cart ? WC()->cart->get_applied_coupons() : array() as $code ) {
			$found = $this->reservations->of_code( $code );
			if ( $found && ! $found->is_used() ) {
				$this->removed( $code );
			}
		}
	}

	/**
	 * Logged out: the cart is nobody's now.
	 *
	 * @param int $user_id Who was signed in.
	 */
	public function logged_out( $user_id ): void {
		$this->is_due = ( (int) $user_id > 0 && $this->reservations->let_go_all( (int) $user_id ) ) || $this->is_due;
	}

	/**
	 * At the end of the request.
	 *
	 * @param Settling $settling Tells the service.
	 */
	public function tell( Settling $settling ): void {
		if ( ! $this->is_due ) {
			return;
		}
		$this->is_due = false;
		if ( null === $this->closer ) {
			Wake::ask();
			return;
		}
		ignore_user_abort( true );
		call_user_func( $this->closer );
		$settling->run();
	}
}
