<?php
/**
 * Every hook by which rewards take money off orders.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Listening;
use Belong\Sending\DirectPush;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	// WooCommerce reads the cart at ten and looks at its own forms at twenty.
	const AFTER_THE_CART = 21;

	// WooCommerce keeps it at twenty.
	const BEFORE_THE_SESSION = 5;

	// WooCommerce's own, for coupons, stands at ten.
	const AFTER_THE_COUPON_FORM = 11;

	/**
	 * How we listen.
	 *
	 * @var Listening
	 */
	private $listening;

	/**
	 * Listens to nothing yet.
	 *
	 * @param Listening $listening How we listen.
	 */
	public function __construct( Listening $listening ) {
		$this->listening = $listening;
	}

	/**
	 * From now on we are called.
	 */
	public function listen(): void {
		$reservations = new Reservations();
		$coupons      = new Coupons( $reservations );
		$this->listening->filter( 'woocommerce_get_shop_coupon_data', array( $coupons, 'data' ), 2 );
		$this->listening->refusing( 'woocommerce_coupon_is_valid', array( $coupons, 'is_valid' ), 3 );
		$this->listening->filter( 'woocommerce_coupon_message', array( $coupons, 'message' ), 3 );
		$this->listening->filter( 'woocommerce_coupon_error', array( $coupons, 'error' ), 3 );
		$this->listening->filter( 'woocommerce_cart_totals_coupon_label', array( $coupons, 'label' ), 2 );
		$this->orders( new Burning( $reservations ) );
		$this->carts( new Leaving( $reservations, DirectPush::closer() ), new Settling( $reservations, new Asking( $reservations ) ) );
		$this->faces( new Panel(), new Posted() );
		$this->listening->action( 'template_redirect', array( new TakingPosted(), 'look' ), 0 );
		// Once a day, by WordPress itself.
		$this->listening->action( 'wp_scheduled_delete', array( $reservations, 'prune' ), 0 );
	}

	/**
	 * Both checkouts, orders that the shop makes, and what becomes of them.
	 *
	 * @param Burning $burning Takes and gives back.
	 */
	private function orders( Burning $burning ): void {
		$classic = 'woocommerce_checkout_order_created';
		$blocks  = 'woocommerce_store_api_checkout_order_processed';
		$this->listening->refusing( $classic, array( $burning, 'take' ), 1 );
		$this->listening->refusing( $blocks, array( $burning, 'take_in_blocks' ), 1, array( Refusal::class, 'in_the_store_api' ) );
		// An exception would be a fault there; a notice stops the payment.
		$this->listening->action( 'woocommerce_before_pay_action', array( $burning, 'paid_later' ), 1 );
		$this->listening->action( 'woocommerce_pre_payment_complete', array( $burning, 'payment_came' ), 1 );
		$this->listening->filter( 'woocommerce_payment_complete_order_status', array( $burning, 'status_of_paid' ), 3 );
		$applied = 'woocommerce_order_applied_coupon';
		$this->listening->refusing( $applied, array( $burning, 'applied' ), 2 );
		$hooks = array(
			'woocommerce_order_status_changed' => array( 'status_changed', 4 ),
			'woocommerce_trash_order'          => array( 'is_gone', 1 ),
			'woocommerce_before_delete_order'  => array( 'is_gone', 1 ),
			// Before it is in the bin: its status still says whether it was paid.
			'wp_trash_post'                    => array( 'post_is_gone', 1 ),
			'before_delete_post'               => array( 'post_is_gone', 1 ),
		);
		foreach ( $hooks as $hook => $listener ) {
			$this->listening->action( $hook, array( $burning, $listener[0] ), $listener[1] );
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
		$this->listening->action( 'woocommerce_removed_coupon', array( $leaving, 'removed' ), 1 );
		$this->listening->action( 'woocommerce_before_cart_emptied', array( $leaving, 'emptied' ), 0 );
		$this->listening->action( 'wp_logout', array( $leaving, 'logged_out' ), 1 );
		$this->listening->action( 'shutdown', array( LeftOrder::class, 'end' ), 0, self::BEFORE_THE_SESSION );
		// After the outbox, which may end the answer too.
		$this->listening->action( 'shutdown', $tell, 0, \Belong\Hooks::LAST + 1 );
		$this->listening->action( Wake::DRAIN, array( $settling, 'run' ), 0, \Belong\Hooks::LAST );
		$this->listening->action( Wake::NET, array( $settling, 'run' ), 0, \Belong\Hooks::LAST );
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
		$this->listening->action( 'wp_loaded', array( $posted, 'look' ), 0, self::AFTER_THE_CART );
		$this->listening->action( 'woocommerce_before_cart_totals', array( $panel, 'show' ), 0 );
		$this->listening->action( 'woocommerce_before_checkout_form', array( $panel, 'show' ), 0, self::AFTER_THE_COUPON_FORM );
		$this->listening->filter( 'woocommerce_update_order_review_fragments', array( $panel, 'add_fragment' ), 1 );
	}
}
