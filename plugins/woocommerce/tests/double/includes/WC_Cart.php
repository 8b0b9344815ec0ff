<?php
/**
 * A cart, and the object under which WooCommerce keeps it.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class WC_Cart {

	public $applied_coupons = array();

	private $contents = array();
	private $fees     = array();
	private $totals   = array();
	private $off      = array();

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
		do_action( 'woocommerce_before_calculate_totals', $this );
		$this->fees = array();
		do_action( 'woocommerce_cart_calculate_fees', $this );
		$goods     = 0.0;
		$tax       = 0.0;
		foreach ( $this->contents as $key => $item ) {
			$this->contents[ $key ]['line_subtotal']     = wc_get_price_excluding_tax( $item['data'], array( 'qty' => $item['quantity'] ) );
			$this->contents[ $key ]['line_subtotal_tax'] = wc_get_price_including_tax( $item['data'], array( 'qty' => $item['quantity'] ) ) - $this->contents[ $key ]['line_subtotal'];
		}
		// Each is looked at while what coupons took before still stands.
		$coupons   = $this->coupons_by_sort();
		$this->off = array();
		$left      = array();
		foreach ( $this->contents as $key => $item ) {
			$line  = $item['line_subtotal'];
			$taxed = $item['line_subtotal_tax'];
			$taken = 0.0;
			foreach ( $coupons as $code => $coupon ) {
				$left[ $code ] = $left[ $code ] ?? (float) $coupon->get_amount();
				$is_share      = 'percent' === $coupon->get_discount_type();
				$amount        = min( $is_share ? $line * $left[ $code ] / 100 : $left[ $code ], $line - $taken );
				$left[ $code ] = $left[ $code ] - ( $is_share ? 0.0 : $amount );
				$taken        += $amount;

				$this->off[ $code ]['net'] = ( $this->off[ $code ]['net'] ?? 0.0 ) + $amount;
				$this->off[ $code ]['tax'] = ( $this->off[ $code ]['tax'] ?? 0.0 ) + ( $line > 0 ? $taxed * $amount / $line : 0.0 );
			}
			$taxed = $line > 0 ? $taxed * ( $line - $taken ) / $line : $taxed;

			$this->contents[ $key ]['line_total'] = $line - $taken;
			$this->contents[ $key ]['line_tax']   = $taxed;

			$goods += $line - $taken;
			$tax   += $taxed;
		}
		$fees         = array_sum( array_column( $this->fees, 'total' ) );
		$this->totals = array(
			'off'   => array_sum( array_column( $this->off, 'net' ) ),
			'tax'   => $tax,
			'total' => apply_filters( 'woocommerce_calculated_total', round( max( 0, $goods + $tax + $fees ), wc_get_price_decimals() ), $this ),
		);
		do_action( 'woocommerce_after_calculate_totals', $this );
	}

	public function get_cart() {
		return $this->contents;
	}

	public function is_empty() {
		return ! $this->contents;
	}

	public function empty_cart() {
		do_action( 'woocommerce_before_cart_emptied', true );
		$this->contents        = array();
		$this->applied_coupons = array();
		$this->calculate_totals();
		do_action( 'woocommerce_cart_emptied', true );
	}

	public function get_applied_coupons() {
		return $this->applied_coupons;
	}

	public function has_discount( $code = '' ) {
		return '' === $code ? (bool) $this->applied_coupons : in_array( wc_format_coupon_code( $code ), $this->applied_coupons, true );
	}

	/** What stands in the way is said in a notice. */
	public function apply_coupon( $raw ) {
		$coupon = new WC_Coupon( $raw );
		$code   = $coupon->get_code();
		$is_ok  = ! $this->has_discount( $code ) && ( $coupon->get_virtual() || $coupon->get_id() );
		$why    = $is_ok ? $coupon->belong_double_why_not( $this ) : new Exception( 'Coupon cannot be applied.', 105 );
		if ( $why ) {
			wc_add_notice( apply_filters( 'woocommerce_coupon_error', $why->getMessage(), $why->getCode(), $coupon ), 'error' );
			return false;
		}
		$this->applied_coupons[] = $code;
		wc_add_notice( apply_filters( 'woocommerce_coupon_message', 'Coupon code applied successfully.', 200, $coupon ) );
		do_action( 'woocommerce_applied_coupon', $code );
		$this->calculate_totals();
		return true;
	}

	public function remove_coupon( $raw ) {
		// What is left keeps its key.
		$code                  = wc_format_coupon_code( $raw );
		$this->applied_coupons = array_diff( $this->applied_coupons, array( $code ) );
		do_action( 'woocommerce_removed_coupon', $code );
		return true;
	}

	/** Before each page of the cart and each checkout: what is not good any more goes, with a notice. */
	public function check_cart_coupons() {
		foreach ( $this->get_applied_coupons() as $code ) {
			$coupon = new WC_Coupon( $code );
			if ( ! ( $coupon->get_virtual() || $coupon->get_id() ) || $coupon->belong_double_why_not( $this ) ) {
				wc_add_notice( apply_filters( 'woocommerce_coupon_error', 'It seems the coupon is invalid - it has now been removed from your order.', 101, $coupon ), 'error' );
				$this->remove_coupon( $code );
			}
		}
	}

	/**
	 * In the order in which they are reckoned: fixed ones last. What is not good now takes nothing off, and stays.
	 *
	 * @return WC_Coupon[] by code
	 */
	private function coupons_by_sort(): array {
		$coupons = array();
		foreach ( $this->applied_coupons as $code ) {
			$coupon = new WC_Coupon( $code );
			if ( ! $coupon->belong_double_why_not( $this ) ) {
				$coupons[ $code ] = $coupon;
			}
		}
		uasort( $coupons, static fn( $one, $other ) => ( 'percent' === $other->get_discount_type() ) <=> ( 'percent' === $one->get_discount_type() ) );
		return $coupons;
	}

	/** Of the last reckoning. */
	public function get_coupon_discount_amount( $code, $ex_tax = true ) {
		$off = $this->off[ $code ] ?? array( 'net' => 0.0, 'tax' => 0.0 );
		return round( $off['net'] + ( $ex_tax ? 0.0 : $off['tax'] ), wc_get_price_decimals() );
	}

	/** Before discounts. */
	public function get_displayed_subtotal() {
		$kind = $this->display_prices_including_tax() ? array( 'line_subtotal', 'line_subtotal_tax' ) : array( 'line_subtotal' );
		return array_sum( array_map( fn( $key ) => array_sum( array_column( $this->contents, $key ) ), $kind ) );
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
		return $this->totals['off'] ?? 0.0;
	}

	public function get_discount_tax() {
		return 0.0;
	}

	/** For eyes it is HTML. */
	public function get_total( $context = 'view' ) {
		$total = $this->totals['total'] ?? 0.0;
		return 'edit' === $context ? $total : '<span class="amount">' . esc_html( (string) $total ) . '</span>';
	}

	public function display_prices_including_tax() {
		return apply_filters( 'woocommerce_cart_display_prices_including_tax', 'incl' === get_option( 'woocommerce_tax_display_cart' ) );
	}

	/** Nothing here is virtual; a shop's extensions may know better. */
	public function needs_shipping() {
		return apply_filters( 'woocommerce_cart_needs_shipping', ! $this->is_empty() );
	}
}

/** What a shopper's requests remember, one after the other. */
final class WC_Session_Handler {

	private $data = array();

	public function get( $key, $default_value = null ) {
		return $this->data[ $key ] ?? $default_value;
	}

	public function set( $key, $value ) {
		$this->data[ $key ] = $value;
	}
}

final class WC_Checkout {

	public function is_registration_enabled() {
		$is_enabled = 'yes' === get_option( 'woocommerce_enable_signup_and_login_from_checkout' );
		return apply_filters( 'woocommerce_checkout_registration_enabled', $is_enabled );
	}
}

final class WooCommerce {

	public $session  = null;
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
	WC()->session  = WC()->session ?? new WC_Session_Handler();
	WC()->cart     = WC()->cart ?? new WC_Cart();
	WC()->customer = WC()->customer ?? new WC_Customer( get_current_user_id() );
}

function is_cart() {
	return is_page( (int) get_option( 'woocommerce_cart_page_id', -1 ) );
}

function is_checkout() {
	return is_page( (int) get_option( 'woocommerce_checkout_page_id', -1 ) ) || apply_filters( 'woocommerce_is_checkout', false );
}
