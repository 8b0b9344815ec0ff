<?php
/**
 * What came of a form, until the page was shown.
 *
 * @package Belong
 */

namespace Belong\Admin;

defined( 'ABSPATH' ) || exit;

/**
 * One for each user, for a minute: the form is sent to another address than the page that shows it.
 */
final class Outcome {

	const SECONDS = 60;

	/**
	 * It went well.
	 *
	 * @param string $text Translated.
	 */
	public static function good( string $text ): void {
		self::keep( array( 'kind' => 'success' ), $text );
	}

	/**
	 * It did not, or not quite.
	 *
	 * @param string $text Translated.
	 * @param array  $more Of form and asks_http.
	 */
	public static function bad( string $text, array $more = array() ): void {
		self::keep( $more + array( 'kind' => 'error' ), $text );
	}

	/**
	 * It is shown once.
	 *
	 * @return array kind and text, maybe more; empty if nothing came
	 */
	public static function take(): array {
		$kept = get_transient( self::name() );
		if ( ! is_array( $kept ) ) {
			return array();
		}
		delete_transient( self::name() );
		return $kept;
	}

	/**
	 * Keeps it.
	 *
	 * @param array  $what Kind and more.
	 * @param string $text Translated.
	 */
	private static function keep( array $what, string $text ): void {
		set_transient( self::name(), $what + array( 'text' => $text ), self::SECONDS );
	}

	/**
	 * Of this user.
	 */
	private static function name(): string {
		return 'belong_outcome_' . get_current_user_id();
	}
}
