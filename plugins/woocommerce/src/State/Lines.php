<?php
/**
 * Lines of an order or of a refund.
 *
 * @package Belong
 */

namespace Belong\State;

defined( 'ABSPATH' ) || exit;

/**
 * Names, pictures and what somebody had engraved are left out; ids, amounts and how many are what counts.
 */
final class Lines {

	// Which line of the order a line of a refund gives back; by which wallet a fee is a payment; what a coupon was.
	const REFUNDED = '_refunded_item_id';
	const FEE_KEY  = '_legacy_fee_key';
	const COUPON   = 'coupon_info';

	/**
	 * Goods, taxes, shipping and fees.
	 *
	 * @param \WC_Abstract_Order $order An order or a refund.
	 * @return array[][]
	 */
	public static function of( \WC_Abstract_Order $order ): array {
		return array(
			'line_items'     => self::each( $order, 'line_item', array( __CLASS__, 'goods' ) ),
			'tax_lines'      => self::each( $order, 'tax', array( __CLASS__, 'tax' ) ),
			'shipping_lines' => self::each( $order, 'shipping', array( __CLASS__, 'shipping' ) ),
			'fee_lines'      => self::each( $order, 'fee', array( __CLASS__, 'fee' ) ),
		);
	}

	/**
	 * Coupons, ours among them.
	 *
	 * @param \WC_Abstract_Order $order The order.
	 * @return array[]
	 */
	public static function coupons( \WC_Abstract_Order $order ): array {
		return self::each( $order, 'coupon', array( __CLASS__, 'coupon' ) );
	}

	/**
	 * Items of one type.
	 *
	 * @param \WC_Abstract_Order $order An order or a refund.
	 * @param string             $type  As WooCommerce calls it.
	 * @param callable           $form  What is told of one.
	 * @return array[]
	 */
	private static function each( \WC_Abstract_Order $order, string $type, callable $form ): array {
		return array_values( array_map( $form, $order->get_items( $type ) ) );
	}

	/**
	 * A line of goods. An article that is gone has no number of its own any more.
	 *
	 * @param \WC_Order_Item_Product $item The line.
	 */
	private static function goods( \WC_Order_Item_Product $item ): array {
		$product = $item->get_product();
		return array(
			'id'           => $item->get_id(),
			'product_id'   => (int) $item->get_product_id(),
			'variation_id' => (int) $item->get_variation_id(),
			'quantity'     => $item->get_quantity(),
			'subtotal'     => Texts::amount( $item->get_subtotal() ),
			'subtotal_tax' => Texts::amount( $item->get_subtotal_tax() ),
			'total'        => Texts::amount( $item->get_total() ),
			'total_tax'    => Texts::amount( $item->get_total_tax() ),
			'taxes'        => self::taxes( $item->get_taxes() ),
			'sku'          => $product ? (string) $product->get_sku() : null,
			'meta_data'    => self::meta( $item, self::REFUNDED ),
		);
	}

	/**
	 * The sum of one rate.
	 *
	 * @param \WC_Order_Item_Tax $item The line.
	 */
	private static function tax( \WC_Order_Item_Tax $item ): array {
		return array(
			'id'                 => $item->get_id(),
			'rate_id'            => (int) $item->get_rate_id(),
			'tax_total'          => Texts::amount( $item->get_tax_total() ),
			'shipping_tax_total' => Texts::amount( $item->get_shipping_tax_total() ),
		);
	}

	/**
	 * One way of shipping.
	 *
	 * @param \WC_Order_Item_Shipping $item The line.
	 */
	private static function shipping( \WC_Order_Item_Shipping $item ): array {
		return array(
			'id'        => $item->get_id(),
			'method_id' => (string) $item->get_method_id(),
			'total'     => Texts::amount( $item->get_total() ),
			'total_tax' => Texts::amount( $item->get_total_tax() ),
			'taxes'     => self::taxes( $item->get_taxes() ),
			'meta_data' => self::meta( $item, self::REFUNDED ),
		);
	}

	/**
	 * A fee; one below zero is a discount, or what a wallet paid.
	 *
	 * @param \WC_Order_Item_Fee $item The line.
	 */
	private static function fee( \WC_Order_Item_Fee $item ): array {
		return array(
			'id'        => $item->get_id(),
			'total'     => Texts::amount( $item->get_total() ),
			'total_tax' => Texts::amount( $item->get_total_tax() ),
			'taxes'     => self::taxes( $item->get_taxes() ),
			'meta_data' => array_merge( self::meta( $item, self::REFUNDED ), self::meta( $item, self::FEE_KEY ) ),
		);
	}

	/**
	 * A coupon. Its discount is written as it is kept, not rounded: so does REST.
	 *
	 * @param \WC_Order_Item_Coupon $item The line.
	 */
	private static function coupon( \WC_Order_Item_Coupon $item ): array {
		return array(
			'id'           => $item->get_id(),
			'code'         => (string) $item->get_code(),
			'discount'     => (string) $item->get_discount(),
			'discount_tax' => (string) $item->get_discount_tax(),
			'meta_data'    => self::meta( $item, self::COUPON ),
		);
	}

	/**
	 * Taxes of a line by rate.
	 *
	 * @param array $taxes As the line keeps them.
	 * @return array[]
	 */
	private static function taxes( $taxes ): array {
		$shown = array();
		foreach ( (array) ( $taxes['total'] ?? array() ) as $rate => $total ) {
			$before  = $taxes['subtotal'][ $rate ] ?? null;
			$shown[] = array(
				'id'       => $rate,
				'total'    => Texts::amount( $total ),
				'subtotal' => null === $before ? '' : Texts::amount( $before ),
			);
		}
		return $shown;
	}

	/**
	 * One entry of meta, if it is there.
	 *
	 * @param \WC_Order_Item $item The line.
	 * @param string         $key  Its name.
	 * @return array[]
	 */
	private static function meta( \WC_Order_Item $item, string $key ): array {
		$value = $item->get_meta( $key );
		if ( ! is_scalar( $value ) || '' === (string) $value ) {
			return array();
		}
		return array(
			array(
				'key'   => $key,
				'value' => (string) $value,
			),
		);
	}
}
