<?php
/**
 * What is deleted with the plugin.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * By default nothing: who installs again finds all as it was. The merchant may ask for everything to go.
 */
final class Uninstall {

	const OPT_IN   = 'belong_delete_on_uninstall';
	const SNAPSHOT = '_belong_snapshot';

	/**
	 * Deletes table, options, user meta and scheduled actions if the merchant opted in.
	 */
	public static function run(): void {
		if ( 'yes' !== get_option( self::OPT_IN ) ) {
			return;
		}
		Wake::cancel_all();
		Schema::drop();
		delete_metadata( 'user', 0, self::SNAPSHOT, '', true );
		delete_option( self::OPT_IN );
	}
}
