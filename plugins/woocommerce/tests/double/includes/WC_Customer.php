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

	/** Nobody of that number is an Exception. */
	public function __construct( $id = 0 ) {
		$this->id = (int) $id;
		if ( $this->id && ! get_userdata( $this->id ) ) {
			throw new Exception( 'Invalid customer.' );
		}
	}

	public function get_first_name() {
		return (string) get_user_meta( $this->id, 'first_name', true );
	}

	public function get_last_name() {
		return (string) get_user_meta( $this->id, 'last_name', true );
	}

	public function get_role() {
		$user = get_userdata( $this->id );
		return $user && $user->roles ? (string) reset( $user->roles ) : '';
	}

	public function get_date_created() {
		$user = get_userdata( $this->id );
		return $user ? new DateTime( $user->user_registered . ' UTC' ) : null;
	}

	public function get_date_modified() {
		$at = (int) get_user_meta( $this->id, 'last_update', true );
		return $at ? new DateTime( '@' . $at ) : null;
	}

	public function get_is_paying_customer() {
		return (bool) get_user_meta( $this->id, 'paying_customer', true );
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
		update_user_meta( $this->id, 'last_update', time() );
		do_action( 'woocommerce_update_customer', $this->id, $this );
		return $this->id;
	}
}
