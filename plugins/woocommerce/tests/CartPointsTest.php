<?php
/**
 * What an order earns, in the classic cart and checkout and in the Store API.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\Blocks\Integrations\IntegrationRegistry;
use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;
use Belong\Connection\Connection;
use Belong\Display\CartPoints;
use Belong\Display\LoginReturn;
use Belong\Redeeming\BlockPanel;

final class CartPointsTest extends EarnTestCase {

	const CART     = 'woocommerce_cart_totals_after_order_total';
	const CHECKOUT = 'woocommerce_review_order_after_order_total';

	protected function setUp(): void {
		parent::setUp();
		add_filter( 'woocommerce_is_checkout', '__return_true' );
	}

	public function test_a_guest_is_told_what_members_earn_and_how_to_keep_it(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id(), 2 );
		$row = '<tr class="belong-points"><th scope="row">Points</th><td data-title="Points">'
			. '<span class="belong-points__earn">Members earn 50 points with this order.</span> '
			. '<span class="belong-points__hint"><a href="' . esc_url( $this->login( 'checkout' ) ) . '">Log in, or create an account at checkout, to collect them.</a></span> </td></tr>';
		$this->assertSame( $row, $this->said( self::CART ) );
		$this->assertSame( $row, $this->said( self::CHECKOUT ) );
		$this->assertContains( 'belong-earn', wp_scripts()->queue );
		update_option( 'woocommerce_enable_signup_and_login_from_checkout', 'no' );
		$this->assertStringContainsString( '>Log in to collect them.<', $this->said( self::CART ) );
	}

	public function test_a_guest_is_not_told_that_an_account_is_enough_where_customers_must_agree_first(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->tell( $this->summary( array(), array( 'enrolment' => 'consent' ) ) );
		$this->assertSame( 'Log in to collect them.', $this->in_the_store_api()['hint'] );
	}

	/** Who logs in from there comes back to it, and to nowhere else. */
	public function test_who_logs_in_comes_back(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->assertSame( $this->login( 'checkout' ), $this->in_the_store_api()['login'] );
		remove_filter( 'woocommerce_is_checkout', '__return_true' );
		$cart = wp_insert_post( array( 'post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Cart' ) );
		update_option( 'woocommerce_cart_page_id', $cart );
		foreach ( array( 'cart' => get_permalink( $cart ), 'https://evil.example' => null, '' => null ) as $asked => $goes ) {
			$GLOBALS['wp']->parse_request( array( LoginReturn::ASKED => $asked ) );
			set_query_var( LoginReturn::ASKED, $GLOBALS['wp']->query_vars[ LoginReturn::ASKED ] ?? null );
			$form = $this->printed( static fn() => do_action( 'woocommerce_login_form' ) );
			$this->assertSame( null === $goes ? '' : '<input type="hidden" name="redirect" value="' . esc_url( $goes ) . '">', trim( $form ) );
		}
		set_query_var( LoginReturn::ASKED, '' );
	}

	public function test_a_member_is_told_by_tier_and_sees_the_balance(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->a_member();
		$told = array(
			'label'   => 'Points',
			'earn'    => 'You earn 37 points with this order.',
			'hint'    => '',
			'login'   => '',
			'balance' => 'You have 1,200 points.',
		);
		$this->assertSame( $told, $this->in_the_store_api() );
	}

	public function test_it_follows_the_cart(): void {
		$key = WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->assertSame( 'Members earn 25 points with this order.', $this->in_the_store_api()['earn'] );
		WC()->cart->set_quantity( $key, 3 );
		$this->assertSame( 'Members earn 75 points with this order.', $this->in_the_store_api()['earn'] );
		WC()->cart->set_quantity( $key, 0 );
		$this->assertSame( CartPoints::NOTHING, $this->in_the_store_api() );
		$this->assertSame( '', $this->said( self::CART ) );
	}

	public function test_a_negative_fee_is_a_discount_and_a_gift_card_pays_without_earning(): void {
		add_action( 'woocommerce_cart_calculate_fees', static fn( $cart ) => $cart->add_fee( 'Thanks', -5 ) );
		WC()->cart->add_to_cart( $this->a_product( '40.00' )->get_id() );
		$this->assertSame( 'Members earn 35 points with this order.', $this->in_the_store_api()['earn'] );
		add_filter( 'woocommerce_calculated_total', static fn( $total ) => $total - 7 );
		WC()->cart->calculate_totals();
		$this->assertSame( 'Members earn 28 points with this order.', $this->in_the_store_api()['earn'] );
	}

	/** 2 x 25.00 with 19 % in it are 42.02 without: 42.0168... is rounded as the order's line will be. */
	public function test_tax_in_prices_is_taken_out_line_by_line(): void {
		$this->with_tax( true );
		$this->tell( $this->summary( array( 'rules' => array( $this->rule( array( 'rates' => array( 'EUR' => '100' ) ) ) ) ) ) );
		WC()->cart->add_to_cart( $this->a_product()->get_id(), 2 );
		$this->assertSame( 'Members earn 4,202 points with this order.', $this->in_the_store_api()['earn'] );
	}

	/** @dataProvider of_no_members */
	public function test_of_an_account_without_points( array $snapshot, string $earn, string $balance ): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$user_id = $this->a_member( $snapshot );
		$told    = $this->in_the_store_api();
		$this->assertSame( array( $earn, '', $balance ), array( $told['earn'], $told['hint'], $told['balance'] ) );
		$this->assertGreaterThan( 0, $user_id );
	}

	public function of_no_members(): array {
		return array(
			'left'               => array( array( 'status' => 'left' ), '', '' ),
			'blocked'            => array( array( 'status' => 'blocked' ), '', '' ),
			'nothing to spend'   => array( array( 'available' => 0 ), 'You earn 37 points with this order.', '' ),
			'a balance of words' => array( array( 'available' => 'many' ), 'Members earn 25 points with this order.', '' ),
			'no tier'            => array( array( 'tier' => null ), 'You earn 25 points with this order.', 'You have 1,200 points.' ),
			'another schema'     => array( array( 'schema' => 3 ), 'Members earn 25 points with this order.', '' ),
		);
	}

	public function test_once_disconnected_nothing_is_shown_even_to_members(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		$this->a_member();
		Connection::forget();
		$this->assertSame( CartPoints::NOTHING, $this->in_the_store_api() );
		$this->assertSame( '', $this->said( self::CART ) );
		$this->assertSame( array(), wp_styles()->queue );
	}

	public function test_the_store_api_is_told_what_each_part_is(): void {
		$schema = $this->extensions()->get_endpoint_schema( 'cart' )->belong['properties'];
		$this->assertSame( array_merge( array_keys( CartPoints::NOTHING ), array( 'redeem' ) ), array_keys( $schema ) );
		foreach ( CartPoints::NOTHING as $name => $nothing ) {
			$this->assertSame( array( 'string', true ), array( $schema[ $name ]['type'], $schema[ $name ]['readonly'] ) );
		}
		$this->assertSame( array_keys( BlockPanel::NOTHING ), array_keys( $schema['redeem']['properties'] ) );
	}

	public function test_elsewhere_the_cart_is_not_reckoned_at_all(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		remove_filter( 'woocommerce_is_checkout', '__return_true' );
		$nothing = fn() => $this->assertSame( CartPoints::NOTHING, $this->in_the_store_api() );
		$nothing();
		$this->assertSame( 0, $this->queries( $nothing ) );
	}

	public function test_products_that_the_connection_calls_gift_cards_promise_nothing(): void {
		$card = $this->a_product( '50.00' );
		$this->tell( $this->summary( array( 'gift_card_products' => array( '7' . $card->get_id(), (string) $card->get_id() ) ) ) );
		WC()->cart->add_to_cart( $card->get_id() );
		$this->assertSame( '', $this->in_the_store_api()['earn'] );
		WC()->cart->add_to_cart( $this->a_product( '10.00' )->get_id() );
		$this->assertSame( 'Members earn 10 points with this order.', $this->in_the_store_api()['earn'] );
	}

	public function test_whatever_we_throw_the_cart_answers(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		add_filter(
			'belong_is_gift_card',
			static function () {
				throw new \TypeError( 'ours' );
			}
		);
		$this->assertSame( CartPoints::NOTHING, $this->in_the_store_api() );
		$this->assertCount( 1, $this->logged() );
	}

	public function test_a_cart_costs_no_query_and_one_where_categories_are_asked_for(): void {
		foreach ( array( '10.00', '20.00', '30.00' ) as $price ) {
			WC()->cart->add_to_cart( $this->a_product( $price )->get_id() );
		}
		$this->a_member();
		$this->in_the_store_api();
		$this->assertSame( 0, $this->queries( fn() => $this->in_the_store_api() ) );
		$tea  = array(
			'field'    => 'category',
			'operator' => 'not_in',
			'values'   => array( 'pots' ),
		);
		$rule = $this->rule( array( 'rates' => array( 'EUR' => '1' ), 'conditions' => array( $tea ) ) );
		$this->tell( $this->summary( array( 'rules' => array( $rule ) ) ) );
		foreach ( WC()->cart->get_cart() as $item ) {
			clean_object_term_cache( $item['product_id'], 'product' );
		}
		$this->assertSame( 1, $this->queries( fn() => $this->in_the_store_api() ) );
		$this->assertSame( 'You earn 90 points with this order.', $this->in_the_store_api()['earn'] );
	}

	public function test_our_script_comes_with_both_blocks_and_knows_what_it_needs(): void {
		foreach ( array( 'cart_block', 'checkout_block' ) as $block ) {
			$registry = new IntegrationRegistry();
			$registry->initialize( $block );
			$this->assertTrue( $registry->is_registered( 'belong' ) );
			$this->assertContains( 'belong-earn-blocks', $registry->get_all_registered_script_handles() );
		}
		$script = wp_scripts()->registered['belong-earn-blocks'];
		$this->assertSame( array( 'wc-blocks-checkout', 'wc-blocks-data-store', 'wp-a11y', 'wp-data', 'wp-element', 'wp-plugins' ), $script->deps );
	}

	public function test_there_is_a_place_for_using_points(): void {
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
		add_action(
			'belong_cart_points',
			static function ( $place ) {
				echo esc_html( "[$place]" );
			}
		);
		$this->assertStringContainsString( '</span> [classic]</td></tr>', $this->said( self::CART ) );
	}

	private function login( string $page ): string {
		return add_query_arg( LoginReturn::ASKED, $page, wc_get_page_permalink( 'myaccount' ) );
	}

	private function in_the_store_api(): array {
		$told = $this->extensions()->get_endpoint_data( 'cart' )->belong;
		$this->assertSame( BlockPanel::NOTHING, $told['redeem'] );
		return array_diff_key( $told, array( 'redeem' => null ) );
	}

	private function extensions(): ExtendSchema {
		return StoreApi::container()->get( ExtendSchema::class );
	}

	private function said( string $hook ): string {
		return $this->printed( static fn() => do_action( $hook ) );
	}
}
