<?php
/**
 * Plugin Name:       WooCommerce (a double for tests)
 * Description:       Only what Belong uses of WooCommerce, and no kinder than the original. Never install it in a shop.
 * Version:           11.0.1
 * Requires at least: 6.8
 * Requires PHP:      7.4
 * License:           GPL-2.0-or-later
 *
 * Written from what was seen of WooCommerce from outside; no line of it is WooCommerce's.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

// The contract suite looks for this to tell the double from the original.
define( 'BELONG_WOOCOMMERCE_DOUBLE', true );
define( 'WC_VERSION', '11.0.1' );
define( 'WC_PLUGIN_FILE', __FILE__ );

foreach ( array(
	'DoubleTables',
	'WC_Order_Item',
	'WC_Abstract_Order',
	'WC_Order',
	'WC_Order_Refund',
	'WC_Coupon',
	'WC_Customer',
	'ActionScheduler_Logger',
	'ActionScheduler',
	'ActionQueue',
	'CustomerRest',
	'WC_Product',
	'WC_Cart',
	'blocks',
	'account',
	'WC_Logger',
	'namespaced',
	'order-functions',
	'product-functions',
	'block-functions',
	'coupon-functions',
	'action-functions',
	'shop-keys',
) as $belong_double_part ) {
	require_once __DIR__ . '/includes/' . $belong_double_part . '.php';
}

register_activation_hook( __FILE__, array( 'DoubleTables', 'create' ) );
ActionScheduler::logger();
register_activation_hook( __FILE__, array( 'ShopKeys', 'create' ) );
add_action( 'admin_menu', array( 'ShopKeys', 'add_menu' ), 9 );

add_action(
	'init',
	static function () {
		do_action( 'before_woocommerce_init' );
		do_action( 'woocommerce_init' );
	},
	0
);
add_action( 'rest_api_init', array( 'CustomerRest', 'register' ) );

// A status that says "refunded" makes the money go back: one refund without lines over what is left.
add_action(
	'woocommerce_order_status_refunded',
	static function ( $order_id ) {
		$order = wc_get_order( $order_id );
		if ( $order && $order->get_remaining_refund_amount() > 0 ) {
			wc_create_refund(
				array(
					'amount'   => $order->get_remaining_refund_amount(),
					'order_id' => $order_id,
				)
			);
		}
	}
);

// Sales are counted after the status change: this is why one edit saves an order more than once.
add_action(
	'woocommerce_order_status_completed',
	static function ( $order_id ) {
		$order = wc_get_order( $order_id );
		if ( $order ) {
			$order->update_meta_data( '_recorded_sales', 'yes' );
			$order->save();
		}
	},
	10
);

do_action( 'woocommerce_loaded' );
