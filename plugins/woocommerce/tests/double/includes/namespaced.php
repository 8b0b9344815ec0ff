<?php
/**
 * What WooCommerce has under a namespace.
 *
 * @package Belong\Double
 */

namespace Automattic\WooCommerce\Utilities;

defined( 'ABSPATH' ) || exit;

final class FeaturesUtil {

	private static $declared = array();

	/** Only while before_woocommerce_init runs, as in the original. */
	public static function declare_compatibility( string $feature, string $file, bool $is_compatible = true ): bool {
		if ( ! doing_action( 'before_woocommerce_init' ) ) {
			_doing_it_wrong( __METHOD__, 'Declare features inside before_woocommerce_init.', '11.0.1' );
			return false;
		}
		self::$declared[ plugin_basename( $file ) ][ $feature ] = $is_compatible;
		return true;
	}

	/** Of the double alone. */
	public static function declared( string $plugin ): array {
		return self::$declared[ $plugin ] ?? array();
	}
}

final class OrderUtil {

	public static function is_order( $given, $types = array( 'shop_order' ) ): bool {
		$order = wc_get_order( $given );
		return $order && in_array( $order->get_type(), $types, true );
	}

	/** Of a post that stands for an order; false for what is none, as in the original. */
	public static function get_order_type( $order_id ) {
		return get_post_type( $order_id );
	}

	/** The double's orders lie in a table whatever is said here; posts may stand for them (OrderPostsTest). */
	public static function custom_orders_table_usage_is_enabled(): bool {
		return 'no' !== get_option( 'woocommerce_custom_orders_table_enabled', 'yes' );
	}
}
