<?php
/**
 * Where the double keeps orders: one row for each order or refund, one for each of its items, one for each action.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class DoubleTables {

	public static function create(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		dbDelta(
			"CREATE TABLE {$wpdb->prefix}double_orders (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			type varchar(30) NOT NULL,
			status varchar(30) NOT NULL,
			parent_id bigint(20) unsigned NOT NULL DEFAULT 0,
			customer_id bigint(20) unsigned NOT NULL DEFAULT 0,
			modified_gmt datetime NOT NULL,
			data longtext NOT NULL,
			PRIMARY KEY  (id)
		);"
		);
		dbDelta(
			"CREATE TABLE {$wpdb->prefix}double_order_items (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			order_id bigint(20) unsigned NOT NULL,
			data longtext NOT NULL,
			PRIMARY KEY  (id)
		);"
		);
		dbDelta(
			"CREATE TABLE {$wpdb->prefix}double_actions (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			hook varchar(100) NOT NULL,
			args varchar(191) NOT NULL,
			grouped varchar(100) NOT NULL,
			status varchar(20) NOT NULL,
			every_seconds int(10) unsigned NOT NULL DEFAULT 0,
			PRIMARY KEY  (id)
		);"
		);
		dbDelta(
			"CREATE TABLE {$wpdb->prefix}double_action_logs (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			action_id bigint(20) unsigned NOT NULL,
			message varchar(191) NOT NULL,
			PRIMARY KEY  (id)
		);"
		);
	}

	/**
	 * Remembered within a process, as the original does: what another process wrote is not seen.
	 *
	 * @return object|null
	 */
	public static function row( int $id ) {
		global $wpdb;
		$row = wp_cache_get( $id, 'double_orders' );
		if ( ! $row ) {
			$row = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$wpdb->prefix}double_orders WHERE id = %d", $id ) );
			wp_cache_set( $id, $row, 'double_orders' );
		}
		return $row;
	}

	/** Stores and returns the id. */
	public static function store( int $id, array $columns ): int {
		global $wpdb;
		wp_cache_delete( $id, 'double_orders' );
		if ( $id > 0 ) {
			$wpdb->update( $wpdb->prefix . 'double_orders', $columns, array( 'id' => $id ) );
			return $id;
		}
		$wpdb->insert( $wpdb->prefix . 'double_orders', $columns );
		return (int) $wpdb->insert_id;
	}

	public static function remove( int $id ): void {
		global $wpdb;
		wp_cache_delete( $id, 'double_orders' );
		$wpdb->delete( $wpdb->prefix . 'double_orders', array( 'id' => $id ) );
		$wpdb->delete( $wpdb->prefix . 'double_order_items', array( 'order_id' => $id ) );
	}

	/** @return array<int, array> data by item id */
	public static function items( int $order_id ): array {
		global $wpdb;
		$sql   = "SELECT id, data FROM {$wpdb->prefix}double_order_items WHERE order_id = %d ORDER BY id";
		$items = array();
		foreach ( $wpdb->get_results( $wpdb->prepare( $sql, $order_id ) ) as $row ) {
			$items[ (int) $row->id ] = json_decode( $row->data, true );
		}
		return $items;
	}

	public static function remove_item( int $id ): void {
		global $wpdb;
		$wpdb->delete( $wpdb->prefix . 'double_order_items', array( 'id' => $id ) );
	}

	public static function store_item( int $id, int $order_id, array $data ): int {
		global $wpdb;
		$columns = array(
			'order_id' => $order_id,
			'data'     => wp_json_encode( $data ),
		);
		if ( $id > 0 ) {
			$wpdb->update( $wpdb->prefix . 'double_order_items', $columns, array( 'id' => $id ) );
			return $id;
		}
		$wpdb->insert( $wpdb->prefix . 'double_order_items', $columns );
		return (int) $wpdb->insert_id;
	}
}
