<?php
/**
 * Amounts and moments as WooCommerce's REST writes them.
 *
 * @package Belong
 */

namespace Belong\State;

defined( 'ABSPATH' ) || exit;

/**
 * An amount is the text of a decimal, never a float: 0.1 + 0.2 is nobody's price.
 */
final class Texts {

	const DEPTH_MAX = 3;

	/**
	 * With as many decimals as the shop shows.
	 *
	 * @param mixed $amount As WooCommerce gives it.
	 */
	public static function amount( $amount ): string {
		return (string) wc_format_decimal( $amount, wc_get_price_decimals() );
	}

	/**
	 * UTC without saying so, as all `_gmt` fields are.
	 *
	 * @param \DateTimeInterface|null $moment When.
	 */
	public static function moment( ?\DateTimeInterface $moment ): ?string {
		return null === $moment ? null : gmdate( 'Y-m-d\TH:i:s', $moment->getTimestamp() );
	}

	/**
	 * Amounts out of meta: the code of a gift card is as good as money, and may stand as the name of its amount.
	 *
	 * @param mixed $value Of the meta.
	 * @param int   $depth How deep it lies.
	 * @return mixed
	 */
	public static function without_names( $value, int $depth = 0 ) {
		if ( ! is_array( $value ) ) {
			return is_scalar( $value ) ? $value : null;
		}
		if ( isset( $value['amount'] ) && is_scalar( $value['amount'] ) ) {
			return $value['amount'];
		}
		$amounts = array();
		foreach ( self::DEPTH_MAX > $depth ? $value : array() as $part ) {
			if ( is_array( $part ) || is_numeric( $part ) ) {
				$amounts[] = self::without_names( $part, $depth + 1 );
			}
		}
		return $amounts;
	}

	/**
	 * Whether it is an amount, or a list of nothing else.
	 *
	 * @param mixed $value Of the meta, without names.
	 */
	public static function are_amounts( $value ): bool {
		foreach ( is_array( $value ) ? $value : array() as $part ) {
			if ( ! self::are_amounts( $part ) ) {
				return false;
			}
		}
		return is_array( $value ) || is_int( $value ) || is_float( $value ) || ( is_string( $value ) && 1 === preg_match( '/\A-?\d{1,12}(?:\.\d{1,12})?\z/', $value ) );
	}
}
