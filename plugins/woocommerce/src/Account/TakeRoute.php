<?php
/**
 * Taking a reward outside a cart, for scripts.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Redeeming\Offers;
use Belong\Redeeming\Taking;
use Belong\Redeeming\TakingForm;

defined( 'ABSPATH' ) || exit;

/**
 * Takes what the form sends, as the page of the form does. A cookie alone is nobody to WordPress's REST: without its nonce
 * there is no user, and so no answer.
 */
final class TakeRoute {

	const PATH = '/me/rewards';

	/**
	 * Makes it known.
	 */
	public function register(): void {
		$field = array(
			'type'              => 'string',
			'default'           => '',
			'sanitize_callback' => 'sanitize_text_field',
		);
		register_rest_route(
			Route::SPACE,
			self::PATH,
			array(
				'methods'             => 'POST',
				'callback'            => array( $this, 'take' ),
				'permission_callback' => 'is_user_logged_in',
				'args'                => array(
					TakingForm::REWARD => $field,
					TakingForm::POINTS => $field,
					TakingForm::KEY    => $field,
				),
			)
		);
	}

	/**
	 * Takes it for whoever is signed in. The answer has the key of the next press: another one, unless nobody knows what
	 * came of this.
	 *
	 * @param \WP_REST_Request $request What.
	 */
	public function take( \WP_REST_Request $request ): \WP_REST_Response {
		$key     = (string) $request[ TakingForm::KEY ];
		$outcome = ( new Taking( Offers::own() ) )->of_form( (string) $request[ TakingForm::REWARD ], (string) $request[ TakingForm::POINTS ], $key );
		$told    = array(
			'taken'   => $outcome->is_good,
			'message' => $outcome->said,
			'key'     => $outcome->is_sure ? wp_generate_uuid4() : $key,
		);
		if ( $outcome->voucher ) {
			ob_start();
			( new Vouchers( Snapshot::own(), Programme::kept() ) )->show_one( $outcome->voucher );
			$told['voucher'] = trim( (string) ob_get_clean() );
		}
		$answer = new \WP_REST_Response( $told, $outcome->is_good ? 200 : ( $outcome->is_sure ? 409 : 503 ) );
		$answer->header( 'Cache-Control', 'no-store' );
		return $answer;
	}
}
