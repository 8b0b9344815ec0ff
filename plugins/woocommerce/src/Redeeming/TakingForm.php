<?php
/**
 * Where a shopper takes a reward outside a cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Display\Format;

defined( 'ABSPATH' ) || exit;

/**
 * A plain form, which needs no script. Sent twice it is one press: its key is made when it is written.
 */
final class TakingForm {

	const NONCE  = 'belong_take';
	const FIELD  = '_belong_take';
	const REWARD = 'belong_take_reward';
	const POINTS = 'belong_take_points';
	const KEY    = 'belong_take_key';

	/**
	 * Numbers, and what points are called.
	 *
	 * @var Format
	 */
	private $format;

	/**
	 * Shows nothing yet.
	 *
	 * @param Format $format Numbers, and what points are called.
	 */
	public function __construct( Format $format ) {
		$this->format = $format;
	}

	/**
	 * What people give is asked for at once. What a cart takes off by itself comes as a code only to who wants one.
	 *
	 * @param Offer $offer Which.
	 */
	public function show( Offer $offer ): void {
		if ( $offer->is_perk() ) {
			$this->show_form( $offer );
			return;
		}
		?>
<details><summary><?php esc_html_e( 'Get a code for later', 'belong-for-woocommerce' ); ?></summary>
<p class="belong-fine"><?php esc_html_e( 'The points are used at once. The code is yours alone and good for one order.', 'belong-for-woocommerce' ); ?></p>
		<?php
		$this->show_form( $offer );
		?>
</details>
		<?php
	}

	/**
	 * The button.
	 *
	 * @param Offer $offer Which.
	 */
	private function show_form( Offer $offer ): void {
		$id     = wp_unique_id( 'belong-take-' );
		$points = $this->format->points( $offer->points );
		?>
<form method="post"><span role="status"></span>
<input type="hidden" name="<?php echo esc_attr( self::FIELD ); ?>" value="<?php echo esc_attr( wp_create_nonce( self::NONCE ) ); ?>">
<input type="hidden" name="<?php echo esc_attr( self::KEY ); ?>" autocomplete="off" value="<?php echo esc_attr( wp_generate_uuid4() ); ?>">
<input type="hidden" name="<?php echo esc_attr( self::REWARD ); ?>" value="<?php echo esc_attr( $offer->id ); ?>">
		<?php
		if ( $offer->is_slider() ) {
			/* translators: %s: name of a reward. */
			$heard = sprintf( __( 'Use points for: %s', 'belong-for-woocommerce' ), $offer->name );
			?>
<label for="<?php echo esc_attr( $id ); ?>"><?php echo esc_html( ucfirst( $this->format->points_name() ) ); ?></label>
<input type="number" inputmode="numeric" id="<?php echo esc_attr( $id ); ?>" name="<?php echo esc_attr( self::POINTS ); ?>" min="<?php echo esc_attr( (string) $offer->points ); ?>" max="<?php echo esc_attr( (string) $offer->most ); ?>" step="<?php echo esc_attr( (string) $offer->step ); ?>" value="<?php echo esc_attr( (string) $offer->points ); ?>" required>
<button type="submit" class="button" aria-label="<?php echo esc_attr( $heard ); ?>"><?php echo esc_html( Choice::use_it() ); ?></button>
			<?php
		} else {
			/* translators: 1: so many points, such as "25 points", 2: name of a reward. */
			$heard = sprintf( __( 'Use %1$s for: %2$s', 'belong-for-woocommerce' ), $points, $offer->name );
			?>
<button type="submit" class="button" aria-label="<?php echo esc_attr( $heard ); ?>">
			<?php
			/* translators: %s: so many points, such as "25 points". */
			echo esc_html( sprintf( __( 'Use %s', 'belong-for-woocommerce' ), $points ) );
			?>
</button>
			<?php
		}
		?>
</form>
		<?php
	}
}
