<?php
/**
 * Puts hostile names wherever a snapshot or a programme has a text: `php hostile.php WORDPRESS PLUGIN-TESTS`. Prints the
 * cookies of the customer whose snapshot it is.
 */

require $argv[1] . '/wp-load.php';
require $argv[2] . '/Pushed.php';

use Belong\Display\Programme;
use Belong\Tests\Pushed;

$belong_names = json_decode( (string) file_get_contents( __DIR__ . '/names.json' ), true );

function belong_hostile_many( array $one, int $many ): array {
	return array_map( static fn( $number ) => array( 'id' => $one['id'] . '-' . $number ) + $one, range( 1, $many ) );
}

/** Each text that people write is the next name. */
function belong_hostile( array $part, array $names, int &$used ): array {
	$keys = array( 'name', 'why', 'why_not', 'title', 'text', 'code', 'state_text', 'missing_text' );
	foreach ( $part as $key => $value ) {
		if ( is_array( $value ) ) {
			$part[ $key ] = belong_hostile( $value, $names, $used );
		} elseif ( is_string( $value ) && in_array( $key, $keys, true ) ) {
			$part[ $key ] = $names[ $used++ % count( $names ) ];
		}
	}
	return $part;
}

$belong_used   = 0;
$belong_member = Pushed::member();
foreach ( array( 'rewards' => 120, 'badges' => 60, 'vouchers' => 40 ) as $belong_kind => $belong_many ) {
	$belong_member[ $belong_kind ] = belong_hostile_many( $belong_member[ $belong_kind ][0], $belong_many );
}
$belong_member['entries'] = Pushed::entries( 28 );
$belong_member['rewards'] = array_map( static fn( $one ) => array( 'available' => false, 'why_not' => 'x' ) + $one, $belong_member['rewards'] );
$belong_member            = belong_hostile( $belong_member, $belong_names, $belong_used );

$belong_rules = array();
foreach ( $belong_names as $belong_number => $belong_name ) {
	$belong_rules[] = array( 'key' => 'r' . $belong_number, 'title' => $belong_name, 'sentences' => array( $belong_name ) );
}
$belong_programme          = json_decode( (string) get_option( Programme::OPTION ), true );
$belong_programme['name']  = $belong_names[0];
$belong_programme['rules'] = array( 'en' => $belong_rules );
$belong_programme['board'] = array(
	'measure' => 'visit_days',
	'titles'  => array( 'en' => $belong_names[0] ),
	'places'  => array_map( static fn( $name ) => array( 'rank' => 1, 'name' => $name, 'value' => 1, 'badges' => 1 ), $belong_names ),
);
$belong_programme['ways']  = array( 'en' => $belong_names );
Pushed::to_all( $belong_programme );

$belong_id = Pushed::customer( $belong_member, 'hostile' );
wp_update_user( array( 'ID' => $belong_id, 'display_name' => $belong_names[1], 'first_name' => $belong_names[2] ) );
$belong_ends  = time() + DAY_IN_SECONDS;
$belong_token = WP_Session_Tokens::get_instance( $belong_id )->create( $belong_ends );
echo wp_json_encode( LOGGED_IN_COOKIE . '=' . rawurlencode( wp_generate_auth_cookie( $belong_id, $belong_ends, 'logged_in', $belong_token ) ) ), "\n";
