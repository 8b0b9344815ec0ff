<?php
/**
 * What somebody reads who does not take part.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * A guest, somebody who has no points yet, who left, or whose membership rests.
 */
final class Standing {

	/**
	 * Writes one kind line, and for a guest the way in.
	 *
	 * @param Snapshot $snapshot Of whoever looks.
	 */
	public static function show( Snapshot $snapshot ): void {
		if ( is_user_logged_in() ) {
			?>
<p><?php echo esc_html( self::said( $snapshot->status() ) ); ?></p>
			<?php
			return;
		}
		$login = function_exists( 'wc_get_page_permalink' ) ? wc_get_page_permalink( 'myaccount' ) : wp_login_url();
		?>
<p><?php esc_html_e( 'Members collect points with every order and use them for rewards.', 'belong-for-woocommerce' ); ?> <a href="<?php echo esc_url( $login ); ?>"><?php esc_html_e( 'Log in or create an account to see yours.', 'belong-for-woocommerce' ); ?></a></p>
		<?php
	}

	/**
	 * To somebody who is signed in.
	 *
	 * @param string $status As pushed; empty if nothing was.
	 */
	private static function said( string $status ): string {
		if ( 'left' === $status ) {
			return __( 'You have left the programme. Orders earn nothing now.', 'belong-for-woocommerce' );
		}
		if ( 'blocked' === $status ) {
			return __( 'Your membership rests at the moment. Please contact us if you do not know why.', 'belong-for-woocommerce' );
		}
		return __( 'There are no points of yours to show yet. They appear here soon after your first order.', 'belong-for-woocommerce' );
	}
}
