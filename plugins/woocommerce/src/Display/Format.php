<?php
/**
 * Numbers and dates for people.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * Plain text in the language of whoever looks, to be escaped where it is written.
 */
final class Format {

	// Beyond this a float, which PHP and WordPress group numbers with, is no longer exact.
	const EXACT_MAX = 9007199254740991;

	/**
	 * What one point and several are called.
	 *
	 * @var string[]
	 */
	private $names;

	/**
	 * With the merchant's words.
	 *
	 * @param string[] $names One and several; ours where there are none.
	 */
	public function __construct( array $names ) {
		$this->names = 2 === count( $names ) ? array_values( $names ) : array( __( 'point', 'belong-for-woocommerce' ), __( 'points', 'belong-for-woocommerce' ) );
	}

	/**
	 * In the words of a member's snapshot, else of the programme.
	 *
	 * @param Snapshot  $snapshot  Of a member.
	 * @param Programme $programme Of the shop.
	 */
	public static function of( Snapshot $snapshot, Programme $programme ): self {
		return new self( $snapshot->exists() ? $snapshot->points_name() : $programme->points_name() );
	}

	/**
	 * What several points are called.
	 */
	public function points_name(): string {
		return $this->names[1];
	}

	/**
	 * Such as "1,234 points".
	 *
	 * @param int $points How many.
	 */
	public function points( int $points ): string {
		/* translators: 1: a number, 2: what points are called in this shop. */
		return sprintf( _x( '%1$s %2$s', 'number of points', 'belong-for-woocommerce' ), $this->number( $points ), $this->names[ 1 === $points ? 0 : 1 ] );
	}

	/**
	 * Such as "1,234".
	 *
	 * @param int $number Any.
	 */
	public function number( int $number ): string {
		global $wp_locale;
		if ( abs( $number ) <= self::EXACT_MAX ) {
			return number_format_i18n( $number );
		}
		$between = isset( $wp_locale ) ? $wp_locale->number_format['thousands_sep'] : ',';
		$digits  = ltrim( (string) $number, '-' );
		$first   = strlen( $digits ) % 3;
		$groups  = str_split( substr( $digits, $first ), 3 );
		if ( $first > 0 ) {
			array_unshift( $groups, substr( $digits, 0, $first ) );
		}
		return ( $number < 0 ? '-' : '' ) . implode( $between, $groups );
	}

	/**
	 * With a sign that screen readers say too.
	 *
	 * @param int $number Any.
	 */
	public function signed( int $number ): string {
		$bare = $this->number( $number );
		return $number < 0 ? "\u{2212}" . ltrim( $bare, '-' ) : '+' . $bare;
	}

	/**
	 * The day of a moment, in the shop's zone; empty if it is none.
	 *
	 * @param string $moment Such as 2026-11-27T12:00:00Z.
	 */
	public function date( string $moment ): string {
		$seconds = $this->seconds( $moment );
		return null === $seconds ? '' : (string) wp_date( (string) get_option( 'date_format' ), $seconds );
	}

	/**
	 * The last day before something ends, in the shop's zone.
	 *
	 * @param string $moment At which it is over.
	 */
	public function last_day( string $moment ): string {
		$seconds = $this->seconds( $moment );
		return null === $seconds ? '' : (string) wp_date( (string) get_option( 'date_format' ), $seconds - 1 );
	}

	/**
	 * A day that has no hour, so that no zone moves it.
	 *
	 * @param string $day Such as 2026-11-27.
	 */
	public function day( string $day ): string {
		if ( ! preg_match( '/\A\d{4}-\d\d-\d\d\z/', $day ) ) {
			return '';
		}
		$seconds = strtotime( $day . ' 12:00:00 UTC' );
		return false === $seconds ? '' : (string) wp_date( (string) get_option( 'date_format' ), $seconds, new \DateTimeZone( 'UTC' ) );
	}

	/**
	 * How much of a way is gone, from 0 to 100; never 100 before the end.
	 *
	 * @param int $value  Reached.
	 * @param int $wanted The end.
	 */
	public static function percent( int $value, int $wanted ): int {
		if ( $wanted <= 0 || $value >= $wanted ) {
			return 100;
		}
		return $value <= 0 ? 0 : min( 99, (int) floor( $value / $wanted * 100 ) );
	}

	/**
	 * Seconds since 1970; null if it is no moment.
	 *
	 * @param string $moment Such as 2026-11-27T12:00:00Z.
	 */
	private function seconds( string $moment ): ?int {
		if ( ! preg_match( '/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/', $moment ) ) {
			return null;
		}
		$seconds = strtotime( $moment );
		return false === $seconds ? null : $seconds;
	}
}
