<?php
/**
 * Customer 1 looks at what ends, in a process of its own: `php ends-stories.php WORDPRESS look` (and the page's request ends), `... queue`
 * (as WP-Cron would). Prints JSON: what stands on the page; how many actions were due.
 */

require $argv[1] . '/wp-load.php';

if ( 'look' === $argv[2] ) {
	wp_set_current_user( 1 );
	// The end of this process is the end of the request.
	echo wp_json_encode( Belong\Account\Sheet::own()->captured( 'balance' ) ), "\n";
	exit;
}
echo wp_json_encode( ActionQueue::run() ), "\n";
