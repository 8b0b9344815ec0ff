<?php
/**
 * What becomes of a review is marked and told; its words are not.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Outbox;
use Belong\Plugin;

final class ReviewStoriesTest extends ConnectedTestCase {

	/**
	 * What is reviewed.
	 *
	 * @var int
	 */
	private $product_id = 0;

	protected function setUp(): void {
		parent::setUp();
		$this->product_id = wp_insert_post(
			array(
				'post_type'   => 'product',
				'post_title'  => 'Tea',
				'post_status' => 'publish',
				'post_author' => 1,
			)
		);
	}

	public function test_every_step_of_a_review_is_told(): void {
		$service = new BatchService();
		$id      = $this->a_review( 0 );
		$this->assert_told( $service, $id, 'hold' );
		foreach ( array(
			'approve' => 'approved',
			'hold'    => 'hold',
			'spam'    => 'spam',
			'trash'   => 'trash',
		) as $to => $told ) {
			wp_set_comment_status( $id, $to );
			$this->assert_told( $service, $id, $told );
		}
		wp_untrash_comment( $id );
		wp_delete_comment( $id, true );
		$this->drain();
		$this->assertSame( array(), $service->known[ "review:$id" ]['gone'] );
	}

	public function test_a_review_is_told_by_what_counts_and_without_its_words(): void {
		$service = new BatchService();
		$id      = $this->a_review( 1 );
		update_comment_meta( $id, 'rating', 5 );
		update_comment_meta( $id, 'verified', 1 );
		$this->drain();
		$told = $service->known[ "review:$id" ];
		$this->assertStringNotContainsString( 'Wunderbar', wp_json_encode( $told ) );
		$this->assertSame(
			array(
				'status'      => 'approved',
				'customer_id' => 1,
				'product_id'  => $this->product_id,
				'rating'      => 5,
				'verified'    => true,
				'created_at'  => '2026-11-21T21:54:50Z',
				'characters'  => 12,
			),
			$told['state']
		);
	}

	public function test_an_edit_is_marked(): void {
		$id = $this->a_review( 1 );
		$this->empty_outbox();
		wp_update_comment(
			array(
				'comment_ID'      => $id,
				'comment_content' => 'Well.',
			)
		);
		$this->assertSame( array( "review:$id" ), $this->marked() );
	}

	public function test_a_guests_review_and_any_other_comment_are_left_alone(): void {
		$this->a_review( 1, array( 'user_id' => 0 ) );
		$this->a_review( 1, array( 'comment_type' => 'comment' ) );
		$this->a_review( 1, array( 'comment_type' => 'order_note' ) );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_a_review_that_vanished_without_a_word_is_told_as_gone(): void {
		$service = new BatchService();
		Plugin::outbox()->mark( Outbox::REVIEW, 987654 );
		$this->drain();
		$this->assertSame( array(), $service->known['review:987654']['gone'] );
	}

	private function a_review( int $approved, array $more = array() ): int {
		$id = wp_insert_comment(
			$more + array(
				'comment_post_ID'  => $this->product_id,
				'comment_type'     => 'review',
				'comment_content'  => 'Wunderbar <b>ä</b>.',
				'comment_approved' => $approved,
				'comment_date_gmt' => '2026-11-21 21:54:50',
				'user_id'          => 1,
			)
		);
		// As where somebody sends the form; the form's own checks are WordPress's.
		do_action( 'comment_post', $id, $approved, array() );
		return $id;
	}

	private function assert_told( BatchService $service, int $id, string $status ): void {
		$this->drain();
		$this->assertSame( $status, $service->known[ "review:$id" ]['state']['status'] );
		$this->assertSame( array(), $this->marked() );
	}
}
