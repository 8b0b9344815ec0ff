<?php
/**
 * A member with something in the cart and rewards to choose from.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Redeeming\Burning;
use Belong\Redeeming\Choosing;
use Belong\Redeeming\LeftOrder;
use Belong\Redeeming\Outcome;
use Belong\Redeeming\Panel;
use Belong\Redeeming\Reservations;
use Belong\Schema;
use Belong\Sending\Pace;
use Belong\Wake;

abstract class RedeemTestCase extends ConnectedTestCase {

	const CODE = '7k3m-9q2r-5t8v-1x4z';

	/**
	 * The service.
	 *
	 * @var ServiceDouble
	 */
	protected $service;

	protected function setUp(): void {
		parent::setUp();
		( new Reservations() )->forget();
		Pace::reset();
		wc_clear_notices();
		Pushed::signed_in( $this->pushed() );
		WC()->cart = null;
		wc_load_cart();
		WC()->session->set( LeftOrder::KEY, null );
		WC()->session->set( Burning::DRAFT, null );
		WC()->cart->add_to_cart( $this->a_product()->get_id() );
	}

	protected function tearDown(): void {
		WC()->cart->empty_cart();
		wc_clear_notices();
		parent::tearDown();
	}

	/** With rewards of each kind that matters here. */
	protected function pushed( array $with = array() ): array {
		$five = Pushed::member()['rewards'][0];
		$pot  = Pushed::member()['rewards'][1];
		return Pushed::member(
			$with + array(
				'rewards' => array(
					$five,
					array( 'id' => 'ten', 'name' => '10 EUR off', 'points' => 1000, 'value_minor' => 1000 ) + $five,
					array( 'id' => 'slide', 'name' => 'As you like', 'kind' => 'slider', 'points' => 100, 'value_minor' => 100 ) + $five,
					array( 'id' => 'tour', 'name' => 'A tour', 'kind' => 'perk' ) + $five,
					$pot,
				),
			)
		);
	}

	protected function a_product(): \WC_Product {
		$product = new \WC_Product();
		$product->set_props( array( 'name' => 'Tea', 'regular_price' => '40.00', 'price' => '40.00', 'status' => 'publish' ) );
		$product->save();
		return $product;
	}

	protected function choose( string $reward, ?int $points = null ): Outcome {
		return Choosing::own()->choose( $reward, $points );
	}

	/** It lies in the cart. */
	protected function chosen(): void {
		$this->answers( $this->token(), $this->held() );
		$this->assertTrue( $this->choose( 'five' )->is_good );
	}

	protected function answers( ...$answers ): void {
		remove_all_filters( 'pre_http_request' );
		$this->service = new ServiceDouble( ...$answers );
	}

	protected function token(): array {
		return array( 201, array( 'token' => 'st_1' ) );
	}

	/** What the service answers when it has set points aside. */
	protected function held( array $changed = array() ): array {
		$held = array(
			'redemption'          => str_repeat( 'a', 32 ),
			'reward'              => 'five',
			'kind'                => 'amount',
			'state'               => 'held',
			'points'              => 500,
			'code'                => self::CODE,
			'value_minor'         => 500,
			'currency'            => 'EUR',
			'percent_bp'          => 0,
			'minimum_order_minor' => 0,
			'product_id'          => null,
			'order_ref'           => null,
			'created_at'          => gmdate( 'c' ),
			'lapses_at'           => gmdate( 'c', time() + 3600 ),
			'expires_at'          => null,
			'late'                => false,
			'reason'              => '',
		);
		return array( 201, $changed + $held );
	}

	/** The service says of what people give. */
	protected function perk(): array {
		return $this->held(
			array(
				'redemption' => str_repeat( 'b', 32 ),
				'reward'     => 'tour',
				'kind'       => 'perk',
				'state'      => 'requested',
				'code'       => null,
				'lapses_at'  => null,
			)
		);
	}

	/** @return string[] of all redemptions that were asked for */
	protected function keys(): array {
		$keys = array();
		foreach ( $this->service->requests as $request ) {
			if ( isset( $request['headers']['idempotency-key'] ) ) {
				$keys[] = $request['headers']['idempotency-key'];
			}
		}
		return $keys;
	}

	/** With nothing else to tell. */
	protected function a_minute_later(): void {
		$this->empty_outbox();
		do_action( Wake::NET );
	}

	protected function panel(): string {
		ob_start();
		( new Panel() )->show();
		return (string) ob_get_clean();
	}

	/** In the order in which they were asked for. */
	protected function states(): array {
		global $wpdb;
		return $wpdb->get_col( $wpdb->prepare( 'SELECT state FROM %i ORDER BY id', Schema::reservations() ) );
	}
}
