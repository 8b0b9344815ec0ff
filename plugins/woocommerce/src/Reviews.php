<?php
/**
 * What happens to reviews of goods.
 *
 * @package Belong
 */

namespace Belong;

use Belong\State\ReviewState;

defined( 'ABSPATH' ) || exit;

/**
 * They are comments of a type of their own. One without an account has nobody to be rewarded, and is left alone.
 */
final class Reviews {

	/**
	 * Where it is noted.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Notes nothing yet.
	 *
	 * @param Outbox $outbox Where it is noted.
	 */
	public function __construct( Outbox $outbox ) {
		$this->outbox = $outbox;
	}

	/**
	 * Written, edited or given another rating. Comments of any other kind pass by here too.
	 *
	 * @param int|string $comment_id Of the comment.
	 */
	public function changed( $comment_id ): void {
		$this->look_at( get_comment( (int) $comment_id ) );
	}

	/**
	 * Approved, put on hold, taken for spam, into the trash or out of it.
	 *
	 * @param string $to      New status.
	 * @param string $from    The one before.
	 * @param mixed  $comment The comment.
	 */
	public function status_changed( $to = '', $from = '', $comment = null ): void {
		$this->look_at( $comment );
	}

	/**
	 * Deleted for good; WordPress hands over what it was.
	 *
	 * @param int|string $comment_id Of the comment.
	 * @param mixed      $comment    The comment.
	 */
	public function is_gone( $comment_id, $comment = null ): void {
		$this->look_at( $comment, array() );
	}

	/**
	 * Marks what is a customer's review.
	 *
	 * @param mixed      $comment   Of any kind.
	 * @param array|null $tombstone If it is gone.
	 */
	private function look_at( $comment, ?array $tombstone = null ): void {
		if ( $comment instanceof \WP_Comment && ReviewState::TYPE === $comment->comment_type && (int) $comment->user_id > 0 ) {
			$this->outbox->mark( Outbox::REVIEW, (int) $comment->comment_ID, $tombstone );
		}
	}
}
