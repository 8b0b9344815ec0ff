<?php
/**
 * What a review is now.
 *
 * @package Belong
 */

namespace Belong\State;

defined( 'ABSPATH' ) || exit;

/**
 * How long it is and what became of it; none of its words leaves the shop.
 */
final class ReviewState {

	const TYPE     = 'review';
	const STATUSES = array(
		'1'     => 'approved',
		'0'     => 'hold',
		'spam'  => 'spam',
		'trash' => 'trash',
	);

	/**
	 * As the wire names it.
	 *
	 * @param \WP_Comment $review As it was just read.
	 */
	public function of( \WP_Comment $review ): array {
		$id     = (int) $review->comment_ID;
		$rating = get_comment_meta( $id, 'rating', true );
		$words  = trim( wp_strip_all_tags( $review->comment_content ) );
		return array(
			'status'      => self::STATUSES[ (string) $review->comment_approved ],
			'customer_id' => (int) $review->user_id,
			'product_id'  => (int) $review->comment_post_ID,
			'rating'      => is_numeric( $rating ) ? (int) $rating : null,
			'verified'    => (bool) get_comment_meta( $id, 'verified', true ),
			'created_at'  => str_replace( ' ', 'T', $review->comment_date_gmt ) . 'Z',
			'characters'  => function_exists( 'mb_strlen' ) ? mb_strlen( $words, 'UTF-8' ) : strlen( $words ),
		);
	}
}
