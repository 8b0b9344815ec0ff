<?php
/**
 * Orders by function.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

/** Rounded only where somebody says to how many places; then always with so many. */
function wc_format_decimal( $number, $places = false ) {
	$number = is_string( $number ) ? trim( $number ) : $number;
	if ( false !== $places ) {
		return number_format( (float) $number, (int) $places, '.', '' );
	}
	return is_float( $number ) ? rtrim( rtrim( number_format( $number, 6, '.', '' ), '0' ), '.' ) : (string) $number;
}

function wc_get_price_decimals() {
	return absint( apply_filters( 'wc_get_price_decimals', get_option( 'woocommerce_price_num_decimals', 2 ) ) );
}

function wc_get_is_paid_statuses() {
	return apply_filters( 'woocommerce_order_is_paid_statuses', array( 'processing', 'completed' ) );
}

function wc_get_order_notes( $args ) {
	$notes = wc_get_order( $args['order_id'] )->get_meta( 'double_notes' );
	return array_map( static fn( $note ) => (object) array( 'content' => $note ), $notes ? $notes : array() );
}

function wc_get_order( $given = false ) {
	$id  = $given instanceof WC_Abstract_Order ? $given->get_id() : (int) $given;
	$row = $id ? DoubleTables::row( $id ) : null;
	if ( ! $row ) {
		return false;
	}
	return 'shop_order_refund' === $row->type ? new WC_Order_Refund( $id ) : new WC_Order( $id );
}

function wc_create_order( $args = array() ) {
	$order = new WC_Order();
	$order->set_customer_id( $args['customer_id'] ?? 0 );
	if ( isset( $args['status'] ) ) {
		$order->set_status( $args['status'] );
	}
	$order->save();
	return $order;
}

/** Without a limit the original gives ten or so; "any" leaves out the trash. */
function wc_get_orders( $args ) {
	global $wpdb;
	$where  = array( 'type = %s' );
	$values = array( $args['type'] ?? 'shop_order' );
	foreach ( array(
		'customer_id' => 'customer_id',
		'customer'    => 'customer_id',
		'parent'      => 'parent_id',
	) as $name => $column ) {
		if ( isset( $args[ $name ] ) ) {
			$where[]  = "$column = %d";
			$values[] = $args[ $name ];
		}
	}
	$wanted = array_diff( (array) ( $args['status'] ?? array() ), array( 'any' ) );
	if ( $wanted ) {
		$where[] = 'status IN (' . implode( ', ', array_fill( 0, count( $wanted ), '%s' ) ) . ')';
		foreach ( $wanted as $status ) {
			$values[] = 0 === strpos( $status, 'wc-' ) ? substr( $status, 3 ) : $status;
		}
	} else {
		$where[] = "status <> 'trash'";
	}
	$limit = (int) ( $args['limit'] ?? 10 );
	$sql   = "SELECT id FROM {$wpdb->prefix}double_orders WHERE " . implode( ' AND ', $where ) . ' ORDER BY id DESC';
	$sql  .= $limit < 0 ? '' : ' LIMIT ' . $limit;
	$ids   = array_map( 'intval', $wpdb->get_col( $wpdb->prepare( $sql, $values ) ) );
	return 'ids' === ( $args['return'] ?? 'objects' ) ? $ids : array_values( array_filter( array_map( 'wc_get_order', $ids ) ) );
}

/** An Exception of a listener becomes an error that is returned; the refund is then taken away again. */
function wc_create_refund( $args = array() ) {
	$refund = null;
	try {
		$order = wc_get_order( $args['order_id'] );
		if ( ! $order ) {
			throw new Exception( 'Invalid order ID.' );
		}
		$left = $order->get_remaining_refund_amount();
		if ( (float) $args['amount'] < 0 || (float) $args['amount'] > (float) $left ) {
			throw new Exception( 'Invalid refund amount.' );
		}
		$refund = new WC_Order_Refund();
		$refund->set_parent_id( $order->get_id() );
		$refund->set_currency( $order->get_currency() );
		$refund->set_amount( $args['amount'] );
		$refund->set_reason( $args['reason'] ?? '' );
		belong_double_refund_lines( $refund, $order, $args['line_items'] ?? array() );
		do_action( 'woocommerce_create_refund', $refund, $args );
		$refund->save();
		belong_double_tell_refund( $order, $refund, $args );
		return $refund;
	} catch ( Exception $e ) {
		if ( $refund && $refund->get_id() ) {
			$refund->delete( true );
		}
		return new WP_Error( 'error', $e->getMessage() );
	}
}

function belong_double_refund_lines( WC_Order_Refund $refund, WC_Order $order, array $lines ) {
	$sold = $order->get_items();
	foreach ( $lines as $item_id => $line ) {
		$item = new WC_Order_Item_Product();
		$item->set_props(
			array(
				'name'       => $sold[ $item_id ]->get_name(),
				'product_id' => $sold[ $item_id ]->get_product_id(),
				'quantity'   => -1 * (int) ( $line['qty'] ?? 0 ),
				'subtotal'   => wc_format_decimal( -1 * ( $line['refund_total'] ?? 0 ) ),
				'total'      => wc_format_decimal( -1 * ( $line['refund_total'] ?? 0 ) ),
				'total_tax'  => wc_format_decimal( -1 * array_sum( (array) ( $line['refund_tax'] ?? 0 ) ) ),
				'taxes'      => array(
					'total'    => array_map( 'belong_double_negative', (array) ( $line['refund_tax'] ?? array() ) ),
					'subtotal' => array_map( 'belong_double_negative', (array) ( $line['refund_tax'] ?? array() ) ),
				),
			)
		);
		$item->update_meta_data( '_refunded_item_id', $item_id );
		$refund->add_item( $item );
	}
}

function belong_double_negative( $amount ) {
	return wc_format_decimal( -1 * $amount );
}

function belong_double_tell_refund( WC_Order $order, WC_Order_Refund $refund, array $args ) {
	$order_id = $order->get_id();
	if ( (float) $order->get_remaining_refund_amount() > 0 ) {
		do_action( 'woocommerce_order_partially_refunded', $order_id, $refund->get_id() );
		$order->update_meta_data( 'double_refunds', count( $order->get_refunds() ) );
		$order->save();
	} else {
		do_action( 'woocommerce_order_fully_refunded', $order_id, $refund->get_id() );
		$status = apply_filters( 'woocommerce_order_fully_refunded_status', 'refunded', $order_id, $refund->get_id() );
		if ( $status ) {
			wc_get_order( $order_id )->update_status( $status );
		}
	}
	do_action( 'woocommerce_refund_created', $refund->get_id(), $args );
	do_action( 'woocommerce_order_refunded', $order_id, $refund->get_id() );
}
