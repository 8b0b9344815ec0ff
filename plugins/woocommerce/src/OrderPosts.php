<?php
/**
 * Orders that a shop keeps among its posts.
 *
 * @package Belong
 */

namespace Belong;

use Automattic\WooCommerce\Utilities\OrderUtil;

defined( 'ABSPATH' ) || exit;

/**
 * There wp-admin moves them to the bin and back and deletes them by WordPress's own functions, and WooCommerce, whose
 * hooks its own objects fire, says nothing of it.
 */
final class OrderPosts {

	const ORDER  = 'shop_order';
	const REFUND = 'shop_order_refund';

	/**
	 * What kind of order a post is; empty for all others, and where orders have tables of their own: what is left of them
	 * among the posts is a copy.
	 *
	 * @param mixed $post_id Of a post.
	 */
	public static function kind( $post_id ): string {
		if ( OrderUtil::custom_orders_table_usage_is_enabled() ) {
			return '';
		}
		$type = (string) OrderUtil::get_order_type( (int) $post_id );
		return in_array( $type, array( self::ORDER, self::REFUND ), true ) ? $type : '';
	}
}
