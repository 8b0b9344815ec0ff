<?php
/**
 * Products, carts and orders as baskets.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Basket;
use Belong\Earning\Line;
use Belong\Earning\Minor;
use Belong\Earning\Terms;
use Belong\Earning\Whole;

defined( 'ABSPATH' ) || exit;

/**
 * Every amount goes through the text that the service will read of the order, so both round at the same places.
 */
final class Baskets {

	const WALLET_FEE = '_via_wallet_partial_payment';
	const GIFT_CARDS = array( 'gift-card', 'gift_card', 'pw-gift-card', 'wgm_gift_card' );

	/**
	 * The programme's summary.
	 *
	 * @var array
	 */
	private $summary;

	/**
	 * ISO code.
	 *
	 * @var string
	 */
	private $currency;

	/**
	 * Decimal places of the currency.
	 *
	 * @var int|null
	 */
	private $places;

	/**
	 * In one currency.
	 *
	 * @param array  $summary  The programme's.
	 * @param string $currency ISO code.
	 */
	public function __construct( array $summary, string $currency ) {
		$this->summary  = $summary;
		$this->currency = $currency;
		$this->places   = Minor::places( $currency );
	}

	/**
	 * One unit of a product, alone. Nothing where it cannot be bought here.
	 *
	 * @param \WC_Product $product A product without variations, or a variation.
	 */
	public function of_product( \WC_Product $product ): ?Basket {
		if ( null === $this->places || '' === (string) $product->get_price() || ! $product->is_purchasable() ) {
			return null;
		}
		$net  = $this->minor( wc_get_price_excluding_tax( $product ) );
		$tax  = max( 0, $this->minor( wc_get_price_including_tax( $product ) ) - $net );
		$line = $this->goods(
			$product,
			array(
				'net_minor'   => $net,
				'tax_minor'   => $tax,
				'list_minor'  => $net,
				'shelf_minor' => $net + ( wc_prices_include_tax() ? $tax : 0 ),
			)
		);
		return $this->basket(
			array(
				'lines'       => array( $line ),
				'total_minor' => $net + $tax,
				'is_whole'    => false,
			)
		);
	}

	/**
	 * The cart as the order that it would be.
	 *
	 * @param \WC_Cart $cart The shopper's.
	 */
	public function of_cart( \WC_Cart $cart ): ?Basket {
		$sold = array();
		foreach ( $cart->get_cart() as $item ) {
			$sold[] = array( $item['data'], $item['quantity'], $item['line_total'], $item['line_tax'], $item['line_subtotal'], $item['line_subtotal_tax'] );
		}
		$fees = array();
		foreach ( $cart->get_fees() as $fee ) {
			$fees[] = array( self::WALLET_FEE === $fee->id, $fee->total );
		}
		$customer  = WC()->customer;
		$countries = $customer ? array( $customer->get_shipping_country(), $customer->get_billing_country() ) : array();
		return $this->of_parts(
			$sold,
			$fees,
			array( $cart->get_shipping_total(), $cart->get_total_tax(), $cart->get_total( 'edit' ) ),
			array(
				'coupons_minor' => $this->minor( $cart->get_discount_total() ) + $this->minor( $cart->get_discount_tax() ),
				'countries'     => self::known( $cart->needs_shipping() ? array( $countries[0] ?? '' ) : $countries ),
			)
		);
	}

	/**
	 * An order that was made.
	 *
	 * @param \WC_Order $order Not yet decided by the service.
	 */
	public function of_order( \WC_Order $order ): ?Basket {
		$sold = array();
		foreach ( $order->get_items() as $item ) {
			$product = $item->get_product();
			// A product that is gone has no price any more, but it was sold.
			$sold[] = array( $product ? $product : $item->get_product_id(), $item->get_quantity(), $item->get_total(), $item->get_total_tax(), $item->get_subtotal(), $item->get_subtotal_tax() );
		}
		$fees = array();
		foreach ( $order->get_items( 'fee' ) as $fee ) {
			$fees[] = array( self::WALLET_FEE === $fee->get_meta( '_legacy_fee_key' ), $fee->get_total() );
		}
		$to = $order->get_shipping_country();
		return $this->of_parts(
			$sold,
			$fees,
			array( $order->get_shipping_total(), $order->get_total_tax(), $order->get_total() ),
			array(
				'coupons_minor' => $this->minor( $order->get_discount_total() ) + $this->minor( $order->get_discount_tax() ),
				'countries'     => self::known( array( $to ? $to : $order->get_billing_country() ) ),
				'channels'      => array( self::channel( (string) $order->get_created_via() ) ),
			)
		);
	}

