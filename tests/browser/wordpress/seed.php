<?php
/**
 * Fills a shop and prints what a browser needs: `php seed.php WORDPRESS PLUGIN-TESTS CONNECT`. CONNECT: 1 places a
 * connection and what was pushed; 0 leaves both to the test.
 */

require $argv[1] . '/wp-load.php';
require $argv[2] . '/Pushed.php';

use Belong\Tests\Pushed;

function belong_seed_page( string $name, string $content ): void {
	wp_insert_post(
		array(
			'post_type'    => 'page',
			'post_status'  => 'publish',
			'post_name'    => $name,
			'post_title'   => ucfirst( str_replace( '-', ' ', $name ) ),
			'post_content' => $content,
		)
	);
}

/** What a browser sends for somebody who is signed in. */
function belong_seed_cookie( int $user_id ): string {
	$ends  = time() + DAY_IN_SECONDS;
	$token = WP_Session_Tokens::get_instance( $user_id )->create( $ends );
	$parts = array(
		SECURE_AUTH_COOKIE => wp_generate_auth_cookie( $user_id, $ends, 'secure_auth', $token ),
		LOGGED_IN_COOKIE   => wp_generate_auth_cookie( $user_id, $ends, 'logged_in', $token ),
	);
	return implode( '; ', array_map( static fn( $name, $value ) => $name . '=' . rawurlencode( $value ), array_keys( $parts ), $parts ) );
}

/** One point for each euro. */
function belong_seed_earn(): array {
	$rule = array(
		'id'         => 'base',
		'lane'       => 'base',
		'award'      => 'per_amount',
		'rates'      => array( 'EUR' => '1' ),
		'points'     => 0,
		'factor'     => '1',
		'step_minor' => 0,
		'priority'   => 0,
		'starts_at'  => null,
		'ends_at'    => null,
		'conditions' => array(),
		'caps'       => array(),
	);
	return array(
		'basis'            => 'net_merchandise',
		'include_shipping' => false,
		'excludes'         => array(),
		'rounding'         => 'floor',
		'minimum_minor'    => 0,
		'lanes'            => array(),
		'across'           => 'multiply',
		'rules'            => array( $rule ),
		'tier_factors'     => array( 'silver' => '5/4' ),
		'caps'             => array(),
		'earn_until'       => null,
	);
}

$belong_programme = array(
	'version'  => array( 1, 1 ),
	'timezone' => 'Europe/Berlin',
	'currency' => 'EUR',
	'tiers'    => array( array( 'id' => 'member', 'rank' => 0 ), array( 'id' => 'silver', 'rank' => 1 ) ),
	'dropped'  => array(),
	'earn'     => belong_seed_earn(),
);

get_role( 'administrator' )->add_cap( 'manage_woocommerce' );
update_option( 'show_avatars', 0 );
$GLOBALS['wp_rewrite']->set_permalink_structure( '/%postname%/' );
update_option( 'woocommerce_currency', 'EUR' );
update_option( 'woocommerce_calc_taxes', 'no' );
update_option( 'woocommerce_enable_signup_and_login_from_checkout', 'yes' );
$belong_pages = array(
	'account'    => '[woocommerce_my_account]',
	'product'    => '[belong_front_product]',
	'cart'       => '[belong_front_cart]',
	'checkout'   => '[belong_front_checkout]',
	'block-cart' => '[belong_front_blocks]',
	'rules'      => '[belong_rules]',
	'board'      => '[belong_board]',
	'blocks'     => '<!-- wp:belong/rules /--><!-- wp:belong/ways /--><!-- wp:belong/board /--><!-- wp:belong/choices /--><!-- wp:belong/earn /-->',
);
foreach ( $belong_pages as $belong_name => $belong_content ) {
	belong_seed_page( $belong_name, $belong_content );
}
foreach ( array( 'myaccount' => 'account', 'cart' => 'cart', 'checkout' => 'checkout' ) as $belong_page => $belong_name ) {
	update_option( 'woocommerce_' . $belong_page . '_page_id', get_page_by_path( $belong_name )->ID );
}
Belong\Account\Endpoint::write_rules();

$belong_product = new WC_Product_Simple();
$belong_product->set_props( array( 'name' => 'Tea', 'regular_price' => '25.00', 'price' => '25.00', 'status' => 'publish' ) );
update_option( 'belong_front_product', $belong_product->save() );

$belong_empty = array(
	'available'    => 0,
	'pending'      => 0,
	'held'         => 0,
	'lifetime'     => 0,
	'pending_lots' => array(),
	'expiring'     => null,
	'ends'         => array(),
	'tier'         => null,
	'badges'       => array(),
	'next_badge'   => null,
	'level'        => null,
	'rewards'      => array(),
	'next_reward'  => null,
	'vouchers'     => array(),
	'entries'      => array(),
	'referral'     => null,
	'texts'        => array(),
);
// What is had in the cart, for later, from people of the shop, or not yet.
$belong_rewards = Pushed::member()['rewards'];
array_splice(
	$belong_rewards,
	1,
	0,
	array(
		array( 'id' => 'coffee', 'name' => 'A coffee on us', 'kind' => 'perk', 'points' => 150 ) + $belong_rewards[0],
		array( 'id' => 'slide', 'name' => 'As much off as you like', 'kind' => 'slider', 'points' => 100 ) + $belong_rewards[0],
	)
);
$belong_cookies = array( 'guest' => '', 'boss' => belong_seed_cookie( 1 ) );
if ( '1' === $argv[3] ) {
	Belong\Connection\Connection::keep( array( 'id' => 'of-a-test', 'service' => 'http://127.0.0.1:9', 'to_service' => array( base64_encode( str_repeat( 'k', 32 ) ) ) ) );
	Pushed::to_all( Pushed::programme( $belong_programme ) );
	$belong_cookies['kim']  = belong_seed_cookie( Pushed::customer( Pushed::member( array( 'rewards' => $belong_rewards ) ), 'kim' ) );
	// Asked for a moment ago: nobody answers here.
	$belong_place = array( 'board' => 'of-a-test|reviews_approved', 'at' => time(), 'rank' => 17, 'value' => 3 );
	update_user_meta( get_user_by( 'login', 'kim' )->ID, Belong\Account\Place::META, $belong_place );
	$belong_cookies['gone'] = belong_seed_cookie( Pushed::customer( Pushed::member( array( 'status' => 'left' ) ), 'gone' ) );
	$belong_cookies['new']  = belong_seed_cookie( Pushed::customer( Pushed::member( $belong_empty ), 'new' ) );
}
$belong_cookies['stranger'] = belong_seed_cookie( (int) wp_create_user( 'stranger', 'secret', 'stranger@shop.example' ) );
echo wp_json_encode( $belong_cookies ), "\n";
