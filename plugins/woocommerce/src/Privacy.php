<?php
/**
 * What the shop's own tools forget.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Importing\Rows;

defined( 'ABSPATH' ) || exit;

/**
 * Whoever is erased in the shop is erased by the service too; it keeps the ledger under a pseudonym.
 */
final class Privacy {

	/**
	 * Where it is noted.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Notes nothing yet.
	 *
	 * @param Outbox $outbox Where it is noted.
	 */
	public function __construct( Outbox $outbox ) {
		$this->outbox = $outbox;
	}

	/**
	 * WooCommerce has taken a customer's data away. The answer is its own.
	 *
	 * @param mixed $answer   What it tells the owner.
	 * @param mixed $customer Whose data it was.
	 * @return mixed
	 */
	public function customer_was_erased( $answer, $customer = null ) {
		if ( $customer instanceof \WC_Customer ) {
			$this->erase( (int) $customer->get_id() );
		}
		return $answer;
	}

	/**
	 * WordPress has run every eraser for a request. It names an address; only an account is known to us.
	 *
	 * @param int $request_id Of the request.
	 */
	public function request_was_done( $request_id ): void {
		$request = wp_get_user_request( (int) $request_id );
		$user    = $request ? get_user_by( 'email', $request->email ) : false;
		if ( $user ) {
			$this->erase( (int) $user->ID );
		}
	}

	/**
	 * The service must forget this customer.
	 *
	 * @param int $user_id Of the user.
	 */
	public function erase( int $user_id ): void {
		$this->outbox->mark( Outbox::PRIVACY, $user_id );
		Rows::forget_user( $user_id );
	}
}
