<?php
/**
 * What customer 1 sees and does who takes part or not, in a process of its own: `php joining-stories.php WORDPRESS page`, `... choose CHOICE`.
 * Prints JSON.
 */

require $argv[1] . '/wp-load.php';

wp_set_current_user( 1 );
if ( 'page' === $argv[2] ) {
	echo wp_json_encode( Belong\Account\Sheet::own()->captured( 'points' ) ), "\n";
	exit;
}
$belong_request = new WP_REST_Request( 'POST', '/belong/v1/me/choices' );
$belong_request->set_body_params( array( 'choice' => $argv[3] ) );
$belong_answer = rest_do_request( $belong_request );
echo wp_json_encode( array( $belong_answer->get_status(), $belong_answer->get_data()['message'] ) ), "\n";
