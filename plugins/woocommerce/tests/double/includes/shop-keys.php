<?php
/**
 * Keys of the REST API, roles, and the menu that others add to.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

function wc_rand_hash() {
	return bin2hex( random_bytes( 20 ) );
}

function wc_api_hash( $data ) {
	return hash_hmac( 'sha256', $data, 'wc-api' );
}

final class ShopKeys {

	/** On activation. Columns are not null without a default but for those that a key begins without. */
	public static function create(): void {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		dbDelta(
			"CREATE TABLE {$wpdb->prefix}woocommerce_api_keys (
			key_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			user_id bigint(20) unsigned NOT NULL,
			description varchar(200) NULL,
			permissions varchar(10) NOT NULL,
			consumer_key char(64) NOT NULL,
			consumer_secret char(43) NOT NULL,
			nonces longtext NULL,
			truncated_key char(7) NOT NULL,
			last_access datetime NULL,
			PRIMARY KEY  (key_id),
			KEY consumer_key (consumer_key),
			KEY consumer_secret (consumer_secret)
		);"
		);
		add_role( 'customer', 'Customer', array( 'read' => true ) );
		add_role( 'shop_manager', 'Shop manager', array( 'read' => true ) );
		foreach ( array( 'shop_manager', 'administrator' ) as $role ) {
			get_role( $role )->add_cap( 'manage_woocommerce' );
		}
	}

	public static function add_menu(): void {
		add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_null', 'dashicons-cart', 55 );
	}

	/** Whose key it is, as the original finds out: the first half by its hash, the second as it is. */
	public static function user_of( string $key, string $secret ): int {
		global $wpdb;
		$sql = "SELECT user_id, consumer_secret FROM {$wpdb->prefix}woocommerce_api_keys WHERE consumer_key = %s";
		$row = $wpdb->get_row( $wpdb->prepare( $sql, wc_api_hash( $key ) ) );
		return $row && hash_equals( $row->consumer_secret, $secret ) ? (int) $row->user_id : 0;
	}
}
