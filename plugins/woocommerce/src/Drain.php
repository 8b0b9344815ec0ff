<?php
/**
 * Tells what is in the outbox.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * Until a shop can be connected there is nobody to tell: rows wait, and nothing leaves the shop.
 */
final class Drain {

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
	 */
	public function __construct( Outbox $outbox ) {
		$this->outbox = $outbox;
	}

	/**
	 * Must never throw: after five failures running the queue would not call us again.
	 */
	public function run(): void {
		$this->outbox->forget();
	}
}
