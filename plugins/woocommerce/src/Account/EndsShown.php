<?php
/**
 * Tells the service that a member was shown what ends.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Sending\Pace;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * Points end only after their member was warned, and who gets no mail is warned by seeing it here. The page asks nobody:
 * at the end of the request an action is asked for, which tells exactly what stood on the page, for an hour once.
 */
final class EndsShown {

	const TELL          = 'belong_ends_shown';
	const SEEN          = 'belong_ends_shown_';
	const AGAIN_SECONDS = 3600;

	/**
	 * Whom this request showed an end that is not announced yet; 0 is nobody.
	 *
	 * @var int
	 */
	private static $member = 0;

	/**
	 * What they were shown: pairs of points and moment.
	 *
	 * @var array[]
	 */
	private static $shown = array();

	/**
	 * Remembers that whoever is signed in sees these.
	 *
	 * @param \Belong\Display\Part[] $ends All that are shown.
	 */
	public static function note( array $ends ): void {
		self::$shown = array();
		foreach ( $ends as $end ) {
			self::$shown[] = array( $end->number( 'points' ), $end->text( 'ends_at' ) );
			if ( ! $end->flag( 'warned' ) ) {
				self::$member = get_current_user_id();
			}
		}
	}

	/**
	 * Nobody waits for it: the queue tells. Not as a unique action, of which older queues keep one for all members.
	 */
	public function at_the_end_of_the_request(): void {
		$member       = self::$member;
		self::$member = 0;
		if ( $member <= 0 || ! function_exists( 'as_enqueue_async_action' ) || ! Voice::of_this_shop()->is_open() ) {
			return;
		}
		if ( ! ( new Pace() )->may_send() || false !== get_transient( self::SEEN . $member ) ) {
			return;
		}
		set_transient( self::SEEN . $member, 1, self::AGAIN_SECONDS );
		as_enqueue_async_action( self::TELL, array( $member, self::$shown ), Wake::GROUP );
	}

	/**
	 * Tells it. What nobody answers is told after the member's next look, an hour later at the soonest.
	 *
	 * @param mixed $member Whose.
	 * @param mixed $shown  Pairs of points and moment.
	 */
	public function tell( $member, $shown ): void {
		$body = array( 'shown' => array() );
		foreach ( (array) $shown as $end ) {
			$body['shown'][] = array(
				'points'  => (int) $end[0],
				'ends_at' => (string) $end[1],
			);
		}
		Voice::of_this_shop()->ask( (int) $member, Voice::READ, 'ends', $body );
	}
}
