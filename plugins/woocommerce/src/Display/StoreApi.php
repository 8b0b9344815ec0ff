<?php
/**
 * Our part of the Store API.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Guard;

defined( 'ABSPATH' ) || exit;

/**
 * Cart and checkout blocks get what they show with each answer about the cart, under `extensions.belong`.
 */
final class StoreApi {

	/**
	 * What is shown.
	 *
	 * @var CartPoints
	 */
	private $points;

	/**
	 * Keeps what is thrown inside: a cart must answer whatever we do.
	 *
	 * @var Guard
	 */
	private $guard;

	/**
	 * Registers nothing yet.
	 *
	 * @param CartPoints $points What is shown.
	 * @param Guard      $guard  Keeps what is thrown inside.
	 */
	public function __construct( CartPoints $points, Guard $guard ) {
		$this->points = $points;
		$this->guard  = $guard;
	}

	/**
	 * Adds to every answer about the cart.
	 */
	public function register(): void {
		if ( ! function_exists( 'woocommerce_store_api_register_endpoint_data' ) ) {
			return;
		}
		$told = $this->guard->filter( 'Store API', array( $this, 'told' ) );
		woocommerce_store_api_register_endpoint_data(
			array(
				'endpoint'        => 'cart',
				'namespace'       => CartPoints::NAMESPACE_OF_OURS,
				'data_callback'   => static function () use ( $told ) {
					return $told( CartPoints::NOTHING );
				},
				'schema_callback' => array( $this->points, 'schema' ),
				'schema_type'     => ARRAY_A,
			)
		);
	}

	/**
	 * What is shown, in place of nothing. WooCommerce also lays the answer into each page with a small cart on it, the
	 * shop's own among them, where none of it is shown: there it must cost nothing.
	 *
	 * @param array $nothing What is answered should we fail.
	 */
	public function told( array $nothing ): array {
		return wp_is_serving_rest_request() || is_cart() || is_checkout() ? $this->points->told() : $nothing;
	}

	/**
	 * Our script comes with the blocks.
	 *
	 * @param mixed $registry WooCommerce's, of integrations.
	 */
	public function add_script( $registry ): void {
		$registry->register( new BlockScripts() );
	}
}
