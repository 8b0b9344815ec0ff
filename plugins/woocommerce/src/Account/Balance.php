<?php
/**
 * What a member has.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Redeeming\JustTaken;

defined( 'ABSPATH' ) || exit;

/**
 * Ready to use, on its way, and what ends soon.
 */
final class Balance extends Section {

	/**
	 * Writes it.
	 */
	public function show(): void {
		$id = wp_unique_id( 'belong-balance-' );
		?>
<section class="belong-balance" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Your balance', 'belong-for-woocommerce' ); ?></h2>
	<p><span class="belong-balance__number" data-belong="available" data-number="<?php echo esc_attr( (string) $this->snapshot->available() ); ?>"><?php echo esc_html( $this->format->number( $this->snapshot->available() ) ); ?></span>
	<span class="belong-balance__name">
		<?php
		/* translators: %s: what points are called in this shop. */
		echo esc_html( sprintf( __( '%s ready to use', 'belong-for-woocommerce' ), $this->name_of( $this->snapshot->available() ) ) );
		?>
	</span></p>
		<?php
		if ( ( new JustTaken( get_current_user_id() ) )->unknown_to( $this->snapshot ) ) :
			?>
	<p class="belong-fine"><?php esc_html_e( 'Your balance is being updated.', 'belong-for-woocommerce' ); ?></p>
			<?php
		endif;
		$this->show_facts();
		$this->show_deficit();
		$this->show_ends();
		$this->show_pending();
		?>
</section>
		<?php
	}

	/**
	 * What there is besides. What is nothing is left out, but for what was earned in all.
	 */
	private function show_facts(): void {
		$facts = array(
			'pending'  => __( 'On their way', 'belong-for-woocommerce' ),
			'held'     => __( 'Reserved in your cart', 'belong-for-woocommerce' ),
			'lifetime' => __( 'Earned in all', 'belong-for-woocommerce' ),
		);
		?>
	<dl class="belong-facts">
		<?php
		foreach ( $facts as $key => $label ) :
			$number = $this->snapshot->count_of( $key );
			if ( 0 === $number && 'lifetime' !== $key ) {
				continue;
			}
			?>
		<div><dt><?php echo esc_html( $label ); ?></dt><dd><?php echo esc_html( $this->format->number( $number ) ); ?></dd></div>
			<?php
		endforeach;
		?>
	</dl>
		<?php
	}

	/**
	 * What is owed after goods went back.
	 */
	private function show_deficit(): void {
		$owed = $this->snapshot->count_of( 'deficit' );
		if ( 0 === $owed ) {
			return;
		}
		$said = $this->snapshot->sentence( 'deficit' );
		if ( '' === $said ) {
			/* translators: %s: so many points, such as "25 points". */
			$said = sprintf( __( '%s are owed. What you earn next settles that first.', 'belong-for-woocommerce' ), $this->format->points( $owed ) );
		}
		?>
	<p class="belong-note"><?php echo esc_html( $said ); ?></p>
		<?php
	}

	/**
	 * Every end that was pushed. Who gets no mail is warned by seeing them: the service is told of it later.
	 */
	private function show_ends(): void {
		$ends = $this->snapshot->parts( 'ends' );
		EndsShown::note( $ends );
		foreach ( $ends as $end ) :
			/* translators: 1: so many points, such as "25 points", 2: a date. */
			$said = sprintf( __( 'Use %1$s by %2$s: after that day they end.', 'belong-for-woocommerce' ), $this->format->points( $end->number( 'points' ) ), $this->format->last_day( $end->text( 'ends_at' ) ) );
			?>
	<p class="belong-note"><?php $this->show_time( $end->text( 'ends_at' ), $said ); ?></p>
			<?php
		endforeach;
		$next = array() === $ends ? $this->snapshot->sentence( 'expiring' ) : '';
		if ( '' !== $next ) :
			?>
	<p class="belong-fine"><?php echo esc_html( $next ); ?></p>
			<?php
		endif;
	}

	/**
	 * When what is on its way can be used.
	 */
	private function show_pending(): void {
		$lots = $this->snapshot->parts( 'pending_lots' );
		if ( array() === $lots ) {
			return;
		}
		?>
	<h3><?php esc_html_e( 'On their way', 'belong-for-woocommerce' ); ?></h3>
	<ul class="belong-lines">
		<?php
		foreach ( $lots as $lot ) :
			$date = $this->format->date( $lot->text( 'matures_at' ) );
			?>
		<li><span><?php echo esc_html( $this->format->points( $lot->number( 'points' ) ) ); ?></span>
			<?php
			if ( '' === $date ) :
				?>
			<span class="belong-fine"><?php esc_html_e( 'ready some time after your order was sent', 'belong-for-woocommerce' ); ?></span>
				<?php
			else :
				/* translators: %s: a date. */
				$this->show_time( $lot->text( 'matures_at' ), sprintf( __( 'ready on %s', 'belong-for-woocommerce' ), $date ) );
			endif;
			?>
		</li>
			<?php
		endforeach;
		?>
	</ul>
		<?php
	}

	/**
	 * One or several, without the number.
	 *
	 * @param int $points How many.
	 */
	private function name_of( int $points ): string {
		return 1 === $points ? $this->snapshot->points_name()[0] : $this->format->points_name();
	}
}
