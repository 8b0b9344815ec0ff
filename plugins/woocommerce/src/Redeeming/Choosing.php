<?php
/**
 * A shopper chooses a reward for the cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Answer;
use Belong\Display\Baskets;
use Belong\Earning\Basket;

defined( 'ABSPATH' ) || exit;

/**
 * The same for the classic forms and for the Store API. One reward lies in a cart at a time; choosing another lets the
 * first one go.
 */
final class Choosing {

	// What a reward is for does not hang on categories, so none are read.
	const NO_RULES = array(
		'earn' => array(
			'rules'    => array(),
			'excludes' => array(),
		),
	);

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
	 * What there is to choose from.
	 *
	 * @var Offers
	 */
	private $offers;

	/**
	 * Chooses nothing yet.
	 *
	 * @param Reservations $reservations Our table.
	 * @param Asking       $asking       The service.
	 * @param Offers       $offers       What there is to choose from.
	 */
	public function __construct( Reservations $reservations, Asking $asking, Offers $offers ) {
		$this->reservations = $reservations;
		$this->asking       = $asking;
		$this->offers       = $offers;
	}

	/**
	 * For whoever is signed in.
	 */
	public static function own(): self {
		$reservations = new Reservations();
		return new self( $reservations, new Asking( $reservations ), Offers::own() );
	}

	/**
	 * What of ours lies in the cart; null if nothing.
	 */
	public function in_the_cart(): ?Reservation {
		foreach ( WC()->cart ? WC()->cart->get_applied_coupons() : array() as $code ) {
			$found = $this->reservations->of_code( $code );
			if ( $found && $found->is_of( get_current_user_id() ) ) {
				return $found;
			}
		}
		return null;
	}

	/**
	 * Sets points aside and puts the reward into the cart.
	 *
	 * @param string   $reward Its id.
	 * @param int|null $points With a slider, how many.
	 */
	public function choose( string $reward, ?int $points ): Outcome {
		$user_id = get_current_user_id();
		$offer   = $user_id ? $this->offers->find( $reward ) : null;
		if ( ! $user_id ) {
			return Outcome::needs_account();
		}
		if ( ! $offer || ! $offer->is_open() || ! wc_coupons_enabled() ) {
			return Outcome::not_to_be_had( $offer ? $offer->why_not : '' );
		}
		$points = $offer->is_slider() ? $points : null;
		$found  = $this->in_the_cart();
		if ( $found && $found->is_open() && $found->is_for( $reward, $points ) ) {
			return Outcome::chosen();
		}
		if ( ! Asking::is_possible() ) {
			return Outcome::no_answer();
		}
		$this->take_off();
		$basket = $this->basket();
		return $basket && ! $basket->is_empty() ? $this->wished( new Wish( $user_id, $offer, $points, $basket ) ) : Outcome::not_to_be_had();
	}

	/**
	 * Takes the reward out of the cart; its points go back as soon as the service can be told.
	 */
	public function take_off(): Outcome {
		$found = $this->in_the_cart();
		if ( $found ) {
			WC()->cart->remove_coupon( $found->code() );
			WC()->cart->calculate_totals();
		}
		return Outcome::taken_off();
	}

	/**
	 * Asks for it. Whatever the shopper had set aside before goes back first, also for a cart on another device, or with an
	 * order that was left unpaid: the points may be needed. A lost reply of another wish is cleared up on the way.
	 *
	 * @param Wish $wish What.
	 */
	private function wished( Wish $wish ): Outcome {
		$key = $this->reservations->key( $wish );
		$left = LeftOrder::reservation( $this->reservations );
		if ( $left ) {
			$this->reservations->let_go( $left->code(), $wish->user_id, $left->order_id() );
		}
		$this->reservations->let_go_all( $wish->user_id, $key );
		if ( ! ( new Settling( $this->reservations, $this->asking ) )->settle( $wish->user_id, $key ) ) {
			return Outcome::no_answer();
		}
		$key    = $this->reservations->ask( $wish );
		$answer = $this->asking->hold( $key, $wish->user_id, $wish->request );
		return $this->applied( $this->reservations->of_wish( $key ), $answer );
	}

	/**
	 * Puts it into the cart.
	 *
	 * @param Reservation|null $found  As it stands in the table now.
	 * @param Answer           $answer What the service said.
	 */
	private function applied( ?Reservation $found, Answer $answer ): Outcome {
		if ( $found && $found->is_open() ) {
			if ( WC()->cart->has_discount( $found->code() ) || WC()->cart->apply_coupon( $found->code() ) ) {
				return Outcome::chosen();
			}
			$this->reservations->let_go( $found->code(), $found->user_id() );
			return Outcome::refused_by_the_cart();
		}
		if ( 'request-under-way' === $answer->code ) {
			return Outcome::under_way();
		}
		if ( Asking::is_none( $answer ) ) {
			return Outcome::refused( $answer );
		}
		return $answer->is_ok() ? Outcome::not_to_be_had() : Outcome::no_answer();
	}

	/**
	 * The cart as the service takes it; null in a currency that nobody knows.
	 */
	private function basket(): ?Basket {
		return ( new Baskets( self::NO_RULES, get_woocommerce_currency() ) )->of_cart( WC()->cart );
	}
}
