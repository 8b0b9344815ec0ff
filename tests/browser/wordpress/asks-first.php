<?php
/**
 * The programme asks customers first from now on: `php asks-first.php WORDPRESS`.
 */

require $argv[1] . '/wp-load.php';

$belong_programme              = json_decode( (string) get_option( Belong\Display\Programme::OPTION ), true );
$belong_programme['enrolment'] = 'consent';
update_option( Belong\Display\Programme::OPTION, wp_json_encode( $belong_programme ), true );
