<?php
/**
 * What noting costs: completes orders with our listeners and without them, and prints for each time what one order took.
 * `BELONG_SITE=... php cost.php WORDPRESS [ORDERS] [with|without]...`; times of one machine only, and only as a ratio.
 * `python -m bench plugin` makes a site for it.
 *
 * @package Belong\Tests
 */

require $argv[1] . '/wp-load.php';
add_filter( 'pre_wp_mail', '__return_true' );
if ( ! defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
	require __DIR__ . '/real-woocommerce.php';
}

Belong\Connection\Connection::keep(
	array(
		'service'    => 'https://points.example',
		'id'         => '00000000-0000-4000-8000-000000000001',
		'to_service' => array( base64_encode( str_repeat( 'k', 32 ) ) ),
	)
);

/** Those of our guarded listeners that note orders and customers. */
function belong_cost_listeners(): array {
	global $wp_filter;
	$found = array();
	foreach ( $wp_filter as $hook => $listeners ) {
		foreach ( $listeners->callbacks as $priority => $callbacks ) {
			foreach ( $callbacks as $callback ) {
				$is_ours = $callback['function'] instanceof Closure
					&& ( new ReflectionFunction( $callback['function'] ) )->getClosureThis() instanceof Belong\Guard;
				if ( $is_ours && 'shutdown' !== $hook ) {
					$found[] = array( $hook, $callback['function'], $priority, $callback['accepted_args'] );
				}
			}
		}
	}
	return $found;
}

function belong_cost_orders( int $count ): array {
	$orders = array();
	for ( $made = 0; $made < $count; $made++ ) {
		$order = new WC_Order();
		$line  = new WC_Order_Item_Product();
		$line->set_props(
			array(
				'subtotal' => '40.00',
				'total'    => '40.00',
			)
		);
		$order->add_item( $line );
		$order->calculate_totals();
		$order->update_status( 'processing' );
		$orders[] = $order->get_id();
	}
	Belong\Plugin::outbox()->mark_again();
	return $orders;
}

/** Queries and CPU milliseconds for each order. */
function belong_cost_round( array $ids ): array {
	global $wpdb;
	wp_cache_flush();
	gc_collect_cycles();
	$queries = $wpdb->num_queries;
	$before  = getrusage();
	foreach ( $ids as $id ) {
		wc_get_order( $id )->update_status( 'completed' );
	}
	Belong\Plugin::outbox()->mark_again();
	$after = getrusage();
	$cpu   = 0;
	foreach ( array( 'ru_utime', 'ru_stime' ) as $kind ) {
		$cpu += ( $after[ "$kind.tv_sec" ] - $before[ "$kind.tv_sec" ] ) * 1000 + ( $after[ "$kind.tv_usec" ] - $before[ "$kind.tv_usec" ] ) / 1000;
	}
	return array(
		'queries' => ( $wpdb->num_queries - $queries ) / count( $ids ),
		'cpu_ms'  => $cpu / count( $ids ),
	);
}

$belong_listeners = belong_cost_listeners();
$belong_count     = (int) ( $argv[2] ?? 1000 );
foreach ( array_slice( $argv, 3 ) ?: array( 'with', 'without' ) as $belong_case ) {
	$belong_ids = belong_cost_orders( $belong_count );
	foreach ( 'without' === $belong_case ? $belong_listeners : array() as $belong_one ) {
		remove_filter( $belong_one[0], $belong_one[1], $belong_one[2] );
	}
	echo wp_json_encode( array( 'case' => $belong_case ) + belong_cost_round( $belong_ids ) ), "\n";
	foreach ( 'without' === $belong_case ? $belong_listeners : array() as $belong_one ) {
		add_filter( $belong_one[0], $belong_one[1], $belong_one[2], $belong_one[3] );
	}
}
