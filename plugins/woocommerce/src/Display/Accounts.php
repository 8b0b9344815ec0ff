<?php
/**
 * What this shop does with accounts, as far as points hang on it.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * As the shop is set up; of one cart WooCommerce's checkout knows more.
 */
final class Accounts {

	const AT_CHECKOUT   = 'woocommerce_enable_signup_and_login_from_checkout';
	const IN_MY_ACCOUNT = 'woocommerce_enable_myaccount_registration';

	/**
	 * Whether an account can be made with an order.
	 */
	public static function can_be_made_at_checkout(): bool {
		return 'yes' === get_option( self::AT_CHECKOUT );
	}

	/**
	 * Whether shoppers can make one at all.
	 */
	public static function can_be_made(): bool {
		return self::can_be_made_at_checkout() || 'yes' === get_option( self::IN_MY_ACCOUNT );
	}

	/**
	 * Whether the shop gives a guest's orders to the account that has shown the address to be its own: WooCommerce does
	 * from 11.0 on. Before, only who manages the shop can.
	 */
	public static function get_earlier_orders(): bool {
		return false !== has_action( 'woocommerce_customer_email_verified', 'wc_update_new_customer_past_orders' );
	}
}
