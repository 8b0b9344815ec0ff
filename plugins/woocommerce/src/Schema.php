<?php
/**
 * Our tables, and the options that every page reads.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Connection\Connection;
use Belong\Display\Programme;
use Belong\Sending\Pace;

defined( 'ABSPATH' ) || exit;

/**
 * A whole number says which form the tables have; it is an option that WordPress loads anyway.
 */
final class Schema {

	const VERSION = 6;
	const OPTION  = 'belong_schema_version';

	/**
	 * Costs nothing when there is nothing to do.
	 */
	public static function bring_up_to_date(): void {
		if ( (int) get_option( self::OPTION, 0 ) >= self::VERSION ) {
			return;
		}
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		dbDelta( self::outbox_sql() );
		dbDelta( self::used_ids_sql() );
		dbDelta( self::reservations_sql() );
		dbDelta( self::imports_sql() );
		// An option that is not there costs a query each time it is asked for.
		add_option( Connection::OPTION, '', '', true );
		add_option( Programme::OPTION, '', '', true );
		add_option( Pace::OPTION, Pace::NOTHING, '', true );
		add_option( Wake::LOOK_OPTION, 0, '', true );
		update_option( self::OPTION, self::VERSION, true );
	}

	/**
	 * The outbox's name in this site.
	 */
	public static function outbox(): string {
		global $wpdb;
		return $wpdb->prefix . 'belong_outbox';
	}

	/**
	 * The table of messages that were taken, in this site.
	 */
	public static function used_ids(): string {
		global $wpdb;
		return $wpdb->prefix . 'belong_used_ids';
	}

	/**
	 * The table of rewards that points were set aside for, in this site.
	 */
	public static function reservations(): string {
		global $wpdb;
		return $wpdb->prefix . 'belong_reservations';
	}

	/**
	 * The table of balances that are brought along from another plugin, in this site.
	 */
	public static function imports(): string {
		global $wpdb;
		return $wpdb->prefix . 'belong_imports';
	}

	/**
	 * For uninstall alone, and only if the merchant asked for it.
	 */
	public static function drop(): void {
		global $wpdb;
		foreach ( array( self::outbox(), self::used_ids(), self::reservations(), self::imports() ) as $table ) {
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
			$wpdb->query( $wpdb->prepare( 'DROP TABLE IF EXISTS %i', $table ) );
		}
		delete_option( Pace::OPTION );
		delete_option( Wake::LOOK_OPTION );
		delete_option( self::OPTION );
	}

	/**
	 * As dbDelta wants it: two spaces after PRIMARY KEY, one definition a line.
	 */
	private static function outbox_sql(): string {
		global $wpdb;
		return 'CREATE TABLE ' . self::outbox() . " (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			kind varchar(20) NOT NULL,
			object_id bigint(20) unsigned NOT NULL,
			version int(10) unsigned NOT NULL DEFAULT 1,
			tombstone text NULL,
			attempts int(10) unsigned NOT NULL DEFAULT 0,
			next_at datetime NOT NULL,
			last_error varchar(255) NOT NULL DEFAULT '',
			created_at datetime NOT NULL,
			PRIMARY KEY  (id),
			UNIQUE KEY dirty (kind,object_id),
			KEY due (next_at)
		) " . $wpdb->get_charset_collate() . ';';
	}

	/**
	 * Each message once, until it would be too old anyway.
	 */
	private static function used_ids_sql(): string {
		global $wpdb;
		return 'CREATE TABLE ' . self::used_ids() . " (
			id varchar(120) NOT NULL,
			used_at datetime NOT NULL,
			PRIMARY KEY  (id),
			KEY used_at (used_at)
		) " . $wpdb->get_charset_collate() . ';';
	}

	/**
	 * No code is there until the service has said one; then there is one of each.
	 */
	private static function reservations_sql(): string {
		global $wpdb;
		return 'CREATE TABLE ' . self::reservations() . " (
			id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
			wish varchar(100) NOT NULL,
			user_id bigint(20) unsigned NOT NULL,
			state varchar(20) NOT NULL,
			request text NULL,
			points bigint(20) unsigned NOT NULL DEFAULT 0,
			redemption varchar(40) NOT NULL DEFAULT '',
			code varchar(40) NULL,
			kind varchar(20) NOT NULL DEFAULT '',
			name varchar(255) NOT NULL DEFAULT '',
			value_minor bigint(20) unsigned NOT NULL DEFAULT 0,
			currency varchar(3) NOT NULL DEFAULT '',
			percent_bp int(10) unsigned NOT NULL DEFAULT 0,
			minimum_minor bigint(20) unsigned NOT NULL DEFAULT 0,
			product_id bigint(20) unsigned NOT NULL DEFAULT 0,
			order_id bigint(20) unsigned NOT NULL DEFAULT 0,
			ends_at datetime NOT NULL,
			created_at datetime NOT NULL,
			PRIMARY KEY  (id),
			UNIQUE KEY wish (wish),
			UNIQUE KEY code (code),
			KEY user_id (user_id,state),
			KEY state (state),
			KEY order_id (order_id),
			KEY ends_at (ends_at)
		) " . $wpdb->get_charset_collate() . ';';
	}

	/**
	 * One row for each place at which another plugin keeps a balance.
	 */
	private static function imports_sql(): string {
		global $wpdb;
		return 'CREATE TABLE ' . self::imports() . " (
			place bigint(20) unsigned NOT NULL,
			user_id bigint(20) unsigned NOT NULL,
			old varchar(60) NOT NULL,
			whole bigint(20) unsigned NOT NULL,
			micro int(10) unsigned NOT NULL,
			points bigint(20) unsigned NOT NULL,
			is_rounded tinyint(1) unsigned NOT NULL,
			state varchar(20) NOT NULL,
			code varchar(40) NOT NULL DEFAULT '',
			PRIMARY KEY  (place),
			KEY state (state,place),
			KEY user_id (user_id)
		) " . $wpdb->get_charset_collate() . ';';
	}
}
