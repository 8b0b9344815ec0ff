<?php
/**
 * Using points in the cart and checkout blocks, by the Store API.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;
use Belong\Connection\Connection;
use Belong\Redeeming\BlockPanel;
use Belong\Redeeming\Outcome;
use Belong\Redeeming\Reservation;
use Belong\Sending\Pace;

final class RedeemBlocksTest extends RedeemTestCase {

	protected function setUp(): void {
		parent::setUp();
		add_filter( 'woocommerce_is_checkout', '__return_true' );
		// An earlier test's word is not of this request.
		$this->answers();
		$this->update( array( 'remove' => true ) );
	}

	public function test_what_can_be_had_comes_with_the_cart_and_why_not(): void {
		$told = $this->told();
		$this->assertSame( array( 'Use your points', 'You have 1,240 leaves to spend.', 'Use' ), array( $told['title'], $told['said'], $told['button'] ) );
		$five = array( 'id' => 'five', 'name' => '5 EUR off', 'price' => '500 leaves', 'why_not' => '' );
		$this->assertSame( $five, $told['offers'][0] );
		$slide = array_column( $told['offers'], null, 'id' )['slide'];
		$this->assertSame( array( '', 100, 1200, 100 ), array( $slide['price'], $slide['least'], $slide['most'], $slide['step'] ) );
		$closed = array_filter( array_column( $told['offers'], 'why_not' ) );
		$this->assertCount( 1, $closed );
		$this->assertNotContains( 'tour', array_column( $told['offers'], 'id' ) );
	}

	public function test_choosing_puts_it_into_the_cart_and_says_so_in_the_answer(): void {
		$this->answers( $this->token(), $this->held() );
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertSame( 35.0, (float) WC()->cart->get_total( 'edit' ) );
		$this->assertTrue( $told['is_good'] );
		$this->assertSame( 'Your reward "5 EUR off" is in the cart. Its points are spent when the order is paid.', $told['outcome'] );
		$this->assertSame( array( self::CODE, 'Reward: 5 EUR off', 'Take the reward off', array() ), array( $told['code'], $told['label'], $told['button'], $told['offers'] ) );
		$this->assertStringContainsString( '5 EUR off: 500 leaves are set aside', $told['said'] );
		// Said once, and not again on whatever page comes next.
		$this->assertSame( array(), wc_get_notices() );
	}

	public function test_removing_takes_it_off(): void {
		$this->chosen();
		$told = $this->update( array( 'remove' => true ) );
		$this->assertSame( array( true, Outcome::taken_off()->said, '' ), array( $told['is_good'], $told['outcome'], $told['code'] ) );
		$this->assertSame( array( array(), array( Reservation::RELEASING ) ), array( WC()->cart->get_applied_coupons(), $this->states() ) );
	}

	public function test_a_slider_asks_for_so_many_points(): void {
		$this->answers( $this->token(), $this->held( array( 'reward' => 'slide', 'kind' => 'slider', 'points' => 300, 'value_minor' => 300 ) ) );
		$this->assertTrue( $this->update( array( 'choose' => 'slide', 'points' => 300 ) )['is_good'] );
		$this->assertSame( 300, json_decode( $this->service->requests[1]['body'], true )['points'] );
	}

	/** @return array[] */
	public static function no_wishes(): array {
		return array(
			'nothing'           => array( null ),
			'a word'            => array( 'five' ),
			'a list'            => array( array( 'choose' => array( 'five' ) ) ),
			'of nobody'         => array( array( 'choose' => 'unknown' ) ),
			'points in words'   => array( array( 'choose' => 'slide', 'points' => '300' ) ),
			'points below zero' => array( array( 'choose' => 'slide', 'points' => -300 ) ),
			'half a point'      => array( array( 'choose' => 'slide', 'points' => 100.5 ) ),
			'remove it perhaps' => array( array( 'remove' => 'yes' ) ),
			'a perk'            => array( array( 'choose' => 'tour' ) ),
		);
	}

	/** @dataProvider no_wishes */
	public function test_what_cannot_be_meant_is_refused_kindly_and_changes_nothing( $data ): void {
		$this->chosen();
		$told = $this->update( $data );
		$this->assertFalse( $told['is_good'] );
		$this->assertNotSame( '', $told['outcome'] );
		$this->assertSame( array( array( self::CODE ), array( Reservation::ISSUED ) ), array( WC()->cart->get_applied_coupons(), $this->states() ) );
	}

	public function test_a_guest_is_asked_to_log_in_and_sees_no_reward(): void {
		wp_set_current_user( 0 );
		$this->answers();
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertSame( array( false, Outcome::needs_account()->said, '', array() ), array( $told['is_good'], $told['outcome'], $told['title'], $told['offers'] ) );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_what_the_service_refuses_is_said_in_words(): void {
		$this->answers( $this->token(), array( 409, array( 'code' => 'not-enough-points' ) ) );
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertSame( array( false, 'You do not have enough points for this reward any more.' ), array( $told['is_good'], $told['outcome'] ) );
	}

	public function test_what_the_cart_refuses_is_said_as_plain_text(): void {
		$this->answers( $this->token(), $this->held( array( 'minimum_order_minor' => 900000 ) ), $this->token(), array( 200, array( 'state' => 'released' ) ) );
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertFalse( $told['is_good'] );
		$this->assertSame( Outcome::too_small()->said, $told['outcome'] );
		$this->assertStringNotContainsString( '<', $told['outcome'] );
		$this->assertSame( array(), wc_get_notices( 'error' ) );
	}

	public function test_notices_of_others_stay(): void {
		wc_add_notice( 'Tea is back.', 'notice' );
		wc_add_notice( 'Another one.' );
		$this->answers( $this->token(), $this->held() );
		$this->update( array( 'choose' => 'five' ) );
		$this->assertSame( array( 'Tea is back.', 'Another one.' ), array( wc_get_notices( 'notice' )[0]['notice'], wc_get_notices( 'success' )[0]['notice'] ) );
		$this->assertCount( 1, wc_get_notices( 'success' ) );
	}

	public function test_while_the_service_is_down_there_is_a_kind_line_and_no_button(): void {
		( new Pace() )->failed( true, null );
		$told = $this->told();
		$this->assertSame( array( Outcome::down(), array(), '' ), array( $told['said'], $told['offers'], $told['code'] ) );
	}

	public function test_that_it_went_down_meanwhile_is_said_once(): void {
		$this->answers( $this->token(), null );
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertSame( array( Outcome::down(), '', array() ), array( $told['outcome'], $told['said'], $told['offers'] ) );
	}

	public function test_where_coupons_are_switched_off_no_points_are_set_aside_in_vain(): void {
		add_filter( 'woocommerce_coupons_enabled', '__return_false' );
		$this->answers();
		$this->assertSame( '', $this->told()['title'] );
		$this->assertSame( '', $this->panel() );
		$this->assertFalse( $this->update( array( 'choose' => 'five' ) )['is_good'] );
		$this->assertSame( array( array(), array() ), array( $this->service->requests, $this->states() ) );
	}

	public function test_once_disconnected_nothing_is_offered(): void {
		Connection::forget();
		$this->assertSame( '', $this->told()['title'] );
		$this->assertFalse( $this->update( array( 'choose' => 'five' ) )['is_good'] );
	}

	public function test_should_we_fail_the_cart_answers_and_says_that_something_did(): void {
		$fail = static function () {
			throw new \TypeError( 'ours' );
		};
		add_filter( 'pre_http_request', $fail, 1 );
		$told = $this->update( array( 'choose' => 'five' ) );
		$this->assertSame( array( false, Outcome::unknown()->said ), array( $told['is_good'], $told['outcome'] ) );
		$this->assertSame( 'Use your points', $told['title'] );
		$this->assertCount( 1, $this->logged() );
	}

	public function test_the_cart_is_told_from_local_data_and_costs_no_query_with_a_reward_in_it(): void {
		global $wpdb;
		$this->chosen();
		$this->told();
		$asked  = count( $this->service->requests );
		$before = $wpdb->num_queries;
		$this->told();
		$this->assertSame( array( 0, 0 ), array( $wpdb->num_queries - $before, count( $this->service->requests ) - $asked ) );
	}

	private function update( $data ): array {
		call_user_func( $this->extensions()->get_update_callback( 'belong' ), $data );
		return $this->told();
	}

	private function told(): array {
		$told = $this->extensions()->get_endpoint_data( 'cart' )->belong['redeem'];
		$this->assertSame( array_keys( BlockPanel::NOTHING ), array_keys( array_merge( BlockPanel::NOTHING, $told ) ) );
		return $told;
	}

	private function extensions(): ExtendSchema {
		return StoreApi::container()->get( ExtendSchema::class );
	}
}
