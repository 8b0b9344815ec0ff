<?php
/**
 * What happens to customers.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * Each hook only notes who must be read again.
 */
final class Customers {

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
	 * Signed up or changed.
	 *
	 * @param int $user_id Of the user.
	 */
	public function changed( $user_id ): void {
		$this->outbox->mark( Outbox::CUSTOMER, (int) $user_id );
	}

	/**
	 * Afterwards there is nothing to read; that the account is gone is all we keep.
	 *
	 * @param int $user_id Of the user.
	 */
	public function is_about_to_go( $user_id ): void {
		$this->outbox->mark( Outbox::CUSTOMER, (int) $user_id, array() );
	}

	/**
	 * The shop itself says that an order of a guest is this customer's.
	 *
	 * @param int   $order_id Of the order.
	 * @param mixed $customer Whose it is.
	 */
	public function claimed_an_order( $order_id, $customer = null ): void {
		$this->outbox->mark( Outbox::ORDER, (int) $order_id );
	}
}
