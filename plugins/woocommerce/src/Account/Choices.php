<?php
/**
 * What a shopper lets others see, and whether mails come.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Answer;

defined( 'ABSPATH' ) || exit;

/**
 * Nobody is shown to others who did not ask for it. The badge beside reviews is this shop's own matter; leaderboards
 * and mails are the service's, and what it answered last is remembered for the next page view.
 */
final class Choices {

	const BADGE    = '_belong_badge_shown';
	const BOARD    = '_belong_board';
	const MAILS    = '_belong_mails';
	const NAME_MAX = 100;
	const KINDS    = array( 'badge', 'board', 'mails', 'code', 'invited', 'join', 'leave' );

	const DONE       = 'done';
	const CODE_COMES = 'code_comes';
	const BAD_NAME   = 'bad_name';
	const NO_MEMBER  = 'no_member';
	const NO_ANSWER  = 'no_answer';
	const JOINED     = 'joined';
	const LEFT       = 'left';
	const BLOCKED    = 'blocked';

	const CAME        = 'came';
	const OWN_CODE    = 'own_code';
	const NOT_COUNTED = 'not_counted';
	const NO_CODE     = 'no_code';
	const BROUGHT     = 'brought';
	const TOO_MANY    = 'too_many';

	// What the service says of a code.
	const OF_A_CODE = array(
		'taken'            => self::CAME,
		'own-code'         => self::OWN_CODE,
		'not-counted'      => self::NOT_COUNTED,
		'code-unknown'     => self::NO_CODE,
		'already-referred' => self::BROUGHT,
		'too-many-codes'   => self::TOO_MANY,
	);

	/**
	 * Asks the service.
	 *
	 * @var Voice
	 */
	private $voice;

	/**
	 * Until a code can be tried again, where too many were.
	 *
	 * @var int
	 */
	private $minutes = 0;

	/**
	 * What came of the code that somebody joined with; empty for none.
	 *
	 * @var string
	 */
	private $of_code = '';

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
	 * As the service said last: whether they agreed to mails about their points.
	 *
	 * @param int $user_id Whose.
	 */
	public static function takes_mails( int $user_id ): bool {
		return 'yes' === get_user_meta( $user_id, self::MAILS, true );
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
		$board = $this->remember( $user_id, $this->voice->ask( $user_id, Voice::READ, 'leaderboard-choice', null ) );
		return self::DONE === $board ? $this->remember_mails( $user_id, $this->voice->ask( $user_id, Voice::CHOOSE, 'mail-choice', null ) ) : $board;
	}

