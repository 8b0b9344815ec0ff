<?php
/**
 * What the service says of an order, in lines for people.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * Plain text throughout; the script writes it as text and never as HTML.
 */
final class OrderTold {

	/**
	 * A summary and sections.
	 *
	 * @param array $body  As it was answered.
	 * @param array $names What points are called.
	 */
	public static function read( array $body, array $names ): array {
		$told   = new Part( $body );
		$format = Script::format( $names );
		$lots   = array();
		foreach ( $told->parts( 'lots' ) as $lot ) {
			$lots[] = array( 'text' => self::lot( $lot, $format ) );
		}
		$used = array();
		foreach ( $told->parts( 'vouchers' ) as $voucher ) {
			/* translators: 1: name of a reward, 2: such as "500 points". */
			$used[] = array( 'text' => sprintf( __( '%1$s for %2$s', 'belong-for-woocommerce' ), $voucher->text( 'name' ), $format->points( $voucher->number( 'points' ) ) ) );
		}
		$why_not = array();
		foreach ( $told->texts( 'why_not' ) as $sentence ) {
			$why_not[] = array( 'text' => $sentence );
		}
		return array(
			'language' => $told->text( 'language' ),
			'summary'  => self::summary( $told, $format ),
			'sections' => array_values(
				array_filter(
					array(
						self::section( __( 'Why not', 'belong-for-woocommerce' ), $why_not ),
						self::section( __( 'When', 'belong-for-woocommerce' ), $lots ),
						self::section( __( 'Why', 'belong-for-woocommerce' ), Entries::read( $told->parts( 'entries' ), $format ) ),
						self::section( __( 'Rewards used on this order', 'belong-for-woocommerce' ), $used ),
					)
				)
			),
		);
	}

	/**
	 * None without items.
	 *
	 * @param string  $title Its heading.
	 * @param array[] $items Text and, where there is more, more.
	 */
	public static function section( string $title, array $items ): ?array {
		return $items ? compact( 'title', 'items' ) : null;
	}

	/**
	 * One sentence.
	 *
	 * @param Part                   $told   Of the order.
	 * @param \Belong\Display\Format $format Writes numbers.
	 */
	private static function summary( Part $told, \Belong\Display\Format $format ): string {
		$points = $format->points( $told->number( 'points' ) );
		switch ( $told->text( 'state' ) ) {
			case 'guest':
				return __( 'Bought without an account. The points wait until the customer makes one and proves the address.', 'belong-for-woocommerce' );
			case 'nothing':
				return __( 'This order earns no points.', 'belong-for-woocommerce' );
			case 'pending':
				/* translators: %s: such as "42 points". */
				return sprintf( __( '%s, not yet to be used.', 'belong-for-woocommerce' ), $points );
			case 'available':
				/* translators: %s: such as "42 points". */
				return sprintf( __( '%s, ready to use.', 'belong-for-woocommerce' ), $points );
			case 'gone':
				/* translators: %s: such as "42 points". */
				return sprintf( __( '%s, of which nothing is left: used, ended or taken back.', 'belong-for-woocommerce' ), $points );
		}
		return __( 'Your Belong knows nothing of this order yet. Orders are told within a minute after they change.', 'belong-for-woocommerce' );
	}

	/**
	 * What one credit gave, and from when to when it is good.
	 *
	 * @param Part                   $lot    Of the order.
	 * @param \Belong\Display\Format $format Writes numbers and dates.
	 */
	private static function lot( Part $lot, \Belong\Display\Format $format ): string {
		$points = $format->points( $lot->number( 'points' ) );
		$day    = $format->date( $lot->text( 'matures_at' ) );
		if ( $lot->flag( 'is_available' ) ) {
			/* translators: 1: such as "42 points", 2: a number, 3: a date. */
			$said = sprintf( __( '%1$s, %2$s of them left, ready to use since %3$s.', 'belong-for-woocommerce' ), $points, $format->number( $lot->number( 'left' ) ), $day );
		} elseif ( 0 === $lot->number( 'left' ) ) {
			/* translators: %s: such as "42 points". */
			$said = sprintf( __( '%s, nothing of them left.', 'belong-for-woocommerce' ), $points );
		} elseif ( '' === $day ) {
			/* translators: %s: such as "42 points". */
			$said = sprintf( __( '%s, to be used once something has happened that has no date.', 'belong-for-woocommerce' ), $points );
		} else {
			/* translators: 1: such as "42 points", 2: a date. */
			$said = sprintf( __( '%1$s, ready to use on %2$s.', 'belong-for-woocommerce' ), $points, $day );
		}
		$end = $format->last_day( $lot->text( 'ends_at' ) );
		/* translators: %s: a date. */
		return '' === $end ? $said : $said . ' ' . sprintf( __( 'They end after %s.', 'belong-for-woocommerce' ), $end );
	}
}
