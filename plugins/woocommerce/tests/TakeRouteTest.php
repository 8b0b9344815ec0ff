<?php
/**
 * A script takes a reward for a shopper: as the form does, and told what the page shows then.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Sheet;
use Belong\Display\Style;
use Belong\Redeeming\TakingForm;
use Belong\Sending\Pace;

final class TakeRouteTest extends RedeemTestCase {

	const KEY = '0e0e0e0e-0000-4000-8000-000000000000';

	public function test_what_was_taken_comes_as_the_line_that_the_page_will_have(): void {
		$this->answers( $this->token(), $this->perk() );
		$told = $this->press( 'tour', 200 );
		$this->assertTrue( $told['taken'] );
		$this->assertStringContainsString( 'Your points are used for "A tour".', $told['message'] );
		$this->assertNotSame( self::KEY, $this->fresh_key( $told ) );
		$this->assertMatchesRegularExpression( '#^<li><span><span class="belong-name">A tour</span>\s*<span class="belong-chip">asked for</span>\s*</span>\s*</li>$#', $told['voucher'] );
		$shown = preg_replace( '#<template>.*?</template>#s', '', Sheet::own()->captured( 'rewards' ) );
		$this->assertStringContainsString( $told['voucher'], $shown );
		$this->assertSame( array( self::KEY ), $this->keys() );
		$this->assertSame( '{"reward":"tour"}', $this->service->requests[1]['body'] );
	}

	public function test_a_code_comes_with_its_button_and_names_as_text(): void {
		$hostile = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';
		$five    = array( 'name' => $hostile ) + Pushed::member()['rewards'][0];
		update_user_meta( get_current_user_id(), \Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $this->pushed( array( 'rewards' => array( $five ) ) ) ) ) );
		$this->answers( $this->token(), $this->held( array( 'state' => 'requested', 'lapses_at' => null ) ) );
		$told = $this->press( $five['id'], 200 );
		$this->assertStringContainsString( self::CODE, $told['message'] );
		$this->assertStringContainsString( '<code translate="no">' . self::CODE . '</code> <button', $told['voucher'] );
		$this->assertStringContainsString( '&lt;script&gt;alert(1)', $told['voucher'] );
		$this->assertSame( 0, preg_match( '/<(script|img)/', $told['voucher'] . Sheet::own()->captured( 'rewards' ) ) );
	}

	public function test_a_refusal_is_said_and_the_next_press_is_another_one(): void {
		$this->answers( $this->token(), array( 409, array( 'code' => 'not-enough-points' ) ) );
		$told = $this->press( 'tour', 409 );
		$this->assertSame( 'You do not have enough points for this reward any more.', $told['message'] );
		$this->assertFalse( $told['taken'] );
		$this->assertNotSame( self::KEY, $this->fresh_key( $told ) );
		$this->assertArrayNotHasKey( 'voucher', $told );
	}

	public function test_where_nobody_knows_the_next_press_is_the_same_one(): void {
		$this->answers( $this->token(), null, $this->token(), $this->perk() );
		$told = $this->press( 'tour', 503 );
		$this->assertStringContainsString( 'it counts only once', $told['message'] );
		$this->assertSame( array( false, self::KEY ), array( $told['taken'], $told['key'] ) );
		Pace::reset();
		$this->assertTrue( $this->press( 'tour', 200 )['taken'] );
		$this->assertSame( array( self::KEY, self::KEY ), $this->keys() );
	}

	public function test_a_slider_says_how_many_and_what_is_no_number_asks_nobody(): void {
		$this->answers( $this->token(), $this->held( array( 'state' => 'requested' ) ) );
		$this->press( 'slide', 200, '300' );
		$this->assertSame( '{"reward":"slide","points":300}', $this->service->requests[1]['body'] );
		$this->answers();
		foreach ( array( '', '1.5', '-100', '1e3' ) as $points ) {
			$this->assertSame( 'Please choose another number of points.', $this->press( 'slide', 409, $points )['message'] );
		}
		$this->press( 'nothing', 409 );
		$this->press( 'tour', 409, '', 'x' );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_the_page_has_what_a_script_shows_at_once(): void {
		do_action( 'wp_enqueue_scripts' );
		wp_dequeue_script( Style::FORM );
		$balance = Sheet::own()->captured( 'balance' );
		$this->assertStringContainsString( 'data-belong="available" data-number="1240">1,240</span>', $balance );
		$this->assertFalse( wp_script_is( Style::FORM ) );
		$page = Sheet::own()->captured( 'rewards' );
		$this->assertTrue( wp_script_is( Style::FORM ) );
		$this->assertSame( substr_count( $page, '<form' ), substr_count( $page, '<belong-take ' ) );
		$this->assertStringContainsString( 'data-points="500" data-busy="Your points are being used for: A tour"', $page );
		$this->assertMatchesRegularExpression( '#<template>\s*<li><span><span class="belong-name">A tour</span>\s*<span class="belong-chip">asked for</span>#', $page );
		update_user_meta( get_current_user_id(), \Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $this->pushed( array( 'vouchers' => array() ) ) ) ) );
		$this->assertStringContainsString( '<ul class="belong-lines belong-vouchers" hidden>', Sheet::own()->captured( 'rewards' ) );
		update_user_meta( get_current_user_id(), \Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $this->pushed( array( 'vouchers' => array(), 'rewards' => array( Pushed::member()['rewards'][1] ) ) ) ) ) );
		$this->assertStringNotContainsString( 'belong-vouchers', Sheet::own()->captured( 'rewards' ), 'There is nothing to take.' );
	}

	private function press( string $reward, int $status, string $points = '', string $key = self::KEY ): array {
		$request = new \WP_REST_Request( 'POST', '/belong/v1/me/rewards' );
		$request->set_body_params(
			array(
				TakingForm::REWARD => $reward,
				TakingForm::POINTS => $points,
				TakingForm::KEY    => $key,
			)
		);
		$answer = rest_do_request( $request );
		$this->assertSame( array( $status, 'no-store' ), array( $answer->get_status(), $answer->get_headers()['Cache-Control'] ), (string) wp_json_encode( $answer->get_data() ) );
		return $answer->get_data();
	}

	private function fresh_key( array $told ): string {
		$this->assertMatchesRegularExpression( '/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/', $told['key'] );
		return $told['key'];
	}
}
