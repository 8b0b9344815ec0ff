<?php
/**
 * Every hook by which shoppers are shown something of theirs.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Guard;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	// After the name of a review's writer, which WooCommerce writes at ten.
	const AFTER_THE_NAME = 11;

	/**
	 * Keeps what is thrown inside.
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
	 *
	 * @param string $file Path of the plugin's main file.
	 */
	public function listen( string $file ): void {
		$this->account( new Endpoint() );
		$this->places( new Placing( $file ) );
		$this->reviews( new ReviewBadges() );
		$this->action( 'rest_api_init', array( new Route(), 'register' ) );
		$this->action( 'template_redirect', array( new Posted(), 'look' ) );
	}

	/**
	 * Our page in My Account. Its rules are written on activation.
	 *
	 * @param Endpoint $endpoint The page.
	 */
	private function account( Endpoint $endpoint ): void {
		$this->action( 'init', array( Endpoint::class, 'register' ) );
		$this->filter( 'woocommerce_get_query_vars', array( $endpoint, 'query_vars' ) );
		$this->filter( 'woocommerce_account_menu_items', array( $endpoint, 'menu' ) );
		$this->filter( 'woocommerce_endpoint_' . Endpoint::SLUG . '_title', array( $endpoint, 'title' ) );
		$this->action( 'woocommerce_account_' . Endpoint::SLUG . '_endpoint', array( $endpoint, 'show' ) );
		$this->action( 'wp_enqueue_scripts', array( $endpoint, 'style_in_time' ) );
	}

	/**
	 * Shortcodes and blocks.
	 *
	 * @param Placing $placing Draws them.
	 */
	private function places( Placing $placing ): void {
		foreach ( Sheet::names() as $name ) {
			$tag = Placing::SHORTCODE . $name;
			add_shortcode( $tag, $this->guard->drawing( $tag, array( $placing, 'shortcode' ) ) );
		}
		$draw = $this->guard->drawing( 'a block', array( $placing, 'block' ) );
		$this->action(
			'init',
			static function () use ( $placing, $draw ) {
				$placing->register_blocks( $draw );
			}
		);
		$this->action( 'admin_enqueue_scripts', array( $placing, 'register_editor' ), 0, \Belong\Hooks::FIRST );
	}

	/**
	 * Who wrote is noted wherever comments are read; the badge follows the name in classic themes and in blocks.
	 *
	 * @param ReviewBadges $badges Knows who shows one.
	 */
	private function reviews( ReviewBadges $badges ): void {
		$this->filter( 'the_comments', array( $badges, 'note' ) );
		$this->action( 'woocommerce_review_meta', array( $badges, 'show' ), 1, self::AFTER_THE_NAME );
		$this->filter( 'render_block_core/comment-author-name', array( $badges, 'after_the_author' ), 3 );
		$this->filter( 'render_block_woocommerce/product-review-author-name', array( $badges, 'after_the_author' ), 3 );
	}

	/**
	 * Listens to an action.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 * @param int      $priority When, among others.
	 */
	private function action( string $hook, callable $listener, int $takes = 0, int $priority = 10 ): void {
		add_action( $hook, $this->guard->action( $hook, $listener ), $priority, $takes );
	}

	/**
	 * Listens to a filter.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 */
	private function filter( string $hook, callable $listener, int $takes = 1 ): void {
		add_filter( $hook, $this->guard->filter( $hook, $listener ), 10, $takes );
	}
}
