<?php
/**
 * A customer's numbers, named.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Display\Format;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * The same from what was pushed and from what was answered.
 */
final class Numbers {

	const SHOWN = array( 'available', 'pending', 'held', 'deficit', 'lifetime' );

	/**
	 * What each is called.
	 *
	 * @return array<string, string>
	 */
	public static function names(): array {
		return array(
			'available' => __( 'Ready to use', 'belong-for-woocommerce' ),
			'pending'   => __( 'On their way', 'belong-for-woocommerce' ),
			'held'      => __( 'Reserved', 'belong-for-woocommerce' ),
			'deficit'   => __( 'Owed', 'belong-for-woocommerce' ),
			'lifetime'  => __( 'Earned in all', 'belong-for-woocommerce' ),
		);
	}

	/**
	 * Those that were told, written out.
	 *
	 * @param Part   $told   With numbers.
	 * @param Format $format Writes them.
	 * @return array<string, string>
	 */
	public static function read( Part $told, Format $format ): array {
		$found = array();
		foreach ( self::SHOWN as $key ) {
			if ( $told->is_count( $key ) ) {
				$found[ $key ] = $format->number( $told->number( $key ) );
			}
		}
		return $found;
	}
}
