<?php
/**
 * A refund: a child of its order with negative lines.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Order_Refund extends WC_Abstract_Order {

	protected $type   = 'shop_order_refund';
	protected $status = 'completed';

	public function get_amount() {
		return $this->meta['_refund_amount'] ?? '0';
	}

	public function set_amount( $amount ) {
		$this->update_meta_data( '_refund_amount', wc_format_decimal( $amount ) );
		$this->set_total( -1 * (float) $amount );
	}

	public function get_reason() {
		return $this->meta['_refund_reason'] ?? '';
	}

	public function set_reason( $reason ) {
		$this->update_meta_data( '_refund_reason', $reason );
	}

	/** There is no trash for refunds, and nothing tells of it but the filter that ran before. The order's date stays. */
	protected function remove( bool $force ): void {
		DoubleTables::remove( $this->id );
		$this->id = 0;
	}
}
