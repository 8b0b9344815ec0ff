<?php
/**
 * What points buy, and what was bought.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Connection;
use Belong\Display\Part;
use Belong\Display\Style;
use Belong\Redeeming\JustTaken;
use Belong\Redeeming\Offer;
use Belong\Redeeming\Offers;
use Belong\Redeeming\Outcome;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\TakingForm;

defined( 'ABSPATH' ) || exit;

/**
 * Rewards with what is in the way of each, below what was bought.
 */
final class Rewards extends Section {

	/**
	 * Writes it; of a programme without rewards nothing.
	 */
	public function show(): void {
		$rewards  = $this->snapshot->parts( 'rewards' );
		$vouchers = new Vouchers( $this->snapshot, $this->programme );
		if ( ! $rewards && ! $vouchers->all() ) {
			return;
		}
		$offers = Connection::kept()->is_open() ? ( new Offers( $this->snapshot, $this->programme ) )->to_take() : array();
		$id     = wp_unique_id( 'belong-rewards-' );
		?>
<section class="belong-rewards" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your rewards', 'belong-for-woocommerce' ); ?></h2>
		<?php
		if ( $offers || $vouchers->all() ) {
			$vouchers->show();
		}
		$this->show_rewards( $rewards, $offers, $vouchers );
		?>
</section>
		<?php
	}

	/**
	 * What can be had first, then what is nearest, as pushed.
	 *
	 * @param Part[]   $rewards  All.
	 * @param Offer[]  $offers   Those that can be taken here, by id.
	 * @param Vouchers $vouchers Where what is taken will stand.
	 */
	private function show_rewards( array $rewards, array $offers, Vouchers $vouchers ): void {
		if ( ! $rewards ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'What you can have', 'belong-for-woocommerce' ); ?></h3>
	<ul class="belong-lines">
		<?php
		foreach ( $rewards as $reward ) :
			?>
		<li><span><span class="belong-name"><?php echo esc_html( $reward->text( 'name' ) ); ?></span>
			<span class="belong-fine"><?php echo esc_html( $this->format->points( $reward->number( 'points' ) ) ); ?></span></span>
			<?php
			$offer = $offers[ $reward->text( 'id' ) ] ?? null;
			// A button says by itself that there are points enough for it.
			if ( ! $offer || ! $offer->is_perk() ) {
				$this->show_whether( $reward );
			}
			if ( $offer ) {
				$this->show_form( $offer, $vouchers );
			}
			?>
		</li>
			<?php
		endforeach;
		?>
	</ul>
		<?php
	}

	/**
	 * Whether it can be had, and for what a cart takes off the way there; what takes a coupon is none where the shop
	 * takes no coupons.
	 *
	 * @param Part $reward One.
	 */
	private function show_whether( Part $reward ): void {
		$of_a_cart = in_array( $reward->text( 'kind' ), Reservation::KINDS, true );
		if ( ! $reward->flag( 'available' ) || ( $of_a_cart && ! wc_coupons_enabled() ) ) {
			$why = $reward->flag( 'available' ) ? Offers::not_now() : $reward->text( 'why_not' );
			?>
			<span><?php echo esc_html( $why ); ?></span>
			<?php
			return;
		}
		?>
			<span><span class="belong-chip"><?php esc_html_e( 'You have enough', 'belong-for-woocommerce' ); ?></span>
			<?php
			if ( $of_a_cart && function_exists( 'wc_get_cart_url' ) ) {
				$this->show_way_to_cart( $reward->text( 'name' ) );
			}
			?>
			</span>
		<?php
	}

	/**
	 * Points are used in the cart, which knows what they pay for.
	 *
	 * @param string $reward Its name.
	 */
	private function show_way_to_cart( string $reward ): void {
		/* translators: %s: name of a reward. */
		$heard = sprintf( __( 'Use it in the cart: %s', 'belong-for-woocommerce' ), $reward );
		?>
			<a href="<?php echo esc_url( wc_get_cart_url() ); ?>" aria-label="<?php echo esc_attr( $heard ); ?>"><?php esc_html_e( 'Use it in the cart', 'belong-for-woocommerce' ); ?></a>
		<?php
	}

	/**
	 * The button; with a script the page stays where it is, and shows at once what will be.
	 *
	 * @param Offer    $offer    What can be taken.
	 * @param Vouchers $vouchers Where it will stand.
	 */
	private function show_form( Offer $offer, Vouchers $vouchers ): void {
		Style::need_form();
		/* translators: %s: name of a reward. */
		$busy = sprintf( __( 'Your points are being used for: %s', 'belong-for-woocommerce' ), $offer->name );
		?>
<belong-take data-url="<?php echo esc_url( rest_url( Route::SPACE . TakeRoute::PATH ) ); ?>" data-nonce="<?php echo esc_attr( wp_create_nonce( 'wp_rest' ) ); ?>" data-points="<?php echo esc_attr( (string) $offer->points ); ?>" data-busy="<?php echo esc_attr( $busy ); ?>" data-unsure="<?php echo esc_attr( Outcome::unsure()->said ); ?>">
		<?php
		( new TakingForm( $this->format ) )->show( $offer );
		?>
<template><?php $vouchers->show_one( JustTaken::expected( $offer ) ); ?></template></belong-take>
		<?php
	}
}
