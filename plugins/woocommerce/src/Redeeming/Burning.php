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

	// Where the session has the order of the block checkout.
	const DRAFT = 'store_api_draft_order';

	// An order that comes to nothing.
	const FREES = array( 'cancelled', 'failed', 'trash' );

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * Number of the order whose money has come just now; 0 for none.
	 *
	 * @var int
	 */
	private $paid_now = 0;

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
	 * from paying takes the reward along to the new order.
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
				LeftOrder::begin( (int) $order->get_id() );
			}
		}
	}

	/**
	 * The same in the block checkout, by whose way orders are paid later too: those are not this session's draft.
	 *
	 * @param object $order A WC_Order that is saved.
	 * @throws Refusal With a sentence for the shopper.
	 */
	public function take_in_blocks( $order ): void {
		$session = WC()->session ?? null;
		$draft   = $session ? (int) $session->get( self::DRAFT, 0 ) : 0;
		if ( 0 === $draft || (int) $order->get_id() === $draft ) {
			$this->take( $order );
			return;
		}
		foreach ( $this->give_up( $order ) as $said ) {
			throw new Refusal( $said );
		}
	}

	/**
	 * An order that was left unpaid, or whose payment failed, is paid after all.
	 *
	 * @param object $order A WC_Order.
	 */
	public function paid_later( $order ): void {
		foreach ( $this->give_up( $order ) as $said ) {
			wc_add_notice( esc_html( $said ), 'error' );
		}
	}

	/**
	 * Its reward may have lapsed meanwhile, or gone with another order. Then it is taken off, and the shopper sees the new
	 * total before anything is paid; an order that free shipping was redeemed for cannot be paid any more, for its shipping
	 * costs nothing.
	 *
	 * @param object $order A WC_Order.
	 * @return string[] What the shopper is told; empty if it is good still.
	 */
	private function give_up( $order ): array {
		$told = array();
		foreach ( $order->get_coupon_codes() as $code ) {
			$found = $this->reservations->of_code( $code );
			if ( ! $found || $this->takes_in_time( $order, $code ) ) {
				continue;
			}
			$this->reservations->free( (int) $order->get_id() );
			if ( $found->is_free_shipping() ) {
				// Nobody reckons the shipping of an order anew: without its coupon it would be sent for nothing.
				$told[] = Outcome::order_anew( $found->name() )->said;
				continue;
			}
			$order->remove_coupon( $code );
			$told[] = Outcome::taken_off_the_order( $found->name() )->said;
		}
		return $told;
	}

	/**
	 * WooCommerce asks for the status of a paid order at each of its steps, paid or not, to know when to date it. Only here
	 * the money has come.
	 *
	 * @param int $order_id Its number.
	 */
	public function payment_came( $order_id ): void {
		$this->paid_now = (int) $order_id;
	}

	/**
	 * The money of an order has come, as a rule from a payment page that was opened with the reward. If that went with
	 * another order since, or was given back, somebody of the shop decides before anything is sent. What has only lapsed is
	 * taken by the service, late.
	 *
	 * @param string      $status   That WooCommerce gives it.
	 * @param int         $order_id Its number.
	 * @param object|null $order    A WC_Order, if it says so.
	 */
	public function status_of_paid( $status, $order_id, $order = null ): string {
		if ( 0 === $this->paid_now || (int) $order_id !== $this->paid_now ) {
			return (string) $status;
		}
		$this->paid_now = 0;
		$order = $order instanceof \WC_Order ? $order : wc_get_order( $order_id );
		$this->reservations->forget();
		foreach ( $order instanceof \WC_Order ? $order->get_coupon_codes() : array() as $code ) {
			$found = $this->reservations->of_code( $code );
			if ( ! $found || $this->takes( $order, $code ) || ( $found->is_there() && ! $found->is_used() ) ) {
				continue;
			}
			/* translators: %s: name of a reward. */
			$order->add_order_note( sprintf( __( 'The reward "%s" went with another order, or its points were given back, before this order was paid. Please compare what was paid with what is owed before you send anything.', 'belong-for-woocommerce' ), $found->name() ) );
			return 'on-hold';
		}
		return (string) $status;
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
		$was_paid = in_array( $from, wc_get_is_paid_statuses(), true );
		if ( in_array( $to, self::FREES, true ) ) {
			$this->free_unpaid( $order, $was_paid );
		} elseif ( $was_paid && ! self::is_dated( $order ) ) {
			// An order of files alone has no date before it is completed: nothing will say later that it was paid.
			$this->reservations->spend( (int) $order_id );
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
	 * A status that somebody else calls paid may leave no date.
	 *
	 * @param object $order   A WC_Order.
	 * @param bool   $is_paid What its status says.
	 */
	private function free_unpaid( $order, bool $is_paid ): void {
		if ( ! $is_paid && ! self::is_dated( $order ) ) {
			$this->reservations->free( (int) $order->get_id() );
		}
	}

	/**
	 * Whether it bears a date of its payment, which stays when it is cancelled.
	 *
	 * @param object $order A WC_Order.
	 */
	private static function is_dated( $order ): bool {
		return $order->get_date_paid() || $order->get_date_completed();
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
