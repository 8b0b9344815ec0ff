<?php
/**
 * A sentence for the shopper that stops an order before it is paid.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * The only thing of ours that may leave a listener: without it one reward could take money off two orders.
 */
final class Refusal extends \Exception {

	/**
	 * The reward was used, or its time is over.
	 */
	public static function is_gone(): self {
		return new self( __( 'This reward was used already or is over. Remove it to go on.', 'belong-for-woocommerce' ) );
	}

	/**
	 * Of one customer alone.
	 */
	public static function is_of_another(): self {
		return new self( __( 'Only the member who redeemed this reward can use it. Sign in, or remove it.', 'belong-for-woocommerce' ) );
	}
}
