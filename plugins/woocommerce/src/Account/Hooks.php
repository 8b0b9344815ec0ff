<?php
/**
 * Every hook by which shoppers are shown something of theirs.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\ProductLine;
use Belong\Listening;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	// After the name of a review's writer, which WooCommerce writes at ten.
	const AFTER_THE_NAME = 11;

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
	 * @param string      $file Path of the plugin's main file.
	 * @param ProductLine $line What a product earns.
	 */
	public function listen( string $file, ProductLine $line ): void {
		$this->account( new Endpoint() );
		$this->places( new Placing( $file, $line ) );
		$this->reviews( new ReviewBadges() );
		$this->listening->action( 'rest_api_init', array( new Route(), 'register' ) );
		$this->listening->action( 'rest_api_init', array( new TakeRoute(), 'register' ) );
		$this->listening->action( 'template_redirect', array( new Posted(), 'look' ) );
		$mail = new FromMail();
		$this->listening->filter( 'query_vars', array( $mail, 'query_vars' ), 1 );
		$this->listening->action( 'template_redirect', array( $mail, 'look' ) );
		$invited = new Invited();
		$this->listening->filter( 'request', array( $invited, 'without_code' ), 1 );
		$this->listening->action( 'template_redirect', array( $invited, 'look' ) );
		$shown = new EndsShown();
		$this->listening->action( 'shutdown', array( $shown, 'at_the_end_of_the_request' ), 0, \Belong\Hooks::LAST );
		$this->listening->action( EndsShown::TELL, array( $shown, 'tell' ), 2 );
	}

	/**
	 * Our page in My Account. Its rules are written on activation.
	 *
	 * @param Endpoint $endpoint The page.
	 */
	private function account( Endpoint $endpoint ): void {
		$this->listening->action( 'init', array( Endpoint::class, 'register' ) );
		$this->listening->filter( 'woocommerce_get_query_vars', array( $endpoint, 'query_vars' ) );
		$this->listening->filter( 'woocommerce_account_menu_items', array( $endpoint, 'menu' ) );
		$this->listening->filter( 'woocommerce_endpoint_' . Endpoint::SLUG . '_title', array( $endpoint, 'title' ) );
		$this->listening->action( 'woocommerce_account_' . Endpoint::SLUG . '_endpoint', array( $endpoint, 'show' ) );
		$this->listening->action( 'wp_enqueue_scripts', array( $endpoint, 'style_in_time' ) );
	}

	/**
	 * Shortcodes and blocks.
	 *
	 * @param Placing $placing Draws them.
	 */
	private function places( Placing $placing ): void {
		foreach ( Placing::names() as $name ) {
			$tag = Placing::SHORTCODE . $name;
			$this->listening->shortcode( $tag, array( $placing, 'shortcode' ) );
		}
		$draw = $this->listening->guard()->drawing( 'a block', array( $placing, 'block' ) );
		$this->listening->action(
			'init',
			static function () use ( $placing, $draw ) {
				$placing->register_blocks( $draw );
			}
		);
		$this->listening->action( 'admin_enqueue_scripts', array( $placing, 'register_editor' ), 0, \Belong\Hooks::FIRST );
	}

	/**
	 * Who wrote is noted wherever comments are read; the badge follows the name in classic themes and in blocks.
	 *
	 * @param ReviewBadges $badges Knows who shows one.
	 */
	private function reviews( ReviewBadges $badges ): void {
		$this->listening->filter( 'the_comments', array( $badges, 'note' ) );
		$this->listening->action( 'woocommerce_review_meta', array( $badges, 'show' ), 1, self::AFTER_THE_NAME );
		$this->listening->filter( 'render_block_core/comment-author-name', array( $badges, 'after_the_author' ), 3 );
		$this->listening->filter( 'render_block_woocommerce/product-review-author-name', array( $badges, 'after_the_author' ), 3 );
	}
}
