<?php
/**
 * A shopper takes a reward from My Account: once for each press, and only what can be had there.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Sheet;
use Belong\Connection\Connection;
use Belong\Redeeming\JustTaken;
use Belong\Redeeming\Offers;
use Belong\Redeeming\OpenPresses;
use Belong\Redeeming\Taking;
use Belong\Redeeming\TakingForm;
use Belong\Redeeming\TakingPosted;
use Belong\Sending\Link;
use Belong\Sending\Pace;

final class TakingTest extends RedeemTestCase {

	const UUID = '/name="belong_take_key" autocomplete="off" value="([0-9a-f-]{36})"/';

	protected function setUp(): void {
		parent::setUp();
		$_POST = array();
	}

	protected function tearDown(): void {
		$_POST = array();
		parent::tearDown();
	}

	public function test_what_people_give_is_asked_for_by_a_button_and_stands_among_the_vouchers(): void {
		$page = $this->page();
		$this->assertStringContainsString( 'aria-label="Use 500 leaves for: A tour"', $page );
		$this->assertStringNotContainsString( 'Use it in the cart: A tour', $page, 'No cart takes it off.' );
		$this->answers( $this->token(), $this->perk() );
		$this->press( 'tour' );
		list( $minted, $asked ) = $this->service->requests;
		$this->assertStringContainsString( '"scopes":["redeem"]', $minted['body'] );
		$this->assertSame( array( ServiceDouble::ADDRESS . '/v1/me/redemptions', '{"reward":"tour"}' ), array( $asked['url'], $asked['body'] ) );
		$this->assertMatchesRegularExpression( '/\A[0-9a-f-]{36}\z/', $asked['headers']['idempotency-key'] );
		$this->assertStringContainsString( 'Your points are used for &quot;A tour&quot;.', $this->said( 'success' ) );
		$page = $this->page();
		$this->assertMatchesRegularExpression( '#Your vouchers</h3>\s*<ul class="belong-lines belong-vouchers">\s*<li><span><span class="belong-name">A tour</span>\s*<span class="belong-chip">asked for</span>#', $page );
		$this->assertStringContainsString( 'Your balance is being updated.', Sheet::own()->captured( 'balance' ) );
	}

	public function test_the_snapshot_that_knows_of_it_speaks_for_itself(): void {
		$this->answers( $this->token(), $this->perk() );
		$this->press( 'tour' );
		$voucher = array( 'id' => str_repeat( 'b', 32 ), 'state_text' => 'given', 'name' => 'A tour', 'state' => 'used', 'code' => null );
		$this->keep( $this->pushed( array( 'vouchers' => array( $voucher ) ) ) );
		$this->assertStringContainsString( '>given</span>', $this->page() );
		$this->assertStringNotContainsString( 'asked for', $this->page() );
		// A later one that does not know of it, such as after it was called off long ago, too.
		$this->keep( $this->pushed( array( 'vouchers' => array(), 'as_of' => gmdate( 'Y-m-d\TH:i:s\Z', time() + 60 ) ) ) );
		$this->assertStringNotContainsString( 'asked for', $this->page() );
		$this->assertStringNotContainsString( 'being updated', Sheet::own()->captured( 'balance' ) );
	}

	public function test_a_code_for_later_is_said_and_listed(): void {
		$this->assertStringContainsString( 'Use it in the cart: 5 EUR off', $this->with_a_cart_page() );
		$this->answers( $this->token(), $this->held( array( 'state' => 'requested', 'lapses_at' => null ) ) );
		$this->press( 'five' );
		$this->assertStringContainsString( 'The cart takes this code in a moment: ' . self::CODE, $this->said( 'success' ) );
		$this->assertStringContainsString( '<code translate="no">' . self::CODE, $this->page() );
	}

	public function test_a_slider_asks_how_many(): void {
		$this->assertMatchesRegularExpression( '/name="belong_take_points" min="100" max="1200" step="100" value="100" required/', $this->page() );
		$this->answers( $this->token(), $this->held( array( 'state' => 'requested' ) ) );
		$this->press( 'slide', '300' );
		$this->assertSame( '{"reward":"slide","points":300}', $this->service->requests[1]['body'] );
		foreach ( array( '', '1.5', '-100', '1e3' ) as $points ) {
			wc_clear_notices();
			$this->answers();
			$this->press( 'slide', $points );
			$this->assertSame( 'Please choose another number of points.', $this->said( 'error' ) );
			$this->assertSame( array(), $this->service->requests );
		}
	}

	public function test_the_same_form_sent_twice_is_one_wish_and_is_said_once(): void {
		$this->answers( $this->token(), $this->perk(), $this->token(), $this->perk() );
		$form = $this->form( 'tour' );
		$this->send( $form );
		$this->send( $form );
		$this->assertCount( 1, array_unique( $this->keys() ) );
		$this->assertCount( 2, $this->keys() );
		$this->assertCount( 1, wc_get_notices( 'success' ) );
		$this->assertSame( 1, substr_count( $this->page(), 'asked for' ) );
	}

	/** @return array[] */
	public static function nobody_knows(): array {
		return array(
			'no answer'         => array( null ),
			'an error'          => array( array( 500, '' ) ),
			'good but no JSON'  => array( array( 201, '<html>' ) ),
			'good but no deed'  => array( array( 200, array( 'ok' => true ) ) ),
			'refused by a proxy' => array( array( 409, '<html>' ) ),
			'still under way'   => array( array( 409, array( 'code' => 'request-under-way' ) ) ),
		);
	}

	/** @dataProvider nobody_knows */
	public function test_after_a_lost_answer_the_next_press_goes_on_with_its_key( ?array $lost ): void {
		// What is under way is asked for once more at once.
		$again = $lost && 'request-under-way' === ( $lost[1]['code'] ?? '' ) ? array( $this->token(), $lost, $this->token(), $lost ) : array();
		$this->answers( $this->token(), $lost, ...$again );
		$this->press( 'tour' );
		$first = $this->keys()[0];
		$this->assertStringContainsString( 'it is not sure whether it worked', $this->said( 'error' ) );
		$this->assertStringContainsString( 'for: A tour', $this->page(), 'There is a button to try again.' );
		// Another form, such as of a page that was loaded anew or of another tab; what was lost had happened.
		$this->answers( $this->token(), $this->perk(), $this->token(), $this->perk() );
		$this->press( 'tour' );
		$this->assertSame( $first, $this->keys()[0] );
		// Somebody has answered: this is another wish.
		$this->press( 'tour' );
		$this->assertNotSame( $first, $this->keys()[1] );
		$this->assertSame( array(), get_user_meta( get_current_user_id(), OpenPresses::META, false ) );
	}

	public function test_a_double_click_of_which_the_answered_one_is_not_the_last_counts_once(): void {
		$form      = $this->form( 'tour' );
		$meanwhile = function () use ( $form ) {
			$as_this_one_knows = wp_cache_get( get_current_user_id(), 'user_meta' );
			$other             = ( new Taking( Offers::own() ) )->take( 'tour', null, $form[ TakingForm::KEY ] );
			$this->assertTrue( $other->is_good );
			wp_cache_set( get_current_user_id(), $as_this_one_knows, 'user_meta' );
			return null;
		};
		$this->answers( $this->token(), $meanwhile, $this->token(), $this->perk(), $this->token(), $this->perk() );
		$this->send( $form );
		$this->assertStringContainsString( 'it counts only once', $this->said( 'error' ) );
		$this->press( 'tour' );
		$this->assertCount( 3, $this->keys() );
		$this->assertCount( 1, array_unique( $this->keys() ) );
		$this->assertSame( array(), get_user_meta( get_current_user_id(), OpenPresses::META, false ) );
	}

	public function test_of_two_tabs_the_answered_one_does_not_end_the_wish_of_the_other(): void {
		$other     = wp_generate_uuid4();
		$meanwhile = function () use ( $other ) {
			// Both have found nothing open.
			add_user_meta( get_current_user_id(), OpenPresses::META, OpenPresses::wish( 'tour', null ) . '|' . $other . '|' . time() );
			( new OpenPresses( get_current_user_id() ) )->close( $other );
			$this->assertCount( 1, get_user_meta( get_current_user_id(), OpenPresses::META, false ), 'That of this tab.' );
			return null;
		};
		$this->answers( $this->token(), $meanwhile, $this->token(), $this->perk() );
		$this->press( 'tour' );
		$this->press( 'tour' );
		$this->assertCount( 1, array_unique( $this->keys() ) );
	}

	public function test_the_promise_lasts_from_the_last_press_that_nobody_answered(): void {
		$this->answers( $this->token(), null, $this->token(), null, $this->token(), $this->perk() );
		$this->press( 'tour' );
		$user_id = get_current_user_id();
		list( $wish, $key ) = explode( '|', get_user_meta( $user_id, OpenPresses::META, true ) );
		update_user_meta( $user_id, OpenPresses::META, $wish . '|' . $key . '|' . ( time() - OpenPresses::LIVES_SECONDS + 5 ) );
		$this->press( 'tour' );
		$rows = get_user_meta( $user_id, OpenPresses::META, false );
		$this->assertCount( 1, $rows );
		$this->assertGreaterThan( time() - 5, (int) explode( '|', $rows[0] )[2] );
		$this->press( 'tour' );
		$this->assertCount( 1, array_unique( $this->keys() ) );
	}

	public function test_a_lost_answer_of_one_reward_is_none_of_another(): void {
		$this->answers( $this->token(), null, $this->token(), null, $this->token(), null );
		$this->press( 'tour' );
		$this->press( 'five' );
		$this->press( 'tour' );
		list( $tour, $five, $again ) = $this->keys();
		$this->assertSame( $tour, $again );
		$this->assertNotSame( $tour, $five );
	}

	public function test_who_asks_too_fast_was_not_looked_at(): void {
		$fast = array( 429, array( 'code' => 'too-fast' ) );
		$this->answers( $this->token(), null, $this->token(), $fast, $this->token(), $this->perk() );
		$this->press( 'tour' );
		$this->press( 'tour' );
		$this->assertStringContainsString( 'a little fast', $this->said( 'error' ) );
		$this->press( 'tour' );
		$this->assertCount( 1, array_unique( $this->keys() ), 'The first press may have come through.' );
	}

	public function test_a_refusal_is_said_and_ends_the_wish(): void {
		$this->answers( $this->token(), array( 409, array( 'code' => 'not-enough-points' ) ), $this->token(), $this->perk() );
		$this->press( 'tour' );
		$this->assertSame( 'You do not have enough points for this reward any more.', $this->said( 'error' ) );
		$this->press( 'tour' );
		$this->assertCount( 2, array_unique( $this->keys() ) );
	}

	public function test_what_cannot_be_had_is_neither_offered_nor_taken(): void {
		$five = Pushed::member()['rewards'][0];
		$this->keep(
			$this->pushed(
				array(
					'rewards' => array(
						array( 'id' => 'credit', 'name' => 'Credit', 'kind' => 'store_credit' ) + $five,
						array( 'id' => 'capped', 'name' => 'A tenth', 'kind' => 'percent', 'available' => false, 'refusals' => array( 'needs-cart' ), 'why_not' => 'This needs a cart.' ) + $five,
					),
				)
			)
		);
		$this->assertStringNotContainsString( '<form', $this->page() );
		$this->answers();
		foreach ( array( 'credit', 'capped', 'nothing', '' ) as $reward ) {
			$this->press( $reward );
		}
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_shop_without_coupons_offers_what_needs_none(): void {
		add_filter( 'woocommerce_coupons_enabled', '__return_false' );
		$page = $this->with_a_cart_page();
		$this->assertStringContainsString( 'for: A tour', $page );
		$this->assertStringNotContainsString( 'for: 5 EUR off', $page );
		$this->assertStringNotContainsString( 'Use it in the cart', $page );
		$this->assertStringContainsString( 'Not at the moment', $page );
		$this->answers();
		$this->press( 'five' );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_a_form_that_another_site_sent_or_that_has_no_key_does_nothing(): void {
		$this->answers();
		foreach ( array( '', 'wrong', wp_create_nonce( 'wp_rest' ) ) as $nonce ) {
			$this->look( array( TakingForm::FIELD => $nonce ) + $this->form( 'tour' ) );
		}
		foreach ( array( '', 'x', "0e0e0e0e-0000-4000-8000-000000000000\nX: y" ) as $key ) {
			$this->send( array( TakingForm::KEY => $key ) + $this->form( 'tour' ) );
		}
		$form = $this->form( 'tour' );
		wp_set_current_user( 0 );
		$this->look( $form );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_where_nobody_can_be_asked_there_is_no_button(): void {
		$form = $this->form( 'tour' );
		ServiceDouble::connect( array( 'stopped' => Connection::REFUSED ) );
		$this->answers();
		$this->assertStringNotContainsString( '<form', $this->page() );
		$this->assertStringContainsString( 'You have enough', $this->page() );
		$this->send( $form );
		$this->assertStringContainsString( 'Points cannot be used at the moment', $this->said( 'error' ) );
		$this->assertSame( array(), $this->service->requests );
	}

	public function test_nothing_of_it_stays_of_whoever_is_removed(): void {
		$this->answers( $this->token(), $this->perk(), $this->token(), null );
		$this->press( 'tour' );
		$this->press( 'five' );
		$user_id = get_current_user_id();
		$this->assertNotSame( '', get_user_meta( $user_id, JustTaken::META, true ) );
		$this->assertNotSame( '', get_user_meta( $user_id, OpenPresses::META, true ) );
		( new Link() )->keep( array( 'removals' => array( (string) $user_id ) ) );
		$this->assertSame( array( '', '' ), array( get_user_meta( $user_id, JustTaken::META, true ), get_user_meta( $user_id, OpenPresses::META, true ) ) );
	}

	/** What is seen of it: a template is for scripts. */
	private function page(): string {
		return preg_replace( '#<template>.*?</template>#s', '', Sheet::own()->captured( 'rewards' ) );
	}

	/** The double has no address of the cart; a shop has. */
	private function with_a_cart_page(): string {
		if ( ! function_exists( 'wc_get_cart_url' ) ) {
			// phpcs:ignore Squiz.PHP.Eval.Discouraged -- a function of WooCommerce, for this process.
			eval( 'function wc_get_cart_url() { return home_url( "/cart/" ); }' );
		}
		return $this->page();
	}

	private function keep( array $snapshot ): void {
		update_user_meta( get_current_user_id(), \Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $snapshot ) ) );
	}

	/** As the page writes it, and a browser would send it. */
	private function form( string $reward, string $points = '' ): array {
		preg_match( self::UUID, $this->page(), $key );
		$form = array(
			TakingForm::FIELD  => wp_create_nonce( TakingForm::NONCE ),
			TakingForm::KEY    => $key[1] ?? wp_generate_uuid4(),
			TakingForm::REWARD => $reward,
		);
		return '' === $points ? $form : array( TakingForm::POINTS => $points ) + $form;
	}

	private function press( string $reward, string $points = '' ): void {
		Pace::reset();
		wc_clear_notices();
		$this->send( $this->form( $reward, $points ) );
	}

	private function send( array $form ): void {
		$this->post_form( $form, array( new TakingPosted(), 'look' ) );
	}

	/** A page is asked for, and nothing comes of what was sent along. */
	private function look( array $form ): void {
		$_POST = $form;
		( new TakingPosted() )->look();
		$_POST = array();
	}

	private function said( string $type ): string {
		return (string) ( wc_get_notices( $type )[0]['notice'] ?? '' );
	}
}
