<?php
/**
 * Our part of the Store API.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Guard;
use Belong\Redeeming\BlockPanel;

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
	 * What points can be used for.
	 *
	 * @var BlockPanel
	 */
	private $redeeming;

	/**
	 * Keeps what is thrown inside: a cart must answer whatever we do.
	 *
	 * @var Guard
	 */
	private $guard;

	/**
	 * Registers nothing yet.
	 *
	 * @param CartPoints $points    What is shown.
	 * @param BlockPanel $redeeming What points can be used for.
	 * @param Guard      $guard     Keeps what is thrown inside.
	 */
	public function __construct( CartPoints $points, BlockPanel $redeeming, Guard $guard ) {
		$this->points    = $points;
		$this->redeeming = $redeeming;
		$this->guard     = $guard;
	}

	/**
	 * Adds to every answer about the cart, and takes what shoppers choose beside it.
	 */
	public function register(): void {
		if ( ! function_exists( 'woocommerce_store_api_register_endpoint_data' ) ) {
			return;
		}
		woocommerce_store_api_register_endpoint_data(
			array(
				'endpoint'        => 'cart',
				'namespace'       => CartPoints::NAMESPACE_OF_OURS,
				'data_callback'   => array( $this, 'told' ),
				'schema_callback' => array( $this, 'schema' ),
				'schema_type'     => ARRAY_A,
			)
		);
		woocommerce_store_api_register_update_callback(
			array(
				'namespace' => CartPoints::NAMESPACE_OF_OURS,
				'callback'  => $this->guard->action( 'Store API, choosing', array( $this->redeeming, 'update' ) ),
			)
		);
	}

	/**
	 * What is shown. WooCommerce also lays the answer into each page with a small cart on it, the shop's own among them,
	 * where none of it is shown: there it must cost nothing.
	 */
	public function told(): array {
		$earn   = CartPoints::NOTHING;
		$redeem = BlockPanel::NOTHING;
		if ( wp_is_serving_rest_request() || is_cart() || is_checkout() ) {
			$earn   = $this->part( array( $this->points, 'told' ), $earn );
			$redeem = $this->part( array( $this->redeeming, 'told' ), $redeem );
		}
		return $earn + array( 'redeem' => $redeem );
	}

	/**
	 * What the Store API says of it.
	 */
	public function schema(): array {
		return $this->points->schema() + $this->redeeming->schema();
	}

	/**
	 * One part, whatever happens to the other.
	 *
	 * @param callable $teller  Tells it.
	 * @param array    $nothing What is answered should it fail.
	 */
	private function part( callable $teller, array $nothing ): array {
		$told = $this->guard->filter(
			'Store API',
			static function () use ( $teller ) {
				return call_user_func( $teller );
			}
		);
		return $told( $nothing );
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
