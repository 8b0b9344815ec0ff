<?php
/**
 * Who did most of something.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Style;

defined( 'ABSPATH' ) || exit;

/**
 * This month's leaderboard, for everybody: names of those who asked to be on it. A script adds the place of whoever looks.
 */
final class Board extends Section {

	/**
	 * Writes it; where the shop wants none, nothing.
	 */
	public function show(): void {
		$board = $this->programme->board();
		if ( ! $board->exists() ) {
			return;
		}
		$id = wp_unique_id( 'belong-board-' );
		?>
<section class="belong-board" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Leaderboard', 'belong-for-woocommerce' ); ?></h2>
		<?php
		$this->show_places( $board->parts( 'places' ) );
		if ( $this->snapshot->is_active() && Voice::of_this_shop()->is_open() ) {
			$this->show_own();
		}
		?>
</section>
		<?php
	}

	/**
	 * The first places, in their order.
	 *
	 * @param \Belong\Display\Part[] $places Of those who asked to be on boards.
	 */
	private function show_places( array $places ): void {
		if ( ! $places ) {
			?>
	<p><?php esc_html_e( 'Too few show themselves for a leaderboard yet.', 'belong-for-woocommerce' ); ?></p>
			<?php
			return;
		}
		?>
	<p><?php echo esc_html( $this->programme->board_title() ); ?></p>
	<ol class="belong-lines" role="list">
		<?php foreach ( $places as $place ) : ?>
		<li><span><b><?php echo esc_html( $this->format->number( $place->number( 'rank' ) ) ); ?></b> <bdi><?php echo esc_html( $place->text( 'name' ) ); ?></bdi>
			<?php
			if ( $place->number( 'badges' ) > 0 ) {
				/* translators: %s: how many badges. */
				$badges = sprintf( __( 'Badges: %s', 'belong-for-woocommerce' ), $this->format->number( $place->number( 'badges' ) ) );
				?>
			<span class="belong-fine"><?php echo esc_html( $badges ); ?></span>
				<?php
			}
			?>
			</span> <b><?php echo esc_html( $this->format->number( $place->number( 'value' ) ) ); ?></b></li>
		<?php endforeach; ?>
	</ol>
		<?php
	}

	/**
	 * Room for the own place.
	 */
	private function show_own(): void {
		Style::need_place();
		/* translators: 1: rank on a leaderboard, 2: the number that is counted. */
		$said = sprintf( __( 'Your place: %1$s, with %2$s.', 'belong-for-woocommerce' ), '[rank]', '[value]' );
		?>
	<belong-place data-url="<?php echo esc_url( rest_url( Route::SPACE . Route::PLACE ) ); ?>" data-nonce="<?php echo esc_attr( wp_create_nonce( 'wp_rest' ) ); ?>" data-said="<?php echo esc_attr( $said ); ?>"></belong-place>
		<?php
	}
}
