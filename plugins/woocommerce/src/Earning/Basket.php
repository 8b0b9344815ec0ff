<?php
/**
 * What may be ordered.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * A cart as the order that it would be, or one product of which nobody knows what else the order holds.
 */
final class Basket {

	/**
	 * ISO code.
	 *
	 * @var string
	 */
	public $currency = '';

	/**
	 * What is in it.
	 *
	 * @var Line[]
	 */
	public $lines = array();

	/**
	 * Without tax.
	 *
	 * @var int
	 */
	public $shipping_minor = 0;

	/**
	 * What all of it comes to, tax, shipping and fees included, before gift cards and store credit.
	 *
	 * @var int
	 */
	public $total_minor = 0;

	/**
	 * What gift cards pay.
	 *
	 * @var int
	 */
	public $gift_card_minor = 0;

	/**
	 * What store credit pays.
	 *
	 * @var int
	 */
	public $store_credit_minor = 0;

	/**
	 * What coupons take off, tax included: some of it may be paid with points.
	 *
	 * @var int
	 */
	public $coupons_minor = 0;

	/**
	 * How the order may be made: "web" by either checkout, else in the shop's words.
	 *
	 * @var string[]
	 */
	public $channels = array( 'web' );

	/**
	 * Where it may go. Empty: nobody knows.
	 *
	 * @var string[]
	 */
	public $countries = array();

	/**
	 * Whether it is the whole order. If not, nothing is promised that an order as a whole earns.
	 *
	 * @var bool
	 */
	public $is_whole = true;

	/**
	 * A basket with these values.
	 *
	 * @param array $values By name of a property.
	 */
	public function __construct( array $values = array() ) {
		foreach ( array_intersect_key( $values, get_object_vars( $this ) ) as $name => $value ) {
			$this->$name = $value;
		}
	}

	/**
	 * What the goods cost after discounts, without tax and gift cards.
	 */
	public function goods_minor(): int {
		return self::net_of( $this->lines );
	}

	/**
	 * The same of some lines.
	 *
	 * @param Line[] $lines Of this basket.
	 */
	public static function net_of( array $lines ): int {
		$net = 0;
		foreach ( $lines as $line ) {
			$net = $line->is_gift_card ? $net : Whole::plus( $net, $line->net_minor );
		}
		return $net;
	}

	/**
	 * Whether anything is in it.
	 */
	public function is_empty(): bool {
		foreach ( $this->lines as $line ) {
			if ( $line->quantity > 0 || ( $line->net_minor > 0 && ! $line->is_gift_card ) ) {
				return false;
			}
		}
		return true;
	}
}
