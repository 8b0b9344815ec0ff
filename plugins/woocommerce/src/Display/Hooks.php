<?php
/**
 * Every hook by which shoppers are shown what something earns.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Listening;
use Belong\Redeeming\BlockPanel;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it. Blocks run none of the classic hooks, and the classic pages none of the Store
 * API.
 */
final class Hooks {

	// After the price, which WooCommerce writes at ten.
	const AFTER_THE_PRICE = 15;

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
	 *
	 * @param string      $file    Path of the plugin's main file.
	 * @param Earning     $earning What would be earned.
	 * @param ProductLine $line    Says what a product earns.
	 */
	public function listen( string $file, Earning $earning, ProductLine $line ): void {
		$this->listening->action( 'wp_enqueue_scripts', array( new Assets( $file ), 'register' ), 0, \Belong\Hooks::FIRST );
		$this->products( $line );
		$this->carts( new CartPoints( $earning ) );
		$this->orders( new OrderPoints( $earning ) );
	}

	/**
	 * A product's own page, its variations, and lists.
	 *
	 * @param ProductLine $line Says what a product earns.
	 */
	private function products( ProductLine $line ): void {
		$this->listening->action( 'woocommerce_single_product_summary', array( $line, 'show' ), 0, self::AFTER_THE_PRICE );
		$this->listening->action( 'woocommerce_after_shop_loop_item_title', array( $line, 'show_in_list' ), 0, self::AFTER_THE_PRICE );
		$this->listening->filter( 'render_block_woocommerce/product-price', array( $line, 'after_price' ), 3 );
		$this->listening->filter( 'woocommerce_available_variation', array( $line, 'add_to_variation' ), 3 );
	}

	/**
	 * Cart and checkout, of both kinds.
	 *
	 * @param CartPoints $points Says what an order earns.
	 */
	private function carts( CartPoints $points ): void {
		$this->listening->action( 'woocommerce_cart_totals_after_order_total', array( $points, 'row' ) );
		$this->listening->action( 'woocommerce_review_order_after_order_total', array( $points, 'row' ) );
		$return = new LoginReturn();
		$this->listening->action( 'woocommerce_login_form', array( $return, 'show' ) );
		$this->listening->filter( 'query_vars', array( $return, 'query_vars' ), 1 );
		$api = new StoreApi( $points, new BlockPanel(), $this->listening->guard() );
		$this->listening->action( 'woocommerce_init', array( $api, 'register' ) );
		$this->listening->action( 'woocommerce_blocks_cart_block_registration', array( $api, 'add_script' ), 1 );
		$this->listening->action( 'woocommerce_blocks_checkout_block_registration', array( $api, 'add_script' ), 1 );
	}

	/**
	 * The page after an order, the account's view of it, and its e-mails.
	 *
	 * @param OrderPoints $points Says what an order brought.
	 */
	private function orders( OrderPoints $points ): void {
		$this->listening->action( 'woocommerce_order_details_after_order_table', array( $points, 'show' ), 1 );
		$this->listening->action( 'woocommerce_email_after_order_table', array( $points, 'show_in_mail' ), 3 );
	}
}
