<?php
/**
 * A sentence for the shopper that stops an order before it is paid.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;

defined( 'ABSPATH' ) || exit;

/**
 * The only thing of ours that may leave a listener: without it one reward could take money off two orders.
 */
final class Refusal extends \Exception {

	/**
	 * The reward was used, or its time is over.
	 */
	public static function is_gone(): self {
		return new self( __( 'This reward was used already or is over. Please look at your cart, then try again.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The Store API takes any other exception for a fault of the shop's, and answers 500.
	 *
	 * @param \Closure $listener What may refuse.
	 */
	public static function in_the_store_api( \Closure $listener ): \Closure {
		return static function ( ...$arguments ) use ( $listener ) {
			try {
				return $listener( ...$arguments );
			} catch ( Refusal $refusal ) {
				// phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped
				throw new RouteException( 'belong_reward_refused', esc_html( $refusal->getMessage() ), 400 );
			}
		};
	}

	/**
	 * One reward lies in a cart at a time.
	 */
	public static function is_one_too_many(): self {
		return new self( __( 'This reward cannot be used together with what is in your cart already.', 'belong-for-woocommerce' ) );
	}

	/**
	 * What the other coupons leave of the cart is less than it asks for.
	 */
	public static function is_too_small(): self {
		return new self( Outcome::too_small()->said );
	}

	/**
	 * Of one customer alone.
	 */
	public static function is_of_another(): self {
		return new self( __( 'Only the member who redeemed this reward can use it. Sign in, or remove it.', 'belong-for-woocommerce' ) );
	}
}
