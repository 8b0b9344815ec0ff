<?php
/**
 * Every hook by which rewards take money off orders.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Guard;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	/**
	 * Keeps what is thrown inside, but for a Refusal where one is meant.
	 *
	 * @var Guard
	 */
	private $guard;

	/**
	 * Listens to nothing yet.
	 *
	 * @param Guard $guard Keeps what is thrown inside.
	 */
	public function __construct( Guard $guard ) {
		$this->guard = $guard;
	}

	/**
	 * From now on we are called.
	 */
	public function listen(): void {
		$reservations = new Reservations();
		$coupons      = new Coupons( $reservations );
		add_filter( 'woocommerce_get_shop_coupon_data', $this->guard->filter( 'woocommerce_get_shop_coupon_data', array( $coupons, 'data' ) ), 10, 2 );
		add_filter( 'woocommerce_coupon_is_valid', $this->guard->refusing( 'woocommerce_coupon_is_valid', array( $coupons, 'is_valid' ) ), 10, 3 );
		add_filter( 'woocommerce_cart_totals_coupon_label', $this->guard->filter( 'woocommerce_cart_totals_coupon_label', array( $coupons, 'label' ) ), 10, 2 );
		$this->orders( new Burning( $reservations ) );
		// Once a day, by WordPress itself.
		add_action( 'wp_scheduled_delete', $this->guard->action( 'wp_scheduled_delete', array( $reservations, 'prune' ) ), 10, 0 );
	}

	/**
	 * Both checkouts, orders that the shop makes, and what becomes of them.
	 *
	 * @param Burning $burning Takes and gives back.
	 */
	private function orders( Burning $burning ): void {
		foreach ( array( 'woocommerce_checkout_order_created', 'woocommerce_store_api_checkout_order_processed' ) as $hook ) {
			add_action( $hook, $this->guard->refusing( $hook, array( $burning, 'take' ) ), 10, 1 );
		}
		$applied = 'woocommerce_order_applied_coupon';
		add_action( $applied, $this->guard->refusing( $applied, array( $burning, 'applied' ) ), 10, 2 );
		$hooks = array(
			'woocommerce_order_status_changed' => array( 'status_changed', 4 ),
			'woocommerce_trash_order'          => array( 'is_gone', 1 ),
			'woocommerce_before_delete_order'  => array( 'is_gone', 1 ),
		);
		foreach ( $hooks as $hook => $listener ) {
			add_action( $hook, $this->guard->action( $hook, array( $burning, $listener[0] ) ), 10, $listener[1] );
		}
	}
}
