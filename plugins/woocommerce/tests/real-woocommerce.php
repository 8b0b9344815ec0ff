<?php
/**
 * A real WooCommerce as the contract suite needs it: installed, and with order tables of its own; or with orders among
 * posts, if BELONG_ORDERS is `posts`.
 *
 * @package Belong\Tests
 */

use Automattic\WooCommerce\Internal\DataStores\Orders\DataSynchronizer;
use Automattic\WooCommerce\Utilities\OrderUtil;

WC_Install::install();
wc_get_container()->get( DataSynchronizer::class )->create_database_tables();
$belong_has_tables = 'posts' !== getenv( 'BELONG_ORDERS' );
update_option( 'woocommerce_custom_orders_table_enabled', $belong_has_tables ? 'yes' : 'no' );
update_option( 'woocommerce_custom_orders_table_data_sync_enabled', 'no' );
update_option( 'woocommerce_enable_coupons', 'yes' );
// The double's own.
update_option( 'woocommerce_currency', 'EUR' );
if ( OrderUtil::custom_orders_table_usage_is_enabled() !== $belong_has_tables ) {
	fwrite( STDERR, "This WooCommerce does not keep orders where they were wanted.\n" );
	exit( 1 );
}
