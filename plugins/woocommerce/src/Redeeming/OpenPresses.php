<?php
/**
 * Presses of a button that nobody has answered yet.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * One row of user meta for each wish and key, so that of several presses at once none writes over another's. What is kept
 * is a key of one press and what it was for.
 */
final class OpenPresses {

	const META = '_belong_press';

	// Who comes back later wants it anew; what a lost answer had done is shown to them by then.
	const LIVES_SECONDS = 900;

	/**
	 * Whose.
	 *
	 * @var int
	 */
	private $user_id;

	/**
	 * Of a member.
	 *
	 * @param int $user_id Whose.
	 */
	public function __construct( int $user_id ) {
		$this->user_id = $user_id;
	}

	/**
	 * What is wished, in words that are the same for the same.
	 *
	 * @param string   $reward Id of the reward.
	 * @param int|null $points With a slider, how many.
	 */
	public static function wish( string $reward, ?int $points ): string {
		return hash( 'sha256', $reward . '|' . $points );
	}

	/**
	 * The key that this wish goes on with: that of an earlier press without an answer, else the new one, which is kept
	 * before anybody is asked.
	 *
	 * @param string $wish What is wished.
	 * @param string $new  A key that nothing has had.
	 */
	public function key( string $wish, string $new ): string {
		foreach ( $this->rows() as $row ) {
			list( $of, $key, $at ) = $row;
			if ( $of === $wish && time() - (int) $at < self::LIVES_SECONDS ) {
				return $key;
			}
		}
		add_user_meta( $this->user_id, self::META, implode( '|', array( $wish, $new, time() ) ) );
		return $new;
	}

	/**
	 * Nobody has answered this press: the next one goes on with its key from now on for as long as any, even if another
	 * press with the same key was answered meanwhile.
	 *
	 * @param string $wish What was wished.
	 * @param string $key  That was sent.
	 */
	public function stay( string $wish, string $key ): void {
		$kept = implode( '|', array( $wish, $key, time() ) );
		$rows = $this->rows();
		if ( ! in_array( $kept, array_map( array( self::class, 'text' ), $rows ), true ) ) {
			add_user_meta( $this->user_id, self::META, $kept );
		}
		foreach ( $rows as $row ) {
			if ( $row[1] === $key && self::text( $row ) !== $kept ) {
				delete_user_meta( $this->user_id, self::META, self::text( $row ) );
			}
		}
	}

	/**
	 * Somebody has answered: the next press is another one. What another key asked for stays open; what is too old goes
	 * along.
	 *
	 * @param string $key That was answered.
	 */
	public function close( string $key ): void {
		foreach ( $this->rows() as $row ) {
			if ( $row[1] === $key || time() - (int) $row[2] >= self::LIVES_SECONDS ) {
				delete_user_meta( $this->user_id, self::META, self::text( $row ) );
			}
		}
	}

	/**
	 * As it is kept.
	 *
	 * @param string[] $row Wish, key and when.
	 */
	private static function text( array $row ): string {
		return implode( '|', $row );
	}

	/**
	 * Wish, key and when, the oldest first, as the table has them now: other presses write, too, and a cache does not
	 * hear of it.
	 *
	 * @return string[][]
	 */
	private function rows(): array {
		$rows = array();
		wp_cache_delete( $this->user_id, 'user_meta' );
		foreach ( (array) get_user_meta( $this->user_id, self::META, false ) as $text ) {
			$row = explode( '|', (string) $text );
			if ( 3 === count( $row ) ) {
				$rows[] = $row;
			}
		}
		return $rows;
	}
}
