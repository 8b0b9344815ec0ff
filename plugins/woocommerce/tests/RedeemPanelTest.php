<?php
/**
 * Using points in the classic cart and checkout, without a script.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Outcome;
use Belong\Redeeming\Panel;
use Belong\Redeeming\Posted;
use Belong\Sending\Pace;

final class RedeemPanelTest extends RedeemTestCase {

	public function test_while_the_service_is_down_a_kind_line_stands_there_and_nothing_waits(): void {
		( new Pace() )->failed( true, null );
		$this->answers();
		$this->assertStringContainsString( esc_html( Outcome::down() ), $this->panel() );
		$this->assertStringNotContainsString( '<form', $this->panel() );
		$this->assertSame( Outcome::down(), $this->choose( 'five' )->said );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_form_without_a_script_does_it_and_leads_back(): void {
		$this->answers( $this->token(), $this->held() );
		$this->assertStringContainsString( 'value="five"', $this->panel() );
		$this->post( array( Panel::REWARD => 'five' ) );
		$this->assertSame( array( self::CODE ), WC()->cart->get_applied_coupons() );
		$this->assertStringContainsString( Panel::TAKE_OFF, $this->panel() );
		$this->post( array( Panel::TAKE_OFF => '1' ) );
		$this->assertSame( array(), WC()->cart->get_applied_coupons() );
	}

	public function test_a_checkout_that_has_nothing_to_show_any_more_keeps_the_place_of_the_box(): void {
		$drawn = function (): string {
			return apply_filters( 'woocommerce_update_order_review_fragments', array() )['.belong-redeem'];
		};
		$this->assertStringContainsString( 'value="five"', $drawn() );
		add_filter( 'woocommerce_coupons_enabled', '__return_false' );
		$this->assertSame( '<div class="belong-redeem" hidden></div>', $drawn() );
	}

	public function test_a_form_that_another_site_sent_does_nothing(): void {
		$this->answers();
		$_POST = array( '_belong_redeem' => 'wrong', Panel::REWARD => 'five' );
		( new Posted() )->look();
		$_POST = array();
		$this->assertSame( array( array(), array() ), array( $this->service->requests, $this->states() ) );
	}

	/** @return array[] */
	public static function no_numbers(): array {
		return array( array( '-500' ), array( '0' ), array( '5e3' ), array( '99999999999999' ), array( '1.5' ), array( 'five' ) );
	}

	/** @dataProvider no_numbers */
	public function test_what_is_no_number_of_points_is_refused( string $points ): void {
		$this->answers();
		$this->post( array( Panel::REWARD => 'slide', Panel::POINTS => $points ) );
		$this->assertSame( array(), $this->service->requests );
		$this->assertCount( 1, wc_get_notices( 'error' ) );
	}

	public function test_a_slider_asks_for_so_many_points(): void {
		$this->answers( $this->token(), $this->held( array( 'reward' => 'slide', 'kind' => 'slider', 'points' => 300, 'value_minor' => 300 ) ) );
		$this->post( array( Panel::REWARD => 'slide', Panel::POINTS => '300' ) );
		$this->assertSame( 300, json_decode( $this->service->requests[1]['body'], true )['points'] );
		$this->assertSame( 37.0, (float) WC()->cart->get_total( 'edit' ) );
	}

	public function test_nothing_is_shown_to_whom_it_does_not_concern(): void {
		WC()->cart->empty_cart();
		$this->assertSame( '', $this->panel() );
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->assertNotSame( '', $this->panel() );
		wp_set_current_user( 0 );
		$this->assertSame( '', $this->panel() );
	}

	public function test_free_shipping_is_offered_where_something_is_shipped(): void {
		$ship = array( 'id' => 'ship', 'name' => 'Free shipping', 'kind' => 'free_shipping' ) + $this->pushed()['rewards'][0];
		Pushed::signed_in( $this->pushed( array( 'rewards' => array( $this->pushed()['rewards'][0], $ship ) ) ), 'carla' );
		add_filter( 'woocommerce_cart_needs_shipping', '__return_true' );
		$this->assertStringContainsString( 'Free shipping', $this->panel() );
		remove_filter( 'woocommerce_cart_needs_shipping', '__return_true' );
		add_filter( 'woocommerce_cart_needs_shipping', '__return_false' );
		$panel = $this->panel();
		$this->assertStringContainsString( '5 EUR off', $panel );
		$this->assertStringNotContainsString( 'Free shipping', $panel );
		$this->answers();
		$this->assertFalse( $this->choose( 'ship' )->is_good );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_an_id_stands_once(): void {
		preg_match_all( '/ id="([^"]+)"/', $this->panel(), $found );
		$this->assertGreaterThan( 3, count( $found[1] ) );
		$this->assertSame( array_unique( $found[1] ), $found[1] );
	}

	public function test_a_page_that_shows_it_asks_nobody_and_costs_one_query(): void {
		global $wpdb;
		$this->answers();
		$this->panel();
		$before = $wpdb->num_queries;
		$this->panel();
		$this->assertLessThanOrEqual( 1, $wpdb->num_queries - $before );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_what_the_member_has_set_aside_counts_for_what_comes_instead(): void {
		$this->answers( $this->token(), $this->held( array( 'reward' => 'ten', 'points' => 1000, 'code' => 'aaaa-bbbb-cccc-dddd' ) ) );
		$this->post( array( Panel::REWARD => 'ten' ) );
		// Pushed since: 240 are left, and five needs 500.
		$five = array( 'available' => false, 'missing' => 260, 'refusals' => array( 'not-enough-points' ), 'why_not' => '260 leaves are missing.' ) + $this->pushed()['rewards'][0];
		update_user_meta( get_current_user_id(), \Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $this->pushed( array( 'as_of' => gmdate( 'Y-m-d\TH:i:s\Z', time() + 1 ), 'available' => 240, 'rewards' => array( $five ) ) ) ) ) );
		$this->post( array( Panel::TAKE_OFF => '1' ) );
		$this->assertStringContainsString( 'You have 1,240 leaves to spend.', $this->panel() );
		$this->assertStringNotContainsString( 'missing', $this->panel() );
		$this->answers( $this->token(), array( 200, array( 'state' => 'released' ) ), $this->token(), $this->held() );
		$this->post( array( Panel::REWARD => 'five' ) );
		$this->assertSame( array( 'released', 'issued' ), $this->states() );
	}

	public function test_a_hostile_name_stays_text(): void {
		$rewards            = $this->pushed()['rewards'];
		$rewards[0]['name'] = '<script>alert(1)</script>';
		Pushed::signed_in( $this->pushed( array( 'rewards' => $rewards ) ), 'mallory' );
		$this->assertStringNotContainsString( '<script>', $this->panel() );
		$this->answers( $this->token(), $this->held() );
		$this->choose( 'five' );
		$this->assertStringNotContainsString( '<script>', $this->panel() . wc_get_notices( 'success' )[0]['notice'] );
	}

	/** @param array $fields without the nonce */
	private function post( array $fields ): void {
		$this->post_form( array( '_belong_redeem' => wp_create_nonce( Panel::NONCE ) ) + $fields, array( new Posted(), 'look' ) );
	}
}
