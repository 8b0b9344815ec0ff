<?php
/**
 * Nothing thrown in our code reaches the shop.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Redeeming\Refusal;

defined( 'ABSPATH' ) || exit;

/**
 * Wraps what hooks call.
 */
final class Guard {

	const SOURCE = 'belong-for-woocommerce';

	/**
	 * A listener that never throws.
	 *
	 * @param string   $hook     For the log.
	 * @param callable $listener What may throw.
	 */
	public function action( string $hook, callable $listener ): \Closure {
		return function ( ...$arguments ) use ( $hook, $listener ) {
			try {
				call_user_func_array( $listener, $arguments );
			} catch ( \Throwable $thrown ) {
				$this->log( $hook, $thrown );
			}
		};
	}

	/**
	 * A filter that never throws: the value then goes on as it came.
	 *
	 * @param string   $hook     For the log.
	 * @param callable $listener What may throw.
	 */
	public function filter( string $hook, callable $listener ): \Closure {
		return function ( $value, ...$arguments ) use ( $hook, $listener ) {
			try {
				return call_user_func_array( $listener, array_merge( array( $value ), $arguments ) );
			} catch ( \Throwable $thrown ) {
				$this->log( $hook, $thrown );
				return $value;
			}
		};
	}

	/**
	 * A listener that may stop a checkout before payment, by a Refusal and by nothing else.
	 *
	 * @param string   $hook     For the log.
	 * @param callable $listener What may throw.
	 */
	public function refusing( string $hook, callable $listener ): \Closure {
		return function ( $value, ...$arguments ) use ( $hook, $listener ) {
			try {
				return call_user_func_array( $listener, array_merge( array( $value ), $arguments ) );
			} catch ( Refusal $refusal ) {
				throw $refusal;
			} catch ( \Throwable $thrown ) {
				$this->log( $hook, $thrown );
				return $value;
			}
		};
	}

	/**
	 * Something that draws a part of a page and never throws: then the part is missing, and the page is there.
	 *
	 * @param string   $what     For the log.
	 * @param callable $listener What may throw.
	 */
	public function drawing( string $what, callable $listener ): \Closure {
		return function ( ...$arguments ) use ( $what, $listener ) {
			try {
				return (string) call_user_func_array( $listener, $arguments );
			} catch ( \Throwable $thrown ) {
				$this->log( $what, $thrown );
				return '';
			}
		};
	}

	/**
	 * Where it happened and of what kind. A message can hold what a customer typed, so it is left out.
	 *
	 * @param string     $hook   Its name, or what was being done.
	 * @param \Throwable $thrown What was thrown.
	 */
	public function log( string $hook, \Throwable $thrown ): void {
		try {
			if ( function_exists( 'wc_get_logger' ) ) {
				$where = sprintf( '%s in %s:%d, called by %s', get_class( $thrown ), basename( $thrown->getFile() ), $thrown->getLine(), $hook );
				wc_get_logger()->error( $where, array( 'source' => self::SOURCE ) );
			}
		} catch ( \Throwable $again ) {
			// A logger that throws is no reason to stop a checkout.
			unset( $again );
		}
	}
}
