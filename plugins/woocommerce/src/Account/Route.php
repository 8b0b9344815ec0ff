<?php
/**
 * The same choices for scripts.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * A cookie alone is nobody to WordPress's REST: without its nonce there is no user, and so no answer. Whose choices
 * they are is never taken from the request.
 */
final class Route {

	const SPACE = 'belong/v1';
	const PATH  = '/me/choices';

	/**
	 * Makes it known.
	 */
	public function register(): void {
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
							'enum'     => array( 'badge', 'board', 'code' ),
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
					),
				),
			)
		);
	}

	/**
	 * What is chosen now, as the service says, or as it said last.
	 */
	public function tell(): \WP_REST_Response {
		$outcome = ( new Choices( Voice::of_this_shop() ) )->refresh( get_current_user_id() );
		return $this->answer( $outcome );
	}

	/**
	 * Chooses.
	 *
	 * @param \WP_REST_Request $request What.
	 */
	public function change( \WP_REST_Request $request ): \WP_REST_Response {
		$choices = new Choices( Voice::of_this_shop() );
		$user_id = get_current_user_id();
		switch ( $request['choice'] ) {
			case 'badge':
				return $this->answer( $choices->show_badge( $user_id, (bool) $request['badge_shown'] ) );
			case 'board':
				return $this->answer( $choices->take_part( $user_id, (bool) $request['takes_part'], (string) $request['name'] ) );
			default:
				return $this->answer( $choices->ask_for_code( $user_id ) );
		}
	}

	/**
	 * The state after it, with a line for people.
	 *
	 * @param string $outcome Of Choices.
	 */
	private function answer( string $outcome ): \WP_REST_Response {
		$statuses = array(
			Choices::DONE       => 200,
			Choices::CODE_COMES => 200,
			Choices::BAD_NAME   => 409,
			Choices::NO_MEMBER  => 404,
		);
		$user_id  = get_current_user_id();
		$told     = array(
			'outcome'     => $outcome,
			'message'     => Choices::said( $outcome ),
			'badge_shown' => Choices::shows_badge( $user_id ),
		) + Choices::board( $user_id );
		$answer   = new \WP_REST_Response( $told, $statuses[ $outcome ] ?? 503 );
		$answer->header( 'Cache-Control', 'no-store' );
		return $answer;
	}
}
