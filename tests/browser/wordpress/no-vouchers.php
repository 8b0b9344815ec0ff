<?php
/**
 * This customer has never taken a reward: `php no-vouchers.php WORDPRESS LOGIN`.
 */

require $argv[1] . '/wp-load.php';

$belong_user             = get_user_by( 'login', $argv[2] )->ID;
$belong_told             = json_decode( (string) get_user_meta( $belong_user, Belong\Display\Snapshot::META, true ), true );
$belong_told['vouchers'] = array();
update_user_meta( $belong_user, Belong\Display\Snapshot::META, wp_slash( wp_json_encode( $belong_told ) ) );
