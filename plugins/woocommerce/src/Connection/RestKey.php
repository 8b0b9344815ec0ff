<?php
/**
 * The key of the shop's REST API that is made for the service.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * A row among those that the owner sees under WooCommerce > Settings > Advanced > REST API. WooCommerce keeps the first
 * half hashed, so it can be handed over only now.
 */
final class RestKey {

	const DESCRIPTION = 'Belong';
	const PERMISSIONS = 'read_write';

	/**
	 * A new one, of a user who may do what the service must: read orders and customers, write coupons.
	 *
	 * @param int $user_id Whose.
	 * @return array{row: array, plain: array}|null row: to find it again; plain: to hand over; null where there can be none
	 */
	public static function make( int $user_id ): ?array {
		global $wpdb;
		if ( $user_id <= 0 || ! function_exists( 'wc_api_hash' ) || ! function_exists( 'wc_rand_hash' ) ) {
			return null;
		}
		$key    = 'ck_' . wc_rand_hash();
		$secret = 'cs_' . wc_rand_hash();
		$row    = array(
			'user_id'         => $user_id,
			'description'     => self::DESCRIPTION,
			'permissions'     => self::PERMISSIONS,
			'consumer_key'    => wc_api_hash( $key ),
			'consumer_secret' => $secret,
			'truncated_key'   => substr( $key, -7 ),
		);
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WooCommerce has no function for it.
		if ( 1 !== $wpdb->insert( self::table(), $row, array( '%d', '%s', '%s', '%s', '%s', '%s' ) ) ) {
			return null;
		}
		return array(
			'row'   => array(
				'id'   => (int) $wpdb->insert_id,
				'hash' => $row['consumer_key'],
			),
			'plain' => array(
				'consumer_key'    => $key,
				'consumer_secret' => $secret,
			),
		);
	}

	/**
	 * Number and hash together: in a database that was put together from two, a number alone could be somebody else's.
	 *
	 * @param array $row As make gave it; nothing happens for an empty one.
	 */
	public static function delete( array $row ): void {
		global $wpdb;
		if ( empty( $row['id'] ) || empty( $row['hash'] ) ) {
			return;
		}
		$where = array(
			'key_id'       => (int) $row['id'],
			'consumer_key' => (string) $row['hash'],
		);
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WooCommerce has no function for it.
		$wpdb->delete( self::table(), $where, array( '%d', '%s' ) );
	}

	/**
	 * WooCommerce's.
	 */
	private static function table(): string {
		global $wpdb;
		return $wpdb->prefix . 'woocommerce_api_keys';
	}
}
