<?php
/**
 * The queue of Action Scheduler, with its traps.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class ActionQueue {

	/**
	 * 4 compares hook, group and arguments of a unique action; 3 compares hook and group alone.
	 *
	 * @var int
	 */
	public static $major = 4;

	/** Returns 0 when a unique one is refused: pending and running ones count, recurring ones too. */
	public static function add( string $hook, array $args, string $group, bool $unique, int $every_seconds = 0 ): int {
		global $wpdb;
		$json = wp_json_encode( $args );
		if ( strlen( $json ) > 8000 ) {
			throw new InvalidArgumentException( 'ActionScheduler_Action::$args too long.' );
		}
		// The original looks its group up first, and looks for another one in the statement that writes.
		$wpdb->get_var( $wpdb->prepare( "SELECT 1 FROM {$wpdb->prefix}double_actions WHERE grouped = %s LIMIT 1", $group ) );
		$table  = $wpdb->prefix . 'double_actions';
		$sql    = "INSERT INTO $table (hook, args, grouped, status, every_seconds) SELECT %s, %s, %s, 'pending', %d";
		$values = array( $hook, $json, $group, $every_seconds );
		if ( $unique ) {
			$sql .= " WHERE NOT EXISTS (SELECT 1 FROM $table WHERE hook = %s AND grouped = %s AND status IN ('pending', 'in-progress')";
			array_push( $values, $hook, $group );
			if ( self::$major >= 4 ) {
				$sql     .= ' AND args = %s';
				$values[] = $json;
			}
			$sql .= ')';
		}
		if ( ! $wpdb->query( $wpdb->prepare( $sql, $values ) ) ) {
			return 0;
		}
		$id = (int) $wpdb->insert_id;
		do_action( 'action_scheduler_stored_action', $id );
		return $id;
	}

	public static function cancel( string $hook, ?array $args, string $group ): void {
		global $wpdb;
		$where = array( 'status' => 'pending' );
		if ( '' !== $hook ) {
			$where['hook'] = $hook;
		}
		if ( '' !== $group ) {
			$where['grouped'] = $group;
		}
		if ( $args ) {
			$where['args'] = wp_json_encode( $args );
		}
		$wpdb->update( $wpdb->prefix . 'double_actions', array( 'status' => 'canceled' ), $where );
	}

	/** Of the double alone: what WP-Cron would do. What throws has failed, and is not tried again. */
	public static function run(): int {
		global $wpdb;
		$due = $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}double_actions WHERE status = 'pending' ORDER BY id" );
		foreach ( $due as $action ) {
			self::set_status( (int) $action->id, 'in-progress' );
			try {
				if ( ! has_action( $action->hook ) ) {
					throw new Exception( 'No callbacks are registered.' );
				}
				do_action_ref_array( $action->hook, array_values( json_decode( $action->args, true ) ) );
				self::set_status( (int) $action->id, 'complete' );
			} catch ( Throwable $e ) {
				self::set_status( (int) $action->id, 'failed' );
			}
			if ( $action->every_seconds > 0 ) {
				self::add( $action->hook, json_decode( $action->args, true ), $action->grouped, false, (int) $action->every_seconds );
			}
		}
		return count( $due );
	}

	/** Of the double alone. */
	public static function statuses( string $hook ): array {
		global $wpdb;
		$sql = "SELECT status FROM {$wpdb->prefix}double_actions WHERE hook = %s ORDER BY id";
		return $wpdb->get_col( $wpdb->prepare( $sql, $hook ) );
	}

	private static function set_status( int $id, string $status ): void {
		global $wpdb;
		$wpdb->update( $wpdb->prefix . 'double_actions', array( 'status' => $status ), array( 'id' => $id ) );
	}
}
