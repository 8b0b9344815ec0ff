<?php
/**
 * What of the programme's summary earning is reckoned from.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * Either all of it has the shape that connector/summary_schema.json says, or there is none: a guess is no promise.
 */
final class Terms {

	const SCHEMA = 1;

	const SUMMARY = array(
		'timezone'    => 'string',
		'currency'    => 'string',
		'points_name' => 'array',
		'earn'        => 'array',
		'tiers'       => 'array',
		'dropped'     => 'array',
	);

	const EARN = array(
		'basis'            => 'string',
		'include_shipping' => 'boolean',
		'excludes'         => 'array',
		'rounding'         => 'string',
		'minimum_minor'    => 'integer',
		'lanes'            => 'array',
		'across'           => 'string',
		'rules'            => 'array',
		'tier_factors'     => 'array',
		'caps'             => 'array',
		'earn_until'       => 'string|NULL',
	);

	const RULE = array(
		'lane'       => 'string',
		'award'      => 'string',
		'rates'      => 'array',
		'points'     => 'integer',
		'factor'     => 'string',
		'step_minor' => 'integer',
		'starts_at'  => 'string|NULL',
		'ends_at'    => 'string|NULL',
		'conditions' => 'array',
		'caps'       => 'array',
	);

	const CONDITION = array(
		'field'    => 'string',
		'operator' => 'string',
		'values'   => 'array',
	);

	const CAP = array(
		'window' => 'string',
		'points' => 'integer|NULL',
		'times'  => 'integer|NULL',
	);

	/**
	 * The summary; null where there is none, or one that we do not know how to read.
	 *
	 * @param mixed $text As it was pushed.
	 */
	public static function read( $text ): ?array {
		$summary = is_string( $text ) && '' !== $text ? json_decode( $text, true ) : null;
		if ( ! is_array( $summary ) || self::SCHEMA !== ( $summary['schema'] ?? null ) ) {
			return null;
		}
		$is_sound = self::has( $summary, self::SUMMARY )
			&& self::has( $summary['earn'], self::EARN )
			&& self::all_have( $summary['earn']['rules'], self::RULE )
			&& self::all_have( $summary['earn']['caps'], self::CAP )
			&& self::all_have( array_merge( array(), ...array_column( $summary['earn']['rules'], 'caps' ) ), self::CAP )
			&& self::all_have( array_merge( array(), ...array_column( $summary['earn']['rules'], 'conditions' ) ), self::CONDITION )
			&& in_array( $summary['timezone'], timezone_identifiers_list( \DateTimeZone::ALL_WITH_BC ), true );
		return $is_sound ? $summary : null;
	}

	/**
	 * Whether every customer is a member. Where they have to agree first, what was ordered before earns nothing.
	 *
	 * @param array $summary The programme's; older services do not say it.
	 */
	public static function take_everybody( array $summary ): bool {
		return 'consent' !== ( $summary['enrolment'] ?? 'automatic' );
	}

	/**
	 * The tiers in which somebody may be who is not known: the first, which everybody has; if it is hidden, any.
	 *
	 * @param array $summary The programme's.
	 * @return array[] Each an id, or nothing for none.
	 */
	public static function first_tier( array $summary ): array {
		$ids = array_column( $summary['tiers'], 'id', 'rank' );
		if ( isset( $ids[0] ) ) {
			return array( array( $ids[0] ) );
		}
		$any = array( array() );
		foreach ( array_keys( $summary['earn']['tier_factors'] ) as $id ) {
			$any[] = array( (string) $id );
		}
		return $any;
	}

	/**
	 * Whether any rule looks at something.
	 *
	 * @param array    $summary The programme's.
	 * @param string[] $fields  Names of conditions.
	 */
	public static function ask_for( array $summary, array $fields ): bool {
		foreach ( $summary['earn']['rules'] as $rule ) {
			if ( array_intersect( $fields, array_column( $rule['conditions'], 'field' ) ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * When at the latest a number that is true now has to be reckoned anew; null for never.
	 *
	 * @param array              $summary The programme's.
	 * @param \DateTimeImmutable $now     When.
	 */
	public static function hold_until( array $summary, \DateTimeImmutable $now ): ?\DateTimeImmutable {
		$moments = array( $summary['earn']['earn_until'] );
		foreach ( $summary['earn']['rules'] as $rule ) {
			array_push( $moments, $rule['starts_at'], $rule['ends_at'] );
		}
		$first = self::ask_for( $summary, array( 'weekday', 'date' ) )
			? $now->setTimezone( new \DateTimeZone( $summary['timezone'] ) )->modify( 'tomorrow' )
			: null;
		foreach ( array_filter( $moments ) as $moment ) {
			$at    = new \DateTimeImmutable( $moment );
			$first = $at > $now && ( null === $first || $at < $first ) ? $at : $first;
		}
		return $first;
	}

	/**
	 * Whether each of many things has its parts.
	 *
	 * @param array $things Of one kind.
	 * @param array $parts  Types by name.
	 */
	private static function all_have( array $things, array $parts ): bool {
		foreach ( $things as $thing ) {
			if ( ! is_array( $thing ) || ! self::has( $thing, $parts ) ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Whether something has its parts.
	 *
	 * @param array $thing Of the summary.
	 * @param array $parts Types by name, several with a line between.
	 */
	private static function has( array $thing, array $parts ): bool {
		foreach ( $parts as $name => $types ) {
			if ( ! array_key_exists( $name, $thing ) || ! in_array( gettype( $thing[ $name ] ), explode( '|', $types ), true ) ) {
				return false;
			}
		}
		return true;
	}
}
