<?php
/**
 * Lines and coupons of an order.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Order_Item {

	protected $type = 'line_item';
	protected $id   = 0;
	protected $data = array();
	protected $meta = array();

	private $order_id = 0;

	/** Saves the item alone: the order's date does not move and no hook of the order fires. */
	public function save() {
		$data     = array(
			'type' => $this->type,
			'data' => $this->data,
			'meta' => $this->meta,
		);
		$this->id = DoubleTables::store_item( $this->id, $this->order_id, $data );
		return $this->id;
	}

	public static function from_row( int $id, int $order_id, array $row ): WC_Order_Item {
		$item           = 'coupon' === $row['type'] ? new WC_Order_Item_Coupon() : new WC_Order_Item_Product();
		$item->id       = $id;
		$item->order_id = $order_id;
		$item->data     = array_merge( $item->data, $row['data'] );
		$item->meta     = $row['meta'];
		return $item;
	}

	public function set_order_id( $order_id ) {
		$this->order_id = (int) $order_id;
	}

	public function get_order_id() {
		return $this->order_id;
	}

	public function get_id() {
		return $this->id;
	}

	public function get_type() {
		return $this->type;
	}

	public function get_meta( $key, $single = true ) {
		return $this->meta[ $key ] ?? '';
	}

	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
	}
}

class WC_Order_Item_Product extends WC_Order_Item {

	protected $data = array(
		'name'       => '',
		'product_id' => 0,
		'quantity'   => 1,
		'subtotal'   => '0',
		'total'      => '0',
		'total_tax'  => '0',
	);

	public function set_props( array $props ) {
		$this->data = array_merge( $this->data, $props );
	}

	public function set_total( $total ) {
		$this->data['total'] = wc_format_decimal( $total );
	}

	public function get_name() {
		return $this->data['name'];
	}

	public function get_product_id() {
		return (int) $this->data['product_id'];
	}

	public function get_quantity() {
		return $this->data['quantity'];
	}

	public function get_subtotal() {
		return $this->data['subtotal'];
	}

	public function get_total() {
		return $this->data['total'];
	}

	public function get_total_tax() {
		return $this->data['total_tax'];
	}
}

class WC_Order_Item_Coupon extends WC_Order_Item {

	protected $type = 'coupon';
	protected $data = array(
		'code'     => '',
		'discount' => '0',
	);

	public function set_props( array $props ) {
		$this->data = array_merge( $this->data, $props );
	}

	public function get_code() {
		return $this->data['code'];
	}

	public function get_discount() {
		return $this->data['discount'];
	}
}
