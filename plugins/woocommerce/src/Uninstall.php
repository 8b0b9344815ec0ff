<?php
/**
 * What is deleted with the plugin.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Admin\Notices;
use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\RestKey;
use Belong\Connection\ShownFor;
use Belong\Connection\Unfinished;
use Belong\Display\Programme;
use Belong\Importing\Run;
use Belong\Rest\KeptSnapshots;

defined( 'ABSPATH' ) || exit;

/**
 * By default nothing: who installs again finds all as it was. The merchant may ask for everything to go.
 */
final class Uninstall {

	const OPT_IN = 'belong_delete_on_uninstall';

	/**
	 * Deletes tables, options, user meta, the service's REST key and scheduled actions if the merchant opted in.
	 */
	public static function run(): void {
		if ( 'yes' !== get_option( self::OPT_IN ) ) {
			return;
		}
		Wake::cancel_all();
		RestKey::delete( Connection::kept()->rest_key() );
		RestKey::delete( Unfinished::rest_key() );
		Schema::drop();
		foreach ( array_merge( KeptSnapshots::METAS, array( Notices::DISMISSED ) ) as $key ) {
			delete_metadata( 'user', 0, $key, '', true );
		}
		foreach ( array( Connection::OPTION, Health::OPTION, Unfinished::OPTION, ShownFor::OPTION, Programme::OPTION, Run::OPTION, self::OPT_IN ) as $option ) {
			delete_option( $option );
		}
		self::forget_for_a_while();
	}

	/**
	 * What was to be remembered for minutes only; WordPress knows no way to ask for all of a prefix.
	 */
	private static function forget_for_a_while(): void {
		global $wpdb;
		foreach ( array( '_transient_belong_', '_transient_timeout_belong_' ) as $begins ) {
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- our own rows; the plugin goes.
			$wpdb->query( $wpdb->prepare( 'DELETE FROM %i WHERE option_name LIKE %s', $wpdb->options, $wpdb->esc_like( $begins ) . '%' ) );
		}
	}
}
