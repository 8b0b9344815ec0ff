<?php
/**
 * Balances of other plugins become whole points, exactly, or say why not.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Importing\Amount;
use PHPUnit\Framework\TestCase;

final class AmountTest extends TestCase {

	/**
	 * Text, old, new; points, whether rounded, problem.
	 *
	 * @dataProvider texts
	 */
	public function test_what_a_text_becomes( string $text, int $old, int $new, int $points, bool $is_rounded, string $problem ): void {
		$amount = new Amount( $text, $old, $new );
		$this->assertSame( array( $points, $is_rounded, $problem ), array( $amount->points, $amount->is_rounded, $amount->problem ) );
	}

	public function texts(): array {
		return array(
			'whole'                     => array( '120', 1, 1, 120, false, '' ),
			'myCred writes fractions'   => array( '120.50', 1, 1, 121, true, '' ),
			'just under a half'         => array( '120.499999', 1, 1, 120, true, '' ),
			'a fraction of nothing'     => array( '120.00', 1, 1, 120, false, '' ),
			'a tenth'                   => array( '1200', 10, 1, 120, false, '' ),
			'a tenth that is not whole' => array( '1205', 10, 1, 121, true, '' ),
			'a tenth, less than half'   => array( '1204', 10, 1, 120, true, '' ),
			'thirds are exact'          => array( '1', 3, 3, 1, false, '' ),
			'two for three'             => array( '9', 3, 2, 6, false, '' ),
			'a fraction made whole'     => array( '0.25', 1, 4, 1, false, '' ),
			'too little'                => array( '0.4', 1, 1, 0, true, '' ),
			'nothing'                   => array( '0', 1, 1, 0, false, '' ),
			'no text'                   => array( '', 1, 1, 0, false, '' ),
			'spaces'                    => array( ' 7 ', 1, 1, 7, false, '' ),
			'zeros'                     => array( '000700', 1, 1, 700, false, '' ),
			'the most'                  => array( '1000000000', 1, 1, 1000000000, false, '' ),
			'one more'                  => array( '1000000001', 1, 1, 0, false, Amount::TOO_LARGE ),
			'made too large'            => array( '1001', 1, 1000000, 0, false, Amount::TOO_LARGE ),
			'huge'                      => array( '99999999999999999999', 1, 1, 0, false, Amount::TOO_LARGE ),
			'huge, made small'          => array( '999999999999', 1000000, 1, 1000000, true, '' ),
			'below zero'                => array( '-5', 1, 1, 0, false, Amount::NEGATIVE ),
			'hardly below zero'         => array( '-0.01', 1, 1, 0, false, Amount::NEGATIVE ),
			'zero below zero'           => array( '-0', 1, 1, 0, false, '' ),
			'a comma'                   => array( '1,234', 1, 1, 0, false, Amount::NO_NUMBER ),
			'an exponent'               => array( '1e5', 1, 1, 0, false, Amount::NO_NUMBER ),
			'finer than we can say'     => array( '1.0000001', 1, 1, 0, false, Amount::NO_NUMBER ),
			'serialised'                => array( 'a:1:{i:0;i:5;}', 1, 1, 0, false, Amount::NO_NUMBER ),
			'a word'                    => array( 'many', 1, 1, 0, false, Amount::NO_NUMBER ),
		);
	}
}
