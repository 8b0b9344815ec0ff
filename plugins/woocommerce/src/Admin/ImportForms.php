<?php
/**
 * What the forms of the page that brings balances along do.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Importing\Amount;
use Belong\Importing\Counts;
use Belong\Importing\Importer;
use Belong\Importing\Kinds;
use Belong\Importing\Listing;
use Belong\Importing\Rows;
use Belong\Importing\Run;

defined( 'ABSPATH' ) || exit;

/**
 * Called by Actions alone, which has looked who asks.
 */
final class ImportForms {

	const NAME_MAX = 90;

	/**
	 * Whether their page is meant.
	 */
	public static function page_is_asked_for(): bool {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- it only says what is shown; forms have nonces.
		return ImportPage::VIEW === sanitize_key( wp_unslash( $_GET['view'] ?? '' ) );
	}

	/**
	 * Does one of them.
	 *
	 * @param string $form Without import_.
	 */
	public function run( string $form ): void {
		$this->$form();
	}

	/**
	 * All rows as a file.
	 */
	public function list(): void {
		nocache_headers();
		if ( ! headers_sent() ) {
			header( 'Content-Type: text/csv; charset=utf-8' );
			header( 'Content-Disposition: attachment; filename="belong-import.csv"' );
		}
		Listing::write();
	}

	/**
	 * Looks, and changes nothing.
	 */
	private function look(): void {
		check_admin_referer( Actions::hook( 'import_look' ), Actions::NONCE );
		$kind = Kinds::of( sanitize_text_field( wp_unslash( $_POST['kind'] ?? '' ) ) );
		$old  = self::factor( sanitize_text_field( wp_unslash( $_POST['old'] ?? '' ) ) );
		$new  = self::factor( sanitize_text_field( wp_unslash( $_POST['new'] ?? '' ) ) );
		if ( null === $kind || null === $old || null === $new ) {
			Outcome::bad( __( 'Choose which points, and how many of them are how many new ones: whole numbers from 1 to 1,000,000. Nothing was changed.', 'belong-for-woocommerce' ) );
			return;
		}
		if ( Run::kept()->must_end_first() ) {
			Outcome::bad( __( 'An import is under way. Let it end first.', 'belong-for-woocommerce' ) );
			return;
		}
		Run::begin( $kind, $old, $new, self::actor() );
		( new Importer() )->run_for_a_form();
	}

	/**
	 * Gives what was shown, if it still is what was shown.
	 */
	private function book(): void {
		check_admin_referer( Actions::hook( 'import_book' ), Actions::NONCE );
		$counts = new Counts();
		$seen   = sanitize_text_field( wp_unslash( $_POST['seen'] ?? '' ) );
		if ( self::seen( $counts ) !== $seen || ! Run::kept()->turn( Run::LOOKED, Run::BOOKING ) ) {
			Outcome::bad( __( 'This is not what you were shown. Look at the numbers once more. Nothing was changed.', 'belong-for-woocommerce' ) );
			return;
		}
		( new Importer() )->run_for_a_form();
	}

	/**
	 * Takes all of it back, if the owner means it.
	 */
	private function take_back(): void {
		check_admin_referer( Actions::hook( 'import_take_back' ), Actions::NONCE );
		if ( 'yes' !== sanitize_key( wp_unslash( $_POST['sure'] ?? '' ) ) ) {
			Outcome::bad( __( 'Tick the box if you want to take the points back. Nothing was changed.', 'belong-for-woocommerce' ) );
			return;
		}
		if ( Run::kept()->turn( Run::BOOKED, Run::TAKING ) || Run::kept()->turn( Run::LOOKED, Run::TAKING ) ) {
			( new Importer() )->run_for_a_form();
		}
	}

	/**
	 * Without waiting for the queue.
	 */
	private function go_on(): void {
		( new Importer() )->run_for_a_form();
	}

	/**
	 * The page is as at the beginning.
	 */
	private function forget(): void {
		if ( Run::kept()->must_end_first() ) {
			Outcome::bad( __( 'An import is under way. Let it end first.', 'belong-for-woocommerce' ) );
			return;
		}
		Run::forget();
	}

	/**
	 * Customers and points that are shown before they are given.
	 *
	 * @param Counts $counts Of the import.
	 */
	public static function seen( Counts $counts ): string {
		return $counts->rows( Rows::STATE_NEW ) . ':' . $counts->points( Rows::STATE_NEW );
	}

	/**
	 * A whole number; null if it is none.
	 *
	 * @param mixed $text As it was sent.
	 */
	private static function factor( $text ): ?int {
		if ( ! is_string( $text ) || ! preg_match( '/\A[1-9][0-9]{0,6}\z/D', $text ) ) {
			return null;
		}
		return (int) $text <= Amount::FACTOR_MAX ? (int) $text : null;
	}

	/**
	 * Who is signed in, as they are called here. Nothing that cannot be seen.
	 */
	private static function actor(): string {
		$user = wp_get_current_user();
		$name = trim( (string) preg_replace( '/[\x00-\x1f\x7f]+/', ' ', $user->display_name ) );
		return mb_substr( '' === $name ? $user->user_login : $name, 0, self::NAME_MAX );
	}
}