	/**
	 * Agrees to mails about their points, or stops them all.
	 *
	 * @param int  $user_id Who is signed in.
	 * @param bool $takes   Whether they come from now on.
	 */
	public function take_mails( int $user_id, bool $takes ): string {
		$answer = $this->voice->ask( $user_id, Voice::CHOOSE, 'mail-choice', array( 'takes_mails' => $takes ) );
		return $this->remember_mails( $user_id, $answer );
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
	 * Says by whose code they came. The same once more changes nothing.
	 *
	 * @param int    $user_id Who is signed in.
	 * @param string $code    As they typed it.
	 */
	public function enter_code( int $user_id, string $code ): string {
		$code = mb_substr( trim( $code ), 0, self::NAME_MAX );
		if ( '' === $code ) {
			return self::NO_CODE;
		}
		$answer  = $this->voice->ask( $user_id, Voice::CHOOSE, 'referred-by', array( 'code' => $code ) );
		$outcome = self::OF_A_CODE[ $answer->is_ok() ? $answer->text( 'outcome' ) : $answer->code ] ?? $this->failed( $answer );
		if ( self::TOO_MANY === $outcome ) {
			$seconds       = $answer->body['numbers']['retry_after_seconds'] ?? HOUR_IN_SECONDS;
			$this->minutes = max( 1, (int) ceil( ( is_int( $seconds ) ? $seconds : HOUR_IN_SECONDS ) / MINUTE_IN_SECONDS ) );
		} elseif ( in_array( $outcome, array( self::CAME, self::BROUGHT ), true ) ) {
			// Whoever has come by any code leaves none to the next person of this browser.
			Invited::forget();
		} elseif ( in_array( $outcome, self::OF_A_CODE, true ) && Invited::code() === strtoupper( $code ) ) {
			Invited::forget();
		}
		return $outcome;
	}

	/**
	 * Agrees to take part in the programme, for the first time or again.
	 *
	 * @param int    $user_id Who is signed in.
	 * @param string $code    A friend's, as it stood in the form; empty for none.
	 */
	public function join( int $user_id, string $code ): string {
		$answer = $this->voice->agree( $user_id );
		if ( $answer->is_ok() ) {
			// What does not work out now stays for the form.
			$this->of_code = '' === trim( $code ) ? '' : $this->enter_code( $user_id, $code );
			return self::JOINED;
		}
		return 409 === $answer->status && 'member-blocked' === $answer->code ? self::BLOCKED : self::NO_ANSWER;
	}

	/**
	 * Leaves the programme.
	 *
	 * @param int $user_id Who is signed in.
	 */
	public function leave( int $user_id ): string {
		$answer = $this->voice->ask( $user_id, Voice::CHOOSE, 'membership', array( 'takes_part' => false ) );
		return $answer->is_ok() ? self::LEFT : $this->failed( $answer );
	}

	/**
	 * Does what a form asks for.
	 *
	 * @param int    $user_id     Who is signed in.
	 * @param string $choice      What it is about: one of KINDS.
	 * @param bool   $badge       Whether the badge is to be seen.
	 * @param bool   $takes_part  Whether on leaderboards.
	 * @param string $name        Under which name.
	 * @param bool   $takes_mails Whether mails come.
	 * @param string $code        A friend's.
	 */
	public function choose( int $user_id, string $choice, bool $badge, bool $takes_part, string $name, bool $takes_mails, string $code ): string {
		switch ( $choice ) {
			case 'badge':
				return $this->show_badge( $user_id, $badge );
			case 'board':
				return $this->take_part( $user_id, $takes_part, $name );
			case 'mails':
				return $this->take_mails( $user_id, $takes_mails );
			case 'code':
				return $this->ask_for_code( $user_id );
			case 'invited':
				return $this->enter_code( $user_id, $code );
			case 'join':
				return $this->join( $user_id, $code );
			case 'leave':
				return $this->leave( $user_id );
			default:
				return self::NO_ANSWER;
		}
	}

	/**
	 * Whether it came about.
	 *
	 * @param string $outcome One of the constants.
	 */
	public static function is_good( string $outcome ): bool {
		return in_array( $outcome, array( self::DONE, self::CODE_COMES, self::JOINED, self::LEFT, self::CAME ), true );
	}

	/**
	 * A line for people about what came of it.
	 *
	 * @param string $outcome One of the constants.
	 */
	public function line( string $outcome ): string {
		$has_code = self::JOINED === $outcome && in_array( $this->of_code, self::OF_A_CODE, true );
		return $this->said( $outcome ) . ( $has_code ? ' ' . $this->said( $this->of_code ) : '' );
	}

	/**
	 * In words.
	 *
	 * @param string $outcome One of the constants.
	 */
	private function said( string $outcome ): string {
		if ( self::TOO_MANY === $outcome ) {
			/* translators: %s: how many minutes. */
			return sprintf( _n( 'Too many codes were tried. Please try again in %s minute.', 'Too many codes were tried. Please try again in %s minutes.', $this->minutes, 'belong-for-woocommerce' ), number_format_i18n( $this->minutes ) );
		}
		$said = array(
			self::DONE       => __( 'Saved.', 'belong-for-woocommerce' ),
			self::CODE_COMES => __( 'Your code is made. It appears here in a moment: please load the page again.', 'belong-for-woocommerce' ),
			self::BAD_NAME   => __( 'This name cannot be shown. Please choose another one; nothing was changed.', 'belong-for-woocommerce' ),
			self::NO_MEMBER  => __( 'You are not a member yet, so there is nothing to choose.', 'belong-for-woocommerce' ),
			self::JOINED     => __( 'Welcome! Your points appear here in a moment: please load the page again.', 'belong-for-woocommerce' ),
			self::LEFT       => __( 'You have left the programme. Orders earn nothing now.', 'belong-for-woocommerce' ),
			self::CAME       => __( 'Thank you! You get your points once your first order counts.', 'belong-for-woocommerce' ),
			self::OWN_CODE   => __( 'This is your own code. Please enter the one that a friend gave you.', 'belong-for-woocommerce' ),
			self::NOT_COUNTED => __( 'This code cannot count for you.', 'belong-for-woocommerce' ),
			self::NO_CODE    => __( 'Nobody has this code. Please compare it letter by letter.', 'belong-for-woocommerce' ),
			self::BROUGHT    => __( 'You came with a friend’s code already: the first one counts.', 'belong-for-woocommerce' ),
			self::BLOCKED    => __( 'Your membership rests at the moment. Please contact us if you do not know why.', 'belong-for-woocommerce' ),
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
	 * For the next page view.
	 *
	 * @param int    $user_id Who is signed in.
	 * @param Answer $answer  Whether mails come, or why that is not known.
	 */
	private function remember_mails( int $user_id, Answer $answer ): string {
		$takes = $answer->body['takes_mails'] ?? null;
		if ( ! $answer->is_ok() || ! is_bool( $takes ) ) {
			return $this->failed( $answer );
		}
		if ( $takes ) {
			update_user_meta( $user_id, self::MAILS, 'yes' );
		} else {
			delete_user_meta( $user_id, self::MAILS );
		}
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
