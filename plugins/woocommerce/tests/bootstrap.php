<?php
/**
 * Loads the throw-away site that BELONG_SITE names, in the WordPress that BELONG_WORDPRESS names.
 *
 * @package Belong\Tests
 */

require_once __DIR__ . '/Strictness.php';
// PHPUnit keeps a handler that is there before it.
$belong_strictness = new Belong\Tests\Strictness();
set_error_handler( $belong_strictness );

// PHPUnit loads this file in a function, and would put WordPress's first, empty list back afterwards.
global $shortcode_tags;
require_once getenv( 'BELONG_WORDPRESS' ) . '/wp-load.php';
// No machine of ours sends mail.
add_filter( 'pre_wp_mail', '__return_true' );
// Tests make many users, and nobody guesses their passwords.
add_filter(
	'wp_hash_password_options',
	static function () {
		return array( 'cost' => 4 );
	}
);

require_once __DIR__ . '/ShopTestCase.php';
require_once __DIR__ . '/EarnTestCase.php';
require_once __DIR__ . '/HookLog.php';
require_once __DIR__ . '/ServiceDouble.php';
require_once __DIR__ . '/SignedTestCase.php';
require_once __DIR__ . '/Pushed.php';
require_once __DIR__ . '/BatchService.php';
require_once __DIR__ . '/ConnectedTestCase.php';
require_once __DIR__ . '/RedeemTestCase.php';
require_once __DIR__ . '/PairingDouble.php';
require_once __DIR__ . '/OpeningService.php';
require_once __DIR__ . '/ImportTestCase.php';
if ( ! defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ) {
	require __DIR__ . '/real-woocommerce.php';
}

$belong_versions = sprintf(
	'WordPress %s, WooCommerce %s, PHP %s, PHPUnit %s',
	$GLOBALS['wp_version'],
	defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) ? 'double' : WC_VERSION,
	PHP_VERSION,
	PHPUnit\Runner\Version::id()
);
file_put_contents( getenv( 'BELONG_SITE' ) . '/versions.txt', $belong_versions );
