<?php
/**
 * What points buy, and what was bought.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Connection;
use Belong\Display\Part;
use Belong\Redeeming\JustTaken;
use Belong\Redeeming\Offers;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\TakingForm;

defined( 'ABSPATH' ) || exit;

/**
 * Rewards with what is in the way of each; vouchers with their codes.
 */
final class Rewards extends Section {

	// Those whose code can still be used, or will come.
	const WAITING = array( 'held', 'requested', 'issued' );

	/**
	 * Writes it; of a programme without rewards nothing.
	 */
	public function show(): void {
		$rewards  = $this->snapshot->parts( 'rewards' );
		$vouchers = array_merge( ( new JustTaken( get_current_user_id() ) )->unknown_to( $this->snapshot ), $this->snapshot->parts( 'vouchers' ) );
		if ( ! $rewards && ! $vouchers ) {
			return;
		}
		$id = wp_unique_id( 'belong-rewards-' );
		?>
<section class="belong-rewards" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your rewards', 'belong-for-woocommerce' ); ?></h2>
		<?php
		$this->show_vouchers( $vouchers );
		$this->show_rewards( $rewards );
		?>
</section>
		<?php
	}

	/**
	 * What can be had first, then what is nearest, as pushed.
	 *
	 * @param Part[] $rewards All.
	 */
	private function show_rewards( array $rewards ): void {
		if ( ! $rewards ) {
			return;
		}
		$form   = new TakingForm( $this->format );
		$offers = Connection::kept()->is_open() ? ( new Offers( $this->snapshot, $this->programme ) )->to_take() : array();
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
				$form->show( $offer );
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
	 * Those that wait first, as pushed.
	 *
	 * @param Part[] $vouchers All.
	 */
	private function show_vouchers( array $vouchers ): void {
		if ( ! $vouchers ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'Your vouchers', 'belong-for-woocommerce' ); ?></h3>
	<ul class="belong-lines">
		<?php
		foreach ( $vouchers as $voucher ) :
			?>
		<li><span><span class="belong-name"><?php echo esc_html( $voucher->text( 'name' ) ); ?></span>
			<span class="belong-chip"><?php echo esc_html( $voucher->text( 'state_text' ) ); ?></span>
			<?php $this->show_end( $voucher ); ?>
			</span>
			<?php
			if ( '' !== $voucher->text( 'code' ) ) {
				$this->show_code( $voucher->text( 'code' ), $voucher->text( 'name' ) );
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
	 * Until when it can be used.
	 *
	 * @param Part $voucher One.
	 */
	private function show_end( Part $voucher ): void {
		$day = in_array( $voucher->text( 'state' ), self::WAITING, true ) ? $this->format->last_day( $voucher->text( 'ends_at' ) ) : '';
		if ( '' !== $day ) {
			/* translators: %s: a date. */
			$this->show_time( $voucher->text( 'ends_at' ), sprintf( __( 'until %s', 'belong-for-woocommerce' ), $day ) );
		}
	}
}
