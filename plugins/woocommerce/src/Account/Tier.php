<?php
/**
 * Which tier a member holds.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * With what it brings, until when, and the way to the next.
 */
final class Tier extends Section {

	/**
	 * Writes it.
	 */
	public function show(): void {
		$tier = $this->snapshot->part( 'tier' );
		if ( '' === $tier->text( 'name' ) ) {
			return;
		}
		$id       = wp_unique_id( 'belong-tier-' );
		$until    = $this->snapshot->sentence( 'tier_until' );
		$benefits = $tier->parts( 'benefits' );
		?>
<section class="belong-tier" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your tier', 'belong-for-woocommerce' ); ?></h2>
	<p class="belong-name"><?php echo esc_html( $tier->text( 'name' ) ); ?></p>
		<?php if ( '' !== $until ) : ?>
	<p><?php echo esc_html( $until ); ?></p>
		<?php endif; ?>
		<?php $this->show_next( $tier->part( 'next' ) ); ?>
		<?php if ( $benefits ) : ?>
	<h3><?php esc_html_e( 'What it brings', 'belong-for-woocommerce' ); ?></h3>
	<ul class="belong-chips">
			<?php foreach ( $benefits as $benefit ) : ?>
		<li><?php echo esc_html( $benefit->text( 'text' ) ); ?></li>
			<?php endforeach; ?>
	</ul>
		<?php endif; ?>
</section>
		<?php
	}

	/**
	 * The way to the next tier.
	 *
	 * @param \Belong\Display\Part $next What is measured; empty at the top.
	 */
	private function show_next( \Belong\Display\Part $next ): void {
		if ( '' === $next->text( 'name' ) ) {
			return;
		}
		$said = $this->snapshot->sentence( 'next_tier' );
		if ( '' === $said ) {
			/* translators: %s: name of a tier. */
			$said = sprintf( __( 'On your way to %s', 'belong-for-woocommerce' ), $next->text( 'name' ) );
		}
		$this->show_way( $said, $next->number( 'value' ), $next->number( 'threshold' ) );
	}
}
