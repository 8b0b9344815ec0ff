<?php
/**
 * Notes that an action was created, in the request that asked for it.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class ActionScheduler_Logger {

	public function hook_stored_action() {
		add_action( 'action_scheduler_stored_action', array( $this, 'log_stored_action' ) );
	}

	public function unhook_stored_action() {
		remove_action( 'action_scheduler_stored_action', array( $this, 'log_stored_action' ) );
	}

	/** Two queries the first time in a request: WordPress asks for the columns before it writes. */
	public function log_stored_action( $action_id ) {
		global $wpdb;
		$table = $wpdb->prefix . 'double_action_logs';
		$wpdb->get_results( $wpdb->prepare( 'SHOW FULL COLUMNS FROM %i', $table ) );
		$wpdb->query( $wpdb->prepare( "INSERT INTO %i (action_id, message) VALUES (%d, 'action created')", $table, $action_id ) );
	}
}
