<?php
/**
 * A small badge beside a review.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Connection\Connection;
use Belong\Display\Part;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Display\Style;
use Belong\Placeholders;

defined( 'ABSPATH' ) || exit;

/**
 * Of reviewers who let others see it, and of nobody else; only badges of which the programme says that others may see them. One query for all reviews that a page has read.
 */
final class ReviewBadges {

	/**
	 * Reviewers whom nobody looked up yet.
	 *
	 * @var int[]
	 */
	private $unknown = array();

	/**
	 * The proudest badge by reviewer; null for those who show none.
	 *
	 * @var array<int, Part|null>
	 */
	private $badges = array();

	/**
	 * Notes who wrote what was just read. Asks nothing, and forgets what was known of an earlier list: a process can
	 * live longer than somebody's wish.
	 *
	 * @param mixed $comments Comments, mostly.
	 * @return mixed
	 */
	public function note( $comments ) {
		$this->badges  = array();
		$this->unknown = array();
		foreach ( is_array( $comments ) ? $comments : array() as $comment ) {
			$user_id = self::reviewer( $comment );
			if ( $user_id > 0 ) {
				$this->unknown[ $user_id ] = $user_id;
			}
		}
		return $comments;
	}

	/**
	 * Writes the badge of a review's writer.
	 *
	 * @param mixed $comment A review, mostly.
	 */
	public function show( $comment ): void {
		$badge = $this->badge_of( $comment );
		if ( null === $badge ) {
			return;
		}
		Style::need();
		$level = Medal::level_name( $badge->text( 'level' ) );
		/* translators: 1: name of a badge, 2: its grade, such as Gold. */
		$said = '' === $level ? $badge->text( 'name' ) : sprintf( __( 'Badge: %1$s, %2$s', 'belong-for-woocommerce' ), $badge->text( 'name' ), $level );
		?>
<span class="belong-medal"><?php Medal::show_icon( $badge->text( 'level' ) ); ?><span aria-hidden="true"><?php echo esc_html( $badge->text( 'name' ) ); ?></span><span class="belong-unseen"><?php echo esc_html( $said ); ?></span></span>
		<?php
	}

	/**
	 * The same behind the block that names who wrote a review.
	 *
	 * @param mixed     $html  Of the block.
	 * @param array     $parsed Of the block.
	 * @param \WP_Block $block The block.
	 * @return mixed
	 */
	public function after_the_author( $html, $parsed, \WP_Block $block ) {
		$id = (int) ( $block->context['commentId'] ?? 0 );
		if ( $id <= 0 || ! is_string( $html ) ) {
			return $html;
		}
		ob_start();
		try {
			$this->show( get_comment( $id ) );
			return $html . trim( (string) ob_get_contents() );
		} finally {
			ob_end_clean();
		}
	}

	/**
	 * Null where none is to be seen.
	 *
	 * @param mixed $comment A review, mostly.
	 */
	private function badge_of( $comment ): ?Part {
		$user_id = self::reviewer( $comment );
		if ( 0 === $user_id ) {
			return null;
		}
		if ( ! array_key_exists( $user_id, $this->badges ) ) {
			$this->unknown[ $user_id ] = $user_id;
		}
		$this->look_up();
		return $this->badges[ $user_id ] ?? null;
	}

	/**
	 * Who wrote it; 0 for a guest, and for what is no review.
	 *
	 * @param mixed $comment A comment, mostly.
	 */
	private static function reviewer( $comment ): int {
		return $comment instanceof \WP_Comment && 'review' === $comment->comment_type ? (int) $comment->user_id : 0;
	}

	/**
	 * Only snapshots of those who want it are read: a page of reviews must not load everybody's.
	 */
	private function look_up(): void {
		global $wpdb;
		if ( ! $this->unknown || ! Connection::kept()->is_connected() ) {
			return;
		}
		$asked         = array_values( $this->unknown );
		$this->unknown = array();
		$this->badges += array_fill_keys( $asked, null );
		$seen          = Programme::kept()->shown_to_others();
		$sql           = 'SELECT pushed.user_id, pushed.meta_value FROM %i wanted JOIN %i pushed ON pushed.user_id = wanted.user_id '
			. "AND pushed.meta_key = %s WHERE wanted.meta_key = %s AND wanted.meta_value = 'yes' AND wanted.user_id IN ("
			. Placeholders::for_each( $asked, '%d' ) . ')';
		$values        = array_merge( array( $wpdb->usermeta, $wpdb->usermeta, Snapshot::META, Choices::BADGE ), $asked );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- one query for a page.
		foreach ( $wpdb->get_results( $wpdb->prepare( $sql, $values ) ) as $row ) {
			$snapshot = Snapshot::read( $row->meta_value );
			foreach ( $snapshot->is_active() ? $snapshot->parts( 'badges' ) : array() as $badge ) {
				if ( '' !== $badge->text( 'name' ) && in_array( $badge->text( 'id' ), $seen, true ) ) {
					$this->badges[ (int) $row->user_id ] = $badge;
					break;
				}
			}
		}
	}
}
