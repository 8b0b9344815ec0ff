<?php
/**
 * A form of the panel that was sent.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * Does what it asks for whoever is signed in, says so, and leads back: a reload sends nothing twice.
 */
final class Posted {

	// Larger is no number of points.
	const POINTS = '/\A[1-9][0-9]{0,11}\z/';

	/**
	 * Looks at every page that is asked for; does something only for our form with its nonce.
	 */
	public function look(): void {
		$nonce = isset( $_POST['_belong_redeem'] ) ? sanitize_text_field( wp_unslash( $_POST['_belong_redeem'] ) ) : '';
		if ( '' === $nonce || ! is_user_logged_in() || ! WC()->cart || ! wp_verify_nonce( $nonce, Panel::NONCE ) ) {
			return;
		}
		$reward = isset( $_POST[ Panel::REWARD ] ) ? sanitize_text_field( wp_unslash( $_POST[ Panel::REWARD ] ) ) : '';
		$points = isset( $_POST[ Panel::POINTS ] ) ? sanitize_text_field( wp_unslash( $_POST[ Panel::POINTS ] ) ) : '';
		$is_off = '' !== ( isset( $_POST[ Panel::TAKE_OFF ] ) ? sanitize_key( wp_unslash( $_POST[ Panel::TAKE_OFF ] ) ) : '' );
		if ( $is_off ) {
			$outcome = Choosing::own()->take_off();
		} elseif ( '' !== $points && ! preg_match( self::POINTS, $points ) ) {
			$outcome = Outcome::no_number();
		} else {
			$outcome = Choosing::own()->choose( $reward, '' === $points ? null : (int) $points );
		}
		if ( '' !== $outcome->said ) {
			wc_add_notice( esc_html( $outcome->said ), $outcome->is_good ? 'success' : 'error' );
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
