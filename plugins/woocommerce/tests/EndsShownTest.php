<?php
/**
 * Who is shown what ends is told of: after the page, and for an hour once.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Account\EndsShown;
use Belong\Sending\Pace;

final class EndsShownTest extends ConnectedTestCase {

	const ENDS = array(
		array( 'points' => 200, 'ends_at' => '2026-12-31T23:00:00Z', 'warned' => true ),
		array( 'points' => 40, 'ends_at' => '2027-01-31T23:00:00Z', 'warned' => false ),
	);

	const TOKEN = array( 201, array( 'token' => 'of-kim', 'expires_at' => '2099-01-01T00:00:00Z', 'member' => 'm1' ) );

	public function test_a_page_that_shows_an_end_asks_nobody_and_the_queue_tells_what_stood_there(): void {
		$member  = Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		$service = new ServiceDouble( self::TOKEN, array( 200, array( 'ends' => array() ) ) );
		$this->look();
		$this->request_ends();
		$this->assertSame( array(), $service->requests );
		ActionQueue::run();
		list( $token, $told ) = $service->requests;
		$this->assertSame( array( 'customer' => (string) $member, 'scopes' => array( 'read' ), 'seconds' => 60 ), json_decode( $token['body'], true ) );
		$this->assertSame( ServiceDouble::ADDRESS . '/v1/me/ends', $told['url'] );
		$this->assertSame( 'Bearer of-kim', $told['headers']['authorization'] );
		$shown = array( array( 'points' => 200, 'ends_at' => '2026-12-31T23:00:00Z' ), array( 'points' => 40, 'ends_at' => '2027-01-31T23:00:00Z' ) );
		$this->assertSame( array( 'shown' => $shown ), json_decode( $told['body'], true ) );
		$this->assertSame( array( 'complete' ), ActionQueue::statuses( EndsShown::TELL ) );
	}

	public function test_the_page_itself_costs_no_query(): void {
		global $wpdb;
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		$this->look();
		$before = $wpdb->num_queries;
		$this->look();
		$this->assertSame( 0, $wpdb->num_queries - $before );
		$this->request_ends();
	}

	public function test_looking_again_tells_nothing_for_an_hour_and_another_member_is_told_of_as_well(): void {
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		$this->looks( 1 );
		$this->looks( 1 );
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ), 'lee' );
		$this->looks( 2 );
		delete_transient( EndsShown::SEEN . get_current_user_id() );
		$this->looks( 3 );
	}

	/** Nothing is left to say of what was announced already. */
	public function test_what_is_announced_already_is_not_told(): void {
		Pushed::signed_in( Pushed::member() );
		$this->looks( 0 );
	}

	public function test_who_sees_no_end_is_not_told_of(): void {
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		do_shortcode( '[belong_tier]' );
		$this->request_ends();
		$this->assertSame( array(), ActionQueue::statuses( EndsShown::TELL ) );
	}

	public function test_while_the_service_is_down_nothing_is_asked_for_and_the_next_look_does(): void {
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		( new Pace() )->failed( false, 60 );
		$this->looks( 0 );
		Pace::reset();
		$this->looks( 1 );
	}

	public function test_a_shop_that_left_tells_nobody(): void {
		$member = Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		$this->looks( 1 );
		$this->disconnect();
		$service = new ServiceDouble();
		ActionQueue::run();
		$this->assertSame( array(), $service->requests );
		$this->assertSame( array( 'complete' ), ActionQueue::statuses( EndsShown::TELL ) );
	}

	public function test_a_service_that_does_not_answer_fails_no_action(): void {
		Pushed::signed_in( Pushed::member( array( 'ends' => self::ENDS ) ) );
		$this->looks( 1 );
		new ServiceDouble( null );
		ActionQueue::run();
		$this->assertSame( array( 'complete' ), ActionQueue::statuses( EndsShown::TELL ) );
	}

	private function look(): void {
		$this->assertStringContainsString( 'after that day they end', do_shortcode( '[belong_balance]' ) );
	}

	private function looks( int $asked_for ): void {
		$this->look();
		$this->request_ends();
		$this->assertCount( $asked_for, ActionQueue::statuses( EndsShown::TELL ) );
	}
}
