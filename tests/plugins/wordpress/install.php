<?php
/**
 * Installs a throw-away site and activates the plugins that are named: `php install.php WORDPRESS PLUGIN...`.
 * Prints the versions of WordPress and PHP; anything else that is printed is a defect.
 */

// The site mails its owner's password to somebody who does not exist.
function wp_mail() {
	return true;
}

define( 'WP_INSTALLING', true );
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

wp_install( 'A shop', 'admin', 'owner@shop.example', true, '', 'not a secret' );
foreach ( array_slice( $argv, 2 ) as $belong_plugin ) {
	$belong_problem = activate_plugin( $belong_plugin );
	if ( is_wp_error( $belong_problem ) ) {
		fwrite( STDERR, $belong_plugin . ': ' . $belong_problem->get_error_message() . "\n" );
		exit( 1 );
	}
}
echo 'WordPress ', $GLOBALS['wp_version'], ', PHP ', PHP_VERSION, "\n";