	/**
	 * As the service calls how an order was made.
	 *
	 * @param string $made_by As WooCommerce does.
	 */
	private static function channel( string $made_by ): string {
		return in_array( $made_by, array( '', 'checkout', 'store-api' ), true ) ? 'web' : $made_by;
	}

	/**
	 * What a cart and an order have in common.
	 *
	 * @param array[] $sold   For each line: product, quantity, total, tax, subtotal, tax on that.
	 * @param array[] $fees   For each fee: whether store credit paid it, amount.
	 * @param array   $totals Shipping, tax and total.
	 * @param array   $more   Other parts of the basket.
	 */
	private function of_parts( array $sold, array $fees, array $totals, array $more ): ?Basket {
		if ( null === $this->places ) {
			return null;
		}
		$this->prime( array_column( $sold, 0 ) );
		$lines = array();
		foreach ( $sold as list( $product, $quantity, $total, $tax, $list, $list_tax ) ) {
			$list    = max( 0, $this->minor( $list ) );
			$lines[] = $this->goods(
				$product,
				array(
					'quantity'    => max( 0, (int) $quantity ),
					'net_minor'   => max( 0, $this->minor( $total ) ),
					'tax_minor'   => max( 0, $this->minor( $tax ) ),
					'list_minor'  => $list,
					'shelf_minor' => $list + ( wc_prices_include_tax() ? max( 0, $this->minor( $list_tax ) ) : 0 ),
				)
			);
		}
		list( $shipping, $tax, $total ) = array_map( array( $this, 'minor' ), $totals );
		$parts                          = Whole::sum( array_column( $lines, 'net_minor' ) ) + $shipping + $tax;
		$credit                         = 0;
		$discount                       = 0;
		foreach ( $fees as list( $is_credit, $amount ) ) {
			$amount    = $this->minor( $amount );
			$credit   += $is_credit ? max( 0, -$amount ) : 0;
			$parts    += $is_credit ? 0 : $amount;
			$discount += $is_credit ? 0 : max( 0, -$amount );
		}
		$step = 10 ** max( 0, $this->places - wc_get_price_decimals() );
		// Below that it is rounding; above it something was paid that is no line of the order.
		$slack = $step * ( count( $lines ) + count( $fees ) + 3 );
		$gap   = $parts - $total > $slack ? $parts - $total : 0;
		$card  = $gap - $credit > $slack ? $gap - $credit : 0;
		return $this->basket(
			$more + array(
				'lines'              => self::discounted( $lines, $discount ),
				'shipping_minor'     => $shipping,
				'total_minor'        => $total + ( $card ? $gap : min( $gap, $credit ) ),
				'gift_card_minor'    => $card,
				'store_credit_minor' => $credit,
			)
		);
	}

	/**
	 * A negative fee is a discount on the goods; no gift card gets cheaper by it.
	 *
	 * @param Line[] $lines    Of the basket.
	 * @param int    $discount What fees take off.
	 * @return Line[]
	 */
	private static function discounted( array $lines, int $discount ): array {
		$weights = array();
		foreach ( $lines as $line ) {
			$weights[] = $line->is_gift_card ? 0 : $line->net_minor;
		}
		$shares = Whole::allocate( min( $discount, Whole::sum( $weights ) ), $weights );
		foreach ( $lines as $at => $line ) {
			if ( $shares[ $at ] ) {
				$line->tax_minor  = Whole::share( $line->tax_minor, $line->net_minor - $shares[ $at ], $line->net_minor );
				$line->net_minor -= $shares[ $at ];
			}
		}
		return $lines;
	}

