<?php
/**
 * What the service says of a customer, in lines for people.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * Plain text throughout; the script writes it as text and never as HTML.
 */
final class MemberTold {

	/**
	 * Numbers, sections, and whether points may be given and taken.
	 *
	 * @param array $body As it was answered.
	 */
	public static function read( array $body ): array {
		$told = new Part( $body );
		if ( '' === $told->text( 'member' ) ) {
			return array(
				'language' => $told->text( 'language' ),
				'summary'  => __( 'This customer does not take part yet.', 'belong-for-woocommerce' ),
				'sections' => array(),
				'adjusts'  => false,
			);
		}
		$details = $told->part( 'details' );
		$format  = Script::format( $told->texts( 'points_name' ) );
		return array(
			'language' => $told->text( 'language' ),
			'summary'  => self::status( $details->text( 'status' ) ),
			'numbers'  => Numbers::read( $details, $format ),
			'adjusts'  => $told->flag( 'may_adjust' ),
			'sections' => array_values(
				array_filter(
					array(
						OrderTold::section( __( 'Tier and badges', 'belong-for-woocommerce' ), self::standing( $details ) ),
						OrderTold::section( __( 'Rewards and vouchers', 'belong-for-woocommerce' ), self::vouchers( $details, $format ) ),
						OrderTold::section( __( 'What happened, and why', 'belong-for-woocommerce' ), Entries::read( $details->parts( 'entries' ), $format ) ),
					)
				)
			),
		);
	}

	/**
	 * Whether they take part.
	 *
	 * @param string $status As it was told.
	 */
	private static function status( string $status ): string {
		$said = array(
			'active'  => __( 'Takes part.', 'belong-for-woocommerce' ),
			'left'    => __( 'Has left. What they have stays, and they earn nothing.', 'belong-for-woocommerce' ),
			'blocked' => __( 'Is blocked. What they have stays, and they earn nothing.', 'belong-for-woocommerce' ),
			'merged'  => __( 'Was merged into another account.', 'belong-for-woocommerce' ),
			'erased'  => __( 'Was erased on request.', 'belong-for-woocommerce' ),
		);
		return $said[ $status ] ?? '';
	}

	/**
	 * Tier first.
	 *
	 * @param Part $details Of the member.
	 * @return array[]
	 */
	private static function standing( Part $details ): array {
		$names = array_merge( array( $details->part( 'tier' )->text( 'name' ) ), self::names( $details->parts( 'badges' ) ) );
		$items = array();
		foreach ( array_filter( $names, 'strlen' ) as $name ) {
			$items[] = array( 'text' => $name );
		}
		return $items;
	}

	/**
	 * What they are called.
	 *
	 * @param Part[] $parts With names.
	 * @return string[]
	 */
	private static function names( array $parts ): array {
		return array_map(
			static function ( Part $part ) {
				return $part->text( 'name' );
			},
			$parts
		);
	}

	/**
	 * Those that wait first.
	 *
	 * @param Part                   $details Of the member.
	 * @param \Belong\Display\Format $format  Writes dates.
	 * @return array[]
	 */
	private static function vouchers( Part $details, \Belong\Display\Format $format ): array {
		$items = array();
		foreach ( $details->parts( 'vouchers' ) as $one ) {
			$said    = array_filter( array( $one->text( 'name' ), $one->text( 'state_text' ), $one->text( 'code' ) ), 'strlen' );
			$items[] = array(
				'text' => implode( ' · ', $said ),
				'date' => $format->date( $one->text( 'ends_at' ) ),
			);
		}
		return $items;
	}
}
