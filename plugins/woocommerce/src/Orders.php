<?php
/**
 * What happens to orders.
 *
 * @package Belong
 */

namespace Belong;

use Belong\State\OrderState;

defined( 'ABSPATH' ) || exit;

/**
 * Each hook only notes which order must be read again.
 */
final class Orders {

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
	 * Made or saved. Others call these hooks too, some of them without the order.
	 *
	 * @param int   $order_id Of the order.
	 * @param mixed $order    The order, mostly.
	 */
	public function saved( $order_id, $order = null ): void {
		if ( ! $this->is_draft( $order ) ) {
			$this->outbox->mark( Outbox::ORDER, (int) $order_id );
		}
	}

	/**
	 * A step from one status to another. A draft that becomes an order is one from now on.
	 *
	 * @param int    $order_id Of the order.
	 * @param string $from     Without "wc-".
	 * @param string $to       Without "wc-".
	 * @param mixed  $order    The order, mostly.
	 */
	public function status_changed( $order_id, $from = '', $to = '', $order = null ): void {
		if ( ! in_array( $to, OrderState::DRAFTS, true ) ) {
			$this->outbox->mark( Outbox::ORDER, (int) $order_id );
		}
	}

	/**
	 * Money went back.
	 *
	 * @param int $order_id  Of the order.
	 * @param int $refund_id Of the refund.
	 */
	public function refunded( $order_id, $refund_id = 0 ): void {
		$this->outbox->mark( Outbox::ORDER, (int) $order_id );
	}

	/**
	 * Into the trash or out of it.
	 *
	 * @param int $order_id Of the order.
	 */
	public function moved( $order_id ): void {
		$this->outbox->mark( Outbox::ORDER, (int) $order_id );
	}

	/**
	 * Deleted for good: afterwards nobody can say whose it was.
	 *
	 * @param int   $order_id Of the order.
	 * @param mixed $order    The order, mostly.
	 */
	public function is_about_to_go( $order_id, $order = null ): void {
		if ( $this->is_draft( $order ) || ! $order instanceof \WC_Abstract_Order ) {
			return;
		}
		if ( $order instanceof \WC_Order_Refund ) {
			return;
		}
		$this->outbox->mark(
			Outbox::ORDER,
			(int) $order_id,
			array(
				'customer_id' => $order->get_customer_id(),
				'status'      => $order->get_status(),
				'currency'    => $order->get_currency(),
				'total'       => (string) $order->get_total(),
			)
		);
	}

	/**
	 * Into the trash or out of it, where orders are posts.
	 *
	 * @param int $post_id Of any post.
	 */
	public function post_moved( $post_id ): void {
		if ( OrderPosts::ORDER === OrderPosts::kind( $post_id ) ) {
			$this->moved( $post_id );
		}
	}

	/**
	 * Deleted for good, where orders are posts; a refund so is one that is taken back.
	 *
	 * @param int $post_id Of any post.
	 */
	public function post_is_about_to_go( $post_id ): void {
		$kind = OrderPosts::kind( $post_id );
		if ( OrderPosts::ORDER === $kind ) {
			$this->is_about_to_go( $post_id, wc_get_order( $post_id ) );
		} elseif ( OrderPosts::REFUND === $kind ) {
			$this->refund_is_about_to_go( null, wc_get_order( $post_id ) );
		}
	}

	/**
	 * The only sign that a refund is taken back: what is left of the order's refunds says it. We answer with what we were given: anything else would stop it.
	 *
	 * @param mixed $answer What others want.
	 * @param mixed $refund The refund.
	 * @return mixed
	 */
	public function refund_is_about_to_go( $answer, $refund = null ) {
		if ( $refund instanceof \WC_Order_Refund ) {
			$this->outbox->mark( Outbox::ORDER, (int) $refund->get_parent_id() );
		}
		return $answer;
	}

	/**
	 * Whether it is no order yet. Without the order at hand we would have to read it, so the drain looks.
	 *
	 * @param mixed $order The order, mostly.
	 */
	private function is_draft( $order ): bool {
		return $order instanceof \WC_Abstract_Order && in_array( $order->get_status(), OrderState::DRAFTS, true );
	}
}
