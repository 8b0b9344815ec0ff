<?php
/**
 * What we tell has the names, types and texts that WooCommerce's REST was recorded with.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Programme;
use Belong\State\CustomerState;
use Belong\State\OrderState;
use Belong\State\Texts;

final class StateTest extends ShopTestCase {

	const RECORDED = __DIR__ . '/../../../../tests/payloads/woocommerce/rest/';
	/** What WooCommerce's REST does not say of a customer. */
	const BESIDES  = array( 'locale' => '' );

	public function test_an_order_is_told_as_rest_tells_it(): void {
		$order    = $this->recorded_order();
		$recorded = $this->recorded( 'order' );
		$told     = $this->through_json( ( new OrderState() )->of( $order ) );
		$this->assert_same_forms( $recorded, $told['order'], 'order' );
		$this->assertSame( $this->forms( $recorded['billing'], 'x' )['x.email'], $this->forms( $told['order']['billing'], 'x' )['x.email'] );
		foreach ( array( 'discount_total', 'discount_tax', 'shipping_total', 'shipping_tax', 'cart_tax', 'total', 'total_tax', 'prices_include_tax', 'currency', 'payment_method' ) as $name ) {
			$this->assertSame( $recorded[ $name ], $told['order'][ $name ], $name );
		}
		foreach ( array( 'line_items', 'tax_lines', 'shipping_lines', 'fee_lines', 'coupon_lines' ) as $lines ) {
			$this->assertSame( $this->without_ids( $recorded[ $lines ], $told['order'][ $lines ] ), $this->without_ids( $told['order'][ $lines ], $told['order'][ $lines ] ), $lines );
		}
		$this->assertSame( '-24.90', $told['order']['refunds'][0]['total'] );
	}

	public function test_a_refund_is_told_as_rest_tells_it(): void {
		$told     = $this->through_json( ( new OrderState() )->of( $this->recorded_order() ) );
		$recorded = $this->recorded( 'refund' );
		$this->assert_same_forms( $recorded, $told['refunds'][0], 'refund' );
		$this->assertSame( '24.90', $told['refunds'][0]['amount'] );
		$line = $told['refunds'][0]['line_items'][0];
		$this->assertSame( array( -1, '-20.92', '0.00' ), array( $line['quantity'], $line['total'], $line['total_tax'] ) );
		$this->assertSame( (string) $told['order']['line_items'][0]['id'], $line['meta_data'][0]['value'] );
	}

	/** The double has no such route; what it keeps is compared with what was recorded, above. */
	public function test_a_real_rest_says_the_same_of_the_same_order(): void {
		wp_set_current_user( 1 );
		$order = $this->recorded_order();
		$route = '/wc/v3/orders/' . $order->get_id();
		$told  = $this->through_json( ( new OrderState() )->of( $order ) );
		$rest  = $this->through_json( rest_do_request( new \WP_REST_Request( 'GET', $route ) )->get_data() );
		if ( defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
			$this->assertSame( 'rest_no_route', $rest['code'] );
			return;
		}
		$this->assert_part( $told['order'], $rest, 'order' );
		$refunds = $this->through_json( rest_do_request( new \WP_REST_Request( 'GET', $route . '/refunds' ) )->get_data() );
		$this->assert_part( $told['refunds'], $refunds, 'refunds' );
		$customer = $this->through_json( rest_do_request( new \WP_REST_Request( 'GET', '/wc/v3/customers/1' ) )->get_data() );
		$this->assert_part( array_diff_key( $this->through_json( ( new CustomerState() )->of( new \WC_Customer( 1 ) ) ), self::BESIDES ), $customer, 'customer' );
	}

	public function test_a_customer_is_told_as_rest_tells_one(): void {
		update_user_meta( 1, 'birthday', '1990-05-01' );
		update_user_meta( 1, '_secret', 'x' );
		update_user_meta( 1, 'locale', 'de_DE' );
		add_filter(
			'belong_customer_meta_keys',
			static function () {
				return array( 'birthday', '_secret' );
			}
		);
		( new \WC_Customer( 1 ) )->save();
		$told = $this->through_json( ( new CustomerState() )->of( new \WC_Customer( 1 ) ) );
		$this->assert_same_forms( $this->recorded( 'customer' ), array_diff_key( $told, self::BESIDES ), 'customer' );
		$this->assertSame( 'de_DE', $told['locale'] );
		$this->assertSame( array( 'birthday' ), array_column( $told['meta_data'], 'key' ) );
		$this->assertSame( 'administrator', $told['role'] );
	}

	/** @dataProvider birthdays */
	public function test_the_service_may_ask_for_a_birthday_and_for_nothing_else( string $key, $kept, array $told ): void {
		$this->ask_for( array( $key ) );
		update_user_meta( 1, $key, $kept );
		( new \WC_Customer( 1 ) )->save();
		$this->assertSame( $told, array_column( ( new CustomerState() )->of( new \WC_Customer( 1 ) )['meta_data'], 'value' ) );
		$this->ask_for( array() );
		$this->assertSame( array(), ( new CustomerState() )->of( new \WC_Customer( 1 ) )['meta_data'] );
	}

	public function birthdays(): array {
		return array(
			'a date'            => array( 'born_on', '1990-05-01', array( '1990-05-01' ) ),
			'without a year'    => array( 'born_on', '05-01', array( '05-01' ) ),
			'digits'            => array( 'born_on', '19900501', array( '19900501' ) ),
			'anything else'     => array( 'billing_phone', '+49 30 1234567', array() ),
			'a name'            => array( 'nickname', 'ada', array() ),
			'more than a date'  => array( 'born_on', "1990-05-01\nx", array() ),
			'a list'            => array( 'session_tokens', array( 'x' => array( 'ip' => '1990-05-01' ) ), array() ),
			'private to others' => array( '_born_on', '1990-05-01', array() ),
		);
	}

	public function test_what_no_rule_needs_stays_in_the_shop(): void {
		$told = wp_json_encode( ( new OrderState() )->of( $this->recorded_order() ) );
		foreach ( array( 'Espresso', 'one returned', 'Str. 1', '10115', 'loyalty_x', 'DHL' ) as $word ) {
			$this->assertStringNotContainsString( $word, $told );
		}
	}

	public function test_how_an_order_was_paid_is_told_without_the_codes_of_cards(): void {
		$order = $this->an_order();
		$order->update_meta_data( '_ywgc_applied_gift_cards', array( 'CARD-SECRET' => 10.5 ) );
		$order->update_meta_data( '_funds_used', '3.00' );
		$order->save();
		$told = $this->through_json( ( new OrderState() )->of( wc_get_order( $order->get_id() ) ) )['order']['meta_data'];
		$this->assertSame( array( array( 10.5 ), '3.00' ), array_column( $told, 'value' ) );
		$this->assertSame( array( '_ywgc_applied_gift_cards', '_funds_used' ), array_column( $told, 'key' ) );
	}

	public function test_the_service_may_ask_for_amounts_of_an_order_and_for_nothing_else(): void {
		$order = $this->an_order();
		$kept  = array(
			'_card_paid'   => '10.50',
			'_cards_paid'  => array( 'CARD-SECRET' => '4.00', 'OTHER' => array( 'amount' => 2 ) ),
			'_card_code'   => 'CARD-SECRET',
			'_gift_note'   => array( array( 'amount' => 'for Ada' ) ),
			'_born_on'     => '1990-05-01',
			'_nobody_asks' => '7.00',
		);
		foreach ( $kept as $key => $value ) {
			$order->update_meta_data( $key, $value );
		}
		$order->save();
		ServiceDouble::connect();
		$asked = array_diff( array_keys( $kept ), array( '_nobody_asks' ) );
		update_option( Programme::OPTION, wp_json_encode( array( 'schema' => 1, 'order_meta' => array_values( $asked ) ) ), true );
		$told = $this->through_json( ( new OrderState() )->of( wc_get_order( $order->get_id() ) ) )['order']['meta_data'];
		$this->assertSame( array( '_card_paid' => '10.50', '_cards_paid' => array( '4.00', 2 ) ), array_column( $told, 'value', 'key' ) );
	}

	public function test_amounts_of_meta(): void {
		$this->assertSame( '5', Texts::without_names( '5' ) );
		$this->assertSame( array( '5', '6.50' ), Texts::without_names( array( 'CODE1' => array( 'amount' => '5' ), 'CODE2' => '6.50', 'note' => 'of Ada' ) ) );
		$this->assertNull( Texts::without_names( new \stdClass() ) );
	}

	public function test_moments_are_utc_and_amounts_have_the_shops_decimals(): void {
		$this->assertSame( '2026-11-21T21:54:50', Texts::moment( new \DateTime( '2026-11-21 22:54:50', new \DateTimeZone( 'Europe/Berlin' ) ) ) );
		$this->assertSame( '4.90', Texts::amount( 4.9 ) );
		$this->assertSame( '37.66', Texts::amount( '37.663865' ) );
	}

	private function ask_for( array $keys ): void {
		ServiceDouble::connect();
		update_option( Programme::OPTION, wp_json_encode( array( 'schema' => 1, 'customer_meta' => $keys ) ), true );
	}

	/** The order of the recorded shop, as far as we tell it, with its first refund. */
	private function recorded_order(): \WC_Order {
		$from  = $this->recorded( 'order' );
		$order = new \WC_Order();
		$order->set_prices_include_tax( true );
		$order->set_currency( $from['currency'] );
		$order->set_payment_method( $from['payment_method'] );
		$order->set_billing_email( $from['billing']['email'] );
		$order->set_billing_first_name( $from['billing']['first_name'] );
		$order->set_billing_country( $from['billing']['country'] );
		$order->set_shipping_country( $from['shipping']['country'] );
		$classes = array(
			'line_items'     => \WC_Order_Item_Product::class,
			'tax_lines'      => \WC_Order_Item_Tax::class,
			'shipping_lines' => \WC_Order_Item_Shipping::class,
			'fee_lines'      => \WC_Order_Item_Fee::class,
			'coupon_lines'   => \WC_Order_Item_Coupon::class,
		);
		$kept    = array( 'name', 'quantity', 'subtotal', 'subtotal_tax', 'total', 'total_tax', 'method_id', 'method_title', 'rate_id', 'tax_total', 'shipping_tax_total', 'code', 'discount', 'discount_tax' );
		foreach ( $classes as $lines => $class ) {
			foreach ( $from[ $lines ] as $line ) {
				$item = new $class();
				$item->set_props( array_intersect_key( $line, array_flip( $kept ) ) );
				$this->set_taxes( $item, $line );
				foreach ( 'coupon_lines' === $lines ? $line['meta_data'] : array() as $meta ) {
					$item->update_meta_data( $meta['key'], $meta['value'] );
				}
				$order->add_item( $item );
			}
		}
		foreach ( array( 'discount_total', 'discount_tax', 'shipping_total', 'shipping_tax', 'cart_tax', 'total' ) as $name ) {
			$order->{"set_$name"}( $from[ $name ] );
		}
		$order->save();
		$order->update_status( 'completed' );
		$lines = array_keys( $order->get_items() );
		wc_create_refund(
			array(
				'order_id'   => $order->get_id(),
				'amount'     => '24.90',
				'reason'     => 'one returned',
				'line_items' => array(
					$lines[0] => array(
						'qty'          => 1,
						'refund_total' => '20.92',
						'refund_tax'   => array(),
					),
				),
			)
		);
		return wc_get_order( $order->get_id() );
	}

	private function set_taxes( \WC_Order_Item $item, array $line ): void {
		$taxes = array();
		foreach ( $line['taxes'] ?? array() as $tax ) {
			$taxes['total'][ $tax['id'] ] = $tax['total'];
			if ( '' !== $tax['subtotal'] ) {
				$taxes['subtotal'][ $tax['id'] ] = $tax['subtotal'];
			}
		}
		if ( $taxes ) {
			$item->set_taxes( $taxes );
		}
	}

	private function recorded( string $name ): array {
		return json_decode( file_get_contents( self::RECORDED . $name . '.json' ), true )['body'];
	}

	private function through_json( array $told ): array {
		return json_decode( wp_json_encode( $told ), true );
	}

	/** All that we tell stands there, in the same words. */
	private function assert_part( array $told, array $whole, string $where ): void {
		foreach ( $told as $name => $value ) {
			$this->assertArrayHasKey( $name, $whole, $where );
			if ( is_array( $value ) ) {
				$this->assert_part( $value, $whole[ $name ], "$where.$name" );
			} else {
				$this->assertSame( $whole[ $name ], $value, "$where.$name" );
			}
		}
	}

	/** Every name that we tell is recorded, and its value is of the same type. */
	private function assert_same_forms( array $recorded, array $told, string $where ): void {
		$known = $this->forms( $recorded, $where );
		foreach ( $this->forms( $told, $where ) as $path => $types ) {
			$this->assertArrayHasKey( $path, $known, 'WooCommerce has no such field.' );
			// An article that is gone has no number; the recorded ones were there.
			$this->assertSame( array(), array_diff( $types, $known[ $path ], array( 'NULL' ) ), $path );
		}
	}

	/** @return array<string, string[]> path to types */
	private function forms( $value, string $path ): array {
		if ( ! is_array( $value ) ) {
			return array( $path => array( gettype( $value ) ) );
		}
		$forms = array();
		foreach ( $value as $name => $part ) {
			$below = is_int( $name ) ? $path . '[]' : "$path.$name";
			foreach ( $this->forms( $part, $below ) as $deeper => $types ) {
				$forms[ $deeper ] = array_unique( array_merge( $forms[ $deeper ] ?? array(), $types ) );
			}
		}
		return $forms;
	}

	/** Of each line what we tell of it, but ids that the database gave, and articles, which the double has not. */
	private function without_ids( array $lines, array $told ): array {
		$left = array();
		foreach ( $lines as $place => $line ) {
			$line = array_diff_key( array_intersect_key( $line, $told[ $place ] ), array_flip( array( 'id', 'product_id', 'sku' ) ) );
			foreach ( $line['meta_data'] ?? array() as $at => $meta ) {
				$line['meta_data'][ $at ] = array_intersect_key( $meta, array_flip( array( 'key', 'value' ) ) );
			}
			ksort( $line );
			$left[] = $line;
		}
		return $left;
	}
}
