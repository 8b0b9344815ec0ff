<?php
/**
 * Every hook by which rewards take money off orders.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Guard;
use Belong\Sending\DirectPush;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	// WooCommerce reads the cart at ten and looks at its own forms at twenty.
	const AFTER_THE_CART = 21;

	// WooCommerce's own, for coupons, stands at ten.
	const AFTER_THE_COUPON_FORM = 11;

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
		add_filter( 'woocommerce_coupon_message', $this->guard->filter( 'woocommerce_coupon_message', array( $coupons, 'message' ) ), 10, 3 );
		add_filter( 'woocommerce_coupon_error', $this->guard->filter( 'woocommerce_coupon_error', array( $coupons, 'error' ) ), 10, 3 );
		add_filter( 'woocommerce_cart_totals_coupon_label', $this->guard->filter( 'woocommerce_cart_totals_coupon_label', array( $coupons, 'label' ) ), 10, 2 );
		$this->orders( new Burning( $reservations ) );
		$this->carts( new Leaving( $reservations, DirectPush::closer() ), new Settling( $reservations, new Asking( $reservations ) ) );
		$this->faces( new Panel(), new Posted() );
		// Once a day, by WordPress itself.
		add_action( 'wp_scheduled_delete', $this->guard->action( 'wp_scheduled_delete', array( $reservations, 'prune' ) ), 10, 0 );
	}

	/**
	 * Both checkouts, orders that the shop makes, and what becomes of them.
	 *
	 * @param Burning $burning Takes and gives back.
	 */
	private function orders( Burning $burning ): void {
		$classic = 'woocommerce_checkout_order_created';
		$blocks  = 'woocommerce_store_api_checkout_order_processed';
		add_action( $classic, $this->guard->refusing( $classic, array( $burning, 'take' ) ), 10, 1 );
		add_action( $blocks, Refusal::in_the_store_api( $this->guard->refusing( $blocks, array( $burning, 'take' ) ) ), 10, 1 );
		// An exception would be a fault there; a notice stops the payment. The blocks' way to pay later runs their hook above.
		$this->action( 'woocommerce_before_pay_action', array( $burning, 'paid_later' ), 1 );
		$applied = 'woocommerce_order_applied_coupon';
		add_action( $applied, $this->guard->refusing( $applied, array( $burning, 'applied' ) ), 10, 2 );
		$hooks = array(
			'woocommerce_order_status_changed' => array( 'status_changed', 4 ),
			'woocommerce_trash_order'          => array( 'is_gone', 1 ),
			'woocommerce_before_delete_order'  => array( 'is_gone', 1 ),
			// Before it is in the bin: its status still says whether it was paid.
			'wp_trash_post'                    => array( 'post_is_gone', 1 ),
			'before_delete_post'               => array( 'post_is_gone', 1 ),
		);
		foreach ( $hooks as $hook => $listener ) {
			add_action( $hook, $this->guard->action( $hook, array( $burning, $listener[0] ) ), 10, $listener[1] );
		}
	}

	/**
	 * What leaves a cart, and when the service is told.
	 *
	 * @param Leaving  $leaving  Notes it.
	 * @param Settling $settling Tells it.
	 */
	private function carts( Leaving $leaving, Settling $settling ): void {
		$tell = static function () use ( $leaving, $settling ) {
			$leaving->tell( $settling );
		};
		$this->action( 'woocommerce_removed_coupon', array( $leaving, 'removed' ), 1 );
		$this->action( 'woocommerce_before_cart_emptied', array( $leaving, 'emptied' ), 0 );
		$this->action( 'wp_logout', array( $leaving, 'logged_out' ), 1 );
		// After the outbox, which may end the answer too.
		$this->action( 'shutdown', $tell, 0, \Belong\Hooks::LAST + 1 );
		$this->action( Wake::DRAIN, array( $settling, 'run' ), 0, \Belong\Hooks::LAST );
		$this->action( Wake::NET, array( $settling, 'run' ), 0, \Belong\Hooks::LAST );
	}

	/**
	 * Where a shopper chooses without blocks. The checkout is one large form, in which there can be no other: there we
	 * stand above it.
	 *
	 * @param Panel  $panel  Shows it.
	 * @param Posted $posted Does what was asked for.
	 */
	private function faces( Panel $panel, Posted $posted ): void {
		// Once the cart is there.
		$this->action( 'wp_loaded', array( $posted, 'look' ), 0, self::AFTER_THE_CART );
		$this->action( 'woocommerce_before_cart_totals', array( $panel, 'show' ), 0 );
		$this->action( 'woocommerce_before_checkout_form', array( $panel, 'show' ), 0, self::AFTER_THE_COUPON_FORM );
		add_filter( 'woocommerce_update_order_review_fragments', $this->guard->filter( 'woocommerce_update_order_review_fragments', array( $panel, 'add_fragment' ) ), 10, 1 );
	}

	/**
	 * Listens to an action.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 * @param int      $priority When, among others.
	 */
	private function action( string $hook, callable $listener, int $takes, int $priority = 10 ): void {
		add_action( $hook, $this->guard->action( $hook, $listener ), $priority, $takes );
	}
}
