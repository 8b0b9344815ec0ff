<?php
/**
 * What the forms of the page do.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Connection;
use Belong\Connection\Leaving;
use Belong\Connection\Pairing;
use Belong\Connection\PairingProblem;
use Belong\Connection\Queue;
use Belong\Connection\Reasons;
use Belong\Connection\Service;
use Belong\Uninstall;

defined( 'ABSPATH' ) || exit;

/**
 * Each is asked for by a form of its own, with a nonce of its own, by somebody who may manage the shop.
 */
final class Actions {

	const NONCE = 'belong_nonce';
	const ALL   = array( 'connect', 'disconnect', 'moved', 'copy', 'try_again', 'options', 'dismiss', 'import_look', 'import_book', 'import_take_back', 'import_go_on', 'import_forget', 'import_list' );

	/**
	 * As admin-post.php knows it.
	 *
	 * @param string $form Of ALL.
	 */
	public static function hook( string $form ): string {
		return 'belong_' . $form;
	}

	/**
	 * Beginning of a form.
	 *
	 * @param string $form Of ALL.
	 */
	public static function begin( string $form ): void {
		?>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>">
			<input type="hidden" name="action" value="<?php echo esc_attr( self::hook( $form ) ); ?>">
			<input type="hidden" name="<?php echo esc_attr( self::NONCE ); ?>" value="<?php echo esc_attr( wp_create_nonce( self::hook( $form ) ) ); ?>">
		<?php
	}

	/**
	 * Does it, if it may be done, and leads back to where it came from. A file leads nowhere: admin-post.php ends behind it.
	 *
	 * @param string $form Of ALL.
	 */
	public function run( string $form ): void {
		if ( ! current_user_can( Page::CAPABILITY ) ) {
			wp_die( esc_html__( 'You may not do this.', 'belong-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::hook( $form ), self::NONCE );
		if ( 'import_list' === $form ) {
			( new ImportForms() )->list();
			return;
		}
		$is_import = 0 === strpos( $form, 'import_' );
		$is_import ? ( new ImportForms() )->run( substr( $form, strlen( 'import_' ) ) ) : $this->$form();
		$back = 'dismiss' === $form ? wp_get_referer() : false;
		wp_safe_redirect( $is_import ? ImportPage::url() : ( false === $back ? Page::url() : $back ) );
		exit;
	}

	/**
	 * With a code.
	 */
	private function connect(): void {
		check_admin_referer( self::hook( 'connect' ), self::NONCE );
		$code     = sanitize_textarea_field( wp_unslash( $_POST['code'] ?? '' ) );
		$open_too = 'yes' === sanitize_key( wp_unslash( $_POST['open_too'] ?? '' ) );
		try {
			$connection = Pairing::pair( is_string( $code ) ? $code : '', get_current_user_id(), $open_too );
		} catch ( PairingProblem $problem ) {
			$more = array(
				'form'      => 'connect',
				'asks_http' => PairingProblem::HTTP === $problem->word(),
			);
			Outcome::bad( PairingProblem::in_words( $problem->word() ), $more );
			return;
		}
		/* translators: %s: name of a loyalty programme */
		Outcome::good( sprintf( __( 'This shop is connected to %s.', 'belong-for-woocommerce' ), $connection->programme() ) );
	}

	/**
	 * For good.
	 */
	private function disconnect(): void {
		// In a copy it would end the original's.
		if ( Connection::kept()->is_other_site() ) {
			Outcome::bad( Reasons::in_words( Reasons::OTHER_SITE ) );
			return;
		}
		if ( Leaving::disconnect() ) {
			Outcome::good( __( 'This shop is disconnected.', 'belong-for-woocommerce' ) );
			return;
		}
		Outcome::bad( __( 'This shop is disconnected and its keys are deleted, but your Belong could not be told. Disconnect the shop there, too.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The shop has another address now.
	 */
	private function moved(): void {
		if ( ! Connection::kept()->is_other_site() ) {
			return;
		}
		$answer = Leaving::move();
		if ( $answer->is_ok() ) {
			Outcome::good( __( 'Your Belong knows the new address, and everything goes on.', 'belong-for-woocommerce' ) );
			return;
		}
		$why = 409 === $answer->status ? __( 'Your Belong knows another shop of this address. Disconnect that one there first.', 'belong-for-woocommerce' ) : Reasons::in_words( Reasons::of( $answer ) );
		Outcome::bad( $why );
	}

	/**
	 * This is none of the service's shops.
	 */
	private function copy(): void {
		if ( ! Connection::kept()->is_other_site() ) {
			return;
		}
		Leaving::forget_as_copy();
		Outcome::good( __( 'This copy has forgotten the connection. The original goes on as before.', 'belong-for-woocommerce' ) );
	}

	/**
	 * Whatever it was may be over.
	 */
	private function try_again(): void {
		Connection::kept()->go_on();
		$connection = Connection::kept();
		$answer     = ( new Service( $connection ) )->post( 'state', array() );
		if ( $answer->is_ok() ) {
			Queue::send_now();
			Outcome::good( __( 'It works again. What has been waiting is sent now.', 'belong-for-woocommerce' ) );
			return;
		}
		Outcome::bad( Reasons::in_words( Reasons::of( $answer ) ) );
	}

	/**
	 * What goes with the plugin.
	 */
	private function options(): void {
		check_admin_referer( self::hook( 'options' ), self::NONCE );
		$is_wanted = 'yes' === sanitize_key( wp_unslash( $_POST['delete_all'] ?? '' ) );
		update_option( Uninstall::OPT_IN, $is_wanted ? 'yes' : 'no', false );
		Outcome::good( __( 'Saved.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The notice is not shown again until something else is wrong.
	 */
	private function dismiss(): void {
		update_user_meta( get_current_user_id(), Notices::DISMISSED, Connection::kept()->stopped() );
	}
}
