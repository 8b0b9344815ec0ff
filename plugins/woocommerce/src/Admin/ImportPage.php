<?php
/**
 * The page that brings balances along from another points plugin.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Importing\Amount;
use Belong\Importing\Counts;
use Belong\Importing\Kinds;
use Belong\Importing\Run;

defined( 'ABSPATH' ) || exit;

/**
 * Choose, look, confirm, and see what came of it. The page asks nobody; its forms do.
 */
final class ImportPage {

	const VIEW = 'import';

	/**
	 * Its address.
	 */
	public static function url(): string {
		return add_query_arg( 'view', self::VIEW, Page::url() );
	}

	/**
	 * All of it.
	 */
	public function show(): void {
		$run = Run::kept();
		?>
		<div class="wrap">
			<h1><?php esc_html_e( 'Bring balances along', 'belong-for-woocommerce' ); ?></h1>
			<p><a href="<?php echo esc_url( Page::url() ); ?>"><?php esc_html_e( 'Back to Belong', 'belong-for-woocommerce' ); ?></a></p>
			<?php
			Outcome::show();
			if ( '' === $run->phase() ) {
				$this->choose();
			} else {
				( new ImportReport( $run, new Counts() ) )->show();
			}
			?>
		</div>
		<?php
	}

	/**
	 * Which points, and what they are worth.
	 */
	private function choose(): void {
		$kinds = Kinds::found();
		?>
		<p style="max-width: 60em"><?php esc_html_e( 'Your customers keep the points they have with myCred, GamiPress, WP Swings Points and Rewards or WPLoyalty, also if that plugin is switched off or deleted. What it has left in the database is only read, never changed.', 'belong-for-woocommerce' ); ?></p>
		<?php if ( ! $kinds ) : ?>
			<p><strong><?php esc_html_e( 'None of them has left any points in this shop.', 'belong-for-woocommerce' ); ?></strong></p>
			<?php
			return;
		endif;
		Actions::begin( 'import_look' );
		?>
			<fieldset>
				<legend><strong><?php esc_html_e( 'Which points?', 'belong-for-woocommerce' ); ?></strong></legend>
				<?php foreach ( $kinds as $at => $kind ) : ?>
					<p><label><input type="radio" name="kind" value="<?php echo esc_attr( $kind->key() ); ?>" required <?php checked( 0, $at ); ?>>
						<?php echo esc_html( Kinds::name( $kind->source ) . ( '' === $kind->label ? '' : ' (' . $kind->label . ')' ) ); ?>,
						<?php
						/* translators: %s: a number */
						echo esc_html( sprintf( _n( '%s balance', '%s balances', $kind->count, 'belong-for-woocommerce' ), number_format_i18n( $kind->count ) ) );
						?>
					</label></p>
				<?php endforeach; ?>
			</fieldset>
			<fieldset style="margin: 1em 0">
				<legend><strong><?php esc_html_e( 'What are they worth?', 'belong-for-woocommerce' ); ?></strong></legend>
				<p>
					<?php $this->number( 'old', __( 'Points there', 'belong-for-woocommerce' ) ); ?> =
					<?php $this->number( 'new', __( 'Points here', 'belong-for-woocommerce' ) ); ?>
				</p>
				<p class="description" style="max-width: 60em"><?php esc_html_e( '10 = 1: ten points there become one point here. What is no whole number then is rounded to the nearest one, a half upwards.', 'belong-for-woocommerce' ); ?></p>
			</fieldset>
			<p class="description" style="max-width: 60em"><?php esc_html_e( 'Switch the other plugin off first, so that nobody earns or spends there while you do this. The points can be spent at once, and end as your programme says, counted from the day they come.', 'belong-for-woocommerce' ); ?></p>
			<p><button type="submit" class="button button-primary"><?php esc_html_e( 'Look what would happen', 'belong-for-woocommerce' ); ?></button></p>
			<p class="description"><?php esc_html_e( 'Nothing is changed yet.', 'belong-for-woocommerce' ); ?></p>
		</form>
		<?php
	}

	/**
	 * A field for a factor.
	 *
	 * @param string $name  Of the field.
	 * @param string $label Translated.
	 */
	private function number( string $name, string $label ): void {
		?>
		<label style="display: inline-block"><?php echo esc_html( $label ); ?>
			<input type="number" name="<?php echo esc_attr( $name ); ?>" value="1" min="1" max="<?php echo esc_attr( (string) Amount::FACTOR_MAX ); ?>" step="1" required style="width: 6em">
		</label>
		<?php
	}
}
