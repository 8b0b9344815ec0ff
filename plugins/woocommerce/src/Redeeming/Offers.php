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

	// Only a cart is missing, and here is one.
	const NEEDS_CART = array( 'needs-cart' );

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
			if ( in_array( $reward->text( 'kind' ), Reservation::KINDS, true ) ) {
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
	 * Ready to spend, as it was pushed, less what was set aside since.
	 *
	 * @param Reservation|null $held What lies in the cart.
	 */
	public function available( ?Reservation $held ): int {
		$points = $this->snapshot->available();
		$is_new = $held && $held->is_younger_than( (int) strtotime( $this->snapshot->as_of() ) );
		return max( 0, $is_new ? $points - $held->points() : $points );
	}

	/**
	 * One.
	 *
	 * @param Part $reward As it was pushed.
	 */
	private function offer( Part $reward ): Offer {
		$is_open = $reward->flag( 'available' ) || self::NEEDS_CART === $reward->texts( 'refusals' );
		$least   = $reward->number( 'points' );
		$why_not = $reward->text( 'why_not' );
		$values  = array(
			'id'      => $reward->text( 'id' ),
			'name'    => $reward->text( 'name' ),
			'kind'    => $reward->text( 'kind' ),
			'points'  => $least,
			'why_not' => $is_open ? '' : ( '' !== $why_not ? $why_not : __( 'Not at the moment', 'belong-for-woocommerce' ) ),
		);
		if ( 'slider' === $values['kind'] ) {
			$step           = $this->step( $values['id'] );
			$step           = $step > 0 && 0 === $least % $step ? $step : max( 1, $least );
			$values['step'] = $step;
			$values['most'] = max( $least, $this->snapshot->available() - $this->snapshot->available() % $step );
		}
		return new Offer( $values );
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
