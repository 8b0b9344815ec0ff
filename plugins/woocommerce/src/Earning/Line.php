<?php
/**
 * One line of a basket.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * The numbers that the service will read of the order's line. Amounts are minor units, each at least 0.
 */
final class Line {

	/**
	 * Units.
	 *
	 * @var int
	 */
	public $quantity = 1;

	/**
	 * All units after discounts, without tax.
	 *
	 * @var int
	 */
	public $net_minor = 0;

	/**
	 * Tax on that.
	 *
	 * @var int
	 */
	public $tax_minor = 0;

	/**
	 * Before discounts, without tax.
	 *
	 * @var int
	 */
	public $list_minor = 0;

	/**
	 * Before discounts, as the catalogue writes prices: with tax where those include it.
	 *
	 * @var int
	 */
	public $shelf_minor = 0;

	/**
	 * What the catalogue asks for one unit and what it is sold for instead, while it is on sale.
	 *
	 * @var int[]|null
	 */
	public $sale = null;

	/**
	 * Whether it is a gift card.
	 *
	 * @var bool
	 */
	public $is_gift_card = false;

	/**
	 * Id of the product; of a variation, of its parent.
	 *
	 * @var string
	 */
	public $product = '';

	/**
	 * Id of the variation.
	 *
	 * @var string|null
	 */
	public $variant = null;

	/**
	 * What the shop calls it.
	 *
	 * @var string|null
	 */
	public $sku = null;

	/**
	 * Slugs of its categories, without those above them.
	 *
	 * @var string[]
	 */
	public $categories = array();

	/**
	 * Slugs of its tags.
	 *
	 * @var string[]
	 */
	public $tags = array();

	/**
	 * A line with these values.
	 *
	 * @param array $values By name of a property.
	 */
	public function __construct( array $values = array() ) {
		foreach ( array_intersect_key( $values, get_object_vars( $this ) ) as $name => $value ) {
			$this->$name = $value;
		}
	}

	/**
	 * Whether the service will take it as sold on sale: the price is nearer to the sale price than to the regular one.
	 */
	public function is_on_sale(): bool {
		if ( null === $this->sale || 0 === $this->shelf_minor ) {
			return false;
		}
		return Whole::times( 2, $this->shelf_minor ) < Whole::times( Whole::sum( $this->sale ), $this->quantity );
	}

	/**
	 * What a condition of a rule looks at.
	 *
	 * @param string $field Name of the condition.
	 * @return array|null Values, any of which may match; null if no line can say.
	 */
	public function values_of( string $field ): ?array {
		switch ( $field ) {
			case 'product':
				return '' === $this->product ? array() : array( $this->product );
			case 'variant':
				return null === $this->variant ? array() : array( $this->variant );
			case 'sku':
				return null === $this->sku ? array() : array( $this->sku );
			case 'category':
				return $this->categories;
			case 'product_tag':
				return $this->tags;
			case 'collection':
				// WooCommerce has none.
				return array();
		}
		return null;
	}
}