	/**
	 * A line with what the catalogue says of its product.
	 *
	 * @param \WC_Product|int $product The product, or the id of one that is gone.
	 * @param array           $amounts Of the line.
	 */
	private function goods( $product, array $amounts ): Line {
		if ( ! $product instanceof \WC_Product ) {
			$is_gift_card = $this->is_named_a_gift_card( (int) $product );
			return new Line( array( 'product' => (string) $product, 'is_gift_card' => $is_gift_card ) + $amounts );
		}
		$is_variation = $product->is_type( 'variation' );
		$id           = $is_variation ? $product->get_parent_id() : $product->get_id();
		$sku          = trim( (string) $product->get_sku() );
		$is_gift_card = in_array( $product->get_type(), self::GIFT_CARDS, true ) || $this->is_named_a_gift_card( $id );
		return new Line(
			array(
				'product'      => (string) $id,
				'variant'      => $is_variation ? (string) $product->get_id() : null,
				'sku'          => '' === $sku ? null : $sku,
				'sale'         => $this->sale( $product ),
				'categories'   => $this->slugs( $id, 'category', 'product_cat' ),
				'tags'         => $this->slugs( $id, 'product_tag', 'product_tag' ),
				/**
				 * Whether a product is a gift card, which mostly earns nothing. The service goes by its connection's setting alone.
				 *
				 * @param bool        $is_gift_card What its type says, and the connection's setting.
				 * @param \WC_Product $product      The product.
				 */
				'is_gift_card' => (bool) apply_filters( 'belong_is_gift_card', $is_gift_card, $product ),
			) + $amounts
		);
	}

	/**
	 * Whether the connection's setting says so; an older summary says nothing of it.
	 *
	 * @param int $product_id The product, not a variation of it.
	 */
	private function is_named_a_gift_card( int $product_id ): bool {
		return in_array( (string) $product_id, (array) ( $this->summary['earn']['gift_card_products'] ?? array() ), true );
	}

	/**
	 * Regular and sale price, while it is on sale and the programme cares.
	 *
	 * @param \WC_Product $product The product.
	 * @return int[]|null
	 */
	private function sale( \WC_Product $product ): ?array {
		if ( ! in_array( 'sale_items', $this->summary['earn']['excludes'], true ) || ! $product->is_on_sale() ) {
			return null;
		}
		$regular = $this->minor( $product->get_regular_price() );
		$now     = $this->minor( $product->get_price() );
		return $now < $regular ? array( $regular, $now ) : null;
	}

	/**
	 * Slugs as people read them, and only where a rule asks.
	 *
	 * @param int    $product_id The product.
	 * @param string $field      Name of the condition.
	 * @param string $taxonomy   Where WordPress keeps it.
	 * @return string[]
	 */
	private function slugs( int $product_id, string $field, string $taxonomy ): array {
		$terms = Terms::ask_for( $this->summary, array( $field ) ) ? get_the_terms( $product_id, $taxonomy ) : array();
		return is_array( $terms ) ? array_map( 'rawurldecode', array_column( $terms, 'slug' ) ) : array();
	}

	/**
	 * The terms of all products in one query, not in one for each.
	 *
	 * @param array $products Of the basket.
	 */
	private function prime( array $products ): void {
		if ( Terms::ask_for( $this->summary, array( 'category', 'product_tag' ) ) ) {
			$ids = array();
			foreach ( $products as $product ) {
				$ids[] = $product instanceof \WC_Product ? ( $product->is_type( 'variation' ) ? $product->get_parent_id() : $product->get_id() ) : 0;
			}
			update_object_term_cache( array_filter( $ids ), 'product' );
		}
	}

	/**
	 * A basket in our currency.
	 *
	 * @param array $values Its parts.
	 */
	private function basket( array $values ): Basket {
		return new Basket( $values + array( 'currency' => $this->currency ) );
	}

	/**
	 * Minor units of an amount of WooCommerce's; 0 of what is no amount.
	 *
	 * @param mixed $amount A float or a text.
	 */
	private function minor( $amount ): int {
		return Minor::of( wc_format_decimal( $amount, wc_get_price_decimals() ), (int) $this->places ) ?? 0;
	}

	/**
	 * Those that are known.
	 *
	 * @param array $words Some of them empty.
	 * @return string[]
	 */
	private static function known( array $words ): array {
		return array_values( array_unique( array_filter( array_map( 'strval', $words ) ) ) );
	}
}
