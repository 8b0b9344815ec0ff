<?php
/**
 * Writes down which hooks of WooCommerce fire, and in which order.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class HookLog {

	// How often an order is saved in one edit differs from version to version.
	const SAVED = 'update_order';

	/**
	 * Names without "woocommerce_".
	 *
	 * @var string[]
	 */
	private $names = array();

	public function __construct() {
		add_filter( 'all', array( $this, 'note' ) );
	}

	public function note( $hook ): void {
		$own = '/^woocommerce_(new_order|update_order|order_status_[a-z_-]+|order_payment_status_changed|order_(partially|fully)_refunded'
			. '|refund_created|order_refunded|pre_delete_order_refund|(un)?trash_order|(before_)?delete_order|refund_deleted)$/';
		if ( is_string( $hook ) && preg_match( $own, $hook ) ) {
			// Mails have hooks of their own beside these.
			if ( '_notification' !== substr( $hook, -13 ) ) {
				$this->names[] = substr( $hook, strlen( 'woocommerce_' ) );
			}
		}
	}

	/** @return string[] with saves in a row as one */
	public function names(): array {
		$names = array();
		foreach ( $this->names as $name ) {
			if ( self::SAVED !== $name || self::SAVED !== end( $names ) ) {
				$names[] = $name;
			}
		}
		return $names;
	}

	/** @return string[] */
	public function names_without_saves(): array {
		return array_values( array_diff( $this->names, array( self::SAVED ) ) );
	}
}
