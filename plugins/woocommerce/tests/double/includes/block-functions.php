<?php
/**
 * The Store API by function.
 *
 * @package Belong\Double
 */

use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;

defined( 'ABSPATH' ) || exit;

/** An Exception comes back as an error, which nobody has to read. */
function woocommerce_store_api_register_endpoint_data( $args ) {
	try {
		StoreApi::container()->get( ExtendSchema::class )->register_endpoint_data( $args );
	} catch ( Exception $refused ) {
		return new WP_Error( 'error', $refused->getMessage() );
	}
	return true;
}

/** The same for what a shopper changes. */
function woocommerce_store_api_register_update_callback( $args ) {
	try {
		StoreApi::container()->get( ExtendSchema::class )->register_update_callback( $args );
	} catch ( Exception $refused ) {
		return new WP_Error( 'error', $refused->getMessage() );
	}
	return true;
}
