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
		$has_used   = $this->has_used( $user_id );
		$is_removed = ( new Reservations() )->forget_user( $user_id ) || $is_removed;
		$messages   = array();
		$has_failed = 'accepted' !== $result['state'];
		if ( $has_used ) {
			$messages[] = __( 'Points and badges: Orders keep the code and the name of the reward that they were paid with, as they keep their totals. It leads to nobody any more.', 'belong-for-woocommerce' );
		}
		if ( $has_failed ) {
			$messages[] = __( 'Points and badges: the database did not remove everything. Please try again.', 'belong-for-woocommerce' );
		}
		if ( Connection::kept()->is_connected() ) {
			$messages[] = __( 'Points and badges: your Belong is told to erase this person too. It takes name and address away, and keeps the numbers of its ledger without them.', 'belong-for-woocommerce' );
		}
		return self::answer( $is_removed, $has_used || $has_failed, $messages );
	}

	/**
	 * Whether an order was paid with points of theirs.
	 *
	 * @param int $user_id Whose.
	 */
	private function has_used( int $user_id ): bool {
		foreach ( ( new Reservations() )->of_user( $user_id ) as $found ) {
			if ( $found->is_used() ) {
				return true;
			}
		}
		return false;
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
