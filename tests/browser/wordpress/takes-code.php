<?php
/**
 * A friend's code would count for this customer from now on: `php takes-code.php WORDPRESS LOGIN`.
 */

require $argv[1] . '/wp-load.php';

$belong_user             = get_user_by( 'login', $argv[2] )->ID;
$belong_told             = json_decode( (string) get_user_meta( $belong_user, Belong\Display\Snapshot::META, true ), true );
$belong_told['referral'] = array( 'code' => null, 'link' => null, 'takes_code' => true ) + $belong_told['referral'];
update_user_meta( $belong_user, Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $belong_told ) ) );
