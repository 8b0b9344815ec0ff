<?php
/**
 * A shopper takes a reward outside a cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * The points are used at once; what comes is a voucher, or something that people of the shop give. Once for each press:
 * the key of a press that nobody has answered is kept, and the next one of the same wish goes on with it.
 */
final class Taking {

	// As the form has it: a UUID.
	const KEY = '/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/';

	/**
	 * What there is to take.
	 *
	 * @var Offers
	 */
	private $offers;

	/**
	 * Takes nothing yet.
	 *
	 * @param Offers $offers What there is to take.
	 */
	public function __construct( Offers $offers ) {
		$this->offers = $offers;
	}

	/**
	 * As a form was filled in.
	 *
	 * @param string $reward Id of the reward.
	 * @param string $points With a slider, how many; else empty.
	 * @param string $key    Of the form that was sent.
	 */
	public function of_form( string $reward, string $points, string $key ): Outcome {
		$is_good = '' === $points || preg_match( Posted::POINTS, $points );
		return $is_good ? $this->take( $reward, '' === $points ? null : (int) $points, $key ) : Outcome::no_number();
	}

	/**
	 * For whoever is signed in.
	 *
	 * @param string   $reward Id of the reward.
	 * @param int|null $points With a slider, how many.
	 * @param string   $key    Of the form that was sent.
	 */
	public function take( string $reward, ?int $points, string $key ): Outcome {
		$user_id = get_current_user_id();
		$offer   = $user_id ? $this->offers->to_take()[ $reward ] ?? null : null;
		if ( ! $user_id ) {
			return Outcome::needs_account();
		}
		if ( ! $offer || ! preg_match( self::KEY, $key ) ) {
			return Outcome::not_to_be_had();
		}
		if ( $offer->is_slider() && null === $points ) {
			return Outcome::no_number();
		}
		if ( ! Connection::kept()->is_open() ) {
			return Outcome::no_answer();
		}
		return $this->asked( $user_id, $offer, $offer->is_slider() ? $points : null, $key );
	}

	/**
	 * Asks for it under the key that an earlier press may have had.
	 *
	 * @param int      $user_id Who asks.
	 * @param Offer    $offer   For which reward.
	 * @param int|null $points  With a slider, how many.
	 * @param string   $key     Of the form that was sent.
	 */
	private function asked( int $user_id, Offer $offer, ?int $points, string $key ): Outcome {
		$presses = new OpenPresses( $user_id );
		$wish    = OpenPresses::wish( $offer->id, $points );
		$key     = $presses->key( $wish, $key );
		$asked   = array( 'reward' => $offer->id ) + ( null === $points ? array() : array( 'points' => $points ) );
		$answer  = Asking::redeem( $user_id, $asked, $key );
		if ( $answer->is_ok() && '' !== $answer->text( 'redemption' ) ) {
			$presses->close( $key );
			return Outcome::taken( ( new JustTaken( $user_id ) )->add( $offer, $answer ) );
		}
		// Who is no member any more, or asks too fast, was not looked at: an earlier press may have come through.
		if ( Asking::is_no( $answer ) && 404 !== $answer->status ) {
			$presses->close( $key );
			return Outcome::refused( $answer );
		}
		$presses->stay( $wish, $key );
		return Asking::is_none( $answer ) ? Outcome::refused( $answer ) : Outcome::unsure();
	}
}
