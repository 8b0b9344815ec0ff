<?php
/**
 * Where a shopper uses points, in the classic cart and checkout.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Display\Assets;
use Belong\Display\Format;

defined( 'ABSPATH' ) || exit;

/**
 * Plain forms, without a script; from local data alone. Guests are told elsewhere how to keep what they would earn.
 */
final class Panel {

	const NONCE    = 'belong_redeem';
	const REWARD   = 'belong_reward';
	const POINTS   = 'belong_points';
	const TAKE_OFF = 'belong_take_off';

	/**
	 * Writes it; nothing where there is nothing to choose.
	 */
	public function show(): void {
		$choice = Choice::own();
		if ( $choice ) {
			Assets::need_style();
			$this->show_inside( $choice );
		}
	}

	/**
	 * The checkout draws itself anew when something changes, and so do we; where nothing is left to choose, an empty box
	 * keeps the place.
	 *
	 * @param array $fragments By selector.
	 */
	public function add_fragment( $fragments ): array {
		ob_start();
		$this->show();
		$panel = (string) ob_get_clean();
		return (array) $fragments + array( '.belong-redeem' => '' === $panel ? '<div class="belong-redeem" hidden></div>' : $panel );
	}

	/**
	 * The box.
	 *
	 * @param Choice $choice What can be done.
	 */
	private function show_inside( Choice $choice ): void {
		$id = wp_unique_id( 'belong-redeem-' );
		?>
<section class="belong-redeem" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php echo esc_html( Choice::title() ); ?></h2>
	<p><?php echo esc_html( $choice->said() ); ?></p>
		<?php if ( $choice->held ) : ?>
	<form method="post">
			<input type="hidden" name="_belong_redeem" value="<?php echo esc_attr( wp_create_nonce( self::NONCE ) ); ?>">
		<button type="submit" class="button wp-element-button" name="<?php echo esc_attr( self::TAKE_OFF ); ?>" value="1"><?php echo esc_html( Choice::take_it_off() ); ?></button>
	</form>
		<?php elseif ( $choice->offers ) : ?>
	<ul class="belong-offers">
			<?php
			foreach ( $choice->offers as $offer ) {
				$this->show_offer( $offer, $choice->format );
			}
			?>
	</ul>
		<?php endif; ?>
</section>
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
			<input type="hidden" name="_belong_redeem" value="<?php echo esc_attr( wp_create_nonce( self::NONCE ) ); ?>">
			<input type="hidden" name="<?php echo esc_attr( self::REWARD ); ?>" value="<?php echo esc_attr( $offer->id ); ?>">
			<?php $this->show_price( $offer, $format, $id ); ?>
			<button type="submit" class="button wp-element-button" id="<?php echo esc_attr( $id ); ?>-use" aria-labelledby="<?php echo esc_attr( $id . '-use ' . $id ); ?>"><?php echo esc_html( Choice::use_it() ); ?></button>
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
}
