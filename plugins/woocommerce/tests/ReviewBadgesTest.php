<?php
/**
 * A small badge beside reviews of those who want it seen.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Display\Programme;

final class ReviewBadgesTest extends ConnectedTestCase {

	protected function setUp(): void {
		parent::setUp();
		Pushed::to_all( Pushed::programme() );
	}

	public function test_the_proudest_badge_of_who_wants_it_stands_after_the_name(): void {
		$shown = $this->reviews( array( $this->reviewer( 'kim', true ) ) )[0];
		$this->assertMatchesRegularExpression( '/review__author">kim<.*belong-medal.*belong-gold.*Tea taster.*Badge: Tea taster, Gold.*description/s', $shown );
		$this->assertStringNotContainsString( 'Regular', $shown );
	}

	/** @return array[] */
	public static function kept_from_others(): array {
		$regular = array( 'id' => 'regular', 'public' => 'ask' );
		return array(
			'said so'                       => array( array( array( 'id' => 'reviewer', 'public' => 'no' ), $regular ), true ),
			'hidden, or gone'               => array( array( $regular ), true ),
			'of a service that says not'    => array( array( array( 'id' => 'reviewer' ), $regular ), true ),
			'of a summary that left it out' => array( array(), false ),
		);
	}

	/** @dataProvider kept_from_others */
	public function test_a_badge_that_others_may_not_see_is_not_shown( array $badges, bool $is_regular_seen ): void {
		Pushed::to_all( Pushed::programme( array( 'badges' => $badges ) ) );
		$shown = $this->reviews( array( $this->reviewer( 'kim', true ) ) )[0];
		$this->assertSame( $is_regular_seen, false !== strpos( $shown, 'Regular' ) );
		$this->assertStringNotContainsString( 'Tea taster', $shown );
	}

	public function test_before_anything_was_said_of_the_programme_no_badge_is_shown(): void {
		delete_option( Programme::OPTION );
		$this->assertStringNotContainsString( 'belong', $this->reviews( array( $this->reviewer( 'kim', true ) ) )[0] );
	}

	public function test_a_badge_that_all_may_see_still_waits_for_its_holder(): void {
		Pushed::to_all( Pushed::programme( array( 'badges' => array( array( 'id' => 'reviewer', 'public' => 'yes' ) ) ) ) );
		$this->assertStringContainsString( 'Tea taster', $this->reviews( array( $this->reviewer( 'kim', true ) ) )[0] );
		$this->assertStringNotContainsString( 'belong', $this->reviews( array( $this->reviewer( 'ada', false ) ) )[0] );
	}

	/** @return array[] */
	public static function without(): array {
		return array(
			'who did not ask for it' => array( array(), false ),
			'who left'               => array( array( 'status' => 'left' ), true ),
			'who is blocked'         => array( array( 'status' => 'blocked' ), true ),
			'who was erased'         => array( array( 'status' => 'erased' ), true ),
			'who has none'           => array( array( 'badges' => array() ), true ),
			'who has a broken one'   => array( array( 'badges' => array( array( 'name' => 7 ) ) ), true ),
			'of another schema'      => array( array( 'schema' => 3 ), true ),
		);
	}

	/** @dataProvider without */
	public function test_nothing_stands_beside_reviews_of_others( array $with, bool $wants ): void {
		$this->assertStringNotContainsString( 'belong', $this->reviews( array( $this->reviewer( 'kim', $wants, $with ) ) )[0] );
	}

	public function test_after_the_connection_is_over_no_badge_is_left(): void {
		$reviewer = $this->reviewer( 'kim', true );
		$this->disconnect();
		$this->assertStringNotContainsString( 'belong-medal', $this->reviews( array( $reviewer ) )[0] );
	}

	public function test_a_guest_or_a_plain_comment_has_none(): void {
		$this->assertStringNotContainsString( 'belong', $this->reviews( array( 0 ) )[0] );
		$this->assertStringNotContainsString( 'belong', $this->reviews( array( $this->reviewer( 'kim', true ) ), 'comment' )[0] );
	}

	public function test_a_page_of_reviews_costs_one_query(): void {
		$reviewers = array();
		foreach ( range( 1, 12 ) as $n ) {
			$reviewers[] = $this->reviewer( 'kim' . $n, 0 === $n % 2 );
		}
		$with = $this->queries_of( $reviewers );
		remove_all_filters( 'the_comments' );
		remove_all_actions( 'woocommerce_review_meta', 11 );
		$this->assertSame( 1, $with - $this->queries_of( $reviewers ) );
	}

	public function test_a_page_without_reviews_costs_nothing(): void {
		global $wpdb;
		$this->reviews( array( $this->reviewer( 'kim', true ) ), 'comment' );
		$before = $wpdb->num_queries;
		apply_filters( 'the_comments', array() );
		apply_filters( 'the_comments', 'not a list' );
		$this->assertSame( $before, $wpdb->num_queries );
	}

	public function test_a_hostile_name_of_a_badge_stays_text(): void {
		$badge = array( 'badges' => array( array( 'id' => 'reviewer', 'name' => '<script>alert(1)</script>', 'level' => '"><script>' ) ) );
		$shown = $this->reviews( array( $this->reviewer( 'kim', true, $badge ) ) )[0];
		$this->assertStringContainsString( '&lt;script&gt;', $shown );
		$this->assertStringNotContainsString( '<script', $shown );
	}

	public function test_the_block_that_names_the_writer_shows_it_too(): void {
		$post_id = wp_insert_post( array( 'post_title' => 'Tea', 'post_status' => 'publish', 'post_content' => '' ) );
		$id      = $this->review( $post_id, $this->reviewer( 'kim', true ), 'review' );
		get_comments( array( 'post_id' => $post_id ) );
		$block   = new \WP_Block( array( 'blockName' => 'core/comment-author-name', 'attrs' => array(), 'innerBlocks' => array(), 'innerHTML' => '', 'innerContent' => array() ), array( 'commentId' => $id ) );
		$this->assertMatchesRegularExpression( '/kim.*belong-medal.*Tea taster/s', $block->render() );
	}

	private function reviewer( string $name, bool $wants, array $with = array() ): int {
		$user_id = Pushed::customer( Pushed::member( $with ), $name );
		( new Choices( \Belong\Account\Voice::of_this_shop() ) )->show_badge( $user_id, $wants );
		return $user_id;
	}

	private function queries_of( array $reviewers ): int {
		global $wpdb;
		$made = 0;
		$this->reviews( $reviewers, 'review', $made );
		return $wpdb->num_queries - $made;
	}

	/** One review by each, as the classic template writes them. */
	private function reviews( array $reviewers, string $type = 'review', ?int &$made = null ): array {
		global $wpdb;
		$post_id = wp_insert_post( array( 'post_title' => 'Tea', 'post_status' => 'publish', 'post_content' => '' ) );
		foreach ( $reviewers as $user_id ) {
			$this->review( $post_id, $user_id, $type );
		}
		wp_cache_flush();
		// As WordPress does with every page.
		wp_load_alloptions();
		$made     = $wpdb->num_queries;
		$comments = get_comments( array( 'post_id' => $post_id, 'order' => 'ASC' ) );
		return array_map( 'belong_double_review', $comments );
	}

	private function review( int $post_id, int $user_id, string $type ): int {
		$user = get_userdata( $user_id );
		return (int) wp_insert_comment(
			array(
				'comment_post_ID'  => $post_id,
				'user_id'          => $user_id,
				'comment_author'   => $user ? $user->user_login : 'guest',
				'comment_content'  => 'Good tea.',
				'comment_type'     => $type,
				'comment_approved' => 1,
			)
		);
	}
}
