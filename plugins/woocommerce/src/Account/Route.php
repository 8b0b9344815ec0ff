<?php
/**
 * The same choices for scripts, and the own place on the leaderboard.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Programme;

defined( 'ABSPATH' ) || exit;

/**
 * A cookie alone is nobody to WordPress's REST: without its nonce there is no user, and so no answer. Whose choices
 * they are is never taken from the request.
 */
final class Route {

	const SPACE = 'belong/v1';
	const PATH  = '/me/choices';
	const PLACE = '/me/place';

	/**
	 * Makes it known.
	 */
	public function register(): void {
		register_rest_route(
			self::SPACE,
			self::PLACE,
			array(
				'methods'             => 'GET',
				'callback'            => array( $this, 'tell_place' ),
				'permission_callback' => 'is_user_logged_in',
			)
		);
		register_rest_route(
			self::SPACE,
			self::PATH,
			array(
				array(
					'methods'             => 'GET',
					'callback'            => array( $this, 'tell' ),
					'permission_callback' => 'is_user_logged_in',
				),
				array(
					'methods'             => 'POST',
					'callback'            => array( $this, 'change' ),
					'permission_callback' => 'is_user_logged_in',
					'args'                => array(
						'choice'      => array(
							'type'     => 'string',
							'enum'     => Choices::KINDS,
							'required' => true,
						),
						'badge_shown' => array(
							'type'    => 'boolean',
							'default' => false,
						),
						'takes_part'  => array(
							'type'    => 'boolean',
							'default' => false,
						),
						'name'        => array(
							'type'              => 'string',
							'default'           => '',
							'maxLength'         => 100,
							'sanitize_callback' => 'sanitize_text_field',
						),
						'takes_mails' => array(
							'type'    => 'boolean',
							'default' => false,
						),
						'code'        => array(
							'type'              => 'string',
							'default'           => '',
							'maxLength'         => 100,
							'sanitize_callback' => 'sanitize_text_field',
						),
					),
				),
			)
		);
	}

	/**
	 * Where whoever looks stands on the leaderboard.
	 */
	public function tell_place(): \WP_REST_Response {
		$place = ( new Place( Voice::of_this_shop() ) )->of( get_current_user_id(), Programme::kept()->board()->text( 'measure' ) );
		$none  = array(
			'rank'  => 0,
			'value' => 0,
		);
		$said  = new \WP_REST_Response( array( 'me' => $place ?? $none ), null === $place ? 503 : 200 );
		$said->header( 'Cache-Control', 'no-store' );
		return $said;
	}

	/**
	 * What is chosen now, as the service says, or as it said last.
	 */
	public function tell(): \WP_REST_Response {
		$choices = new Choices( Voice::of_this_shop() );
		return $this->answer( $choices, $choices->refresh( get_current_user_id() ) );
	}

	/**
	 * Chooses.
	 *
	 * @param \WP_REST_Request $request What.
	 */
	public function change( \WP_REST_Request $request ): \WP_REST_Response {
		$choices = new Choices( Voice::of_this_shop() );
		$wanted  = array( (bool) $request['badge_shown'], (bool) $request['takes_part'], (string) $request['name'], (bool) $request['takes_mails'], (string) $request['code'] );
		$outcome = $choices->choose( get_current_user_id(), (string) $request['choice'], ...$wanted );
		return $this->answer( $choices, $outcome );
	}

	/**
	 * The state after it, with a line for people.
	 *
	 * @param Choices $choices Who was asked.
	 * @param string  $outcome Of it.
	 */
	private function answer( Choices $choices, string $outcome ): \WP_REST_Response {
		$statuses = array(
			Choices::BAD_NAME    => 409,
			Choices::BLOCKED     => 409,
			Choices::OWN_CODE    => 409,
			Choices::NOT_COUNTED => 409,
			Choices::NO_CODE     => 409,
			Choices::BROUGHT     => 409,
			Choices::TOO_MANY    => 429,
			Choices::NO_MEMBER   => 404,
		);
		$user_id  = get_current_user_id();
		$told     = array(
			'outcome'     => $outcome,
			'message'     => $choices->line( $outcome ),
			'badge_shown' => Choices::shows_badge( $user_id ),
			'takes_mails' => Choices::takes_mails( $user_id ),
		) + Choices::board( $user_id );
		$answer   = new \WP_REST_Response( $told, Choices::is_good( $outcome ) ? 200 : $statuses[ $outcome ] ?? 503 );
		$answer->header( 'Cache-Control', 'no-store' );
		return $answer;
	}
}
