<?php
/**
 * Coupons by function.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

function wc_coupons_enabled() {
	return apply_filters( 'woocommerce_coupons_enabled', 'yes' === get_option( 'woocommerce_enable_coupons', 'yes' ) );
}

function wc_format_coupon_code( $code ) {
	return is_string( $code ) ? wc_strtolower( trim( $code ) ) : $code;
}

function wc_strtolower( $text ) {
	return function_exists( 'mb_strtolower' ) ? mb_strtolower( $text ) : strtolower( $text );
}

/**
 * No limit of a virtual coupon is enforced and none is counted: a second order takes the same code.
 *
 * @return true|WP_Error
 */
function belong_double_apply_coupon( WC_Order $order, string $raw ) {
	// The original makes empty coupons on its way, so the filter is asked for 0 and '' too.
	new WC_Coupon( 0 );
	new WC_Coupon( '' );
	$coupon = new WC_Coupon( $raw );
	if ( ! $coupon->get_virtual() ) {
		return new WP_Error( 'invalid_coupon', 'Coupon does not exist!' );
	}
	try {
		if ( ! apply_filters( 'woocommerce_coupon_is_valid', true, $coupon, new WC_Discounts( $order ) ) ) {
			throw new Exception( 'This coupon is not valid.' );
		}
	} catch ( Exception $e ) {
		return new WP_Error( 'invalid_coupon', $e->getMessage() );
	}
	// Nobody catches what is thrown here, and then nothing is saved.
	do_action( 'woocommerce_order_applied_coupon', $coupon, $order );
	belong_double_take_off( $order, $coupon );
	$order->save();
	return true;
}

/** Spread over the lines in turn; never more than a line costs. */
function belong_double_take_off( WC_Order $order, WC_Coupon $coupon ) {
	$taken = 0;
	$left  = (float) $coupon->get_amount();
	foreach ( $order->get_items() as $item ) {
		$off = 'percent' === $coupon->get_discount_type()
			? round( $item->get_total() * $coupon->get_amount() / 100, 2 )
			: min( $left, (float) $item->get_total() );
		$item->set_total( $item->get_total() - $off );
		$left  -= $off;
		$taken += $off;
	}
	$line = new WC_Order_Item_Coupon();
	$line->set_props(
		array(
			'code'     => $coupon->get_code(),
			'discount' => wc_format_decimal( $taken ),
		)
	);
	$line->update_meta_data( 'coupon_info', wp_json_encode( array( 0, $coupon->get_code(), null, (float) $coupon->get_amount() ) ) );
	$order->add_item( $line );
	$order->calculate_totals();
}
