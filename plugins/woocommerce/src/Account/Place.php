<?php
/**
 * Where a member stands on the leaderboard.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Connection;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * As the service says. What it said is kept here and in no browser, which several people may use: a page that is seen
 * again soon asks nobody.
 */
final class Place {

	const META    = '_belong_place';
	const SECONDS = 300;

	/**
	 * Asks the service.
	 *
	 * @var Voice
	 */
	private $voice;

	/**
	 * Asks nobody yet.
	 *
	 * @param Voice $voice Asks the service.
	 */
	public function __construct( Voice $voice ) {
		$this->voice = $voice;
	}

	/**
	 * Rank and value, 0 for whoever is on none; null if nobody says so.
	 *
	 * @param int    $user_id Whose.
	 * @param string $measure What the leaderboard counts.
	 * @return array<string, int>|null
	 */
	public function of( int $user_id, string $measure ): ?array {
		if ( '' === $measure ) {
			return null;
		}
		$board = Connection::kept()->id() . '|' . $measure;
		$kept  = new Part( get_user_meta( $user_id, self::META, true ) );
		if ( $kept->text( 'board' ) === $board && abs( time() - $kept->number( 'at' ) ) < self::SECONDS ) {
			return self::told( $kept );
		}
		$answer = $this->voice->ask( $user_id, Voice::READ, 'leaderboards/' . rawurlencode( $measure ) . '?limit=1', null );
		if ( ! $answer->is_ok() ) {
			return null;
		}
		$told = self::told( new Part( $answer->body['me'] ?? null ) );
		$new  = array(
			'board' => $board,
			'at'    => time(),
		);
		update_user_meta( $user_id, self::META, wp_slash( $new + $told ) );
		return $told;
	}

	/**
	 * Only what we know.
	 *
	 * @param Part $me As answered or kept.
	 */
	private static function told( Part $me ): array {
		return array(
			'rank'  => $me->number( 'rank' ),
			'value' => $me->number( 'value' ),
		);
	}
}
