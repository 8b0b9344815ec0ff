<?php
/**
 * Pages of a shop as far as our hooks need them: each fires what WooCommerce fires there, around as little as it can.
 * The double has no templates; which hook stands where is known of a real shop.
 */

use Automattic\WooCommerce\Blocks\Integrations\IntegrationRegistry;
use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;

function belong_front_captured( callable $what ): string {
	ob_start();
	$what();
	return (string) ob_get_clean();
}

// WooCommerce shows customers no bar of WordPress.
add_filter( 'show_admin_bar', '__return_false' );

function belong_front_page( string $name ): bool {
	return is_page( $name );
}

add_filter( 'woocommerce_is_checkout', static fn( $is ) => $is || belong_front_page( 'checkout' ) || belong_front_page( 'block-cart' ) );

// WordPress would ask its makers whether there is something newer, and warn that it cannot.
foreach ( array( '_maybe_update_core', '_maybe_update_plugins', '_maybe_update_themes' ) as $belong_asks ) {
	remove_action( 'admin_init', $belong_asks );
}
add_filter( 'translations_api', static fn() => array( 'translations' => array() ) );

// A cart of this request: what lies in it is not what is looked at.
add_action(
	'wp',
	static function () {
		$product = (int) get_option( 'belong_front_product' );
		if ( $product && ! is_admin() ) {
			wc_load_cart();
			if ( WC()->cart->is_empty() ) {
				WC()->cart->add_to_cart( $product, 2 );
			}
		}
	}
);

add_shortcode(
	'belong_front_product',
	static fn() => belong_front_captured(
		static function () {
			$GLOBALS['product'] = wc_get_product( (int) get_option( 'belong_front_product' ) );
			echo '<div class="product"><h2>Tea</h2><p class="price">25.00 EUR</p>';
			do_action( 'woocommerce_single_product_summary' );
			echo '</div>';
		}
	)
);

function belong_front_totals( string $before, string $inside ): void {
	do_action( $before );
	echo '<table class="shop_table"><tbody><tr class="order-total"><th scope="row">Total</th><td>50.00 EUR</td></tr>';
	do_action( $inside );
	echo '</tbody></table>';
}

add_shortcode( 'belong_front_cart', static fn() => belong_front_captured( static fn() => belong_front_totals( 'woocommerce_before_cart_totals', 'woocommerce_cart_totals_after_order_total' ) ) );
add_shortcode( 'belong_front_checkout', static fn() => belong_front_captured( static fn() => belong_front_totals( 'woocommerce_before_checkout_form', 'woocommerce_review_order_after_order_total' ) ) );

// What our script of the blocks finds in a shop: a slot that is given the cart's extensions, and WordPress's own element.
add_shortcode(
	'belong_front_blocks',
	static function () {
		wp_register_script( 'wc-blocks-checkout', false, array( 'wp-element' ), '1', true );
		wp_register_script( 'wc-blocks-data-store', false, array(), '1', true );
		$slot = 'const slot = ( { children } ) => wp.element.Children.map( children, ( child ) => wp.element.cloneElement( child, { extensions: window.belongExtensions } ) );'
			. 'window.wc = { blocksCheckout: { ExperimentalOrderMeta: slot, ExperimentalDiscountsMeta: slot, registerCheckoutFilters: () => {} } };'
			. 'window.addEventListener( "load", () => { const kept = wp.plugins.getPlugins( "woocommerce-checkout" );'
			. ' wp.element.createRoot( document.getElementById( "belong-front-blocks" ) ).render( kept.map( ( one ) => wp.element.createElement( one.render, { key: one.name } ) ) ); } );';
		wp_add_inline_script( 'wc-blocks-checkout', $slot );
		$registry = new IntegrationRegistry();
		$registry->initialize( 'cart_block' );
		foreach ( $registry->get_all_registered_script_handles() as $handle ) {
			wp_enqueue_script( $handle );
		}
		$told = StoreApi::container()->get( ExtendSchema::class )->get_endpoint_data( 'cart' );
		wp_add_inline_script( 'wc-blocks-checkout', 'window.belongExtensions = ' . wp_json_encode( $told ) . ';' );
		return '<div id="belong-front-blocks"></div>';
	}
);

// The screen of one order with order tables of their own.
add_action(
	'admin_menu',
	static function () {
		add_submenu_page(
			'woocommerce',
			'Order',
			'Orders',
			'manage_woocommerce',
			'wc-orders',
			static function () {
				$order = wc_get_order( absint( $_GET['id'] ?? 0 ) );
				echo '<div class="wrap"><h1>Order</h1><div id="poststuff">';
				do_action( 'add_meta_boxes', 'woocommerce_page_wc-orders', $order );
				do_meta_boxes( 'woocommerce_page_wc-orders', 'normal', $order );
				echo '</div></div>';
			}
		);
	},
	20
);
