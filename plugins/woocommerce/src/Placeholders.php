<?php
/**
 * Placeholders of a statement, one for each of some things.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * The one thing in a statement of ours that depends on what it is about: how many there are.
 */
final class Placeholders {

	/**
	 * As many as there are things, which are prepared themselves.
	 *
	 * @param array  $things  What will stand there.
	 * @param string $each    For one of them, such as %d.
	 * @param string $between What separates two.
	 */
	public static function for_each( array $things, string $each, string $between = ', ' ): string {
		return implode( $between, array_fill( 0, count( $things ), $each ) );
	}
}
