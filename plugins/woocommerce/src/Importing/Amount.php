<?php
/**
 * One balance as another plugin wrote it, and what it becomes.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Earning\Ratio;

defined( 'ABSPATH' ) || exit;

/**
 * Whole numbers and exact ratios. What cannot be taken says why, and is never guessed.
 */
final class Amount {

	const NO_NUMBER = 'not-a-number';
	const NEGATIVE  = 'negative';
	const TOO_LARGE = 'too-large';

	// What the service takes for one customer.
	const POINTS_MAX = 1000000000;
	const FACTOR_MAX = 1000000;

	/**
	 * Why it cannot be taken; empty if it can.
	 *
	 * @var string
	 */
	public $problem = '';

	/**
	 * Points before, without their fraction.
	 *
	 * @var int
	 */
	public $whole = 0;

	/**
	 * The fraction, in millionths.
	 *
	 * @var int
	 */
	public $micro = 0;

	/**
	 * Points after.
	 *
	 * @var int
	 */
	public $points = 0;

	/**
	 * Whether a fraction was rounded.
	 *
	 * @var bool
	 */
	public $is_rounded = false;

	/**
	 * Reads it and brings it into the programme's points: so many old ones are so many new ones.
	 *
	 * @param string $text As it was kept.
	 * @param int    $old  1 to FACTOR_MAX.
	 * @param int    $new  1 to FACTOR_MAX.
	 */
	public function __construct( string $text, int $old, int $new ) {
		$text = trim( $text );
		if ( '' === $text ) {
			return;
		}
		if ( ! preg_match( '/\A([+-]?)(\d{1,40})(?:\.(\d{1,20}))?\z/D', $text, $found ) ) {
			$this->problem = self::NO_NUMBER;
			return;
		}
		$digits   = ltrim( $found[2], '0' );
		$fraction = rtrim( $found[3] ?? '', '0' );
		if ( strlen( $fraction ) > 6 ) {
			$this->problem = self::NO_NUMBER;
		} elseif ( '-' === $found[1] && '' !== $digits . $fraction ) {
			$this->problem = self::NEGATIVE;
		} elseif ( strlen( $digits ) > 12 ) {
			$this->problem = self::TOO_LARGE;
		} else {
			$this->whole = (int) $digits;
			$this->micro = (int) str_pad( $fraction, 6, '0' );
			$this->convert( new Ratio( $new, $old ) );
		}
	}

	/**
	 * To the nearest whole number, a half upwards.
	 *
	 * @param Ratio $factor New points for one old one.
	 */
	private function convert( Ratio $factor ): void {
		try {
			$exact            = ( new Ratio( $this->whole * 1000000 + $this->micro, 1000000 ) )->times( $factor );
			$this->points     = $exact->rounded( 'half_up' );
			$this->is_rounded = $exact->rounded( 'floor' ) !== $exact->rounded( 'ceil' );
		} catch ( \OverflowException $too_large ) {
			$this->problem = self::TOO_LARGE;
		}
		if ( $this->points > self::POINTS_MAX ) {
			$this->problem = self::TOO_LARGE;
		}
		if ( '' !== $this->problem ) {
			$this->points     = 0;
			$this->is_rounded = false;
		}
	}
}
