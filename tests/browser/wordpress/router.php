<?php
/**
 * For PHP's own server: a WordPress that all sites share, and the content of the site that BELONG_SITE names.
 */

$belong_path = (string) wp_path( $_SERVER['REQUEST_URI'] );
$belong_core = rtrim( (string) getenv( 'BELONG_WORDPRESS' ), '/' );

function wp_path( string $uri ): string {
	return rawurldecode( (string) parse_url( $uri, PHP_URL_PATH ) );
}

$belong_file = getenv( 'BELONG_SITE' ) . $belong_path;
if ( 0 === strpos( $belong_path, '/wp-content/' ) && is_file( $belong_file ) && false === strpos( $belong_path, '..' ) ) {
	$belong_types = array(
		'css'   => 'text/css',
		'js'    => 'text/javascript',
		'svg'   => 'image/svg+xml',
		'woff2' => 'font/woff2',
	);
	header( 'Content-Type: ' . ( $belong_types[ pathinfo( $belong_file, PATHINFO_EXTENSION ) ] ?? 'application/octet-stream' ) );
	readfile( $belong_file );
	return true;
}
if ( is_file( $belong_core . $belong_path ) || is_file( $belong_core . $belong_path . '/index.php' ) && '/' !== $belong_path ) {
	return false;
}
$_SERVER['SCRIPT_NAME'] = '/index.php';
$_SERVER['PHP_SELF']    = '/index.php';
require $belong_core . '/index.php';
