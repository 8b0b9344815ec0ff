<?php
/**
 * How points are earned.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * A sentence for each way, for everybody.
 */
final class Ways extends Section {

	/**
	 * Writes them; where nothing can be earned now, nothing.
	 */
	public function show(): void {
		$ways = $this->programme->ways( time() );
		if ( ! $ways ) {
			return;
		}
		$id = wp_unique_id( 'belong-ways-' );
		?>
<section class="belong-ways" aria-labelledby="<?php echo esc_attr( $id ); ?>">
	<h2 id="<?php echo esc_attr( $id ); ?>"><?php esc_html_e( 'Ways to earn', 'belong-for-woocommerce' ); ?></h2>
	<ul class="belong-sentences">
		<?php foreach ( $ways as $way ) : ?>
		<li><?php echo esc_html( $way ); ?></li>
		<?php endforeach; ?>
	</ul>
</section>
		<?php
	}
}
