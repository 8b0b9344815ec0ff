<?php
/**
 * What a shopper can do with points in this cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Connection;
use Belong\Display\Format;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * The same for the classic forms and for the blocks; from local data alone. Plain text, to be escaped where it is written.
 */
final class Choice {

	// What can be had, and the nearest of what cannot.
	const OFFERS_MAX = 6;
	const CLOSED_MAX = 1;

	/**
	 * What lies in the cart; null if nothing.
	 *
	 * @var Reservation|null
	 */
	public $held;

	/**
	 * What can be chosen now: nothing while something lies in the cart or the service does not answer.
	 *
	 * @var Offer[]
	 */
	public $offers;

	/**
	 * Numbers, and what points are called.
	 *
	 * @var Format
	 */
	public $format;

	/**
	 * What there is to spend.
	 *
	 * @var Offers
	 */
	private $all;

	/**
	 * With these.
	 *
	 * @param Reservation|null $held   What lies in the cart.
	 * @param Offer[]          $offers What can be chosen now.
	 * @param Offers           $all    What there is to spend.
	 * @param Format           $format Numbers, and what points are called.
	 */
	private function __construct( ?Reservation $held, array $offers, Offers $all, Format $format ) {
		$this->held   = $held;
		$this->offers = $offers;
		$this->all    = $all;
		$this->format = $format;
	}

	/**
	 * Of whoever is signed in; null where there is nothing to choose. A shop without coupons takes no reward either.
	 */
	public static function own(): ?self {
		$snapshot = Snapshot::own();
		$cart     = WC()->cart;
		if ( ! $snapshot->is_active() || ! $cart || $cart->is_empty() || ! wc_coupons_enabled() || ! Connection::kept()->is_connected() ) {
			return null;
		}
		$held   = Choosing::own()->in_the_cart();
		$all    = Offers::own();
		$offers = $held ? array() : self::shown( $all->all() );
		if ( ! $held && ! $offers ) {
			return null;
		}
		return new self( $held, Asking::is_possible() ? $offers : array(), $all, Format::of( $snapshot, Programme::kept() ) );
	}

	/**
	 * What it is about.
	 */
	public static function title(): string {
		return __( 'Use your points', 'belong-for-woocommerce' );
	}

	/**
	 * What is set aside; or that nothing can be now; or what there is to spend.
	 */
	public function said(): string {
		if ( $this->held ) {
			/* translators: 1: name of a reward, 2: so many points, 3: a time of day. */
			return sprintf( __( '%1$s: %2$s are set aside for this cart until %3$s.', 'belong-for-woocommerce' ), $this->held->name(), $this->format->points( $this->held->points() ), wp_date( (string) get_option( 'time_format' ), $this->held->ends_at() ) );
		}
		/* translators: %s: so many points, such as "25 points". */
		return $this->offers ? sprintf( __( 'You have %s to spend.', 'belong-for-woocommerce' ), $this->format->points( $this->all->available() ) ) : Outcome::down();
	}

	/**
	 * On the button that chooses.
	 */
	public static function use_it(): string {
		return _x( 'Use', 'points for a reward', 'belong-for-woocommerce' );
	}

	/**
	 * On the button that takes off.
	 */
	public static function take_it_off(): string {
		return __( 'Take the reward off', 'belong-for-woocommerce' );
	}

	/**
	 * A few: what can be had, and what is nearest.
	 *
	 * @param Offer[] $offers All, those that can be had first.
	 * @return Offer[]
	 */
	private static function shown( array $offers ): array {
		$open   = array();
		$closed = array();
		foreach ( $offers as $offer ) {
			if ( $offer->is_open() ) {
				$open[] = $offer;
			} else {
				$closed[] = $offer;
			}
		}
		return array_merge( array_slice( $open, 0, self::OFFERS_MAX ), array_slice( $closed, 0, self::CLOSED_MAX ) );
	}
}
