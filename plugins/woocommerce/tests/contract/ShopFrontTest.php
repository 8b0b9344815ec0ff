<?php
/**
 * Products, carts and how blocks are extended, as far as we use them. Runs against the double and, unchanged, against a
 * real WooCommerce.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\Blocks\Integrations\IntegrationInterface;
use Automattic\WooCommerce\Blocks\Integrations\IntegrationRegistry;
use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;
use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;

final class ShopFrontTest extends EarnTestCase {

	public function test_prices_are_texts_and_what_is_reckoned_of_them_are_floats(): void {
		$product = $this->a_product( '25.00' );
		$this->assertSame( array( '25.00', '25.00', false ), array( $product->get_price(), $product->get_regular_price(), $product->is_on_sale() ) );
		$this->with_tax( true );
		$net = wc_get_price_excluding_tax( $product );
		$this->assertSame( array( '21.01', '25.00' ), array( wc_format_decimal( $net, 2 ), wc_format_decimal( wc_get_price_including_tax( $product ), 2 ) ) );
		$this->assertNotSame( 21.01, $net );
		$this->assertTrue( wc_prices_include_tax() );
	}

	public function test_a_sale_price_takes_the_place_of_the_price(): void {
		$product = $this->a_product( '25.00', array( 'sale_price' => '20.00' ) );
		$this->assertTrue( $product->is_on_sale() );
		$this->assertSame( array( '20.00', '25.00' ), array( $product->get_price(), $product->get_regular_price() ) );
	}

	public function test_without_a_price_nothing_can_be_bought(): void {
		$product = $this->a_product( '' );
		$this->assertSame( array( '', false ), array( $product->get_price(), $product->is_purchasable() ) );
		$this->assertFalse( wc_get_product( 987654 ) );
	}

	public function test_a_variation_knows_its_parent_and_has_its_sku(): void {
		$parent = new \WC_Product_Variable();
		$parent->set_props( array( 'name' => 'Pot', 'sku' => 'P-1' ) );
		$parent_id = $parent->save();
		$variation = new \WC_Product_Variation();
		$variation->set_props( array( 'parent_id' => $parent_id, 'regular_price' => '10.00' ) );
		$id        = $variation->save();
		$variation = wc_get_product( $id );
		$this->assertTrue( $variation->is_type( 'variation' ) );
		$this->assertSame( array( $parent_id, 'P-1' ), array( $variation->get_parent_id(), $variation->get_sku() ) );
		$this->assertSame( array( $id ), array_map( 'intval', wc_get_product( $parent_id )->get_children() ) );
		$this->assertTrue( $variation->variation_is_visible() );
	}

	public function test_lines_of_a_cart_are_floats_that_are_not_rounded_to_the_cent(): void {
		$this->with_tax( true );
		WC()->cart->add_to_cart( $this->a_product( '25.00' )->get_id(), 2 );
		$items = array_values( WC()->cart->get_cart() );
		$this->assertCount( 1, $items );
		$this->assertInstanceOf( \WC_Product::class, $items[0]['data'] );
		foreach ( array( 'line_total', 'line_tax', 'line_subtotal', 'line_subtotal_tax' ) as $name ) {
			$this->assertIsFloat( $items[0][ $name ], $name );
		}
		$this->assertSame( '42.02', wc_format_decimal( $items[0]['line_total'], 2 ) );
		$this->assertNotSame( 42.02, $items[0]['line_total'] );
		$this->assertSame( '50.00', wc_format_decimal( WC()->cart->get_total( 'edit' ), 2 ) );
		$this->assertStringContainsString( '<', WC()->cart->get_total() );
		$this->assertSame( '7.98', wc_format_decimal( WC()->cart->get_total_tax(), 2 ) );
	}

	public function test_fees_are_added_anew_with_each_reckoning(): void {
		add_action( 'woocommerce_cart_calculate_fees', static fn( $cart ) => $cart->add_fee( 'Thanks', -5 ) );
		WC()->cart->add_to_cart( $this->a_product( '40.00' )->get_id() );
		WC()->cart->calculate_totals();
		$fees = array_values( WC()->cart->get_fees() );
		$this->assertCount( 1, $fees );
		$this->assertSame( array( 'thanks', -5.0 ), array( $fees[0]->id, (float) $fees[0]->total ) );
		$this->assertSame( '35.00', wc_format_decimal( WC()->cart->get_total( 'edit' ), 2 ) );
	}

	public function test_what_is_registered_is_asked_for_with_each_answer(): void {
		$asked = array(
			'endpoint'        => 'cart',
			'namespace'       => 'belong-contract',
			'data_callback'   => static fn() => array( 'word' => 'yes' ),
			'schema_callback' => static fn() => array( 'word' => array( 'type' => 'string' ) ),
			'schema_type'     => ARRAY_A,
		);
		$this->assertTrue( woocommerce_store_api_register_endpoint_data( $asked ) );
		$extensions = StoreApi::container()->get( ExtendSchema::class );
		$this->assertSame( array( 'word' => 'yes' ), $extensions->get_endpoint_data( 'cart' )->{'belong-contract'} );
		$this->assertSame( 'string', $extensions->get_endpoint_schema( 'cart' )->{'belong-contract'}['properties']['word']['type'] );
	}

	public function test_what_a_shopper_changes_goes_to_whoever_registered_for_it(): void {
		$asked = array();
		$ours  = array(
			'namespace' => 'belong-contract',
			'callback'  => static function ( $data ) use ( &$asked ) {
				$asked[] = $data;
			},
		);
		$this->assertTrue( woocommerce_store_api_register_update_callback( $ours ) );
		$this->assertInstanceOf( \WP_Error::class, woocommerce_store_api_register_update_callback( array( 'namespace' => 'belong-contract' ) ) );
		$extensions = StoreApi::container()->get( ExtendSchema::class );
		call_user_func( $extensions->get_update_callback( 'belong-contract' ), array( 'choose' => 'x' ) );
		$this->assertSame( array( array( 'choose' => 'x' ) ), $asked );
		$this->expectException( \Exception::class );
		$extensions->get_update_callback( 'belong-of-nobody' );
	}

	public function test_an_answer_with_its_own_number_is_an_exception_of_its_own(): void {
		$refused = new RouteException( 'belong_contract', 'Not so.', 400 );
		$this->assertInstanceOf( \Exception::class, $refused );
		$this->assertSame( array( 'belong_contract', 'Not so.', 400 ), array( $refused->getErrorCode(), $refused->getMessage(), $refused->getCode() ) );
	}

	public function test_notices_can_be_laid_back_as_they_were(): void {
		wc_clear_notices();
		wc_add_notice( 'One.' );
		$before = wc_get_notices();
		wc_add_notice( 'Two.', 'error' );
		$this->assertSame( 'Two.', wc_get_notices()['error'][0]['notice'] );
		wc_set_notices( $before );
		$this->assertSame( array( 'One.', array() ), array( wc_get_notices( 'success' )[0]['notice'], wc_get_notices( 'error' ) ) );
		wc_clear_notices();
	}

	public function test_coupons_can_be_switched_off(): void {
		$this->assertTrue( wc_coupons_enabled() );
		add_filter( 'woocommerce_coupons_enabled', '__return_false' );
		$this->assertFalse( wc_coupons_enabled() );
	}

	public function test_an_integration_is_asked_for_by_the_name_of_its_block_and_taken_once(): void {
		$registry    = new IntegrationRegistry();
		$integration = $this->an_integration();
		$taken       = array();
		add_action(
			'woocommerce_blocks_contract_block_registration',
			static function ( $registry ) use ( $integration, &$taken ) {
				$taken[] = $registry->register( $integration );
			}
		);
		$registry->initialize( 'contract_block' );
		$this->assertSame( array( array( true ), 1, true ), array( $taken, $integration->started, $registry->is_registered( 'ours' ) ) );
		$this->assertSame( array( 'ours-script' ), array_values( $registry->get_all_registered_script_handles() ) );
	}

	private function an_integration(): IntegrationInterface {
		return new class() implements IntegrationInterface {

			public $started = 0;

			public function get_name() {
				return 'ours';
			}

			public function initialize() {
				++$this->started;
			}

			public function get_script_handles() {
				return array( 'ours-script' );
			}

			public function get_editor_script_handles() {
				return array();
			}

			public function get_script_data() {
				return array();
			}
		};
	}
}
