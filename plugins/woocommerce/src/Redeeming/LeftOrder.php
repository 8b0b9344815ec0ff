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
 * remember ourselves which one took the reward: in the session, which a checkout that runs beside this one has read before,
 * so what it takes is not taken from it.
 */
final class LeftOrder {

	const KEY = 'belong_reward_order';

	// Its payment has not begun or has failed. Any other status may be one that somebody pays.
	const UNPAID = array( 'pending', 'failed', 'checkout-draft' );

	/**
	 * An order of this session has taken a reward.
	 *
	 * @param int $order_id Its number.
	 */
	public static function remember( int $order_id ): void {
		$session = WC()->session ?? null;
		if ( $session ) {
			$session->set( self::KEY, $order_id );
		}
	}

	/**
	 * Whether it is this order that has the reward, unpaid still: then the cart may have it back.
	 *
	 * @param Reservation $found What was redeemed.
	 */
	public static function has( Reservation $found ): bool {
		$session = WC()->session ?? null;
		$id      = $session ? (int) $session->get( self::KEY, 0 ) : 0;
		$order   = $id > 0 && $found->is_used_by( array( $id ) ) ? wc_get_order( $id ) : null;
		return $order instanceof \WC_Order && $order->has_status( self::UNPAID ) && ! $order->get_date_paid();
	}
}
