<?php
/**
 * Balances of another plugin and their import, in a process of its own: `php importing.php WORDPRESS lay COUNT`, `... look OLD NEW`,
 * `... turn FROM TO`, `... run [PID]`. PID is of a service that is killed while it
 * works on the second page. The balances are those of WP Swings: user meta wps_wpr_points. Prints JSON.
 */

require $argv[1] . '/wp-load.php';

$belong_answer = null;
$belong_rest   = array_slice( $argv, 3 );
if ( 'lay' === $argv[2] ) {
	for ( $belong_number = 1; $belong_number <= (int) $belong_rest[0]; $belong_number++ ) {
		$belong_name = 'shopper-' . $belong_number;
		$wpdb->insert(
			$wpdb->users,
			array(
				'user_login'    => $belong_name,
				'user_nicename' => $belong_name,
				'user_email'    => $belong_name . '@shop.example',
			)
		);
		$belong_id                   = (int) $wpdb->insert_id;
		$belong_answer[ $belong_id ] = 1000 + 5 * $belong_number;
		add_user_meta( $belong_id, 'wps_wpr_points', (string) $belong_answer[ $belong_id ] );
	}
} elseif ( 'look' === $argv[2] ) {
	Belong\Importing\Run::begin( Belong\Importing\Kinds::of( 'wp-swings:wps_wpr_points' ), (int) $belong_rest[0], (int) $belong_rest[1], 'Ada' );
} elseif ( 'turn' === $argv[2] ) {
	$belong_answer = Belong\Importing\Run::kept()->turn( $belong_rest[0], $belong_rest[1] );
} elseif ( 'run' === $argv[2] ) {
	$belong_calls = 0;
	add_filter(
		'pre_http_request',
		static function ( $before ) use ( &$belong_calls, $belong_rest ) {
			if ( 2 === ++$belong_calls && isset( $belong_rest[0] ) ) {
				exec( sprintf( '(sleep 0.05; kill -9 %d) >/dev/null 2>&1 &', $belong_rest[0] ) );
			}
			return $before;
		}
	);
	( new Belong\Importing\Importer() )->run();
	$belong_run    = Belong\Importing\Run::kept();
	$belong_counts = new Belong\Importing\Counts();
	$belong_answer = array(
		'phase'   => $belong_run->phase(),
		'problem' => $belong_run->problem(),
		'given'   => $belong_counts->rows( 'booked', 'known' ),
		'new'     => $belong_counts->rows( 'new' ),
		'points'  => $belong_counts->points( 'booked', 'known', 'new' ),
		'back'    => $belong_counts->rows( 'taken-back' ),
		'refused' => $belong_counts->refused,
	);
}
echo wp_json_encode( $belong_answer ), "\n";
