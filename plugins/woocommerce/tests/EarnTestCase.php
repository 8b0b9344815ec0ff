<?php
/**
 * A shop with goods, and a programme that was told to it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Display\Assets;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

abstract class EarnTestCase extends ShopTestCase {

	protected function setUp(): void {
		parent::setUp();
		update_option( 'woocommerce_calc_taxes', 'no' );
		update_option( 'woocommerce_currency', 'EUR' );
		update_option( 'woocommerce_enable_signup_and_login_from_checkout', 'yes' );
		( new Assets( WP_PLUGIN_DIR . '/belong-for-woocommerce/belong-for-woocommerce.php' ) )->register();
		Connection::keep( array( 'id' => 'of-a-test' ) );
		wc_load_cart();
		WC()->cart->empty_cart();
		$this->tell( $this->summary() );
	}

	protected function tearDown(): void {
		WC()->cart->empty_cart();
		wp_set_current_user( 0 );
		unset( $GLOBALS['product'], $GLOBALS['post'] );
		$GLOBALS['wp_query'] = new \WP_Query();
		wp_styles()->queue  = array();
		wp_scripts()->queue = array();
		parent::tearDown();
	}

	/** One point per euro; silver members get half as much again. */
	public function summary( array $earn = array(), array $more = array() ): array {
		$rule = $this->rule( array( 'rates' => array( 'EUR' => '1' ) ) );
		return $more + array(
			'schema'      => 1,
			'version'     => array( 1, 1 ),
			'timezone'    => 'Europe/Berlin',
			'currency'    => 'EUR',
			'enrolment'   => 'automatic',
			'points_name' => array( 'en' => array( 'point', 'points' ) ),
			'tiers'       => array(
				array(
					'id'   => 'member',
					'rank' => 0,
				),
				array(
					'id'   => 'silver',
					'rank' => 1,
				),
			),
			'dropped'     => array(),
			'earn'        => $earn + array(
				'basis'            => 'net_merchandise',
				'include_shipping' => false,
				'excludes'         => array( 'gift_cards', 'gift_card_tender' ),
				'rounding'         => 'floor',
				'minimum_minor'    => 0,
				'lanes'            => array(),
				'across'           => 'multiply',
				'rules'            => array( $rule ),
				'tier_factors'     => array( 'silver' => '3/2' ),
				'caps'             => array(),
				'earn_until'       => null,
			),
		);
	}

	public function rule( array $changes ): array {
		return $changes + array(
			'id'         => 'base',
			'lane'       => 'base',
			'award'      => 'per_amount',
			'rates'      => array(),
			'points'     => 0,
			'factor'     => '1',
			'step_minor' => 0,
			'priority'   => 0,
			'starts_at'  => null,
			'ends_at'    => null,
			'conditions' => array(),
			'caps'       => array(),
		);
	}

	/** @param array|string $summary */
	protected function tell( $summary ): void {
		update_option( Programme::OPTION, is_array( $summary ) ? wp_json_encode( $summary ) : $summary, true );
	}

	/** Signed in, with this snapshot. */
	protected function a_member( array $changes = array() ): int {
		$user_id  = wp_insert_user(
			array(
				'user_login' => uniqid( 'anna' ),
				'user_email' => uniqid() . '@example.com',
				'user_pass'  => 'not a secret',
				'role'       => 'customer',
			)
		);
		$snapshot = $changes + array(
			'schema'      => 2,
			'store'       => 'woocommerce:1',
			'status'      => 'active',
			'points_name' => array( 'point', 'points' ),
			'available'   => 1200,
			'pending'     => 0,
			'held'        => 0,
			'deficit'     => 0,
			'lifetime'    => 1200,
			'tier'        => array( 'id' => 'silver' ),
			'entries'     => array(),
		);
		update_user_meta( $user_id, Snapshot::META, wp_slash( wp_json_encode( $snapshot ) ) );
		wp_set_current_user( $user_id );
		return $user_id;
	}

	protected function a_product( string $price = '25.00', array $props = array() ): \WC_Product {
		$product = new \WC_Product_Simple();
		$product->set_props( $props + array( 'name' => 'Tea', 'regular_price' => $price ) );
		return wc_get_product( $product->save() );
	}

	/** What is printed meanwhile. */
	protected function printed( callable $what ): string {
		ob_start();
		$what();
		return ob_get_clean();
	}

	/** Queries meanwhile. */
	protected function queries( callable $what ): int {
		global $wpdb;
		$before = $wpdb->num_queries;
		$what();
		return $wpdb->num_queries - $before;
	}
}
