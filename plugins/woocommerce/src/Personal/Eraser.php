<?php
/**
 * Takes away what is known about a person, for WordPress's own eraser.
 *
 * @package Belong
 */

namespace Belong\Personal;

use Belong\Connection\Connection;
use Belong\Redeeming\Reservations;
use Belong\Rest\KeptSnapshots;

defined( 'ABSPATH' ) || exit;

/**
 * What lies in the shop goes here. The service is told when the whole request is done (Belong\Privacy), by the outbox,
 * so also if it is down just now.
 */
final class Eraser {

	/**
	 * Beside the others.
	 *
	 * @param array $erasers By key.
	 */
	public function add( $erasers ): array {
		$ours = array(
			'eraser_friendly_name' => __( 'Belong: points and badges', 'belong-for-woocommerce' ),
			'callback'             => array( $this, 'erase' ),
		);
		return array( Exporter::KEY => $ours ) + (array) $erasers;
	}

	/**
	 * All at once. Done twice it changes nothing.
	 *
	 * @param string $email Whose address.
	 * @return array items_removed, items_retained, messages, done
	 */
	public function erase( $email ): array {
		$user = get_user_by( 'email', (string) $email );
		if ( ! $user ) {
			return self::answer( false, false, array() );
		}
		$user_id    = (int) $user->ID;
		$kept       = new KeptSnapshots();
		$is_removed = $kept->has_any( $user_id );
		$result     = $kept->remove( (string) $user_id );
		$is_removed = ( new Reservations() )->forget_user( $user_id ) || $is_removed;
		$messages   = array();
		$is_kept    = 'accepted' !== $result['state'];
		if ( $is_kept ) {
			$messages[] = __( 'Points and badges: the database did not remove everything. Please try again.', 'belong-for-woocommerce' );
		}
		if ( Connection::kept()->is_connected() ) {
			$messages[] = __( 'Points and badges: your Belong is told to erase this person too. It takes name and address away, and keeps the numbers of its ledger without them.', 'belong-for-woocommerce' );
		}
		return self::answer( $is_removed, $is_kept, $messages );
	}

	/**
	 * As WordPress wants it.
	 *
	 * @param bool     $is_removed Whether there was anything.
	 * @param bool     $is_kept    Whether something is there still.
	 * @param string[] $messages   For the owner.
	 */
	private static function answer( bool $is_removed, bool $is_kept, array $messages ): array {
		return array(
			'items_removed'  => $is_removed,
			'items_retained' => $is_kept,
			'messages'       => $messages,
			'done'           => true,
		);
	}
}
