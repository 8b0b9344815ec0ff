<?php
/**
 * What moved points, in lines for people.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Display\Format;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * Sentences are the service's; numbers and dates are written as in the rest of wp-admin.
 */
final class Entries {

	/**
	 * Newest first, as they came.
	 *
	 * @param Part[] $entries Of an order or of a member.
	 * @param Format $format  Writes numbers and dates.
	 * @return array[] text, and where there is a calculation: more
	 */
	public static function read( array $entries, Format $format ): array {
		$items = array();
		foreach ( $entries as $entry ) {
			$items[] = array(
				'number' => $format->signed( $entry->number( 'points' ) ),
				'text'   => $entry->text( 'why' ),
				'date'   => $format->date( $entry->text( 'at' ) ),
				'asks'   => __( 'How it was reckoned', 'belong-for-woocommerce' ),
				'more'   => array_merge( $entry->texts( 'calculation' ), $entry->texts( 'not_fired' ) ),
			);
		}
		return $items;
	}
}
