<?php
/**
 * Asks for a drain of the outbox.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Sending\DirectPush;
use Belong\Sending\Link;
use Belong\Sending\Pace;

defined( 'ABSPATH' ) || exit;

/**
 * Once a request and without arguments: Action Scheduler compares hook and group alone in older shops, and an action
 * for each order would cost more queries than the order's own note.
 */
final class Wake {

	const DRAIN = 'belong_drain';
	const NET   = 'belong_drain_net';
	const GROUP = 'belong';

	// Action Scheduler's own, at which it logs that an action was created.
	const STORED = 'action_scheduler_stored_action';

	const NET_SECONDS  = 60;
	const LOOK_OPTION  = 'belong_net_seen';
	const LOOK_SECONDS = 3600;

	/**
	 * Who knows whether there is anything to tell.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Whether there is anybody to tell.
	 *
	 * @var Link
	 */
	private $link;

	/**
	 * Where PHP can, it is told at once.
	 *
	 * @var DirectPush
	 */
	private $direct;

	/**
	 * Asks for nothing yet.
	 *
	 * @param Outbox     $outbox Who knows whether there is anything to tell.
	 * @param Link       $link   Whether there is anybody to tell.
	 * @param DirectPush $direct Where PHP can, it is told at once.
	 */
	public function __construct( Outbox $outbox, Link $link, DirectPush $direct ) {
		$this->outbox = $outbox;
		$this->link   = $link;
		$this->direct = $direct;
	}

	/**
	 * A request that changed nothing asks for nothing. While the service is down the net alone looks after it: each
	 * action would only find that it has to wait.
	 */
	public function at_the_end_of_the_request(): void {
		$objects = $this->outbox->mark_again();
		if ( ! $this->outbox->take_dirty() || ! $this->link->is_open() || ! ( new Pace() )->may_send() ) {
			return;
		}
		if ( ! $this->direct->tell( $objects ) ) {
			self::ask();
		}
	}

	/**
	 * Another hook than the net's: a pending action of the same name would block it. That it was asked for is not logged,
	 * which would cost a shopper's request two queries more; that it began and ended is.
	 */
	public static function ask(): void {
		if ( ! function_exists( 'as_enqueue_async_action' ) ) {
			return;
		}
		$logger = class_exists( \ActionScheduler::class ) ? \ActionScheduler::logger() : null;
		// Whoever logs nothing in this shop has taken it away already.
		if ( ! $logger || false === has_action( self::STORED, array( $logger, 'log_stored_action' ) ) ) {
			as_enqueue_async_action( self::DRAIN, array(), self::GROUP, true );
			return;
		}
		$logger->unhook_stored_action();
		try {
			as_enqueue_async_action( self::DRAIN, array(), self::GROUP, true );
		} finally {
			$logger->hook_stored_action();
		}
	}

	/**
	 * Every minute by its own hook, for whatever a killed process or a full queue left behind. Newer queues ask for
	 * this by themselves.
	 */
	public function keep_the_net(): void {
		if ( ! function_exists( 'as_has_scheduled_action' ) ) {
			return;
		}
		if ( ! $this->link->is_connected() ) {
			as_unschedule_all_actions( self::NET, array(), self::GROUP );
		} elseif ( ! as_has_scheduled_action( self::NET, array(), self::GROUP ) ) {
			as_schedule_recurring_action( time(), self::NET_SECONDS, self::NET, array(), self::GROUP, true );
		}
	}

	/**
	 * The same once an hour where somebody works in wp-admin, for older queues.
	 */
	public function look_at_the_net(): void {
		if ( time() - (int) get_option( self::LOOK_OPTION, 0 ) >= self::LOOK_SECONDS ) {
			update_option( self::LOOK_OPTION, time(), true );
			$this->keep_the_net();
		}
	}

	/**
	 * Where the plugin is switched off or deleted, or the shop leaves. Whoever switches it on again waits for the net no
	 * longer than for wp-admin's next page.
	 */
	public static function cancel_all(): void {
		update_option( self::LOOK_OPTION, 0, true );
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( '', array(), self::GROUP );
		}
	}
}
