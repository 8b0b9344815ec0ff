<?php
/**
 * A must-use plugin: the service takes points once for each key, and nobody else is asked. What it has made lies in
 * made.json of wp-content, by key; with a file named refuses there it refuses.
 */

function belong_redeems( array $request, string $url ): array {
	if ( false === strpos( $url, '/me/redemptions' ) ) {
		return array( 201, array( 'token' => 'st_1' ) );
	}
	if ( file_exists( WP_CONTENT_DIR . '/refuses' ) ) {
		return array( 409, array( 'code' => 'not-enough-points' ) );
	}
	$file  = WP_CONTENT_DIR . '/made.json';
	$made  = file_exists( $file ) ? json_decode( file_get_contents( $file ), true ) : array();
	$key   = $request['headers']['idempotency-key'];
	$asked = json_decode( $request['body'], true );
	// As slow as a service that is far away.
	usleep( 300000 );
	$made[ $key ] = $made[ $key ] ?? array(
		'redemption' => str_pad( (string) count( $made ), 32, '0', STR_PAD_LEFT ),
		'reward'     => $asked['reward'],
		'points'     => $asked['points'] ?? null,
		'kind'       => 'coffee' === $asked['reward'] ? 'perk' : 'amount',
		'state'      => 'requested',
		'code'       => 'coffee' === $asked['reward'] ? null : '7k3m-9q2r-5t8v-1x4z',
		'created_at' => gmdate( 'c' ),
	);
	file_put_contents( $file, wp_json_encode( $made ) );
	return array( 201, $made[ $key ] );
}

add_filter(
	'pre_http_request',
	static function ( $before, array $request, string $url ) {
		list( $status, $body ) = belong_redeems( $request, $url );
		return array(
			'headers'  => array(),
			'body'     => wp_json_encode( $body ),
			'response' => array( 'code' => $status, 'message' => '' ),
			'cookies'  => array(),
			'filename' => null,
		);
	},
	10,
	3
);
