<?php
/**
 * What an order is now.
 *
 * @package Belong
 */

namespace Belong\State;

use Belong\Display\Programme;

defined( 'ABSPATH' ) || exit;

/**
 * A part of what WooCommerce's REST answers, with the same names, types and texts, so that webhooks, reads and our own
 * messages are one thing to the service. What no rule needs stays in the shop: names of goods, addresses, notes.
 */
final class OrderState {

	// What somebody types before ordering is no order; some shops save it at every look at the checkout.
	const DRAFTS = array( 'checkout-draft', 'auto-draft', 'draft', 'new' );

	// How an order was paid, where an extension tells it by meta; that it ships later; that the shop made it anonymous.
	const META = array( '_ywgc_applied_gift_cards', 'ywgc_gift_card_updated_as_fee', '_funds_used', '_wc_pre_orders_is_pre_order', '_anonymized' );

	/**
	 * Order and refunds, as the wire names them.
	 *
	 * @param \WC_Order $order As it was just read.
	 */
	public function of( \WC_Order $order ): array {
		$refunds = $order->get_refunds();
		$details = new RefundState();
		return array(
			'order'   => $this->head( $order ) + $this->money( $order ) + $this->lines( $order ) + array(
				'refunds'   => array_map( array( $details, 'listed' ), $refunds ),
				'meta_data' => $this->meta( $order ),
			) + $this->gift_cards( $order ),
			'refunds' => array_map( array( $details, 'whole' ), $refunds ),
		);
	}

	/**
	 * Which order it is, whose, and how far it is.
	 *
	 * @param \WC_Order $order The order.
	 */
	private function head( \WC_Order $order ): array {
		return array(
			'id'                 => $order->get_id(),
			'number'             => (string) $order->get_order_number(),
			'status'             => $order->get_status(),
			'currency'           => $order->get_currency(),
			'date_created_gmt'   => Texts::moment( $order->get_date_created() ),
			'date_modified_gmt'  => Texts::moment( $order->get_date_modified() ),
			'date_paid_gmt'      => Texts::moment( $order->get_date_paid() ),
			'date_completed_gmt' => Texts::moment( $order->get_date_completed() ),
			'created_via'        => (string) $order->get_created_via(),
			'customer_id'        => (int) $order->get_customer_id(),
			'payment_method'     => (string) $order->get_payment_method(),
			'billing'            => array(
				'email'      => (string) $order->get_billing_email(),
				'first_name' => (string) $order->get_billing_first_name(),
				'last_name'  => (string) $order->get_billing_last_name(),
				'country'    => (string) $order->get_billing_country(),
			),
			'shipping'           => array(
				'country' => (string) $order->get_shipping_country(),
			),
		);
	}

	/**
	 * Amounts of the whole order.
	 *
	 * @param \WC_Order $order The order.
	 */
	private function money( \WC_Order $order ): array {
		return array(
			'discount_total'     => Texts::amount( $order->get_discount_total() ),
			'discount_tax'       => Texts::amount( $order->get_discount_tax() ),
			'shipping_total'     => Texts::amount( $order->get_shipping_total() ),
			'shipping_tax'       => Texts::amount( $order->get_shipping_tax() ),
			'cart_tax'           => Texts::amount( $order->get_cart_tax() ),
			'total'              => Texts::amount( $order->get_total() ),
			'total_tax'          => Texts::amount( $order->get_total_tax() ),
			'prices_include_tax' => (bool) $order->get_prices_include_tax(),
		);
	}

	/**
	 * Goods, taxes, shipping, fees and coupons.
	 *
	 * @param \WC_Order $order The order.
	 */
	private function lines( \WC_Order $order ): array {
		return Lines::of( $order ) + array(
			'coupon_lines' => Lines::coupons( $order ),
		);
	}

	/**
	 * What says how the order was paid. Values that list cards by their codes go without the codes.
	 *
	 * @param \WC_Order $order The order.
	 * @return array[]
	 */
	private function meta( \WC_Order $order ): array {
		/**
		 * Names of order meta that are told, besides those that the connection's settings name.
		 *
		 * @param string[] $keys Names of meta.
		 */
		$named = (array) apply_filters( 'belong_order_meta_keys', self::META );
		$shown = array();
		foreach ( array_unique( array_merge( $named, Programme::kept()->order_meta() ) ) as $key ) {
			$value = $order->get_meta( $key );
			if ( '' === $value || null === $value || array() === $value ) {
				continue;
			}
			$value = Texts::without_names( $value );
			// Whatever the service asks for, nothing but amounts leaves the shop.
			if ( in_array( $key, $named, true ) || Texts::are_amounts( $value ) ) {
				$shown[] = array(
					'key'   => $key,
					'value' => $value,
				);
			}
		}
		return $shown;
	}

	/**
	 * What cards of WooCommerce's own extension paid; without it there are none, and no such field.
	 *
	 * @param \WC_Order $order The order.
	 */
	private function gift_cards( \WC_Order $order ): array {
		$cards = array();
		foreach ( $order->get_items( 'gift_card' ) as $item ) {
			if ( is_callable( array( $item, 'get_amount' ) ) ) {
				$cards[] = array( 'amount' => Texts::amount( $item->get_amount() ) );
			}
		}
		return $cards ? array( 'gift_cards' => $cards ) : array();
	}
}
