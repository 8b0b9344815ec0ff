<?php
/**
 * An exact ratio.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * In lowest terms, so that numbers stay small. Never changes.
 */
final class Ratio {

	/**
	 * May be below zero.
	 *
	 * @var int
	 */
	private $numerator;

	/**
	 * Above zero.
	 *
	 * @var int
	 */
	private $denominator;

	/**
	 * Brings it to lowest terms.
	 *
	 * @param int $numerator   May be below zero.
	 * @param int $denominator Above zero.
	 */
	public function __construct( int $numerator, int $denominator = 1 ) {
		$common            = max( 1, self::common( abs( $numerator ), $denominator ) );
		$this->numerator   = intdiv( $numerator, $common );
		$this->denominator = intdiv( $denominator, $common );
	}

	/**
	 * Of a text: `3/2`, `2`.
	 *
	 * @param string $text As the summary writes it.
	 * @throws \UnexpectedValueException When it is no ratio.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	public static function parse( string $text ): self {
		if ( ! preg_match( '~^(\d+)(?:/([1-9]\d*))?$~D', $text, $found ) ) {
			throw new \UnexpectedValueException();
		}
		return new self( self::int( $found[1] ), self::int( $found[2] ?? '1' ) );
	}

	/**
	 * The product. Common factors go first, so that what fits into an int stays in one.
	 *
	 * @param Ratio $other Another ratio.
	 */
	public function times( Ratio $other ): self {
		$one     = new self( $this->numerator, $other->denominator );
		$another = new self( $other->numerator, $this->denominator );
		return new self(
			Whole::times( $one->numerator, $another->numerator ),
			Whole::times( $one->denominator, $another->denominator )
		);
	}

	/**
	 * The sum.
	 *
	 * @param Ratio $other Another ratio.
	 */
	public function plus( Ratio $other ): self {
		$common = self::common( $this->denominator, $other->denominator );
		$mine   = intdiv( $other->denominator, $common );
		$theirs = intdiv( $this->denominator, $common );
		$sum    = Whole::plus( Whole::times( $this->numerator, $mine ), Whole::times( $other->numerator, $theirs ) );
		return new self( $sum, Whole::times( $this->denominator, $mine ) );
	}

	/**
	 * Whether it is more than another.
	 *
	 * @param Ratio $other Another ratio.
	 */
	public function is_more_than( Ratio $other ): bool {
		$mine = Whole::times( $this->numerator, $other->denominator );
		return $mine > Whole::times( $other->numerator, $this->denominator );
	}

	/**
	 * Whether it is nothing, or less.
	 */
	public function is_nothing(): bool {
		return $this->numerator <= 0;
	}

	/**
	 * A whole number of it.
	 *
	 * @param string $how floor, half_up or ceil.
	 * @throws \UnexpectedValueException When nobody knows how.
	 */
	public function rounded( string $how ): int {
		switch ( $how ) {
			case 'floor':
				return Whole::floor_div( $this->numerator, $this->denominator );
			case 'ceil':
				return -Whole::floor_div( -$this->numerator, $this->denominator );
			case 'half_up':
				$doubled = Whole::plus( Whole::times( 2, $this->numerator ), $this->denominator );
				return Whole::floor_div( $doubled, Whole::times( 2, $this->denominator ) );
		}
		throw new \UnexpectedValueException();
	}

	/**
	 * Digits as an int.
	 *
	 * @param string $digits Nothing but digits.
	 * @throws \OverflowException When it is too large to be exact.
	 */
	private static function int( string $digits ): int {
		$digits = ltrim( $digits, '0' );
		$number = (int) $digits;
		if ( '' !== $digits && (string) $number !== $digits ) {
			throw new \OverflowException();
		}
		return $number;
	}

	/**
	 * The greatest common divisor.
	 *
	 * @param int $one     At least 0.
	 * @param int $another At least 0.
	 */
	private static function common( int $one, int $another ): int {
		while ( 0 !== $another ) {
			list( $one, $another ) = array( $another, $one % $another );
		}
		return $one;
	}
}
