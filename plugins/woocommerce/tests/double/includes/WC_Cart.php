<?php
/**
 * A cart, and the object under which WooCommerce keeps it.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class WC_Cart {

	private $contents = array();
	private $fees     = array();
	private $totals   = array();

	public function add_to_cart( $product_id = 0, $quantity = 1, $variation_id = 0 ) {
		$product = wc_get_product( $variation_id ? $variation_id : $product_id );
		if ( ! $product || ! $product->is_purchasable() ) {
			return false;
		}
		$key = md5( $product_id . '_' . $variation_id );

		$this->contents[ $key ] = array(
			'key'          => $key,
			'product_id'   => $product_id,
			'variation_id' => $variation_id,
			'quantity'     => ( $this->contents[ $key ]['quantity'] ?? 0 ) + $quantity,
			'data'         => $product,
		);
		$this->calculate_totals();
		return $key;
	}

	public function set_quantity( $key, $quantity = 1 ) {
		$this->contents[ $key ]['quantity'] = $quantity;
		$this->contents                     = array_filter( $this->contents, static fn( $item ) => $item['quantity'] > 0 );
		$this->calculate_totals();
		return true;
	}

	/** Fees are added anew each time, by whoever listens; amounts stay floats, as in the original. */
	public function calculate_totals() {
		$this->fees = array();
		do_action( 'woocommerce_cart_calculate_fees', $this );
		$goods = 0.0;
		$tax   = 0.0;
		foreach ( $this->contents as $key => $item ) {
			$line  = wc_get_price_excluding_tax( $item['data'], array( 'qty' => $item['quantity'] ) );
			$taxed = wc_get_price_including_tax( $item['data'], array( 'qty' => $item['quantity'] ) ) - $line;

			$this->contents[ $key ]['line_subtotal']     = $line;
			$this->contents[ $key ]['line_subtotal_tax'] = $taxed;
			$this->contents[ $key ]['line_total']        = $line;
			$this->contents[ $key ]['line_tax']          = $taxed;

			$goods += $line;
			$tax   += $taxed;
		}
		$fees         = array_sum( array_column( $this->fees, 'total' ) );
		$this->totals = array(
			'tax'   => $tax,
			'total' => apply_filters( 'woocommerce_calculated_total', round( max( 0, $goods + $tax + $fees ), wc_get_price_decimals() ), $this ),
		);
	}

	public function get_cart() {
		return $this->contents;
	}

	public function is_empty() {
		return ! $this->contents;
	}

	public function empty_cart() {
		$this->contents = array();
		$this->calculate_totals();
	}

	/** Only while woocommerce_cart_calculate_fees runs does it last. */
	public function add_fee( $name, $amount ) {
		$this->fees[ sanitize_title( $name ) ] = (object) array(
			'id'     => sanitize_title( $name ),
			'name'   => $name,
			'amount' => (float) $amount,
			'total'  => (float) $amount,
		);
	}

	public function get_fees() {
		return $this->fees;
	}

	public function get_shipping_total() {
		return 0.0;
	}

	public function get_total_tax() {
		return $this->totals['tax'] ?? 0.0;
	}

	public function get_discount_total() {
		return 0.0;
	}

	public function get_discount_tax() {
		return 0.0;
	}

	/** For eyes it is HTML. */
	public function get_total( $context = 'view' ) {
		$total = $this->totals['total'] ?? 0.0;
		return 'edit' === $context ? $total : '<span class="amount">' . esc_html( (string) $total ) . '</span>';
	}

	public function needs_shipping() {
		return false;
	}
}

final class WC_Checkout {

	public function is_registration_enabled() {
		$is_enabled = 'yes' === get_option( 'woocommerce_enable_signup_and_login_from_checkout' );
		return apply_filters( 'woocommerce_checkout_registration_enabled', $is_enabled );
	}
}

final class WooCommerce {

	public $cart     = null;
	public $customer = null;

	public function checkout() {
		return new WC_Checkout();
	}
}

function WC() {
	static $woocommerce = null;
	$woocommerce        = $woocommerce ?? new WooCommerce();
	return $woocommerce;
}

/** On the pages of a shop it is there already. */
function wc_load_cart() {
	WC()->cart     = WC()->cart ?? new WC_Cart();
	WC()->customer = WC()->customer ?? new WC_Customer( get_current_user_id() );
}

function is_cart() {
	return is_page( (int) get_option( 'woocommerce_cart_page_id', -1 ) );
}

function is_checkout() {
	return is_page( (int) get_option( 'woocommerce_checkout_page_id', -1 ) ) || apply_filters( 'woocommerce_is_checkout', false );
}
