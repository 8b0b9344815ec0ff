<?php
/**
 * An order: its steps from status to status, its trash and its end.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Order extends WC_Abstract_Order {

	private $step = null;

	public function save() {
		parent::save();
		$this->tell_step();
		return $this->id;
	}

	/**
	 * An Exception of one listener silences all later ones of this and the following hooks; an Error goes through, to
	 * whoever waits for the answer, although the order is saved.
	 */
	private function tell_step(): void {
		$step       = $this->step;
		$this->step = null;
		if ( null === $step ) {
			return;
		}
		list( $from, $to ) = $step;
		try {
			do_action( 'woocommerce_order_status_' . $to, $this->id, $this, array() );
			if ( '' !== $from ) {
				do_action( "woocommerce_order_status_{$from}_to_{$to}", $this->id, $this );
				do_action( 'woocommerce_order_status_changed', $this->id, $from, $to, $this );
				$paid = wc_get_is_paid_statuses();
				if ( in_array( $to, $paid, true ) && ! in_array( $from, $paid, true ) ) {
					do_action( 'woocommerce_order_payment_status_changed', $this->id, $this );
				}
			}
		} catch ( Exception $e ) {
			$this->add_order_note( 'Error during status transition. ' . $e->getMessage() );
		}
	}

	/** An order made at once in a later status still steps there from pending. */
	public function set_status( $to, $note = '' ) {
		$to = 0 === strpos( $to, 'wc-' ) ? substr( $to, 3 ) : $to;
		if ( $to === $this->status ) {
			return;
		}
		$from         = null === $this->step ? $this->status : $this->step[0];
		$this->step   = array( in_array( $from, array( 'auto-draft', 'new' ), true ) ? '' : $from, $to );
		$this->status = $to;
		$this->date_payment();
		if ( 'completed' === $to ) {
			$this->data['date_completed'] = gmdate( 'Y-m-d H:i:s' );
		}
	}

	/** At each step, the same filter is asked as at a payment. */
	private function date_payment(): void {
		if ( '' !== $this->data['date_paid'] ) {
			return;
		}
		$paid = $this->status_of_paid();
		if ( $this->status === $paid || ( 'processing' === $paid && 'completed' === $this->status ) ) {
			$this->data['date_paid'] = gmdate( 'Y-m-d H:i:s' );
		}
	}

	private function status_of_paid(): string {
		return apply_filters( 'woocommerce_payment_complete_order_status', $this->needs_processing() ? 'processing' : 'completed', $this->id, $this );
	}

	/** What nobody has to send leaves its payment as completed, and is not dated in any earlier status. */
	public function needs_processing() {
		return (bool) array_filter(
			$this->get_items(),
			static function ( $item ) {
				return $item->get_product();
			}
		);
	}

	/** One that was never saved stays where it is, in silence. */
	public function update_status( $to, $note = '' ) {
		if ( ! $this->id ) {
			return false;
		}
		$this->set_status( $to, $note );
		$this->save();
		return true;
	}

	/** COD orders never come here. */
	public function payment_complete( $transaction_id = '' ) {
		do_action( 'woocommerce_pre_payment_complete', $this->id, $transaction_id );
		if ( ! $this->has_status( array( 'on-hold', 'pending', 'failed', 'cancelled' ) ) ) {
			return true;
		}
		$this->data['date_paid'] = '' === $this->data['date_paid'] ? gmdate( 'Y-m-d H:i:s' ) : $this->data['date_paid'];
		$this->update_status( $this->status_of_paid() );
		do_action( 'woocommerce_payment_complete', $this->id, $transaction_id );
		return true;
	}

	/** Into the trash, where only one hook speaks; or for good. */
	protected function remove( bool $force ): void {
		if ( $force ) {
			$this->remove_for_good();
			return;
		}
		do_action( 'woocommerce_before_trash_order', $this->id, $this );
		$this->meta['_wp_trash_meta_status'] = $this->status;
		$this->status                        = 'trash';
		$this->write_row( true );
		do_action( 'woocommerce_trash_order', $this->id );
		$this->id = 0;
	}

	private function remove_for_good(): void {
		$id = $this->id;
		do_action( 'woocommerce_before_delete_order', $id, $this );
		foreach ( $this->get_refunds() as $refund ) {
			$refund->delete( true );
		}
		DoubleTables::remove( $id );
		$this->id = 0;
		do_action( 'woocommerce_delete_order', $id );
	}

	public function untrash() {
		if ( 'trash' !== $this->status ) {
			return false;
		}
		$previous = (string) $this->get_meta( '_wp_trash_meta_status' );
		do_action( 'woocommerce_untrash_order', $this->id, $previous );
		$this->delete_meta_data( '_wp_trash_meta_status' );
		$this->step   = array( 'trash', $previous );
		$this->status = $previous;
		$this->write_row( true );
		$this->tell_step();
		return true;
	}

	/** @return WC_Order_Refund[] newest first */
	public function get_refunds() {
		return wc_get_orders(
			array(
				'type'   => 'shop_order_refund',
				'parent' => $this->id,
				'limit'  => -1,
			)
		);
	}

	public function get_total_refunded() {
		$sum = 0;
		foreach ( $this->get_refunds() as $refund ) {
			$sum += $refund->get_amount();
		}
		return wc_format_decimal( $sum, wc_get_price_decimals() );
	}

	public function get_remaining_refund_amount() {
		return wc_format_decimal( $this->get_total() - $this->get_total_refunded(), wc_get_price_decimals() );
	}

	public function apply_coupon( $raw ) {
		return belong_double_apply_coupon( $this, $raw );
	}

	/** Lines cost what they did before all coupons; this one is enough here. */
	public function remove_coupon( $code ) {
		foreach ( $this->get_items( 'coupon' ) as $id => $item ) {
			if ( wc_format_coupon_code( $item->get_code() ) === wc_format_coupon_code( $code ) ) {
				$this->remove_item( $id );
				foreach ( $this->get_items() as $line ) {
					$line->set_total( $line->get_subtotal() );
				}
				$this->calculate_totals();
				return true;
			}
		}
		return false;
	}

	public function get_coupon_codes() {
		$codes = array();
		foreach ( $this->get_items( 'coupon' ) as $item ) {
			$codes[] = $item->get_code();
		}
		return $codes;
	}

	/** The total of lines less coupons; like the original it never falls with refunds. */
	public function calculate_totals() {
		$sum = 0;
		foreach ( $this->get_items() as $item ) {
			$sum += $item->get_total() + $item->get_total_tax();
		}
		$this->set_total( $sum );
		$this->save();
		return $this->get_total();
	}

	public function get_customer_id() {
		return (int) $this->data['customer_id'];
	}

	public function set_customer_id( $id ) {
		$this->put( 'customer_id', (int) $id );
	}

	/** Plugins give orders numbers of their own. */
	public function get_order_number() {
		return (string) apply_filters( 'woocommerce_order_number', $this->id, $this );
	}

	public function get_date_paid() {
		return self::moment( $this->data['date_paid'] );
	}

	public function get_date_completed() {
		return self::moment( $this->data['date_completed'] );
	}

	public function is_paid() {
		return in_array( $this->status, wc_get_is_paid_statuses(), true );
	}
}
