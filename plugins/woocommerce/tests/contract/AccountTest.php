<?php
/**
 * What the page of accounts and a review do with others' listeners.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests\Contract;

use Belong\Display\Accounts;
use Belong\Tests\ShopTestCase;

final class AccountTest extends ShopTestCase {

	public function test_the_menu_is_a_filter_over_labels_by_endpoint_with_the_way_out_in_it(): void {
		wp_set_current_user( wp_create_user( 'kim', 'secret', 'kim@shop.example' ) );
		$given = null;
		add_filter(
			'woocommerce_account_menu_items',
			static function ( $items ) use ( &$given ) {
				$given = $items;
				return array( 'mine' => 'Mine' ) + $items;
			}
		);
		$this->assertSame( 'mine', array_keys( wc_get_account_menu_items() )[0] );
		$this->assertArrayHasKey( 'customer-logout', $given );
		$this->assertContainsOnly( 'string', $given );
	}

	public function test_an_endpoint_has_an_address_below_the_page_of_accounts(): void {
		$this->assertStringContainsString( 'mine', wc_get_account_endpoint_url( 'mine' ) );
		$this->assertIsString( wc_get_page_permalink( 'myaccount' ) );
	}

	/** Without the action in it, nobody could say where to go after it. */
	public function test_the_form_for_guests_has_an_action_in_it(): void {
		add_action(
			'woocommerce_login_form',
			static function () {
				echo '<input type="hidden" name="redirect" value="https://shop.example/cart/">';
			}
		);
		wp_set_current_user( 0 );
		$form = do_shortcode( '[woocommerce_my_account]' );
		$this->assertMatchesRegularExpression( '#<form[^>]*login[^>]*>(?:(?!</form>).)*name="redirect"#s', $form );
	}

	/** From 11.0 on. This is what guests are promised after their order, where a shop listens. */
	public function test_a_guests_order_becomes_the_account_that_has_shown_the_address_to_be_its_own(): void {
		$this->assertSame( version_compare( WC_VERSION, '11.0', '>=' ), Accounts::get_earlier_orders() );
		$order = $this->an_order();
		$order->set_billing_email( 'kim@shop.example' );
		$order->save();
		$kim = wp_create_user( 'kim', 'secret', 'kim@shop.example' );
		do_action( 'woocommerce_customer_email_verified', $kim );
		$this->assertSame( Accounts::get_earlier_orders() ? $kim : 0, wc_get_order( $order->get_id() )->get_customer_id() );
	}

	public function test_a_constant_that_is_there_stays(): void {
		wc_maybe_define_constant( 'BELONG_CONTRACT_CONSTANT', 'first' );
		wc_maybe_define_constant( 'BELONG_CONTRACT_CONSTANT', 'second' );
		$this->assertSame( 'first', constant( 'BELONG_CONTRACT_CONSTANT' ) );
	}

	public function test_a_reviews_writer_is_named_at_ten_by_an_action_with_the_comment(): void {
		$this->assertNotFalse( has_action( 'woocommerce_review_meta' ) );
		$priorities = array_keys( $GLOBALS['wp_filter']['woocommerce_review_meta']->callbacks );
		$this->assertContains( 10, $priorities );
	}
}
