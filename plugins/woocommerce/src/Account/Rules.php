<?php
/**
 * How the programme works.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The merchant's rules as sentences, for everybody.
 */
final class Rules extends Section {

	/**
	 * Writes them; without a programme nothing.
	 */
	public function show(): void {
		$rules = $this->programme->rules();
		if ( ! $rules ) {
			return;
		}
		$id = wp_unique_id( 'belong-rules-' );
		?>
<section class="belong-rules" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>">
		<?php
		/* translators: %s: name of the programme. */
		$title = sprintf( __( 'How %s works', 'belong-for-woocommerce' ), $this->programme->name() );
		echo esc_html( '' === $this->programme->name() ? __( 'How it works', 'belong-for-woocommerce' ) : $title );
		?>
	</h2>
		<?php foreach ( $rules as $section ) : ?>
	<h3><?php echo esc_html( $section->text( 'title' ) ); ?></h3>
	<ul class="belong-sentences">
			<?php foreach ( $section->texts( 'sentences' ) as $sentence ) : ?>
		<li><?php echo esc_html( $sentence ); ?></li>
			<?php endforeach; ?>
	</ul>
		<?php endforeach; ?>
</section>
		<?php
	}
}
