<?php
/**
 * Our one table.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * A whole number says which form the tables have; it is an option that WordPress loads anyway.
 */
final class Schema {

	const VERSION = 1;
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
	 * For uninstall alone, and only if the merchant asked for it.
	 */
	public static function drop(): void {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own table.
		$wpdb->query( $wpdb->prepare( 'DROP TABLE IF EXISTS %i', self::outbox() ) );
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
}
