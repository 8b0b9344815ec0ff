<?php
/**
 * What a shopper lets others see.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Answer;

defined( 'ABSPATH' ) || exit;

/**
 * Nobody is shown to others who did not ask for it. The badge beside reviews is this shop's own matter; leaderboards
 * are the service's, and what it answered last is remembered for the next page view.
 */
final class Choices {

	const BADGE    = '_belong_badge_shown';
	const BOARD    = '_belong_board';
	const NAME_MAX = 100;

	const DONE       = 'done';
	const CODE_COMES = 'code_comes';
	const BAD_NAME   = 'bad_name';
	const NO_MEMBER  = 'no_member';
	const NO_ANSWER  = 'no_answer';

	/**
	 * Asks the service.
	 *
	 * @var Voice
	 */
	private $voice;

	/**
	 * Changes nothing yet.
	 *
	 * @param Voice $voice Asks the service.
	 */
	public function __construct( Voice $voice ) {
		$this->voice = $voice;
	}

	/**
	 * Whether somebody's badge stands beside their reviews.
	 *
	 * @param int $user_id Whose.
	 */
	public static function shows_badge( int $user_id ): bool {
		return 'yes' === get_user_meta( $user_id, self::BADGE, true );
	}

	/**
	 * As the service said last: whether on leaderboards, and under which name.
	 *
	 * @param int $user_id Whose.
	 * @return array takes_part and name
	 */
	public static function board( int $user_id ): array {
		$kept = get_user_meta( $user_id, self::BOARD, true );
		return self::understood( is_array( $kept ) ? $kept : array() );
	}

	/**
	 * Shows the badge beside reviews, or no longer.
	 *
	 * @param int  $user_id Who is signed in.
	 * @param bool $shown   Whether it is to be seen.
	 */
	public function show_badge( int $user_id, bool $shown ): string {
		if ( $shown ) {
			update_user_meta( $user_id, self::BADGE, 'yes' );
		} else {
			delete_user_meta( $user_id, self::BADGE );
		}
		return self::DONE;
	}

	/**
	 * Comes onto leaderboards or leaves them.
	 *
	 * @param int    $user_id    Who is signed in.
	 * @param bool   $takes_part Whether from now on.
	 * @param string $name       Shown instead of a pseudonym; empty for none.
	 */
	public function take_part( int $user_id, bool $takes_part, string $name ): string {
		$body   = array(
			'takes_part' => $takes_part,
			'name'       => $takes_part ? mb_substr( $name, 0, self::NAME_MAX ) : '',
		);
		$answer = $this->voice->ask( $user_id, Voice::CHOOSE, 'leaderboard-choice', $body );
		if ( in_array( $answer->status, array( 400, 409, 422 ), true ) && null !== $answer->body ) {
			return self::BAD_NAME;
		}
		return $this->remember( $user_id, $answer );
	}

	/**
	 * Asks the service what was chosen, wherever that was; what was known before stays if it does not answer.
	 *
	 * @param int $user_id Who is signed in.
	 */
	public function refresh( int $user_id ): string {
		return $this->remember( $user_id, $this->voice->ask( $user_id, Voice::READ, 'leaderboard-choice', null ) );
	}

	/**
	 * Asks for a code for friends. It comes with the next snapshot.
	 *
	 * @param int $user_id Who is signed in.
	 */
	public function ask_for_code( int $user_id ): string {
		$answer = $this->voice->ask( $user_id, Voice::CHOOSE, 'referral-code', array() );
		return '' !== $answer->text( 'code' ) && $answer->is_ok() ? self::CODE_COMES : $this->failed( $answer );
	}

	/**
	 * Whether it came about.
	 *
	 * @param string $outcome One of the constants.
	 */
	public static function is_good( string $outcome ): bool {
		return self::DONE === $outcome || self::CODE_COMES === $outcome;
	}

	/**
	 * A line for people about what came of it.
	 *
	 * @param string $outcome One of the constants.
	 */
	public static function said( string $outcome ): string {
		$said = array(
			self::DONE       => __( 'Saved.', 'belong-for-woocommerce' ),
			self::CODE_COMES => __( 'Your code is made. It appears here in a moment: please load the page again.', 'belong-for-woocommerce' ),
			self::BAD_NAME   => __( 'This name cannot be shown. Please choose another one; nothing was changed.', 'belong-for-woocommerce' ),
			self::NO_MEMBER  => __( 'You are not a member yet, so there is nothing to choose.', 'belong-for-woocommerce' ),
		);
		return $said[ $outcome ] ?? __( 'This does not work at the moment. Please try again later.', 'belong-for-woocommerce' );
	}

	/**
	 * For the next page view.
	 *
	 * @param int    $user_id Who is signed in.
	 * @param Answer $answer  What was chosen, or why not.
	 */
	private function remember( int $user_id, Answer $answer ): string {
		if ( ! $answer->is_ok() || ! is_bool( $answer->body['takes_part'] ?? null ) ) {
			return $this->failed( $answer );
		}
		update_user_meta( $user_id, self::BOARD, wp_slash( self::understood( $answer->body ) ) );
		return self::DONE;
	}

	/**
	 * Why it did not come about.
	 *
	 * @param Answer $answer What came.
	 */
	private function failed( Answer $answer ): string {
		return 404 === $answer->status && null !== $answer->body && 'not-connected' !== $answer->code ? self::NO_MEMBER : self::NO_ANSWER;
	}

	/**
	 * Only what we know, in the types that we know.
	 *
	 * @param array $chosen As answered or kept.
	 */
	private static function understood( array $chosen ): array {
		return array(
			'takes_part' => true === ( $chosen['takes_part'] ?? null ),
			'name'       => is_string( $chosen['name'] ?? null ) ? $chosen['name'] : '',
		);
	}
}
