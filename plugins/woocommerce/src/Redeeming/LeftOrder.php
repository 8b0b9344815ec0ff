<?php
/**
 * The order that a cart became, and that its shopper came back from without paying.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce makes a second order when the cart has changed meanwhile, and the block checkout then forgets the first. We
 * remember ourselves, in the session, which one took the reward. While the checkout that made it is at work, its card may be
 * charged: nothing is taken from it then. Whoever pays it later all the same is Burning's business.
 */
final class LeftOrder {

	const KEY = 'belong_reward_order';

	// Its payment has not begun or has failed. Any other status may be one that somebody pays.
	const UNPAID = array( 'pending', 'failed', 'checkout-draft' );

	// A checkout that ended without a word is over by then.
	const BUSY_SECONDS = 180;

	/**
	 * Whether it is this request that is at work.
	 *
	 * @var bool
	 */
	private static $is_ours = false;

	/**
	 * An order of this session has taken a reward, and its checkout goes on.
	 *
	 * @param int $order_id Its number.
	 */
	public static function begin( int $order_id ): void {
		self::$is_ours = true;
		self::keep( array( $order_id, time() + self::BUSY_SECONDS ) );
	}

	/**
	 * At the end of the request, before the session is kept. One that runs beside a checkout ends nothing of it.
	 */
	public static function end(): void {
		list( $order_id ) = self::kept();
		if ( self::$is_ours ) {
			self::keep( array( $order_id, 0 ) );
		}
		self::$is_ours = false;
	}

	/**
	 * What it has, unpaid still; null if nothing. Costs a query where this session has ordered with a reward.
	 *
	 * @param Reservations $reservations Our table.
	 */
	public static function reservation( Reservations $reservations ): ?Reservation {
		list( $order_id ) = self::kept();
		$found            = $order_id > 0 ? $reservations->of_order( $order_id ) : null;
		return $found && self::has( $found ) ? $found : null;
	}

	/**
	 * Whether it is this order that has the reward, unpaid still: then the cart may have it back.
	 *
	 * @param Reservation $found What was redeemed.
	 */
	public static function has( Reservation $found ): bool {
		list( $order_id, $busy_until ) = self::kept();
		if ( $order_id <= 0 || $busy_until > time() || ! $found->is_used_by( array( $order_id ) ) ) {
			return false;
		}
		$order = wc_get_order( $order_id );
		return $order instanceof \WC_Order && $order->has_status( self::UNPAID ) && ! $order->get_date_paid();
	}

	/**
	 * Number of the order, and until when its checkout is at work: 0 if it is over.
	 *
	 * @return int[]
	 */
	private static function kept(): array {
		$session = WC()->session ?? null;
		$kept    = $session ? $session->get( self::KEY ) : null;
		return is_array( $kept ) && 2 === count( $kept ) ? array_map( 'intval', array_values( $kept ) ) : array( 0, 0 );
	}

	/**
	 * Writes it down.
	 *
	 * @param int[] $kept As read by kept().
	 */
	private static function keep( array $kept ): void {
		$session = WC()->session ?? null;
		if ( $session ) {
			$session->set( self::KEY, $kept );
		}
	}
}
