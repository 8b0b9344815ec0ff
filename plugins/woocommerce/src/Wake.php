<?php
/**
 * Asks for a drain of the outbox.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * Once a request and without arguments: Action Scheduler compares hook and group alone in older shops, and an action
 * for each order would cost more queries than the order's own note.
 */
final class Wake {

	const DRAIN = 'belong_drain';
	const GROUP = 'belong';

	/**
	 * Who knows whether there is anything to tell.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Asks for nothing yet.
	 *
	 * @param Outbox $outbox Who knows whether there is anything to tell.
	 */
	public function __construct( Outbox $outbox ) {
		$this->outbox = $outbox;
	}

	/**
	 * A request that changed nothing asks for nothing.
	 */
	public function at_the_end_of_the_request(): void {
		$this->outbox->mark_again();
		if ( $this->outbox->take_dirty() && function_exists( 'as_enqueue_async_action' ) ) {
			as_enqueue_async_action( self::DRAIN, array(), self::GROUP, true );
		}
	}

	/**
	 * For deactivation and uninstall.
	 */
	public static function cancel_all(): void {
		if ( function_exists( 'as_unschedule_all_actions' ) ) {
			as_unschedule_all_actions( '', array(), self::GROUP );
		}
	}
}
