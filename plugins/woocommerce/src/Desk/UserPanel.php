<?php
/**
 * A customer's points, on the screen of a user.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Admin\Console;
use Belong\Admin\Page;
use Belong\Connection\Connection;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * The numbers that were pushed are there at once; the rest is asked for. It stands inside WordPress's own form, so its
 * fields have no names: that form sends nothing of them.
 */
final class UserPanel {

	/**
	 * Below WordPress's own fields.
	 *
	 * @param mixed $user Whose screen it is.
	 */
	public function show( $user ): void {
		if ( ! $user instanceof \WP_User || ! Connection::kept()->is_connected() || ! Route::may_see_customers() ) {
			return;
		}
		$snapshot = Snapshot::of( $user->ID );
		$format   = Script::format( $snapshot->points_name() );
		?>
		<div id="belong-points" class="belong-desk-user">
			<h2><?php esc_html_e( 'Points', 'belong-for-woocommerce' ); ?></h2>
			<dl class="belong-desk-numbers">
				<?php foreach ( Numbers::names() as $key => $name ) : ?>
				<div><dt><?php echo esc_html( $name ); ?></dt><dd data-belong-number="<?php echo esc_attr( $key ); ?>"><?php echo esc_html( $snapshot->exists() ? $format->number( $snapshot->count_of( $key ) ) : '–' ); ?></dd></div>
				<?php endforeach; ?>
			</dl>
			<?php
			Script::place( sprintf( Route::CUSTOMER_AT, $user->ID ) );
			Console::link( '/customers/' . $user->ID );
			if ( current_user_can( Page::CAPABILITY ) ) {
				$this->adjusting( $user );
			}
			?>
		</div>
		<?php
	}

	/**
	 * Shown by the script once the service has said that it may be done.
	 *
	 * @param \WP_User $user Whose.
	 */
	private function adjusting( \WP_User $user ): void {
		?>
		<fieldset class="belong-desk-adjust" hidden
			data-belong-path="<?php echo esc_attr( '/' . Route::SPACE . sprintf( Route::CUSTOMER_AT, $user->ID ) . '/adjust' ); ?>"
			data-belong-name="<?php echo esc_attr( $user->display_name ); ?>">
			<legend><?php esc_html_e( 'Give or take points', 'belong-for-woocommerce' ); ?></legend>
			<p><label for="belong-desk-points"><?php esc_html_e( 'Points', 'belong-for-woocommerce' ); ?></label>
				<input id="belong-desk-points" type="text" inputmode="numeric" autocomplete="off" dir="ltr" maxlength="14" aria-describedby="belong-desk-points-help">
				<span id="belong-desk-points-help" class="description"><?php esc_html_e( 'Such as 50, or -50 to take them.', 'belong-for-woocommerce' ); ?></span></p>
			<p><label for="belong-desk-reason"><?php esc_html_e( 'Reason', 'belong-for-woocommerce' ); ?></label>
				<input id="belong-desk-reason" type="text" autocomplete="off" maxlength="<?php echo esc_attr( (string) Adjusting::REASON_MAX ); ?>" aria-describedby="belong-desk-reason-help">
				<span id="belong-desk-reason-help" class="description"><?php esc_html_e( 'Required. The customer can read it.', 'belong-for-woocommerce' ); ?></span></p>
			<p><button type="button" class="button"><?php esc_html_e( 'Change points', 'belong-for-woocommerce' ); ?></button></p>
			<p class="belong-desk-outcome" role="status" tabindex="-1"></p>
		</fieldset>
		<?php
	}
}
