<?php
/**
 * A form that was sent without a script.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * Does what it asks for whoever is signed in, says so, and leads back: a reload sends nothing twice.
 */
final class Posted {

	/**
	 * Looks at every page that is asked for; does something only for our form with its nonce.
	 */
	public function look(): void {
		$nonce = isset( $_POST['_belong_nonce'] ) ? sanitize_text_field( wp_unslash( $_POST['_belong_nonce'] ) ) : '';
		if ( '' === $nonce || ! is_user_logged_in() || ! wp_verify_nonce( $nonce, ChoicesForm::NONCE ) ) {
			return;
		}
		$choice  = isset( $_POST[ ChoicesForm::FIELD ] ) ? sanitize_key( wp_unslash( $_POST[ ChoicesForm::FIELD ] ) ) : '';
		$badge   = isset( $_POST['belong_badge_shown'] ) ? sanitize_key( wp_unslash( $_POST['belong_badge_shown'] ) ) : '';
		$board   = isset( $_POST['belong_takes_part'] ) ? sanitize_key( wp_unslash( $_POST['belong_takes_part'] ) ) : '';
		$name    = isset( $_POST['belong_name'] ) ? sanitize_text_field( wp_unslash( $_POST['belong_name'] ) ) : '';
		$mails   = isset( $_POST['belong_takes_mails'] ) ? sanitize_key( wp_unslash( $_POST['belong_takes_mails'] ) ) : '';
		$code    = isset( $_POST['belong_code'] ) ? sanitize_text_field( wp_unslash( $_POST['belong_code'] ) ) : '';
		$choices = new Choices( Voice::of_this_shop() );
		$outcome = $choices->choose( get_current_user_id(), $choice, 'yes' === $badge, 'yes' === $board, $name, 'yes' === $mails, $code );
		if ( function_exists( 'wc_add_notice' ) ) {
			wc_add_notice( $choices->line( $outcome ), Choices::is_good( $outcome ) ? 'success' : 'error' );
		}
		wp_safe_redirect( add_query_arg( array() ) );
		$this->leave();
	}

	/**
	 * Nothing is written after a redirection.
	 */
	private function leave(): void {
		exit;
	}
}
