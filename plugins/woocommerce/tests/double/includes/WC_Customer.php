<?php
/**
 * A customer through WooCommerce's object.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Customer {

	private $id;
	private $meta = array();

	public function __construct( $id = 0 ) {
		$this->id = (int) $id;
	}

	public function get_id() {
		return $this->id;
	}

	public function get_email() {
		$user = get_userdata( $this->id );
		return $user ? $user->user_email : '';
	}

	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ] = $value;
	}

	/** Where they live, as far as they said. */
	public function get_shipping_country() {
		return (string) get_user_meta( $this->id, 'shipping_country', true );
	}

	public function get_billing_country() {
		return (string) get_user_meta( $this->id, 'billing_country', true );
	}

	public function save() {
		foreach ( $this->meta as $key => $value ) {
			update_user_meta( $this->id, $key, $value );
		}
		$this->meta = array();
		do_action( 'woocommerce_update_customer', $this->id, $this );
		return $this->id;
	}
}
