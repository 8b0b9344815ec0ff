<?php
/**
 * A coupon: the virtual kind, which a filter answers for, or one of the shop.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

/** Whose coupons are looked at. */
class WC_Discounts {

	private $object;

	public function __construct( $object = null ) {
		$this->object = $object;
	}

	public function get_object() {
		return $this->object;
	}
}

class WC_Coupon {

	const FLAGS = array( 'individual_use', 'free_shipping' );
	const LISTS = array( 'product_ids', 'excluded_product_ids' );

	private static $kept = array();

	private $code;
	private $virtual = false;
	private $meta    = array();
	private $data    = array(
		'amount'         => '0',
		'discount_type'  => 'fixed_cart',
		'individual_use' => false,
		'minimum_amount' => '',
	);

	/** The code arrives lower-cased, and the filter runs for each object that is made: many times in one checkout. */
	public function __construct( $code = '' ) {
		$this->code = wc_format_coupon_code( $code );
		$answer     = apply_filters( 'woocommerce_get_shop_coupon_data', false, $this->code, $this );
		if ( $answer ) {
			$this->virtual = true;
			$this->read( $answer );
		} elseif ( isset( self::$kept[ $this->code ] ) ) {
			list( $this->data, $this->meta ) = self::$kept[ $this->code ];
		}
	}

	public function set_code( $code ) {
		$this->code = wc_format_coupon_code( $code );
	}

	public function set_amount( $amount ) {
		$this->data['amount'] = (string) $amount;
	}

	public function set_discount_type( $type ) {
		$this->data['discount_type'] = $type;
	}

	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
	}

	public function get_meta( $key ) {
		return $this->meta[ $key ] ?? '';
	}

	public function save() {
		self::$kept[ $this->code ] = array( $this->data, $this->meta );
		return $this->get_id();
	}

	public function delete( $force = false ) {
		unset( self::$kept[ $this->code ] );
		return $force;
	}

	/** None for the virtual kind. */
	public function get_id() {
		return ! $this->virtual && isset( self::$kept[ $this->code ] ) ? 1 + (int) array_search( $this->code, array_keys( self::$kept ), true ) : 0;
	}

	/** Flags must be bool and lists arrays, else the original complains. */
	private function read( array $answer ): void {
		foreach ( $answer as $name => $value ) {
			$is_wrong = in_array( $name, self::FLAGS, true ) && ! is_bool( $value );
			$is_wrong = $is_wrong || ( in_array( $name, self::LISTS, true ) && ! is_array( $value ) );
			if ( $is_wrong ) {
				_doing_it_wrong( 'WC_Coupon::read_manual_coupon', esc_html( $name . ' is of the wrong type.' ), '11.0.1' );
			}
			$this->data[ $name ] = $value;
		}
	}

	public function get_code() {
		return $this->code;
	}

	public function get_virtual() {
		return $this->virtual;
	}

	public function get_amount() {
		return $this->data['amount'];
	}

	public function get_discount_type() {
		return $this->data['discount_type'];
	}

	public function get_minimum_amount() {
		return $this->data['minimum_amount'];
	}

	/** As the original asks: a filter that may throw, then the smallest cart that it is for. */
	public function belong_double_why_not( WC_Cart $cart ): ?Exception {
		try {
			if ( ! apply_filters( 'woocommerce_coupon_is_valid', true, $this, new WC_Discounts( $cart ) ) ) {
				return new Exception( 'Coupon is not valid.', 100 );
			}
		} catch ( Exception $e ) {
			return $e;
		}
		return (float) $this->get_minimum_amount() > $cart->get_displayed_subtotal() ? new Exception( 'The minimum spend for this coupon is not met.', 108 ) : null;
	}
}
