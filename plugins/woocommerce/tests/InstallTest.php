<?php
/**
 * What installing and upgrading do.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\Utilities\FeaturesUtil;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Schema;

final class InstallTest extends ConnectedTestCase {

	const PLUGIN = 'belong-for-woocommerce/belong-for-woocommerce.php';

	public function test_activation_made_the_table_in_its_newest_form(): void {
		$this->assertSame( (string) Schema::VERSION, get_option( Schema::OPTION ) );
		$this->assertSame( array(), $this->marked() );
	}

	public function test_an_up_to_date_table_costs_no_query(): void {
		global $wpdb;
		wp_load_alloptions();
		$before = $wpdb->num_queries;
		Schema::bring_up_to_date();
		$this->assertSame( 0, $wpdb->num_queries - $before );
	}

	public function test_bringing_up_to_date_twice_keeps_rows(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		update_option( Schema::OPTION, 0 );
		Schema::bring_up_to_date();
		$this->assertSame( array( 'order:5' ), $this->marked() );
		$this->assertSame( Schema::VERSION, (int) get_option( Schema::OPTION ) );
	}

	public function test_order_tables_and_blocks_are_declared(): void {
		$expected = array(
			'custom_order_tables'  => true,
			'cart_checkout_blocks' => true,
		);
		$this->assertSame( $expected, FeaturesUtil::declared( self::PLUGIN ) );
	}

	public function test_wordpress_knows_that_woocommerce_is_required(): void {
		\WP_Plugin_Dependencies::initialize();
		$this->assertSame( array( 'woocommerce' ), \WP_Plugin_Dependencies::get_dependencies( self::PLUGIN ) );
		$this->assertFalse( \WP_Plugin_Dependencies::has_unmet_dependencies( self::PLUGIN ) );
	}
}
