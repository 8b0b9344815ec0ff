<?php
/**
 * A form that takes a reward was sent.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * Does what it asks for whoever is signed in, says so, and leads back: a reload sends nothing twice.
 */
final class TakingPosted {

	/**
	 * Looks at every page that is asked for; does something only for our form with its nonce.
	 */
	public function look(): void {
		$nonce = isset( $_POST[ TakingForm::FIELD ] ) ? sanitize_text_field( wp_unslash( $_POST[ TakingForm::FIELD ] ) ) : '';
		if ( '' === $nonce || ! is_user_logged_in() || ! wp_verify_nonce( $nonce, TakingForm::NONCE ) ) {
			return;
		}
		$reward = isset( $_POST[ TakingForm::REWARD ] ) ? sanitize_text_field( wp_unslash( $_POST[ TakingForm::REWARD ] ) ) : '';
		$points = isset( $_POST[ TakingForm::POINTS ] ) ? sanitize_text_field( wp_unslash( $_POST[ TakingForm::POINTS ] ) ) : '';
		$key    = isset( $_POST[ TakingForm::KEY ] ) ? sanitize_text_field( wp_unslash( $_POST[ TakingForm::KEY ] ) ) : '';

		$outcome = ( new Taking( Offers::own() ) )->of_form( $reward, $points, $key );
		if ( function_exists( 'wc_add_notice' ) ) {
			$this->say( esc_html( $outcome->said ), $outcome->is_good ? 'success' : 'error' );
		}
		wp_safe_redirect( add_query_arg( array() ) );
		$this->leave();
	}

	/**
	 * Of two clicks both are answered; it is said once.
	 *
	 * @param string $said HTML.
	 * @param string $type success or error.
	 */
	private function say( string $said, string $type ): void {
		if ( ! in_array( $said, array_column( wc_get_notices( $type ), 'notice' ), true ) ) {
			wc_add_notice( $said, $type );
		}
	}

	/**
	 * Nothing is written after a redirection.
	 */
	private function leave(): void {
		exit;
	}
}
