<?php
/**
 * What a member is known for.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * Badges with their level, how rare they are, the next one, and the level in the community.
 */
final class Badges extends Section {

	/**
	 * Writes it; of a programme without badges nothing.
	 */
	public function show(): void {
		$badges = $this->snapshot->parts( 'badges' );
		$next   = $this->snapshot->part( 'next_badge' );
		$level  = $this->snapshot->part( 'level' );
		if ( ! $badges && ! $next->exists() && ! $level->exists() ) {
			return;
		}
		$id = wp_unique_id( 'belong-badges-' );
		?>
<section class="belong-badges" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your badges', 'belong-for-woocommerce' ); ?></h2>
		<?php
		if ( $badges ) {
			$this->show_held( $badges );
		} else {
			?>
	<p><?php esc_html_e( 'You have none yet.', 'belong-for-woocommerce' ); ?></p>
			<?php
		}
		if ( '' !== $next->text( 'name' ) ) {
			$said = $this->snapshot->sentence( 'next_badge' );
			/* translators: %s: name of a badge. */
			$said = '' === $said ? sprintf( __( 'On your way to %s', 'belong-for-woocommerce' ), $next->text( 'name' ) ) : $said;
			?>
	<h3><?php esc_html_e( 'Your next badge', 'belong-for-woocommerce' ); ?></h3>
			<?php
			$this->show_way( $said, $next->number( 'value' ), $next->number( 'needed' ) );
		}
		$this->show_level( $level );
		?>
</section>
		<?php
	}

	/**
	 * The proudest first, as pushed.
	 *
	 * @param \Belong\Display\Part[] $badges Held.
	 */
	private function show_held( array $badges ): void {
		$rarities = $this->programme->rarities( $this->snapshot->language() );
		?>
	<ul class="belong-cards">
		<?php
		foreach ( $badges as $badge ) :
			$facts = array_filter( array( Medal::level_name( $badge->text( 'level' ) ), $this->since( $badge->text( 'since' ) ), $rarities[ $badge->text( 'id' ) ] ?? '' ) );
			?>
		<li><?php Medal::show_icon( $badge->text( 'level' ) ); ?>
			<span><span class="belong-name"><?php echo esc_html( $badge->text( 'name' ) ); ?></span><br>
			<span class="belong-fine"><?php echo esc_html( implode( ' · ', $facts ) ); ?></span></span></li>
			<?php
		endforeach;
		?>
	</ul>
		<?php
		if ( $this->snapshot->is_shortened( 'badges' ) ) :
			?>
	<p class="belong-fine"><?php esc_html_e( 'You have more than these.', 'belong-for-woocommerce' ); ?></p>
			<?php
		endif;
	}

	/**
	 * Since when; empty if nobody said.
	 *
	 * @param string $moment As pushed.
	 */
	private function since( string $moment ): string {
		$date = $this->format->date( $moment );
		/* translators: %s: a date. */
		return '' === $date ? '' : sprintf( __( 'since %s', 'belong-for-woocommerce' ), $date );
	}

	/**
	 * The level in the community and what it lets somebody do.
	 *
	 * @param \Belong\Display\Part $level Empty if there is none.
	 */
	private function show_level( \Belong\Display\Part $level ): void {
		if ( '' === $level->text( 'name' ) ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'Your level in the community', 'belong-for-woocommerce' ); ?></h3>
	<p class="belong-name"><?php echo esc_html( $level->text( 'name' ) ); ?></p>
		<?php
	}
}
