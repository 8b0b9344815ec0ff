<?php
/**
 * Tells what is in the outbox.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Sending\Link;
use Belong\Sending\Pace;
use Belong\Sending\Sender;

defined( 'ABSPATH' ) || exit;

/**
 * Until there is nothing left or the time is over. Two of them at once do no harm: states are absolute, and a row is
 * deleted only in the version that was told.
 */
final class Drain {

	// Action Scheduler gives a run thirty seconds, and the last message may take ten.
	const SECONDS_MAX = 18;

	/**
	 * The way to the service.
	 *
	 * @var Link
	 */
	private $link;

	/**
	 * Tells them.
	 *
	 * @var Sender
	 */
	private $sender;

	/**
	 * What this process has marked.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Does nothing yet.
	 *
	 * @param Outbox $outbox What this process has marked.
	 * @param Link   $link   The way to the service.
	 * @param Sender $sender Tells them.
	 */
	public function __construct( Outbox $outbox, Link $link, Sender $sender ) {
		$this->outbox = $outbox;
		$this->link   = $link;
		$this->sender = $sender;
	}

	/**
	 * Asked for at the end of a request that changed something.
	 */
	public function run(): void {
		$this->tell( false );
	}

	/**
	 * Every minute: what was left, and a call for its own sake if the service has asked for that.
	 */
	public function run_net(): void {
		$this->tell( ( new Pace() )->collects() );
	}

	/**
	 * Must never throw: after five failures running the queue would not call us again.
	 *
	 * @param bool $even_if_empty Whether to call with nothing to tell.
	 */
	private function tell( bool $even_if_empty ): void {
		$this->outbox->mark_again();
		$this->outbox->take_dirty();
		$this->sender->start();
		$pace = new Pace();
		$ends = microtime( true ) + self::SECONDS_MAX;
		do {
			if ( ! $this->link->is_open() || ! $pace->may_send() ) {
				return;
			}
			$outcome       = $this->sender->send_due( $even_if_empty );
			$even_if_empty = false;
			// What the service wanted is due already and needs no other drain.
			$this->outbox->take_dirty();
		} while ( Sender::MORE === $outcome && microtime( true ) < $ends );
		if ( Sender::MORE === $outcome ) {
			Wake::ask();
		}
	}
}
