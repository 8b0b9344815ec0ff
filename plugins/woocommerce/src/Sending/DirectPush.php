<?php
/**
 * Tells what a request changed as soon as its visitor has the answer.
 *
 * @package Belong
 */

namespace Belong\Sending;

defined( 'ABSPATH' ) || exit;

/**
 * Only where PHP can end the answer first, so that nobody waits; never inside an order's own hooks. What it does not
 * tell, the drain tells.
 */
final class DirectPush {

	// More than this is no visitor's doing.
	const OBJECTS_MAX = 20;

	// Rows that nobody took for so long: the shop's cron stands still.
	const OVERDUE_SECONDS = 300;

	/**
	 * When the service may be called.
	 *
	 * @var Pace
	 */
	private $pace;

	/**
	 * Tells them.
	 *
	 * @var Sender
	 */
	private $sender;

	/**
	 * Whether there is anybody to tell.
	 *
	 * @var Link
	 */
	private $link;

	/**
	 * Ends the answer; null where it cannot be ended.
	 *
	 * @var callable|null
	 */
	private $closer;

	/**
	 * Tells nothing yet.
	 *
	 * @param Link          $link   Whether there is anybody to tell.
	 * @param Sender        $sender Tells them.
	 * @param callable|null $closer Ends the answer; null where it cannot be ended.
	 */
	public function __construct( Link $link, Sender $sender, ?callable $closer ) {
		$this->link   = $link;
		$this->sender = $sender;
		$this->closer = $closer;
		$this->pace   = new Pace();
	}

	/**
	 * What ends an answer in this PHP. A command and cron have nobody who waits, and the drain for it.
	 */
	public static function closer(): ?callable {
		if ( wp_doing_cron() || in_array( PHP_SAPI, array( 'cli', 'phpdbg', 'embed' ), true ) ) {
			return null;
		}
		foreach ( array( 'fastcgi_finish_request', 'litespeed_finish_request' ) as $name ) {
			if ( function_exists( $name ) ) {
				return $name;
			}
		}
		return null;
	}

	/**
	 * Tells them now, if that is possible.
	 *
	 * @param array[] $objects Pairs of kind and id.
	 * @return bool Whether nothing of it is left for the drain.
	 */
	public function tell( array $objects ): bool {
		$is_possible = null !== $this->closer && $objects && count( $objects ) <= self::OBJECTS_MAX;
		if ( ! $is_possible || ! $this->link->is_open() || ! $this->pace->may_push() ) {
			return false;
		}
		ignore_user_abort( true );
		if ( PHP_SESSION_ACTIVE === session_status() ) {
			// The visitor's next request would wait for it.
			session_write_close();
		}
		if ( false === call_user_func( $this->closer ) ) {
			return false;
		}
		$rows = new Rows();
		$own  = $rows->of( $objects );
		$all  = array_column( array_merge( $own, $rows->due( Batch::ITEMS_MAX - count( $own ), self::OVERDUE_SECONDS ) ), null, 'id' );
		// A drain may have been quicker.
		return ! $all || Sender::DONE === $this->sender->push( array_values( $all ) );
	}
}
