<?php
/**
 * What went back of an order.
 *
 * @package Belong
 */

namespace Belong\State;

defined( 'ABSPATH' ) || exit;

/**
 * Short as an order lists it, and whole as the refunds' own route tells it. Why somebody got money back is not told.
 */
final class RefundState {

	/**
	 * The amount alone; negative.
	 *
	 * @param \WC_Order_Refund $refund The refund.
	 */
	public function listed( \WC_Order_Refund $refund ): array {
		return array(
			'id'    => $refund->get_id(),
			'total' => '-' . Texts::amount( $refund->get_amount() ),
		);
	}

	/**
	 * With its lines, whose quantities and totals are negative.
	 *
	 * @param \WC_Order_Refund $refund The refund.
	 */
	public function whole( \WC_Order_Refund $refund ): array {
		return array(
			'id'               => $refund->get_id(),
			'date_created_gmt' => Texts::moment( $refund->get_date_created() ),
			'amount'           => Texts::amount( $refund->get_amount() ),
		) + Lines::of( $refund );
	}
}
