<?php
/**
 * What a basket earns.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * The same arithmetic as the service's, from the programme's summary. tests/data/earn_vectors.json, which the service's
 * own code writes, holds both together. Whatever the shop cannot know is reckoned both ways.
 */
final class Reckoning {

	// More points than the service ever gives for one order.
	const POINTS_MAX = 1000000000000000;
	// Factors of which nobody knows here whether they count: each doubles the work.
	const UNSURE_MAX = 6;

	/**
	 * The summary's part about earning.
	 *
	 * @var array
	 */
	private $earn;

	/**
	 * What may be ordered.
	 *
	 * @var Basket
	 */
	private $basket;

	/**
	 * Which rules fire.
	 *
	 * @var Conditions
	 */
	private $conditions;

	/**
	 * Which amount counts.
	 *
	 * @var Amounts
	 */
	private $amounts;

	/**
	 * How rules meet.
	 *
	 * @var Lanes
	 */
	private $lanes;

	/**
	 * Prepares the reckoning of one basket.
	 *
	 * @param array              $summary The programme's.
	 * @param Basket             $basket  What may be ordered.
	 * @param \DateTimeImmutable $now     When.
	 */
	private function __construct( array $summary, Basket $basket, \DateTimeImmutable $now ) {
		$this->earn       = $summary['earn'];
		$this->basket     = $basket;
		$this->conditions = new Conditions( $basket, $now, $summary['timezone'], $summary['currency'] );
		$this->amounts    = new Amounts( $this->earn, $basket );
		$this->lanes      = new Lanes( $this->earn );
	}

	/**
	 * What a basket earns now. Nothing where numbers get too large to be exact, and where half of the rules is missing.
	 *
	 * @param array              $summary The programme's.
	 * @param Basket             $basket  What may be ordered.
	 * @param array[]            $tiers   Each tier that the member may be in: its id, or nothing for none.
	 * @param \DateTimeImmutable $now     When.
	 */
	public static function of( array $summary, Basket $basket, array $tiers, \DateTimeImmutable $now ): Bounds {
		if ( in_array( 'earn.rules', $summary['dropped'], true ) ) {
			return Bounds::nothing();
		}
		try {
			$found = null;
			foreach ( $tiers as $tier ) {
				// What is known of the order does not hang on the tier; what is made of it does.
				$here  = ( new self( $summary, $basket, $now ) )->in_tier( $tier, $summary['currency'] );
				$found = null === $found ? $here : $found->or_else( $here );
			}
			return null === $found || $found->most > self::POINTS_MAX ? Bounds::nothing() : $found;
		} catch ( \OverflowException $too_large ) {
			return Bounds::nothing();
		}
	}

	/**
	 * For a member in one tier.
	 *
	 * @param string[] $tier          Its id, or nothing.
	 * @param string   $base_currency The programme's.
	 */
	private function in_tier( array $tier, string $base_currency ): Bounds {
		if ( $this->conditions->has_come( $this->earn['earn_until'] ) ) {
			return Bounds::nothing();
		}
		$is_sure = true;
		$minimum = $this->earn['minimum_minor'];
		if ( $minimum && $this->basket->currency !== $base_currency ) {
			$is_sure = false;
		} elseif ( $minimum && $this->basket->goods_minor() < $minimum ) {
			if ( $this->basket->is_whole ) {
				return Bounds::nothing();
			}
			$is_sure = false;
		}
		list( $least, $most, $has_caps ) = $this->candidates( $tier );
		$factors                         = $this->factors( $tier );
		if ( null === $factors ) {
			return Bounds::nothing();
		}
		$found = $this->met( $least, $most, $factors, $has_caps );
		return $is_sure ? $found : new Bounds( 0, $found->most );
	}

	/**
	 * From the worst to the best that unknown rules, factors and caps can make of it.
	 *
	 * @param array[] $least    Base and campaign: what is sure.
	 * @param array[] $most     The same with what may be.
	 * @param Ratio[] $factors  Each that may be.
	 * @param bool    $has_caps Whether rules have caps of their own: the summary does not say if before or after factors.
	 */
	private function met( array $least, array $most, array $factors, bool $has_caps ): Bounds {
		$lows  = array();
		$highs = array();
		foreach ( $factors as $factor ) {
			foreach ( $has_caps ? array( true, false ) : array( true ) as $after ) {
				$lows[]  = $this->lanes->points( $least[0], $least[1], $factor, $after, false );
				$highs[] = $this->lanes->points( $most[0], $most[1], $factor, $after, true );
			}
		}
		$low  = min( $lows );
		$high = max( $highs );
		foreach ( $this->earn['caps'] as $cap ) {
			$low  = Lanes::let_through( max( 0, $low ), $cap, false );
			$high = Lanes::let_through( max( 0, $high ), $cap, true );
		}
		return new Bounds( $low, $high );
	}

	/**
	 * What rules give before factors: what is sure and what may be, each as base and campaign; and whether rules have caps.
	 *
	 * @param string[] $tier Its id, or nothing.
	 * @return array{0: array[], 1: array[], 2: bool}
	 */
	private function candidates( array $tier ): array {
		$least    = array( array(), array() );
		$most     = array( array(), array() );
		$has_caps = false;
		foreach ( $this->earn['rules'] as $rule ) {
			$fires = 'factor' === $rule['award'] ? false : $this->conditions->fires( $rule, $tier );
			if ( false === $fires || ( ! $this->basket->is_whole && 'fixed' === $rule['award'] && ! Conditions::chooses( $rule ) ) ) {
				continue;
			}
			list( $low, $high ) = $this->amounts->given( $rule );
			$lane               = 'campaign' === $rule['lane'] ? 1 : 0;
			$has_caps           = $has_caps || $rule['caps'];
			// What a cap cuts to a whole number can be less than what it lets pass.
			if ( $fires && ( ! $rule['caps'] || ! $high->is_more_than( $low ) ) ) {
				$least[ $lane ][] = array( $low, $rule['caps'] );
			}
			$most[ $lane ][] = array( $high, $rule['caps'] );
		}
		return array( $least, $most, $has_caps );
	}

	/**
	 * Each factor that may multiply the base; null if there are too many to try.
	 *
	 * @param string[] $tier Its id, or nothing.
	 * @return Ratio[]|null
	 */
	private function factors( array $tier ): ?array {
		$own    = isset( $tier[0], $this->earn['tier_factors'][ $tier[0] ] ) ? array( Ratio::parse( $this->earn['tier_factors'][ $tier[0] ] ) ) : array();
		$worlds = array( array( $own, array() ) );
		$unsure = 0;
		foreach ( $this->earn['rules'] as $rule ) {
			$fires = 'factor' === $rule['award'] ? $this->conditions->fires( $rule, $tier ) : false;
			if ( false === $fires ) {
				continue;
			}
			$unsure += null === $fires ? 1 : 0;
			if ( $unsure > self::UNSURE_MAX ) {
				return null;
			}
			$factor = Ratio::parse( $rule['factor'] );
			$lane   = 'tier' === $rule['lane'] ? 0 : 1;
			$with   = array();
			foreach ( $worlds as $world ) {
				$world[ $lane ][] = $factor;
				$with[]           = $world;
			}
			$worlds = $fires ? $with : array_merge( $worlds, $with );
		}
		return array_map(
			function ( $world ) {
				return $this->lanes->factor( $world[0], $world[1] );
			},
			$worlds
		);
	}
}
