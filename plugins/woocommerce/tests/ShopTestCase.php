<?php
/**
 * A test in a shop. What it writes is taken back at its end.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Hooks;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Schema;
use Belong\Wake;
use PHPUnit\Framework\TestCase;

abstract class ShopTestCase extends TestCase {

	/**
	 * Hooks as they were before the test.
	 *
	 * @var array
	 */
	private $hooks = array();

	/**
	 * How much the log held before the test.
	 *
	 * @var int
	 */
	private $logged = 0;

	protected function setUp(): void {
		global $wpdb, $wp_filter;
		foreach ( $wp_filter as $name => $hook ) {
			$this->hooks[ $name ] = clone $hook;
		}
		$wpdb->query( 'START TRANSACTION' );
		$this->logged = count( wc_get_logger()->lines ?? array() );
		$this->next_request();
	}

	/** What our Guard keeps from a shop must not be kept from us. */
	protected function assertPostConditions(): void {
		$this->assertSame( array(), $this->logged() );
	}

	/** @return array[] what was logged since the test began; asking for it is knowing of it */
	protected function logged(): array {
		$lines        = array_slice( wc_get_logger()->lines ?? array(), $this->logged );
		$this->logged += count( $lines );
		return $lines;
	}

	protected function tearDown(): void {
		global $wpdb, $wp_filter;
		$wpdb->query( 'ROLLBACK' );
		wp_set_current_user( 0 );
		$wp_filter = $this->hooks;
		wp_cache_flush();
		wp_set_current_user( 0 );
		$this->next_request();
	}

	/** As if another request began: nothing is remembered. */
	protected function next_request(): void {
		Plugin::outbox()->forget();
		Plugin::outbox()->take_dirty();
	}

	/** What we listen to at WordPress's end; others there would close PHPUnit's output. */
	protected function request_ends(): void {
		global $wp_filter;
		foreach ( $wp_filter['shutdown']->callbacks[ Hooks::LAST ] ?? array() as $listener ) {
			call_user_func( $listener['function'] );
		}
	}

	/** The request ends, and then what the queue would call is called. */
	protected function drain( string $hook = Wake::DRAIN ): void {
		$this->request_ends();
		do_action( $hook );
		$this->next_request();
	}

	/** An order over 40.00 in two lines, saved; the outbox is empty again. */
	protected function an_order( string $status = 'processing', int $customer_id = 0 ): \WC_Order {
		$order = new \WC_Order();
		$order->set_customer_id( $customer_id );
		foreach ( array( '10.00', '30.00' ) as $total ) {
			$line = new \WC_Order_Item_Product();
			$line->set_props(
				array(
					'name'     => 'Tea',
					'subtotal' => $total,
					'total'    => $total,
				)
			);
			$order->add_item( $line );
		}
		$order->calculate_totals();
		$order->update_status( $status );
		$this->empty_outbox();
		return wc_get_order( $order->get_id() );
	}

	/** Where WooCommerce keeps orders, which the double does in a table of its own. */
	protected function has_order_tables(): bool {
		return defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) || \Automattic\WooCommerce\Utilities\OrderUtil::custom_orders_table_usage_is_enabled();
	}

	/** A user of this role, or nobody for an empty one. */
	protected function sign_in( string $role ): int {
		$id = '' === $role ? 0 : wp_insert_user(
			array(
				'user_login' => 'somebody-' . $role,
				'user_pass'  => 'not a secret',
				'user_email' => $role . '@shop.example',
				'role'       => $role,
			)
		);
		wp_set_current_user( $id );
		$this->empty_outbox();
		return $id;
	}

	protected function empty_outbox(): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'DELETE FROM %i', Schema::outbox() ) );
		$this->next_request();
	}

	/** @return string[] "order:7" for each row, in the order of first marks */
	protected function marked(): array {
		global $wpdb;
		$rows = $wpdb->get_results( $wpdb->prepare( 'SELECT kind, object_id FROM %i ORDER BY id', Schema::outbox() ) );
		return array_map(
			static function ( $row ) {
				return $row->kind . ':' . $row->object_id;
			},
			$rows
		);
	}

	protected function row( string $kind, int $object_id ): ?object {
		global $wpdb;
		$sql = 'SELECT * FROM %i WHERE kind = %s AND object_id = %d';
		return $wpdb->get_row( $wpdb->prepare( $sql, Schema::outbox(), $kind, $object_id ) );
	}

	protected function assert_marked( \WC_Order $order ): void {
		$this->assertSame( array( Outbox::ORDER . ':' . $order->get_id() ), $this->marked() );
	}

	/**
	 * A form of the shop is sent, and leads back to a page of it.
	 *
	 * @param array    $fields With the nonce.
	 * @param callable $look   Of ours, which looks for what was posted.
	 */
	protected function post_form( array $fields, callable $look ): void {
		$_POST = $fields;
		$leave = static function ( $where ) {
			throw new \DomainException( $where );
		};
		add_filter( 'wp_redirect', $leave );
		try {
			$look();
			$this->fail( 'It did not lead back.' );
		} catch ( \DomainException $left ) {
			$this->assertStringStartsWith( '/', $left->getMessage() );
		}
		remove_filter( 'wp_redirect', $leave );
		$_POST = array();
	}

	protected function with_tax( bool $is_included ): void {
		update_option( 'woocommerce_calc_taxes', 'yes' );
		update_option( 'woocommerce_prices_include_tax', $is_included ? 'yes' : 'no' );
		\WC_Tax::_insert_tax_rate(
			array(
				'tax_rate_country'  => '',
				'tax_rate_state'    => '',
				'tax_rate'          => '19.0000',
				'tax_rate_name'     => 'VAT',
				'tax_rate_priority' => 1,
				'tax_rate_compound' => 0,
				'tax_rate_shipping' => 1,
				'tax_rate_order'    => 1,
				'tax_rate_class'    => '',
			)
		);
	}
}
