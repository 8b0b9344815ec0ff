<?php
/**
 * Points given or taken by somebody of the shop.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Reasons;
use Belong\Connection\Service;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * The service decides, and keeps who it was. The key comes from the page, so that a second click is the same deed.
 */
final class Adjusting {

	const REASON_MAX = 500;
	const NAME_MAX   = 90;

	/**
	 * Asks for it, and says what came of it.
	 *
	 * @param int    $customer Whose.
	 * @param int    $points   Given, or taken below 0.
	 * @param string $reason   In words.
	 * @param string $key      Of the page.
	 */
	public static function run( int $customer, int $points, string $reason, string $key ): \WP_REST_Response {
		$deed   = array(
			'customer' => (string) $customer,
			'points'   => $points,
			'reason'   => $reason,
			'actor'    => self::actor(),
			'key'      => 'wp-' . get_current_user_id() . '-' . $key,
		);
		$answer = ( new Service( Connection::kept() ) )->post( 'adjust', $deed, Route::SECONDS );
		if ( ! $answer->is_ok() ) {
			return Route::failed( $answer );
		}
		$told   = new Part( $answer->body );
		$format = Script::format( array() );
		$done   = 'done' === $told->text( 'state' );
		return Route::answered(
			array(
				'done'    => $done,
				'message' => $done ? __( 'Done. The points are changed.', 'belong-for-woocommerce' ) : self::refusal( $answer ),
				'numbers' => Numbers::read( $told, $format ),
			)
		);
	}

	/**
	 * Who is signed in, as they are called here. Nothing that cannot be seen.
	 */
	private static function actor(): string {
		$user = wp_get_current_user();
		$name = trim( (string) preg_replace( '/[\x00-\x1f\x7f]+/', ' ', $user->display_name ) );
		return mb_substr( '' === $name ? $user->user_login : $name, 0, self::NAME_MAX );
	}

	/**
	 * Why nothing was done.
	 *
	 * @param Answer $answer With a code.
	 */
	private static function refusal( Answer $answer ): string {
		$numbers = new Part( $answer->body['numbers'] ?? null );
		$maximum = number_format_i18n( $numbers->number( 'maximum' ) );
		$said    = array(
			'not-enough-points'          => __( 'So many points are not there to be taken.', 'belong-for-woocommerce' ),
			'adjust-nothing'             => __( 'Enter a whole number of points other than 0.', 'belong-for-woocommerce' ),
			/* translators: %s: a number. */
			'adjust-above-maximum'       => sprintf( __( 'Your programme allows at most %s points at once.', 'belong-for-woocommerce' ), $maximum ),
			'adjust-reason-missing'      => __( 'Say why. It is kept with the points, and the customer can read it.', 'belong-for-woocommerce' ),
			'adjust-not-in-shop'         => __( 'Two people must agree to so many points. That is done in your Belong, not here.', 'belong-for-woocommerce' ),
			'adjusting-switched-off'     => __( 'Whoever runs your Belong has switched this off for wp-admin.', 'belong-for-woocommerce' ),
			'member-unknown'             => __( 'This customer does not take part yet.', 'belong-for-woocommerce' ),
			'member-not-active'          => __( 'This customer was merged into another account, or erased.', 'belong-for-woocommerce' ),
			'key-used-for-something-else' => __( 'Your last attempt was done already, with another number of points. Look at what happened before you try again.', 'belong-for-woocommerce' ),
		);
		$problem = $said[ $answer->text( 'code' ) ] ?? $answer->text( 'problem' );
		return __( 'Nothing was changed.', 'belong-for-woocommerce' ) . ' ' . ( '' === $problem ? Reasons::in_words( Reasons::BROKEN ) : $problem );
	}
}
