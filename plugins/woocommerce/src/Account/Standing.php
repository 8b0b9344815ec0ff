<?php
/**
 * What somebody reads who does not take part.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * A guest, somebody who has no points yet, who left, or whose membership rests.
 */
final class Standing {

	/**
	 * Writes one kind line, and the way in: for a guest, for who is asked first, for who left.
	 *
	 * @param Snapshot  $snapshot  Of whoever looks.
	 * @param Programme $programme Whether it asks first.
	 */
	public static function show( Snapshot $snapshot, Programme $programme ): void {
		if ( is_user_logged_in() ) {
			$status   = $snapshot->status();
			$is_asked = '' === $status && $programme->asks_first();
			?>
<p><?php echo esc_html( $is_asked ? __( 'Take part: collect points with your orders and use them for rewards. You can leave at any time.', 'belong-for-woocommerce' ) : self::said( $status ) ); ?></p>
			<?php
			if ( $is_asked || 'left' === $status ) {
				$label = $is_asked ? __( 'Take part', 'belong-for-woocommerce' ) : __( 'Take part again', 'belong-for-woocommerce' );
				ChoicesForm::show_joining( $label, Invited::code_of_a_friend( $snapshot->part( 'referral' )->text( 'code' ) ) );
			}
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
