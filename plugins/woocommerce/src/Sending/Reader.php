<?php
/**
 * What a row's object is now.
 *
 * @package Belong
 */

namespace Belong\Sending;

use Belong\Outbox;
use Belong\State\CustomerState;
use Belong\State\OrderState;
use Belong\State\ReviewState;

defined( 'ABSPATH' ) || exit;

/**
 * Reads as if for the first time: what WordPress remembers in this process may be older than the row, because another
 * process changed the object.
 */
final class Reader {

	/**
	 * Forgets what was read before. To be called after rows were chosen and before their objects are read.
	 */
	public function start_afresh(): void {
		if ( function_exists( 'wp_cache_supports' ) && wp_cache_supports( 'flush_runtime' ) ) {
			wp_cache_flush_runtime();
		}
	}

	/**
	 * An item of a batch; null if there is nothing to tell.
	 *
	 * @param object $row Of the outbox.
	 */
	public function item( object $row ): ?array {
		// Before the reading, not after it: what happens in between is then told by the next one.
		$read_at = self::moment( microtime( true ) );
		$told    = $this->told( (string) $row->kind, (int) $row->object_id, $row->tombstone );
		return null === $told ? null : array(
			'ref'     => $row->id . ':' . $row->version,
			'kind'    => $row->kind,
			'id'      => (string) $row->object_id,
			'read_at' => $read_at,
		) + $told;
	}

	/**
	 * With milliseconds, as all moments of the wire.
	 *
	 * @param float $seconds Unix seconds.
	 */
	public static function moment( float $seconds ): string {
		$milliseconds = (int) floor( $seconds * 1000 );
		return gmdate( 'Y-m-d\TH:i:s', intdiv( $milliseconds, 1000 ) ) . sprintf( '.%03dZ', $milliseconds % 1000 );
	}

	/**
	 * State, or that it is gone.
	 *
	 * @param string      $kind      Of the outbox.
	 * @param int         $object_id Its id.
	 * @param string|null $tombstone What was noted before it went.
	 */
	private function told( string $kind, int $object_id, ?string $tombstone ): ?array {
		switch ( $kind ) {
			case Outbox::ORDER:
				return $this->order( $object_id, $tombstone );
			case Outbox::CUSTOMER:
				return get_userdata( $object_id ) ? self::state( ( new CustomerState() )->of( new \WC_Customer( $object_id ) ) ) : self::gone( null );
			case Outbox::REVIEW:
				return $this->review( $object_id );
			case Outbox::PRIVACY:
				return self::state( array( 'request' => 'erase' ) );
		}
		return null;
	}

	/**
	 * Drafts are no orders, and other plugins keep things of their own among them: nothing is told of them, unless the
	 * service has asked. Then it hears that there is no such order, or it would ask for ever.
	 *
	 * @param int         $order_id  Of the order.
	 * @param string|null $tombstone What was noted before it went.
	 */
	private function order( int $order_id, ?string $tombstone ): ?array {
		$order = wc_get_order( $order_id );
		if ( ! $order ) {
			return self::gone( $tombstone );
		}
		$is_order = $order instanceof \WC_Order && 'shop_order' === $order->get_type();
		if ( ! $is_order || in_array( $order->get_status(), OrderState::DRAFTS, true ) ) {
			return null === $tombstone ? null : self::gone( $tombstone );
		}
		return self::state( ( new OrderState() )->of( $order ) );
	}

	/**
	 * One that went into the trash with its product is no doing of its writer.
	 *
	 * @param int $comment_id Of the comment.
	 */
	private function review( int $comment_id ): ?array {
		$review = get_comment( $comment_id );
		if ( ! $review instanceof \WP_Comment ) {
			return self::gone( null );
		}
		$is_review = ReviewState::TYPE === $review->comment_type && isset( ReviewState::STATUSES[ (string) $review->comment_approved ] );
		return $is_review ? self::state( ( new ReviewState() )->of( $review ) ) : null;
	}

	/**
	 * It is there.
	 *
	 * @param array $state What it is.
	 */
	private static function state( array $state ): array {
		return array( 'state' => $state );
	}

	/**
	 * It is not, with what is known of it.
	 *
	 * @param string|null $tombstone As it was noted.
	 */
	private static function gone( ?string $tombstone ): array {
		return array( 'gone' => (object) (array) json_decode( (string) $tombstone, true ) );
	}
}
