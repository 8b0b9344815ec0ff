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
	 * What came of the last form. Read out at once, and the first thing that a keyboard finds.
	 *
	 * @return array as take() gives it
	 */
	public static function show(): array {
		$outcome = self::take();
		if ( ! $outcome ) {
			return array();
		}
		$is_bad = 'error' === $outcome['kind'];
		?>
		<div class="notice inline notice-<?php echo esc_attr( $outcome['kind'] ); ?>" role="<?php echo esc_attr( $is_bad ? 'alert' : 'status' ); ?>" tabindex="-1" autofocus>
			<p><?php echo esc_html( $outcome['text'] ); ?></p>
		</div>
		<?php
		return $outcome;
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
