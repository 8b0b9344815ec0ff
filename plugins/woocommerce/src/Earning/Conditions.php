<?php
/**
 * Whether a rule fires.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * Yes, no, or null where the shop cannot know it: then both are reckoned with.
 */
final class Conditions {

	// These choose lines; all others say yes or no of the whole order.
	const ON_LINES = array( 'product', 'variant', 'sku', 'collection', 'category', 'product_tag' );

	/**
	 * What may be ordered.
	 *
	 * @var Basket
	 */
	private $basket;

	/**
	 * The moment in UTC, as the summary writes moments.
	 *
	 * @var string
	 */
	private $now;

	/**
	 * The same in the programme's zone.
	 *
	 * @var \DateTimeImmutable
	 */
	private $local;

	/**
	 * Currency in which order values are.
	 *
	 * @var string
	 */
	private $base_currency;

	/**
	 * Looks at a basket at a moment.
	 *
	 * @param Basket             $basket        What may be ordered.
	 * @param \DateTimeImmutable $now           When.
	 * @param string             $zone          The programme's.
	 * @param string             $base_currency The programme's.
	 */
	public function __construct( Basket $basket, \DateTimeImmutable $now, string $zone, string $base_currency ) {
		$this->basket        = $basket;
		$this->now           = $now->setTimezone( new \DateTimeZone( 'UTC' ) )->format( 'Y-m-d\TH:i:s\Z' );
		$this->local         = $now->setTimezone( new \DateTimeZone( $zone ) );
		$this->base_currency = $base_currency;
	}

	/**
	 * Whether a moment of the summary has come; false for none.
	 *
	 * @param string|null $moment In UTC.
	 */
	public function has_come( ?string $moment ): bool {
		return null !== $moment && $this->now >= $moment;
	}

	/**
	 * Whether window and conditions on the whole order hold.
	 *
	 * @param array    $rule Of the summary.
	 * @param string[] $tier Id of the member's tier, or nothing.
	 */
	public function fires( array $rule, array $tier ): ?bool {
		if ( ( null !== $rule['starts_at'] && ! $this->has_come( $rule['starts_at'] ) ) || $this->has_come( $rule['ends_at'] ) ) {
			return false;
		}
		$sure = true;
		foreach ( $rule['conditions'] as $condition ) {
			if ( ! in_array( $condition['field'], self::ON_LINES, true ) ) {
				$holds = $this->holds( $condition, $tier );
				if ( false === $holds ) {
					return false;
				}
				$sure = $sure && null !== $holds;
			}
		}
		return $sure ? true : null;
	}

	/**
	 * The lines that a rule asks for; null if one of its conditions is not known here.
	 *
	 * @param array  $rule  Of the summary.
	 * @param Line[] $lines Those that count.
	 * @return Line[]|null
	 */
	public static function chosen( array $rule, array $lines ): ?array {
		foreach ( $rule['conditions'] as $condition ) {
			if ( in_array( $condition['field'], self::ON_LINES, true ) ) {
				if ( ! in_array( $condition['operator'], array( 'in', 'not_in' ), true ) ) {
					return null;
				}
				$lines = array_filter(
					$lines,
					static function ( Line $line ) use ( $condition ) {
						return self::is_among( $condition, $line->values_of( $condition['field'] ) );
					}
				);
			}
		}
		return array_values( $lines );
	}

	/**
	 * Whether a rule chooses lines.
	 *
	 * @param array $rule Of the summary.
	 */
	public static function chooses( array $rule ): bool {
		return array() !== array_intersect( self::ON_LINES, array_column( $rule['conditions'], 'field' ) );
	}

	/**
	 * Whether one condition on the whole order holds.
	 *
	 * @param array    $condition Of the summary.
	 * @param string[] $tier      Id of the member's tier, or nothing.
	 */
	private function holds( array $condition, array $tier ): ?bool {
		switch ( $condition['field'] ) {
			case 'order_value':
				return $this->holds_of_value( $condition );
			case 'weekday':
				return self::compared( $condition, array( strtolower( $this->local->format( 'D' ) ) ) );
			case 'date':
				return self::compared( $condition, array( $this->local->format( 'Y-m-d' ) ) );
			case 'currency':
				return self::compared( $condition, array( $this->basket->currency ) );
			case 'tier':
				return self::compared( $condition, $tier );
			case 'order_tag':
				// WooCommerce has none.
				return self::compared( $condition, array() );
			case 'source':
				return self::of_each( $condition, $this->basket->channels );
			case 'country':
				return self::of_each( $condition, $this->basket->countries );
		}
		return null;
	}

	/**
	 * What an order is worth is asked in the base currency, and the shop knows no rates. More may come to a product.
	 *
	 * @param array $condition Of the summary.
	 */
	private function holds_of_value( array $condition ): ?bool {
		if ( $this->basket->currency !== $this->base_currency ) {
			return null;
		}
		$holds = self::compared( $condition, array( $this->basket->goods_minor() ) );
		if ( $this->basket->is_whole ) {
			return $holds;
		}
		return $holds && 'at_least' === $condition['operator'] ? true : null;
	}

	/**
	 * The same for each value that may be the one; null if they differ, or if there is none.
	 *
	 * @param array $condition Of the summary.
	 * @param array $values    Any of them may be it.
	 */
	private static function of_each( array $condition, array $values ): ?bool {
		$found = array();
		foreach ( $values as $value ) {
			$found[] = self::compared( $condition, array( $value ) );
		}
		return 1 === count( array_unique( $found, SORT_REGULAR ) ) ? $found[0] : null;
	}

	/**
	 * What was found against what is asked for.
	 *
	 * @param array $condition Of the summary.
	 * @param array $found     One value, or none.
	 */
	private static function compared( array $condition, array $found ): ?bool {
		if ( in_array( $condition['operator'], array( 'in', 'not_in' ), true ) ) {
			return self::is_among( $condition, $found );
		}
		$value = reset( $found );
		$bound = $condition['values'];
		if ( array() === $found || array() === $bound || gettype( $value ) !== gettype( $bound[0] ) ) {
			return null;
		}
		switch ( $condition['operator'] ) {
			case 'at_least':
				return $value >= $bound[0];
			case 'at_most':
				return $value <= $bound[0];
			case 'between':
				return isset( $bound[1] ) ? $bound[0] <= $value && $value <= $bound[1] : null;
		}
		return null;
	}

	/**
	 * Whether any of several values is among those of a condition, or none where it says so.
	 *
	 * @param array $condition Of the summary; in or not_in.
	 * @param array $found     Values.
	 */
	private static function is_among( array $condition, array $found ): bool {
		$wanted = array_map( 'strval', $condition['values'] );
		$is_in  = array() !== array_intersect( array_map( 'strval', $found ), $wanted );
		return ( 'in' === $condition['operator'] ) === $is_in;
	}
}
