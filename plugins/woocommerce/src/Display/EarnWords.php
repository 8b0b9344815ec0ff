<?php
/**
 * How it is said.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Bounds;

defined( 'ABSPATH' ) || exit;

/**
 * Plain text, to be escaped where it is written. Points are called what the merchant calls them.
 */
final class EarnWords {

	/**
	 * Numbers, and what points are called.
	 *
	 * @var Format
	 */
	private $format;

	/**
	 * In the language of who looks.
	 *
	 * @param Format $format Numbers, and what points are called.
	 */
	public function __construct( Format $format ) {
		$this->format = $format;
	}

	/**
	 * What several points are called.
	 */
	public function points_name(): string {
		return $this->format->points_name();
	}

	/**
	 * What is sure: a number, or at least or up to one.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function amount( Bounds $bounds ): string {
		if ( $bounds->is_exact() ) {
			return $this->format->points( $bounds->least );
		}
		if ( $bounds->least > 0 ) {
			/* translators: %s: so many points, such as "25 points". */
			return sprintf( __( 'at least %s', 'belong-for-woocommerce' ), $this->format->points( $bounds->least ) );
		}
		/* translators: %s: so many points, such as "25 points". */
		return sprintf( __( 'up to %s', 'belong-for-woocommerce' ), $this->format->points( $bounds->most ) );
	}

	/**
	 * On a product.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function product( Bounds $bounds ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'Earn %s', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}

	/**
	 * On a product of which each variation earns another number.
	 *
	 * @param int $least A number above zero.
	 * @param int $most  A larger one.
	 */
	public function range( int $least, int $most ): string {
		/* translators: 1: a number, 2: a larger number with what points are called, such as "25 points". */
		return sprintf( __( 'Earn %1$s to %2$s', 'belong-for-woocommerce' ), $this->format->number( $least ), $this->format->points( $most ) );
	}

	/**
	 * In the cart of a member.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function order( Bounds $bounds ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'You earn %s with this order.', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}

	/**
	 * In the cart of somebody who is no member, as far as we know.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function order_of_a_guest( Bounds $bounds ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'Members earn %s with this order.', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}

	/**
	 * How a guest collects what a product or cart earns.
	 *
	 * @param bool $is_at_checkout Whether an account that is made with the order is enough.
	 */
	public function how_to_join( bool $is_at_checkout ): string {
		return $is_at_checkout
			? __( 'Log in, or create an account at checkout, to collect them.', 'belong-for-woocommerce' )
			: __( 'Log in to collect them.', 'belong-for-woocommerce' );
	}

	/**
	 * What there is to spend.
	 *
	 * @param int $points Available.
	 */
	public function balance( int $points ): string {
		/* translators: %s: so many points, such as "25 points". */
		return sprintf( __( 'You have %s.', 'belong-for-woocommerce' ), $this->format->points( $points ) );
	}

	/**
	 * Of an order that is paid and not decided yet.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function on_their_way( Bounds $bounds ): string {
		if ( $bounds->is_exact() && 1 !== $bounds->least ) {
			/* translators: %s: so many points, such as "25 points"; never one alone. */
			return sprintf( __( '%s are on their way.', 'belong-for-woocommerce' ), $this->format->points( $bounds->least ) );
		}
		/* translators: %s: "1 point", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'On the way to you: %s.', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}

	/**
	 * Of an order that waits for its money.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function once_paid( Bounds $bounds ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'Once it is paid, this order earns %s.', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}

	/**
	 * Of an order that is decided.
	 *
	 * @param int $points Above zero.
	 */
	public function earned( int $points ): string {
		/* translators: %s: so many points, such as "25 points". */
		return sprintf( __( 'You earned %s with this order.', 'belong-for-woocommerce' ), $this->format->points( $points ) );
	}

	/**
	 * Of a guest's order that is theirs once they have an account and have shown that the address is theirs.
	 *
	 * @param Bounds $bounds  Something.
	 * @param bool   $is_paid Whether its money is there.
	 */
	public function guest_can_keep( Bounds $bounds, bool $is_paid ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		$said = $is_paid ? __( 'No account yet? Create one with the e-mail address of this order and confirm the address there, and this order earns you %s.', 'belong-for-woocommerce' )
			/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
			: __( 'No account yet? Create one with the e-mail address of this order and confirm the address there, and this order earns you %s once it is paid.', 'belong-for-woocommerce' );
		return sprintf( $said, $this->amount( $bounds ) );
	}

	/**
	 * Of a guest's order that stays nobody's.
	 *
	 * @param Bounds $bounds Something.
	 */
	public function guest_can_earn_next_time( Bounds $bounds ): string {
		/* translators: %s: "25 points", "at least 25 points" or "up to 25 points". */
		return sprintf( __( 'Members earn %s with an order like this: order with an account next time, and you do, too.', 'belong-for-woocommerce' ), $this->amount( $bounds ) );
	}
}
