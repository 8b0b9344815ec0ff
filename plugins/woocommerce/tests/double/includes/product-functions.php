<?php
/**
 * Products and their prices by function.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'init',
	static function () {
		register_post_type( 'product', array( 'public' => true ) );
		register_post_type( 'product_variation', array( 'public' => false ) );
		register_taxonomy( 'product_cat', 'product', array( 'hierarchical' => true ) );
		register_taxonomy( 'product_tag', 'product' );
	},
	5
);

function wc_get_product( $given = false ) {
	if ( $given instanceof WC_Product ) {
		return $given;
	}
	$post = $given ? get_post( $given ) : null;
	if ( ! $post || ! in_array( $post->post_type, array( 'product', 'product_variation' ), true ) ) {
		return false;
	}
	$classes = array(
		'simple'    => WC_Product_Simple::class,
		'variable'  => WC_Product_Variable::class,
		'variation' => WC_Product_Variation::class,
	);
	$class   = $classes[ get_post_meta( $post->ID, '_double_type', true ) ];
	return new $class( $post->ID );
}

function get_woocommerce_currency() {
	return apply_filters( 'woocommerce_currency', get_option( 'woocommerce_currency', 'EUR' ) );
}

function wc_prices_include_tax() {
	return 'yes' === get_option( 'woocommerce_calc_taxes' ) && 'yes' === get_option( 'woocommerce_prices_include_tax' );
}

/** Not rounded, as in the original: 10.00 with 19 % in it is 8.4033613... */
function wc_get_price_excluding_tax( $product, $args = array() ) {
	$price = (float) ( $args['price'] ?? $product->get_price() ) * (float) ( $args['qty'] ?? 1 );
	return wc_prices_include_tax() ? $price / ( 1 + WC_Tax::rate() / 100 ) : $price;
}

function wc_get_price_including_tax( $product, $args = array() ) {
	$price = (float) ( $args['price'] ?? $product->get_price() ) * (float) ( $args['qty'] ?? 1 );
	return wc_prices_include_tax() ? $price : $price + round( $price * WC_Tax::rate() / 100, wc_get_price_decimals() );
}

/** One rate, of everything and everywhere: more than that no test of ours asks for. */
final class WC_Tax {

	public static function _insert_tax_rate( $rate ) {
		update_option( 'belong_double_tax_rate', (string) $rate['tax_rate'] );
		return 1;
	}

	public static function rate(): float {
		return 'yes' === get_option( 'woocommerce_calc_taxes' ) ? (float) get_option( 'belong_double_tax_rate', 0 ) : 0.0;
	}
}
