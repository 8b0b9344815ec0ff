<?php
/**
 * A logger that remembers.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

class WC_Logger {

	/** @var array<int, array> level, message, source */
	public $lines = array();

	public function log( $level, $message, $context = array() ) {
		$this->lines[] = array( $level, $message, $context['source'] ?? '' );
	}

	public function error( $message, $context = array() ) {
		$this->log( 'error', $message, $context );
	}

	public function warning( $message, $context = array() ) {
		$this->log( 'warning', $message, $context );
	}

	public function info( $message, $context = array() ) {
		$this->log( 'info', $message, $context );
	}
}

function wc_get_logger() {
	static $logger = null;
	if ( null === $logger ) {
		$logger = new WC_Logger();
	}
	return $logger;
}
