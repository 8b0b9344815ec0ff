<?php
/**
 * Settings of a throw-away site for tests. BELONG_SITE is its folder: its own content and its own SQLite file beside
 * a WordPress that all sites share and none writes to.
 */

$belong_site = rtrim( (string) getenv( 'BELONG_SITE' ), '/' );
if ( '' === $belong_site ) {
	fwrite( STDERR, "BELONG_SITE names the folder of the throw-away site.\n" );
	exit( 1 );
}

define( 'WP_CONTENT_DIR', $belong_site . '/wp-content' );
define( 'WP_HOME', 'https://shop.example' );
define( 'WP_SITEURL', 'https://shop.example' );
define( 'DB_DIR', $belong_site );
define( 'DB_FILE', 'site.sqlite' );
define( 'DB_NAME', 'site' );
define( 'DB_USER', '' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', '' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $belong_purpose ) {
	define( $belong_purpose . '_KEY', 'key of a throw-away site' );
	define( $belong_purpose . '_SALT', 'salt of a throw-away site' );
}
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_DISPLAY', true );
define( 'WP_ENVIRONMENT_TYPE', 'local' );
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
$table_prefix = 'wp_';

$_SERVER['HTTP_HOST']       = 'shop.example';
$_SERVER['SERVER_NAME']     = 'shop.example';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['HTTPS']           = 'on';
$_SERVER['REQUEST_METHOD']  = $_SERVER['REQUEST_METHOD'] ?? 'GET';
$_SERVER['REQUEST_URI']     = $_SERVER['REQUEST_URI'] ?? '/';
$_SERVER['REMOTE_ADDR']     = '127.0.0.1';

if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
