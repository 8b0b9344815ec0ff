<?php
/**
 * What happens to orders, in a process of its own: `php order-stories.php WORDPRESS make COUNT`, `... STORY ID...`, `... pair CODE`,
 * `... send-now`, `... drain USER`, `... drain-until FILE`, or `... show ID...`. Prints JSON.
 */

require $argv[1] . '/wp-load.php';

function belong_story_order( int $id ) {
	wp_cache_flush_runtime();
	return wc_get_order( $id );
}

function belong_story_step( int $id, string $status ): void {
	$order = belong_story_order( $id );
	if ( $order ) {
		$order->update_status( $status );
	}
}

function belong_story_refund( int $id, string $amount ): ?WC_Order_Refund {
	$refund = wc_create_refund(
		array(
			'order_id' => $id,
			'amount'   => $amount,
		)
	);
	return is_wp_error( $refund ) ? null : $refund;
}

$belong_stories = array(
	'completed-twice'    => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		belong_story_step( $id, 'processing' );
		belong_story_step( $id, 'completed' );
	},
	'partial-refund'     => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		belong_story_refund( $id, '10.00' );
	},
	'refund-deleted'     => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		$refund = belong_story_refund( $id, '10.00' );
		if ( $refund ) {
			$refund->delete( true );
		}
	},
	'cancelled-again'    => static function ( int $id ) {
		foreach ( array( 'completed', 'cancelled', 'completed', 'cancelled' ) as $status ) {
			belong_story_step( $id, $status );
		}
	},
	'trashed'            => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		$order = belong_story_order( $id );
		if ( $order ) {
			$order->delete( false );
		}
	},
	'restored'           => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		belong_story_order( $id )->delete( false );
		belong_story_order( $id )->untrash();
	},
	'deleted'            => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		$order = belong_story_order( $id );
		if ( $order ) {
			$order->delete( true );
		}
	},
	'another-customer'   => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		$order = belong_story_order( $id );
		$order->set_customer_id( 9 );
		$order->save();
	},
	'refunded-by-status' => static function ( int $id ) {
		belong_story_step( $id, 'completed' );
		belong_story_step( $id, 'refunded' );
		belong_story_step( $id, 'completed' );
	},
);

function belong_story_make( int $count ): array {
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
		$order->update_status( 'processing' );
		$ids[] = $order->get_id();
	}
	return $ids;
}

$belong_answer = array();
$belong_what   = $argv[2];
$belong_rest   = array_slice( $argv, 3 );
if ( 'make' === $belong_what ) {
	$belong_answer = belong_story_make( (int) $belong_rest[0] );
} elseif ( 'pair' === $belong_what ) {
	Belong\Connection\Pairing::pair( $belong_rest[0], 1, true );
} elseif ( 'send-now' === $belong_what ) {
	Belong\Connection\Queue::send_now();
} elseif ( 'drain' === $belong_what ) {
	do_action( 'belong_drain_net' );
	$belong_waiting  = $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM %i', Belong\Schema::outbox() ) );
	$belong_snapshot = get_user_meta( (int) ( $belong_rest[0] ?? 0 ), '_belong_snapshot', true );
	$belong_answer   = array( json_decode( (string) $belong_snapshot, true ), $belong_waiting );
} elseif ( 'drain-until' === $belong_what ) {
	while ( ! file_exists( $belong_rest[0] ) ) {
		wp_cache_flush_runtime();
		do_action( 'belong_drain' );
		usleep( 20000 );
	}
} elseif ( 'show' === $belong_what ) {
	foreach ( $belong_rest as $belong_id ) {
		$belong_order               = belong_story_order( (int) $belong_id );
		$belong_answer[ $belong_id ] = $belong_order ? ( new Belong\State\OrderState() )->of( $belong_order ) : null;
	}
} else {
	foreach ( 'all' === $belong_what ? array_keys( $belong_stories ) : array( $belong_what ) as $belong_at => $belong_name ) {
		$belong_stories[ $belong_name ]( (int) $belong_rest[ $belong_at ] );
	}
}
echo wp_json_encode( $belong_answer ), "\n";
