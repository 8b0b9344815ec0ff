<?php
/**
 * For `python -m bench plugin`, in the shop that it measures: `?bench_make=COUNT` makes orders of 40.00 of user 1 that wait for
 * their money and says their ids; `?bench_complete=ID` completes one and says when, with `&bench_told` told at the end of
 * the request.
 */

if ( isset( $_GET['bench_told'] ) && ! function_exists( 'fastcgi_finish_request' ) ) {
	// PHP's own server cannot end an answer first. What is told, and when, is as where it can; only the visitor would wait.
	function fastcgi_finish_request() {
		return true;
	}
}

function belong_bench_make( int $count ): array {
	$ids = array();
	for ( $made = 0; $made < $count; $made++ ) {
		$order = new WC_Order();
		$order->set_customer_id( 1 );
		$line = new WC_Order_Item_Product();
		$line->set_props(
			array(
				'subtotal' => '40.00',
				'total'    => '40.00',
			)
		);
		$order->add_item( $line );
		$order->calculate_totals();
		$order->save();
		$ids[] = $order->get_id();
	}
	return $ids;
}

add_action(
	'wp_loaded',
	static function () {
		if ( isset( $_GET['bench_make'] ) ) {
			echo wp_json_encode( belong_bench_make( (int) $_GET['bench_make'] ) );
			exit;
		}
		if ( isset( $_GET['bench_complete'] ) ) {
			$order = wc_get_order( (int) $_GET['bench_complete'] );
			printf( '%.6f', microtime( true ) );
			$order->update_status( 'completed' );
			exit;
		}
	}
);
