<?php
/**
 * For which connection the shop keeps what was pushed.
 *
 * @package Belong
 */

namespace Belong\Connection;

use Belong\Account\Choices;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Redeeming\Reservations;

defined( 'ABSPATH' ) || exit;

/**
 * Another connection is another programme with other members, and counts its versions from the beginning: what is left
 * of the one before would pass for newer than all that it pushes, and its codes take money off that nobody pays for.
 */
final class ShownFor {

	const OPTION = 'belong_shown_for';

	/**
	 * What another connection has pushed goes. What somebody chose to show beside their reviews is theirs and stays.
	 *
	 * @param string $connection Its id.
	 */
	public static function begin( string $connection ): void {
		if ( get_option( self::OPTION, '' ) === $connection ) {
			return;
		}
		foreach ( array( Snapshot::META, Choices::BOARD, Choices::MAILS ) as $key ) {
			delete_metadata( 'user', 0, $key, '', true );
		}
		update_option( Programme::OPTION, '', true );
		( new Reservations() )->end_all();
		// Last: whoever dies before it begins again.
		update_option( self::OPTION, $connection, false );
	}
}
