<?php
/**
 * Lines, taxes, shipping, fees and coupons of an order.
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
		$classes        = array(
			'line_item' => WC_Order_Item_Product::class,
			'tax'       => WC_Order_Item_Tax::class,
			'shipping'  => WC_Order_Item_Shipping::class,
			'fee'       => WC_Order_Item_Fee::class,
			'coupon'    => WC_Order_Item_Coupon::class,
		);
		$item           = new $classes[ $row['type'] ]();
		$item->id       = $id;
		$item->order_id = $order_id;
		$item->data     = array_merge( $item->data, $row['data'] );
		$item->meta     = $row['meta'];
		return $item;
	}

	public function set_props( array $props ) {
		foreach ( $props as $name => $value ) {
			$this->{"set_$name"}( $value );
		}
	}

	/** Getters and setters of what is only kept. What the original does not have, the double has not. */
	public function __call( $name, $arguments ) {
		$key = substr( $name, 4 );
		if ( ! array_key_exists( $key, $this->data ) || ! in_array( substr( $name, 0, 4 ), array( 'get_', 'set_' ), true ) ) {
			throw new Error( "Call to undefined method $name" );
		}
		if ( 'get_' === substr( $name, 0, 4 ) ) {
			return $this->data[ $key ];
		}
		$this->data[ $key ] = '0' === get_class_vars( static::class )['data'][ $key ] ? wc_format_decimal( $arguments[0] ) : $arguments[0];
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

	/** The database knows texts alone. */
	public function get_meta( $key, $single = true ) {
		$value = $this->meta[ $key ] ?? '';
		return is_scalar( $value ) ? (string) $value : $value;
	}

	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
	}
}

class WC_Order_Item_Product extends WC_Order_Item {

	protected $data = array(
		'name'         => '',
		'product_id'   => 0,
		'variation_id' => 0,
		'quantity'     => 1,
		'subtotal'     => '0',
		'subtotal_tax' => '0',
		'total'        => '0',
		'total_tax'    => '0',
		'taxes'        => array(),
	);

	/** False for one that is gone. */
	public function get_product() {
		$id = $this->get_variation_id() ? $this->get_variation_id() : $this->get_product_id();
		return $id ? wc_get_product( $id ) : false;
	}
}

class WC_Order_Item_Tax extends WC_Order_Item {

	protected $type = 'tax';
	protected $data = array(
		'rate_id'            => 0,
		'label'              => '',
		'tax_total'          => '0',
		'shipping_tax_total' => '0',
	);
}

class WC_Order_Item_Shipping extends WC_Order_Item {

	protected $type = 'shipping';
	protected $data = array(
		'method_title' => '',
		'method_id'    => '',
		'total'        => '0',
		'total_tax'    => '0',
		'taxes'        => array(),
	);
}

class WC_Order_Item_Fee extends WC_Order_Item {

	protected $type = 'fee';
	protected $data = array(
		'name'      => '',
		'total'     => '0',
		'total_tax' => '0',
		'taxes'     => array(),
	);
}

class WC_Order_Item_Coupon extends WC_Order_Item {

	protected $type = 'coupon';
	protected $data = array(
		'code'         => '',
		'discount'     => '0',
		'discount_tax' => '0',
	);
}
