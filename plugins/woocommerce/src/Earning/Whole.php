<?php
/**
 * Whole numbers that never become floats.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * PHP turns an int that grows too large into a float, which is nearly right. Nearly is not enough for points.
 */
final class Whole {

	/**
	 * The product.
	 *
	 * @param int $one     A number.
	 * @param int $another Another one.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function times( int $one, int $another ): int {
		return self::exact( $one * $another );
	}

	/**
	 * The sum.
	 *
	 * @param int $one     A number.
	 * @param int $another Another one.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function plus( int $one, int $another ): int {
		return self::exact( $one + $another );
	}

	/**
	 * The sum of many.
	 *
	 * @param int[] $numbers What to add.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function sum( array $numbers ): int {
		return array_reduce( $numbers, array( self::class, 'plus' ), 0 );
	}

	/**
	 * The quotient, rounded down, below zero too.
	 *
	 * @param int $dividend What is divided.
	 * @param int $divisor  By what; above zero.
	 */
	public static function floor_div( int $dividend, int $divisor ): int {
		$rest = $dividend % $divisor;
		return intdiv( $dividend - $rest, $divisor ) - ( $rest < 0 ? 1 : 0 );
	}

	/**
	 * A part of an amount that is in proportion to a part of a whole, rounded down.
	 *
	 * @param int $amount What is divided, at least 0.
	 * @param int $part   Of the whole, at least 0.
	 * @param int $whole  Above zero.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function share( int $amount, int $part, int $whole ): int {
		return intdiv( self::times( $amount, $part ), $whole );
	}

	/**
	 * Splits an amount in proportion to weights: floors first, then one each by the largest remainder, the earlier first.
	 *
	 * @param int   $amount  What is split, at least 0.
	 * @param int[] $weights Each at least 0; all zero only where nothing is split.
	 * @return int[] Parts that add up to the amount.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function allocate( int $amount, array $weights ): array {
		$total = self::sum( $weights );
		if ( 0 === $total || 0 === $amount ) {
			return array_fill( 0, count( $weights ), 0 );
		}
		$parts = array();
		$rests = array();
		foreach ( array_values( $weights ) as $at => $weight ) {
			$product      = self::times( $amount, $weight );
			$parts[ $at ] = intdiv( $product, $total );
			$rests[ $at ] = $product % $total;
		}
		$order = array_keys( $rests );
		usort(
			$order,
			static function ( $one, $another ) use ( $rests ) {
				return array( $rests[ $another ], $one ) <=> array( $rests[ $one ], $another );
			}
		);
		foreach ( array_slice( $order, 0, $amount - self::sum( $parts ) ) as $at ) {
			++$parts[ $at ];
		}
		return $parts;
	}

	/**
	 * The number itself, if it still is an int.
	 *
	 * @param int|float $number What came out.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	private static function exact( $number ): int {
		if ( ! is_int( $number ) ) {
			throw new \OverflowException();
		}
		return $number;
	}
}
