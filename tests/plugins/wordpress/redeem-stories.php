<?php
/**
 * What member 1 does with rewards, in a process of its own: `php redeem-stories.php WORDPRESS goods`, `... cart REWARD [POINTS]`, `... order REWARD [POINTS]`,
 * `... take-off REWARD`, `... lose-reply REWARD`, `... take CODE FILE`, `... status ORDER STATUS`, `... refund ORDER AMOUNT`, `... pay-later ORDER`,
 * `... delete ORDER`, `... old`, `... rows`. Prints JSON.
 */

require $argv[1] . '/wp-load.php';

use Belong\Redeeming\Choosing;
use Belong\Redeeming\Reservations;
use Belong\Schema;

const BELONG_MEMBER = 1;

/** Something that costs 40.00; the same each time. */
function belong_redeem_goods(): int {
	$known = (int) get_option( 'belong_test_goods', 0 );
	if ( $known ) {
		return $known;
	}
	$product = new WC_Product();
	$product->set_props(
		array(
			'name'          => 'Tea',
			'regular_price' => '40.00',
			'price'         => '40.00',
			'status'        => 'publish',
		)
	);
	$product->save();
	update_option( 'belong_test_goods', $product->get_id() );
	return $product->get_id();
}

function belong_redeem_cart(): void {
	wp_set_current_user( BELONG_MEMBER );
	wc_load_cart();
	WC()->cart->add_to_cart( belong_redeem_goods() );
}

function belong_redeem_choose( array $what ): array {
	$outcome = Choosing::own()->choose( $what[0], isset( $what[1] ) ? (int) $what[1] : null );
	return array(
		'is_good' => $outcome->is_good,
		'said'    => $outcome->said,
		'codes'   => WC()->cart->get_applied_coupons(),
		'total'   => WC()->cart->get_total( 'edit' ),
	);
}

/** As the classic checkout makes it of the cart: coupons are copied, and its hook runs before anything is paid. */
function belong_redeem_order(): int {
	$order = new WC_Order();
	$order->set_customer_id( BELONG_MEMBER );
	foreach ( WC()->cart->get_cart() as $item ) {
		$line = new WC_Order_Item_Product();
		$line->set_props(
			array(
				'subtotal' => (string) $item['line_subtotal'],
				'total'    => (string) $item['line_total'],
			)
		);
		$order->add_item( $line );
	}
	foreach ( WC()->cart->get_applied_coupons() as $code ) {
		$line = new WC_Order_Item_Coupon();
		$line->set_props(
			array(
				'code'     => $code,
				'discount' => wc_format_decimal( WC()->cart->get_discount_total() ),
			)
		);
		$order->add_item( $line );
	}
	$order->calculate_totals();
	do_action( 'woocommerce_checkout_order_created', $order );
	WC()->cart->empty_cart();
	return $order->get_id();
}

$belong_what   = $argv[2];
$belong_rest   = array_slice( $argv, 3 );
$belong_answer = null;
switch ( $belong_what ) {
	case 'cart':
		belong_redeem_cart();
		$belong_answer = belong_redeem_choose( $belong_rest );
		break;
	case 'order':
		belong_redeem_cart();
		$belong_answer = belong_redeem_choose( $belong_rest ) + array( 'order' => belong_redeem_order() );
		break;
	case 'take-off':
		belong_redeem_cart();
		belong_redeem_choose( $belong_rest );
		$belong_answer = Choosing::own()->take_off()->is_good;
		break;
	case 'lose-reply':
		belong_redeem_cart();
		// The service has answered, and nobody hears it.
		add_filter(
			'http_response',
			static function ( $response, $request, $url ) {
				return false === strpos( $url, '/me/redemptions' ) ? $response : new WP_Error( 'http_request_failed', 'lost' );
			},
			10,
			3
		);
		$belong_answer = belong_redeem_choose( $belong_rest );
		// As if a while had passed.
		Belong\Sending\Pace::reset();
		break;
	case 'take':
		// All at once: each process waits for the file.
		while ( ! file_exists( $belong_rest[1] ) ) {
			usleep( 1000 );
		}
		$belong_answer = ( new Reservations() )->burn( $belong_rest[0], BELONG_MEMBER, getmypid() );
		break;
	case 'status':
		wc_get_order( (int) $belong_rest[0] )->update_status( $belong_rest[1] );
		break;
	case 'refund':
		$belong_answer = wc_create_refund(
			array(
				'order_id' => (int) $belong_rest[0],
				'amount'   => $belong_rest[1],
			)
		)->get_id();
		break;
	case 'pay-later':
		// On the page that an order which was not paid has in the account.
		do_action( 'woocommerce_before_pay_action', wc_get_order( (int) $belong_rest[0] ) );
		$belong_order = wc_get_order( (int) $belong_rest[0] );
		$belong_answer = array(
			'total' => (float) $belong_order->get_total(),
			'codes' => $belong_order->get_coupon_codes(),
		);
		if ( ! wc_get_notices( 'error' ) ) {
			$belong_order->update_status( 'processing' );
		}
		break;
	case 'delete':
		wc_get_order( (int) $belong_rest[0] )->delete( true );
		break;
	case 'old':
		// What was asked for a while ago.
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET created_at = %s', Schema::reservations(), gmdate( 'Y-m-d H:i:s', time() - 120 ) ) );
		break;
	case 'goods':
		$belong_answer = belong_redeem_goods();
		break;
	case 'rows':
		break;
	default:
		exit( 'There is no such story.' );
}
$belong_rows = $wpdb->get_results( $wpdb->prepare( 'SELECT state, code, points, order_id FROM %i ORDER BY id', Schema::reservations() ) );
echo wp_json_encode(
	array(
		'answer' => $belong_answer,
		'rows'   => $belong_rows,
	)
), "\n";
