<?php
/**
 * Where a shopper uses points, in the classic cart and checkout.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Connection;
use Belong\Display\Assets;
use Belong\Display\Format;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * Plain forms, without a script; from local data alone. Guests are told elsewhere how to keep what they would earn.
 */
final class Panel {

	const NONCE    = 'belong_redeem';
	const REWARD   = 'belong_reward';
	const POINTS   = 'belong_points';
	const TAKE_OFF = 'belong_take_off';

	// What can be had, and the nearest of what cannot.
	const OFFERS_MAX = 6;
	const CLOSED_MAX = 1;

	/**
	 * Writes it; nothing where there is nothing to choose.
	 */
	public function show(): void {
		$snapshot = Snapshot::own();
		$cart     = WC()->cart;
		if ( ! $snapshot->is_active() || ! $cart || $cart->is_empty() || ! Connection::kept()->is_connected() ) {
			return;
		}
		$held   = Choosing::own()->in_the_cart();
		$offers = Offers::own();
		if ( $held || $offers->all() ) {
			Assets::need_style();
			$this->show_inside( $held, $offers, Format::of( $snapshot, Programme::kept() ) );
		}
	}

	/**
	 * The checkout draws itself anew when something changes, and so do we.
	 *
	 * @param array $fragments By selector.
	 */
	public function add_fragment( $fragments ): array {
		ob_start();
		$this->show();
		$panel = (string) ob_get_clean();
		return (array) $fragments + ( '' === $panel ? array() : array( '.belong-redeem' => $panel ) );
	}

	/**
	 * The box.
	 *
	 * @param Reservation|null $held   What lies in the cart.
	 * @param Offers           $offers What can be had.
	 * @param Format           $format Numbers and dates.
	 */
	private function show_inside( ?Reservation $held, Offers $offers, Format $format ): void {
		$id = wp_unique_id( 'belong-redeem-' );
		?>
<section class="belong-redeem" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h3 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Use your points', 'belong-for-woocommerce' ); ?></h3>
		<?php
		if ( $held ) {
			$this->show_held( $held, $format );
		} elseif ( ! Asking::is_possible() ) {
			?>
	<p><?php echo esc_html( Outcome::down() ); ?></p>
			<?php
		} else {
			/* translators: %s: so many points, such as "25 points". */
			?>
	<p><?php echo esc_html( sprintf( __( 'You have %s to spend.', 'belong-for-woocommerce' ), $format->points( $offers->available() ) ) ); ?></p>
	<ul class="belong-offers">
			<?php
			foreach ( self::shown( $offers->all() ) as $offer ) {
				$this->show_offer( $offer, $format );
			}
			?>
	</ul>
			<?php
		}
		?>
</section>
		<?php
	}

	/**
	 * What lies in the cart, and a way to take it off.
	 *
	 * @param Reservation $held   Which.
	 * @param Format      $format Numbers and dates.
	 */
	private function show_held( Reservation $held, Format $format ): void {
		/* translators: 1: name of a reward, 2: so many points, 3: a time of day. */
		$said = sprintf( __( '%1$s: %2$s are set aside for this cart until %3$s.', 'belong-for-woocommerce' ), $held->name(), $format->points( $held->points() ), wp_date( (string) get_option( 'time_format' ), $held->ends_at() ) );
		?>
	<p><?php echo esc_html( $said ); ?></p>
	<form method="post">
		<?php wp_nonce_field( self::NONCE, '_belong_redeem', true ); ?>
		<button type="submit" class="button" name="<?php echo esc_attr( self::TAKE_OFF ); ?>" value="1"><?php esc_html_e( 'Take the reward off', 'belong-for-woocommerce' ); ?></button>
	</form>
		<?php
	}

	/**
	 * One reward: a button, or why not.
	 *
	 * @param Offer  $offer  Which.
	 * @param Format $format Numbers and dates.
	 */
	private function show_offer( Offer $offer, Format $format ): void {
		$id = wp_unique_id( 'belong-offer-' );
		?>
	<li>
		<span class="belong-offer__name" id="<?php echo esc_attr( $id ); ?>"><?php echo esc_html( $offer->name ); ?></span>
		<?php if ( ! $offer->is_open() ) : ?>
		<span class="belong-offer__why"><?php echo esc_html( $offer->why_not ); ?></span>
		<?php else : ?>
		<form method="post">
			<?php wp_nonce_field( self::NONCE, '_belong_redeem', true ); ?>
			<input type="hidden" name="<?php echo esc_attr( self::REWARD ); ?>" value="<?php echo esc_attr( $offer->id ); ?>">
			<?php $this->show_price( $offer, $format, $id ); ?>
			<button type="submit" class="button" id="<?php echo esc_attr( $id ); ?>-use" aria-labelledby="<?php echo esc_attr( $id . '-use ' . $id ); ?>"><?php echo esc_html_x( 'Use', 'points for a reward', 'belong-for-woocommerce' ); ?></button>
		</form>
		<?php endif; ?>
	</li>
		<?php
	}

	/**
	 * What it costs, or how many points a shopper wants to use.
	 *
	 * @param Offer  $offer  Which.
	 * @param Format $format Numbers and dates.
	 * @param string $id     Of its name.
	 */
	private function show_price( Offer $offer, Format $format, string $id ): void {
		if ( ! $offer->is_slider() ) {
			?>
			<span class="belong-offer__price"><?php echo esc_html( $format->points( $offer->points ) ); ?></span>
			<?php
			return;
		}
		?>
			<label for="<?php echo esc_attr( $id ); ?>-points"><?php echo esc_html( ucfirst( $format->points_name() ) ); ?></label>
			<input type="number" inputmode="numeric" id="<?php echo esc_attr( $id ); ?>-points" name="<?php echo esc_attr( self::POINTS ); ?>" min="<?php echo esc_attr( (string) $offer->points ); ?>" max="<?php echo esc_attr( (string) $offer->most ); ?>" step="<?php echo esc_attr( (string) $offer->step ); ?>" value="<?php echo esc_attr( (string) $offer->points ); ?>" required>
		<?php
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
