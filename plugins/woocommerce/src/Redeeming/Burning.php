<?php
/**
 * An order takes what was redeemed, and gives it back.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\OrderPosts;

defined( 'ABSPATH' ) || exit;

/**
 * One function for both checkouts: neither runs the hooks of the other.
 */
final class Burning {

	// An order that comes to nothing.
	const FREES = array( 'cancelled', 'failed', 'trash' );

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * Takes nothing yet.
	 *
	 * @param Reservations $reservations Our table.
	 */
	public function __construct( Reservations $reservations ) {
		$this->reservations = $reservations;
	}

	/**
	 * Before payment: each code on the order is taken by it and good still, or the checkout stops. A shopper who came back
	 * from paying takes the reward along to the new order; whoever pays the first one after all, pays it without.
	 *
	 * @param object $order A WC_Order that is saved.
	 * @throws Refusal With a sentence for the shopper.
	 */
	public function take( $order ): void {
		foreach ( $order->get_coupon_codes() as $code ) {
			if ( ! $this->takes_in_time( $order, $code ) && ! $this->takes_over( $order, $code ) ) {
				// What this order took before it was stopped can go with the next one.
				$this->reservations->free( $order->get_id() );
				throw Refusal::is_gone();
			}
			if ( $this->reservations->of_code( $code ) ) {
				LeftOrder::remember( (int) $order->get_id() );
			}
		}
	}

	/**
	 * An order that was left unpaid, or whose payment failed, is paid after all: its reward may have lapsed meanwhile, or
	 * gone with another order. Then it is taken off, and the shopper sees the new total before anything is paid; an order
	 * that free shipping was redeemed for cannot be paid any more, for its shipping costs nothing.
	 *
	 * @param object $order A WC_Order.
	 */
	public function paid_later( $order ): void {
		foreach ( $order->get_coupon_codes() as $code ) {
			$found = $this->reservations->of_code( $code );
			if ( ! $found || $this->takes_in_time( $order, $code ) ) {
				continue;
			}
			$this->reservations->free( (int) $order->get_id() );
			if ( $found->is_free_shipping() ) {
				// Nobody reckons the shipping of an order anew: without its coupon it would be sent for nothing.
				wc_add_notice( esc_html( Outcome::order_anew( $found->name() )->said ), 'error' );
				continue;
			}
			$order->remove_coupon( $code );
			wc_add_notice( esc_html( Outcome::taken_off_the_order( $found->name() )->said ), 'error' );
		}
	}

	/**
	 * Somebody of the shop adds a code to an order. The order is not saved with it yet.
	 *
	 * @param object $coupon A WC_Coupon.
	 * @param object $order  A WC_Order.
	 * @throws Refusal If another order was faster.
	 */
	public function applied( $coupon, $order ): void {
		if ( ! $this->takes( $order, $coupon->get_code() ) ) {
			throw Refusal::is_gone();
		}
	}

	/**
	 * What came to nothing unpaid gives back, and what comes to life again takes again. What was paid has had its points
	 * taken: they come back to the member, and the code must not be worth something once more.
	 *
	 * @param int    $order_id Its number.
	 * @param string $from     Status before.
	 * @param string $to       Status now.
	 * @param object $order    A WC_Order.
	 */
	public function status_changed( $order_id, $from, $to, $order ): void {
		if ( in_array( $to, self::FREES, true ) ) {
			$this->free_unpaid( $order, in_array( $from, wc_get_is_paid_statuses(), true ) );
		} elseif ( in_array( $from, self::FREES, true ) ) {
			foreach ( $order->get_coupon_codes() as $code ) {
				$this->takes( $order, $code );
			}
		}
	}

	/**
	 * In the bin, or about to be deleted: drafts that are over among them.
	 *
	 * @param int $order_id Its number.
	 */
	public function is_gone( $order_id ): void {
		$order = wc_get_order( $order_id );
		if ( $order instanceof \WC_Order ) {
			$this->free_unpaid( $order, $order->is_paid() );
		}
	}

	/**
	 * The same, where orders are posts.
	 *
	 * @param int $post_id Of any post.
	 */
	public function post_is_gone( $post_id ): void {
		if ( OrderPosts::ORDER === OrderPosts::kind( $post_id ) ) {
			$this->is_gone( $post_id );
		}
	}

	/**
	 * The dates stay when an order is cancelled; a status that somebody else calls paid may leave none.
	 *
	 * @param object $order   A WC_Order.
	 * @param bool   $is_paid What its status says.
	 */
	private function free_unpaid( $order, bool $is_paid ): void {
		if ( ! $is_paid && ! $order->get_date_paid() && ! $order->get_date_completed() ) {
			$this->reservations->free( (int) $order->get_id() );
		}
	}

	/**
	 * Whether it has it now, before its time is over: from then on the points may be spent on something else.
	 *
	 * @param object $order A WC_Order that is saved.
	 * @param string $code  Of a coupon.
	 */
	private function takes_in_time( $order, string $code ): bool {
		$takes = $this->takes( $order, $code );
		$found = $this->reservations->of_code( $code );
		return ! $found || ( $takes && ! $found->is_over() );
	}

	/**
	 * Whether it has it now, from the order that the same shopper has left.
	 *
	 * @param object $order A WC_Order that is saved.
	 * @param string $code  Of a coupon.
	 */
	private function takes_over( $order, string $code ): bool {
		$found = $this->reservations->of_code( $code );
		return $found && LeftOrder::has( $found ) && $this->reservations->move( $found, (int) $order->get_customer_id(), (int) $order->get_id() );
	}

	/**
	 * Whether it has it now; what is not ours is nothing to take.
	 *
	 * @param object $order A WC_Order that is saved.
	 * @param string $code  Of a coupon.
	 */
	private function takes( $order, string $code ): bool {
		$id = (int) $order->get_id();
		if ( $id > 0 && $this->reservations->burn( $code, (int) $order->get_customer_id(), $id ) ) {
			return true;
		}
		$found = $this->reservations->of_code( $code );
		return ! $found || $found->is_used_by( array( $id ) );
	}
}
