<?php
/**
 * One thing that is known about a person.
 *
 * @package Belong
 */

namespace Belong\Personal;

use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * In the form in which WordPress writes its file.
 */
final class Item {

	/**
	 * What is empty is left out.
	 *
	 * @param string $group Its id.
	 * @param string $id    Of the item in the group.
	 * @param array  $facts Value by name, as plain text.
	 * @return array group_id, group_label, item_id, data
	 */
	public static function of( string $group, string $id, array $facts ): array {
		$labels = array(
			'belong-member'  => __( 'Points and badges', 'belong-for-woocommerce' ),
			'belong-choices' => __( 'What others see of you', 'belong-for-woocommerce' ),
			'belong-rewards' => __( 'Rewards for carts', 'belong-for-woocommerce' ),
			'belong-waiting' => __( 'Not yet sent to the loyalty service', 'belong-for-woocommerce' ),
			'belong-brought' => __( 'Points from an earlier programme', 'belong-for-woocommerce' ),
			'belong-entries' => __( 'History of points', 'belong-for-woocommerce' ),
		);
		$data   = array();
		foreach ( $facts as $name => $value ) {
			if ( '' !== (string) $value ) {
				$data[] = array(
					'name'  => (string) $name,
					'value' => esc_html( (string) $value ),
				);
			}
		}
		return array(
			'group_id'    => $group,
			'group_label' => $labels[ $group ],
			'item_id'     => $group . '-' . $id,
			'data'        => $data,
		);
	}

	/**
	 * Each change of points with its reason.
	 *
	 * @param Part[] $entries As the service tells them.
	 * @return array[]
	 */
	public static function history( array $entries ): array {
		return array_map(
			static function ( Part $entry ) {
				return self::of(
					'belong-entries',
					(string) $entry->number( 'n' ),
					array(
						__( 'When', 'belong-for-woocommerce' )   => $entry->text( 'at' ),
						__( 'Points', 'belong-for-woocommerce' ) => (string) $entry->number( 'points' ),
						__( 'Why', 'belong-for-woocommerce' )    => $entry->text( 'why' ),
						__( 'Order', 'belong-for-woocommerce' )  => $entry->text( 'order' ),
					)
				);
			},
			$entries
		);
	}
}
