<?php
/**
 * Customer 1 takes rewards on My Account, each page in a process of its own: `php taking-stories.php WORDPRESS page`, `... press FORM [START]`,
 * `... send FORM [START]`, `... lose-reply FORM`. send: by the script of the page. FORM: what a browser sends, as JSON; START: a file that a press waits for. Prints JSON: what stands on the page; what was said.
 */

require $argv[1] . '/wp-load.php';

use Belong\Account\Sheet;
use Belong\Redeeming\TakingForm;
use Belong\Redeeming\TakingPosted;

wp_set_current_user( 1 );
if ( 'page' === $argv[2] ) {
	echo wp_json_encode( Sheet::own()->captured( 'points' ) ), "\n";
	exit;
}
if ( 'lose-reply' === $argv[2] ) {
	// The service has answered, and nobody hears it.
	add_filter(
		'http_response',
		static function ( $response, $request, $url ) {
			return false === strpos( $url, '/me/redemptions' ) ? $response : new WP_Error( 'http_request_failed', 'lost' );
		},
		10,
		3
	);
}
while ( isset( $argv[4] ) && ! file_exists( $argv[4] ) ) {
	usleep( 1000 );
}
if ( 'send' === $argv[2] ) {
	$belong_request = new WP_REST_Request( 'POST', '/belong/v1/me/rewards' );
	$belong_request->set_body_params( (array) json_decode( $argv[3], true ) );
	$belong_told = rest_do_request( $belong_request )->get_data();
	echo wp_json_encode( array( array( 'notice' => $belong_told['message'] ) ) ), "\n";
	exit;
}
add_filter(
	'wp_redirect',
	static function () {
		echo wp_json_encode( array_merge( ...array_values( wc_get_notices() ) ) ), "\n";
		exit;
	}
);
// A nonce is of one session; each process here is one.
$_POST = array( TakingForm::FIELD => wp_create_nonce( TakingForm::NONCE ) ) + (array) json_decode( $argv[3], true );
( new TakingPosted() )->look();
