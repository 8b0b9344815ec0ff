<?php
/**
 * What can be redeemed for a cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Display\Part;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * Read from what was pushed: it costs no query that the page has not made anyway.
 */
final class Offers {

	// Here is a cart.
	const NEEDS_CART = 'needs-cart';

	const NEEDS_POINTS = 'not-enough-points';

	/**
	 * Of the member.
	 *
	 * @var Snapshot
	 */
	private $snapshot;

	/**
	 * Of the shop.
	 *
	 * @var Programme
	 */
	private $programme;

	/**
	 * Points that choosing would give back first; null until somebody asks.
	 *
	 * @var int|null
	 */
	private $coming = null;

	/**
	 * Of one member in this shop.
	 *
	 * @param Snapshot  $snapshot  Of the member.
	 * @param Programme $programme Of the shop.
	 */
	public function __construct( Snapshot $snapshot, Programme $programme ) {
		$this->snapshot  = $snapshot;
		$this->programme = $programme;
	}

	/**
	 * Of whoever is signed in.
	 */
	public static function own(): self {
		return new self( Snapshot::own(), Programme::kept() );
	}

	/**
	 * What a cart can take off by itself: what can be had first.
	 *
	 * @return Offer[]
	 */
	public function all(): array {
		$offers = array();
		foreach ( $this->snapshot->is_active() ? $this->snapshot->parts( 'rewards' ) : array() as $reward ) {
			if ( self::is_of_use( $reward->text( 'kind' ) ) ) {
				$offers[] = $this->offer( $reward );
			}
		}
		usort(
			$offers,
			static function ( Offer $one, Offer $other ) {
				return $other->is_open() <=> $one->is_open();
			}
		);
		return $offers;
	}

	/**
	 * What can be had without a cart: what people of the shop give, and codes where the shop takes any.
	 *
	 * @return Offer[] by id
	 */
	public function to_take(): array {
		$kinds  = array_merge( array( Offer::PERK ), wc_coupons_enabled() ? Reservation::KINDS : array() );
		$offers = array();
		foreach ( $this->snapshot->is_active() ? $this->snapshot->parts( 'rewards' ) : array() as $reward ) {
			if ( $reward->flag( 'available' ) && in_array( $reward->text( 'kind' ), $kinds, true ) ) {
				$offers[ $reward->text( 'id' ) ] = $this->described( $reward, '', $this->snapshot->available() );
			}
		}
		return $offers;
	}

	/**
	 * Whether the cart can take it off: nobody pays with points for the shipping of what is not shipped.
	 *
	 * @param string $kind Of a reward.
	 */
	private static function is_of_use( string $kind ): bool {
		$cart = WC()->cart;
		return in_array( $kind, Reservation::KINDS, true ) && ( 'free_shipping' !== $kind || ! $cart || $cart->needs_shipping() );
	}

	/**
	 * One by its id; null if it is not the member's to have.
	 *
	 * @param string $id Of the reward.
	 */
	public function find( string $id ): ?Offer {
		foreach ( $this->all() as $offer ) {
			if ( $offer->id === $id ) {
				return $offer;
			}
		}
		return null;
	}

	/**
	 * Ready to spend for this cart: what was pushed, and what choosing would give back first.
	 */
	public function available(): int {
		return $this->snapshot->available() + $this->coming();
	}

	/**
	 * One for this cart.
	 *
	 * @param Part $reward As it was pushed.
	 */
	private function offer( Part $reward ): Offer {
		$is_open = $reward->flag( 'available' ) || $this->is_open_here( $reward );
		$why_not = $reward->text( 'why_not' );
		$why_not = $is_open ? '' : ( '' !== $why_not ? $why_not : self::not_now() );
		return $this->described( $reward, $why_not, 'slider' === $reward->text( 'kind' ) ? $this->available() : 0 );
	}

	/**
	 * Where nobody has said why.
	 */
	public static function not_now(): string {
		return __( 'Not at the moment', 'belong-for-woocommerce' );
	}

	/**
	 * One.
	 *
	 * @param Part   $reward  As it was pushed.
	 * @param string $why_not Why it cannot be had; empty if it can.
	 * @param int    $funds   Points that a slider may use.
	 */
	private function described( Part $reward, string $why_not, int $funds ): Offer {
		$least  = $reward->number( 'points' );
		$values = array(
			'id'      => $reward->text( 'id' ),
			'name'    => $reward->text( 'name' ),
			'kind'    => $reward->text( 'kind' ),
			'points'  => $least,
			'why_not' => $why_not,
		);
		if ( 'slider' === $values['kind'] ) {
			$step           = $this->step( $values['id'] );
			$step           = $step > 0 && 0 === $least % $step ? $step : max( 1, $least );
			$values['step'] = $step;
			$values['most'] = max( $least, $funds - $funds % $step );
		}
		return new Offer( $values );
	}

	/**
	 * Whether nothing is in the way but what a cart brings, or what the member has set aside for one.
	 *
	 * @param Part $reward As it was pushed.
	 */
	private function is_open_here( Part $reward ): bool {
		$refusals = array_diff( $reward->texts( 'refusals' ), array( self::NEEDS_CART ) );
		if ( array( self::NEEDS_POINTS ) === array_values( $refusals ) ) {
			return $reward->number( 'missing' ) > 0 && $reward->number( 'missing' ) <= $this->coming();
		}
		return array() === $refusals && $reward->texts( 'refusals' );
	}

	/**
	 * What was set aside when the numbers were pushed. Costs a query, once.
	 */
	private function coming(): int {
		if ( null === $this->coming ) {
			$reservations = new Reservations();
			$left         = LeftOrder::reservation( $reservations );
			$moment       = (int) strtotime( $this->snapshot->as_of() );
			$this->coming = $reservations->points_held( get_current_user_id(), $moment ) + ( $left && $left->began_at() <= $moment ? $left->points() : 0 );
		}
		return $this->coming;
	}

	/**
	 * Points of one step; 0 where the summary does not say.
	 *
	 * @param string $id Of the reward.
	 */
	private function step( string $id ): int {
		foreach ( $this->programme->rewards() as $reward ) {
			if ( $reward->text( 'id' ) === $id ) {
				return $reward->number( 'points' );
			}
		}
		return 0;
	}
}
