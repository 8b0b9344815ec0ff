<?php
/**
 * Who comes by a friend's link, in a process of its own: `php invited-stories.php WORDPRESS front SLUG`, `... customer NAME`,
 * `... page USER`, or `... choose USER CHOICE CODE COOKIE`. Prints JSON.
 */

require $argv[1] . '/wp-load.php';

$belong_rest = array_slice( $argv, 3 );
if ( 'front' === $argv[2] ) {
	update_option( 'show_on_front', 'page' );
	update_option( 'page_on_front', get_page_by_path( $belong_rest[0] )->ID );
	echo "[]\n";
	exit;
}
if ( 'customer' === $argv[2] ) {
	$belong_made = wp_insert_user(
		array(
			'user_login' => $belong_rest[0],
			'user_email' => $belong_rest[0] . '@shop.example',
			'user_pass'  => 'x',
			'role'       => 'customer',
		)
	);
	echo wp_json_encode( $belong_made ), "\n";
	exit;
}
wp_set_current_user( (int) $belong_rest[0] );
if ( 'page' === $argv[2] ) {
	echo wp_json_encode( Belong\Account\Sheet::own()->captured( 'points' ) ), "\n";
	exit;
}
if ( isset( $belong_rest[3] ) ) {
	$_COOKIE[ Belong\Account\Invited::COOKIE ] = $belong_rest[3];
}
$belong_request = new WP_REST_Request( 'POST', '/belong/v1/me/choices' );
$belong_request->set_body_params(
	array(
		'choice' => $belong_rest[1],
		'code'   => $belong_rest[2] ?? '',
	)
);
$belong_answer = rest_do_request( $belong_request );
echo wp_json_encode( array( $belong_answer->get_status(), $belong_answer->get_data()['message'] ) ), "\n";
