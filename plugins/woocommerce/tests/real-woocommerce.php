<?php
/**
 * A real WooCommerce as the contract suite needs it: installed, and with order tables of its own.
 *
 * @package Belong\Tests
 */

use Automattic\WooCommerce\Internal\DataStores\Orders\DataSynchronizer;
use Automattic\WooCommerce\Utilities\OrderUtil;

WC_Install::install();
wc_get_container()->get( DataSynchronizer::class )->create_database_tables();
update_option( 'woocommerce_custom_orders_table_enabled', 'yes' );
update_option( 'woocommerce_custom_orders_table_data_sync_enabled', 'no' );
update_option( 'woocommerce_enable_coupons', 'yes' );
if ( ! OrderUtil::custom_orders_table_usage_is_enabled() ) {
	fwrite( STDERR, "This WooCommerce does not keep orders in tables of their own.\n" );
	exit( 1 );
}
