<?php
/**
 * How what several rules give meets.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * Base lane times factors, then what a campaign adds. One rounding, at the end; what a rule is capped at is whole.
 */
final class Lanes {

	const LANES = array(
		'base'     => 'add',
		'tier'     => 'best',
		'campaign' => 'best',
	);

	/**
	 * How rules of one lane meet, by lane.
	 *
	 * @var string[]
	 */
	private $lanes;

	/**
	 * How the factors of tier and campaign meet.
	 *
	 * @var string
	 */
	private $across;

	/**
	 * How points become whole.
	 *
	 * @var string
	 */
	private $rounding;

	/**
	 * As the programme says.
	 *
	 * @param array $earn Of the summary.
	 */
	public function __construct( array $earn ) {
		$this->lanes    = array_merge( self::LANES, $earn['lanes'] );
		$this->across   = $earn['across'];
		$this->rounding = $earn['rounding'];
	}

	/**
	 * Whole points of all lanes.
	 *
	 * @param array[] $base     Pairs of exact points and caps.
	 * @param array[] $campaign The same, of what is added.
	 * @param Ratio   $factor   What multiplies the base.
	 * @param bool    $after    Whether caps of rules count what is multiplied.
	 * @param bool    $has_room Whether caps over time are still empty, or full.
	 */
	public function points( array $base, array $campaign, Ratio $factor, bool $after, bool $has_room ): int {
		$one    = new Ratio( 1 );
		$points = $after
			? $this->lane( $base, 'base', $factor, $has_room )
			: $this->lane( $base, 'base', $one, $has_room )->times( $factor );
		return $points->plus( $this->lane( $campaign, 'campaign', $one, $has_room ) )->rounded( $this->rounding );
	}

	/**
	 * All factors as one: inside the lanes first, then across them.
	 *
	 * @param Ratio[] $tiers    Of the tier lane.
	 * @param Ratio[] $campaign Of the campaign lane.
	 */
	public function factor( array $tiers, array $campaign ): Ratio {
		$met = array();
		foreach ( array( 'tier' => $tiers, 'campaign' => $campaign ) as $lane => $factors ) {
			if ( $factors ) {
				$met[] = self::combined( $factors, $this->lanes[ $lane ] );
			}
		}
		return $met ? self::combined( $met, $this->across ) : new Ratio( 1 );
	}

	/**
	 * What a cap leaves of whole points.
	 *
	 * @param int   $points   At least 0.
	 * @param array $cap      Of the summary.
	 * @param bool  $has_room Whether caps over time are still empty, or full.
	 */
	public static function let_through( int $points, array $cap, bool $has_room ): int {
		if ( 'source' !== $cap['window'] && ( ! $has_room || 0 === $cap['times'] ) ) {
			return 0;
		}
		return null === $cap['points'] ? $points : min( $points, $cap['points'] );
	}

	/**
	 * What one lane gives: all together, or the best.
	 *
	 * @param array[] $candidates Pairs of exact points and caps.
	 * @param string  $lane       Its name.
	 * @param Ratio   $factor     Multiplies each.
	 * @param bool    $has_room   Whether caps over time are still empty, or full.
	 */
	private function lane( array $candidates, string $lane, Ratio $factor, bool $has_room ): Ratio {
		$sum  = new Ratio( 0 );
		$best = new Ratio( 0 );
		foreach ( $candidates as list( $points, $caps ) ) {
			$points = $this->under_caps( $points->times( $factor ), $caps, $has_room );
			$best   = $points->is_more_than( $best ) ? $points : $best;
			$sum    = $sum->plus( $points );
		}
		return 'best' === $this->lanes[ $lane ] ? $best : $sum;
	}

	/**
	 * What a rule's own caps leave.
	 *
	 * @param Ratio   $points   Exact.
	 * @param array[] $caps     Of the summary.
	 * @param bool    $has_room Whether caps over time are still empty, or full.
	 */
	private function under_caps( Ratio $points, array $caps, bool $has_room ): Ratio {
		foreach ( $caps as $cap ) {
			$whole   = $points->is_nothing() ? 0 : $points->rounded( $this->rounding );
			$allowed = self::let_through( $whole, $cap, $has_room );
			$points  = $allowed < $whole ? new Ratio( $allowed ) : $points;
		}
		return $points;
	}

	/**
	 * Several factors as one: their product, the largest, or 1 and what is above 1 of each.
	 *
	 * @param Ratio[] $factors One or more.
	 * @param string  $how     multiply, best or add.
	 */
	private static function combined( array $factors, string $how ): Ratio {
		$met = array_shift( $factors );
		foreach ( $factors as $factor ) {
			if ( 'best' === $how ) {
				$met = $factor->is_more_than( $met ) ? $factor : $met;
			} elseif ( 'add' === $how ) {
				$met = $met->plus( $factor )->plus( new Ratio( -1 ) );
			} else {
				$met = $met->times( $factor );
			}
		}
		return $met;
	}
}
