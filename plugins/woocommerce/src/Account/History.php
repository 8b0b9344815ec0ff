<?php
/**
 * What happened to a member's points, and why.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The newest first. The older ones open by themselves, without a script.
 */
final class History extends Section {

	const AT_ONCE = 5;

	/**
	 * Writes it.
	 */
	public function show(): void {
		$entries = $this->snapshot->parts( 'entries' );
		$id      = wp_unique_id( 'belong-history-' );
		?>
<section class="belong-history" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'What happened, and why', 'belong-for-woocommerce' ); ?></h2>
		<?php if ( ! $entries ) : ?>
	<p><?php esc_html_e( 'Nothing yet.', 'belong-for-woocommerce' ); ?></p>
			<?php
		endif;
		$this->show_table( array_slice( $entries, 0, self::AT_ONCE ), __( 'The newest changes', 'belong-for-woocommerce' ) );
		$older = array_slice( $entries, self::AT_ONCE );
		if ( $older ) :
			?>
	<details><summary>
			<?php
			/* translators: %s: a number. */
			echo esc_html( sprintf( _n( '%s older change', '%s older changes', count( $older ), 'belong-for-woocommerce' ), number_format_i18n( count( $older ) ) ) );
			?>
	</summary>
			<?php $this->show_table( $older, __( 'Older changes', 'belong-for-woocommerce' ) ); ?>
	</details>
		<?php endif; ?>
		<?php $this->show_as_of(); ?>
</section>
		<?php
	}

	/**
	 * Some of them.
	 *
	 * @param \Belong\Display\Part[] $entries Newest first.
	 * @param string                 $caption What they are, for those who cannot see where they stand.
	 */
	private function show_table( array $entries, string $caption ): void {
		if ( ! $entries ) {
			return;
		}
		$kinds = self::kinds();
		?>
	<div class="belong-room"><table class="belong-table">
		<caption class="belong-unseen"><?php echo esc_html( $caption ); ?></caption>
		<thead><tr><th scope="col"><?php esc_html_e( 'Date', 'belong-for-woocommerce' ); ?></th><th scope="col"><?php esc_html_e( 'Why', 'belong-for-woocommerce' ); ?></th><th scope="col"><?php esc_html_e( 'Change', 'belong-for-woocommerce' ); ?></th></tr></thead>
		<tbody>
		<?php foreach ( $entries as $entry ) : ?>
		<tr><td><?php $this->show_time( $entry->text( 'at' ), $this->format->date( $entry->text( 'at' ) ) ); ?></td>
			<td><span class="belong-name"><?php echo esc_html( $kinds[ $entry->text( 'kind' ) ] ?? '' ); ?></span><br><?php echo esc_html( $entry->text( 'why' ) ); ?></td>
			<td><bdi dir="ltr"><?php echo esc_html( $this->format->signed( $entry->number( 'points' ) ) ); ?></bdi></td></tr>
		<?php endforeach; ?>
		</tbody>
	</table></div>
		<?php
	}

	/**
	 * A snapshot can be older than now.
	 */
	private function show_as_of(): void {
		$day = $this->format->date( $this->snapshot->as_of() );
		if ( '' !== $day ) :
			?>
	<p class="belong-fine">
			<?php
			/* translators: %s: a date. */
			$said = sprintf( __( 'As of %s.', 'belong-for-woocommerce' ), $day );
			echo esc_html( $this->snapshot->is_shortened( 'entries' ) ? $said . ' ' . __( 'Older changes are not listed here.', 'belong-for-woocommerce' ) : $said );
			?>
	</p>
			<?php
		endif;
	}

	/**
	 * What each kind of change is called.
	 *
	 * @return array<string, string>
	 */
	private static function kinds(): array {
		return array(
			'earn'      => __( 'Earned', 'belong-for-woocommerce' ),
			'bonus'     => __( 'Bonus', 'belong-for-woocommerce' ),
			'redeem'    => __( 'Used', 'belong-for-woocommerce' ),
			'reinstate' => __( 'Given back', 'belong-for-woocommerce' ),
			'clawback'  => __( 'Taken back', 'belong-for-woocommerce' ),
			'expire'    => __( 'Ended', 'belong-for-woocommerce' ),
			'adjust'    => __( 'Corrected', 'belong-for-woocommerce' ),
			'transfer'  => __( 'Moved', 'belong-for-woocommerce' ),
		);
	}
}
