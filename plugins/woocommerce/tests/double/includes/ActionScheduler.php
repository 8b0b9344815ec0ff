<?php
/**
 * Who knows Action Scheduler's logger.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class ActionScheduler {

	private static $logger = null;

	public static function logger(): ActionScheduler_Logger {
		if ( null === self::$logger ) {
			self::$logger = new ActionScheduler_Logger();
			self::$logger->hook_stored_action();
		}
		return self::$logger;
	}
}
