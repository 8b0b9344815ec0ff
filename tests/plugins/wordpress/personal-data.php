<?php
/**
 * WordPress's privacy tools, in a process of its own: `php personal-data.php WORDPRESS export|erase EMAIL`. Prints JSON:
 * the pages of our exporter, or what our eraser said.
 */

require $argv[1] . '/wp-load.php';

list( , , $belong_what, $belong_email ) = $argv;

$belong_answer = array();
if ( 'export' === $belong_what ) {
	$belong_call = apply_filters( 'wp_privacy_personal_data_exporters', array() )['belong-for-woocommerce']['callback'];
	do {
		$belong_page     = call_user_func( $belong_call, $belong_email, count( $belong_answer ) + 1 );
		$belong_answer[] = $belong_page['data'];
	} while ( ! $belong_page['done'] );
} else {
	$belong_request = wp_create_user_request( $belong_email, 'remove_personal_data' );
	$belong_call    = apply_filters( 'wp_privacy_personal_data_erasers', array() )['belong-for-woocommerce']['callback'];
	$belong_answer  = call_user_func( $belong_call, $belong_email, 1 );
	do_action( 'wp_privacy_personal_data_erased', $belong_request );
}
echo wp_json_encode( $belong_answer ), "\n";
