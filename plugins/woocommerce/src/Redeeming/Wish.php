<?php
/**
 * What a shopper asks the service for.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Earning\Basket;
use Belong\Earning\Minor;

defined( 'ABSPATH' ) || exit;

/**
 * A reward for a cart. The same wish has the same key, so one that is sent twice, by two processes or after a lost reply,
 * sets points aside once.
 */
final class Wish {

	// Letters of the digest in the key: the service takes up to a hundred in all.
	const DIGEST = 40;

	/**
	 * Who asks.
	 *
	 * @var int
	 */
	public $user_id;

	/**
	 * What the service is sent, as JSON.
	 *
	 * @var string
	 */
	public $request;

	/**
	 * What the merchant calls the reward.
	 *
	 * @var string
	 */
	public $name;

	/**
	 * Asks for nothing yet.
	 *
	 * @param int      $user_id Who asks.
	 * @param Offer    $offer   For which reward.
	 * @param int|null $points  With a slider, how many.
	 * @param Basket   $basket  The cart.
	 */
	public function __construct( int $user_id, Offer $offer, ?int $points, Basket $basket ) {
		$this->user_id = $user_id;
		$this->name    = $offer->name;
		$this->request = (string) wp_json_encode(
			array(
				'reward' => $offer->id,
				'points' => $points,
				'cart'   => self::cart( $basket ),
				'holds'  => true,
			)
		);
	}

	/**
	 * The part of its key that does not count how often it was wished.
	 */
	public function stem(): string {
		return 'cart-' . substr( hash( 'sha256', $this->user_id . '|' . $this->request ), 0, self::DIGEST );
	}

	/**
	 * As the service takes a cart: whole minor units. Where prices hold tax, and a cart shows them so, WooCommerce takes a
	 * coupon off them as they are: a share of the goods is one of what a shopper sees.
	 *
	 * @param Basket $basket The cart.
	 */
	private static function cart( Basket $basket ): array {
		$holds_tax = wc_prices_include_tax() && WC()->cart && WC()->cart->display_prices_including_tax();
		$lines     = array();
		foreach ( $basket->lines as $line ) {
			if ( $line->quantity > 0 ) {
				$lines[] = array(
					'product_id'   => $line->product,
					'quantity'     => $line->quantity,
					'net_minor'    => $line->net_minor + ( $holds_tax ? $line->tax_minor : 0 ),
					'variant_id'   => $line->variant,
					'sku'          => $line->sku,
					'tax_minor'    => $holds_tax ? 0 : $line->tax_minor,
					'is_gift_card' => $line->is_gift_card,
					'is_on_sale'   => null !== $line->sale,
				);
			}
		}
		$net = array_sum( array_column( $lines, 'net_minor' ) );
		return array(
			'currency'       => $basket->currency,
			'lines'          => $lines,
			'shipping_minor' => $basket->shipping_minor,
			// Fees among it: what is neither goods nor shipping.
			'tax_minor'      => max( 0, $basket->total_minor - $net - $basket->shipping_minor ),
			'channel'        => 'web',
			'country'        => 1 === count( $basket->countries ) ? $basket->countries[0] : null,
		) + self::vouchers( Minor::places( $basket->currency ) ?? 2 );
	}

	/**
	 * What points pay of the cart already: nothing is said where that is nothing.
	 *
	 * @param int $places Decimals of its currency.
	 */
	private static function vouchers( int $places ): array {
		$codes = Coupons::vouchers();
		return array() === $codes ? array() : array(
			'codes'        => $codes,
			'points_minor' => Coupons::taken_minor( $codes, $places ),
		);
	}
}
