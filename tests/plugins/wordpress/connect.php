<?php
/**
 * Places what pairing would leave: `php connect.php WORDPRESS SERVICE CONNECTION SECRET`, the secret in hexadecimal.
 */

require $argv[1] . '/wp-load.php';

Belong\Connection\Connection::keep(
	array(
		'service'    => $argv[2],
		'id'         => $argv[3],
		'to_service' => array( base64_encode( hex2bin( $argv[4] ) ) ),
	)
);
Belong\Sending\Pace::reset();
