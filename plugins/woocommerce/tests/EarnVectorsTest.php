<?php
/**
 * What the shop reckons is what the service's engine gives: tests/data/earn_vectors.json, which the engine wrote.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Earning\Basket;
use Belong\Earning\Bounds;
use Belong\Earning\Line;
use Belong\Earning\Minor;
use Belong\Earning\Reckoning;
use PHPUnit\Framework\TestCase;

final class EarnVectorsTest extends TestCase {

	// Of those cases in which the shop may say less and more, in so many it finds both ends all the same, in per cent.
	const EXACT_PERCENT = 75;

	public function test_every_case_is_reckoned_as_the_engine_does(): void {
		$wrong = array();
		$loose = array();
		foreach ( $this->vectors()['cases'] as $case ) {
			list( $least, $most ) = $case['points'];
			$found                = $this->reckoned( $case );
			$is_same              = array( $least, $most ) === array( $found->least, $found->most );
			// Of a product nobody knows what else the order holds, so there is no most.
			$is_between = $found->least <= $least && ( $most <= $found->most || ! $case['basket']['is_whole'] );
			if ( $case['tight'] ? ! $is_same : ! $is_between ) {
				$wrong[ $case['name'] ] = array( $found->least, $found->most, $case['points'] );
			}
			if ( ! $case['tight'] ) {
				$loose[] = $is_same ? 1 : 0;
			}
		}
		$this->assertSame( array(), $wrong );
		$this->assertGreaterThan( self::EXACT_PERCENT, 100 * array_sum( $loose ) / count( $loose ) );
	}

	public function test_currencies_have_the_places_that_the_engine_gives_them(): void {
		foreach ( $this->vectors()['places'] as $currency => $places ) {
			$this->assertSame( $places, Minor::places( $currency ), $currency );
		}
		foreach ( array( '', 'XXX', 'EU', 'EUR ', 'CLP DJF', 'eur' ) as $unknown ) {
			$this->assertNull( Minor::places( $unknown ), $unknown );
		}
	}

	private function reckoned( array $case ): Bounds {
		$case['basket']['lines'] = array_map(
			static function ( $line ) {
				return new Line( $line );
			},
			$case['basket']['lines']
		);
		$ranks = array_column( $case['summary']['tiers'], 'id', 'rank' );
		$tier  = $case['tier'] ?? $ranks[0] ?? null;
		return Reckoning::of(
			$case['summary'],
			new Basket( $case['basket'] ),
			array( null === $tier ? array() : array( $tier ) ),
			new \DateTimeImmutable( $case['now'] )
		);
	}

	private function vectors(): array {
		return json_decode( file_get_contents( __DIR__ . '/../../../tests/data/earn_vectors.json' ), true );
	}
}
