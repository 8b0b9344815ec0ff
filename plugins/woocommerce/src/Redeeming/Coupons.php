<?php
/**
 * What was redeemed, as a coupon of the shop.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Connection;
use Belong\Display\Programme;
use Belong\Earning\Minor;

defined( 'ABSPATH' ) || exit;

/**
 * Answered from our table alone. WooCommerce counts no such coupon and enforces no limit on it: that is done here and in
 * Burning.
 */
final class Coupons {

	// WC_Coupon: WC_COUPON_SUCCESS; E_WC_COUPON_INVALID_FILTERED, E_WC_COUPON_INVALID_REMOVED; E_WC_COUPON_MIN_SPEND_LIMIT_NOT_MET;
	// E_WC_COUPON_NOT_APPLICABLE and those of certain products.
	const APPLIED   = 200;
	const OVER      = array( 100, 101 );
	const TOO_SMALL = 108;
	const NO_FIT    = array( 109, 110, 113, 114 );

	// Meta of a coupon that is a voucher: id of its redemption.
	const MARK = 'belong_redemption';

	/**
	 * Our table.
	 *
	 * @var Reservations
	 */
	private $reservations;

	/**
	 * Answers nothing yet.
	 *
	 * @param Reservations $reservations Our table.
	 */
	public function __construct( Reservations $reservations ) {
		$this->reservations = $reservations;
	}

	/**
	 * A code of ours becomes a coupon. Whoever it is not for learns not even that it exists, and in a copy of the shop
	 * there is none: its orders would be told to nobody.
	 *
	 * @param mixed $given What another plugin answered; false mostly.
	 * @param mixed $code  As typed, mostly in small letters.
	 */
	public function data( $given, $code ) {
		$found = $given ? null : $this->reservations->of_code( $code );
		if ( ! $found || ! $found->is_there() || ! ( $found->is_of( get_current_user_id() ) || self::is_the_shop() ) ) {
			return $given;
		}
		$connection = Connection::kept();
		return $connection->is_connected() && ! $connection->is_other_site() ? $found->coupon() : $given;
	}

	/**
	 * Own customer only, not over, not used but by this very order, and in a cart the only one of ours: two requests of one
	 * shopper may have chosen at once.
	 *
	 * @param bool   $is_valid  What WooCommerce says.
	 * @param object $coupon    A WC_Coupon.
	 * @param mixed  $discounts Whose cart or order, if WooCommerce says so.
	 * @throws Refusal With a sentence for the shopper.
	 */
	public function is_valid( $is_valid, $coupon, $discounts = null ): bool {
		$found = $coupon->get_virtual() ? $this->reservations->of_code( $coupon->get_code() ) : null;
		if ( ! $is_valid || ! $found ) {
			return (bool) $is_valid;
		}
		$object = is_object( $discounts ) && method_exists( $discounts, 'get_object' ) ? $discounts->get_object() : null;
		$order  = $object instanceof \WC_Abstract_Order ? $object : null;
		$whose  = $order ? (int) $order->get_customer_id() : get_current_user_id();
		if ( ! $found->is_of( $whose ) ) {
			throw Refusal::is_of_another();
		}
		if ( ! $order && $this->is_one_too_many( $found ) ) {
			throw Refusal::is_one_too_many();
		}
		if ( ! $order && $this->is_too_small( $found ) ) {
			throw Refusal::is_too_small();
		}
		$currency = $order ? $order->get_currency() : get_woocommerce_currency();
		// Somebody of the shop may reckon an order anew at any time; a cart is paid only while its reward is good.
		$has_it = $order ? $found->is_used_by( array( $order->get_id() ) ) : ! $found->is_over() && LeftOrder::has( $found );
		if ( ! $has_it && ! ( $found->is_open() && $found->fits_currency( $currency ) ) ) {
			throw Refusal::is_gone();
		}
		return true;
	}

	/**
	 * Whether another reward lies in the cart, or a voucher of ours beside which this one must not be used.
	 *
	 * @param Reservation $found Which may.
	 */
	private function is_one_too_many( Reservation $found ): bool {
		foreach ( WC()->cart ? WC()->cart->get_applied_coupons() : array() as $code ) {
			$other = $this->reservations->of_code( $code );
			if ( $other && $other->code() !== $found->code() ) {
				return true;
			}
			if ( ! $other && self::is_voucher( $code ) && ! Programme::kept()->stacks( $found->reward() ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Codes of the vouchers in the cart. The shop's other coupons are not the service's business.
	 *
	 * @return string[]
	 */
	public static function vouchers(): array {
		return array_values( array_filter( WC()->cart ? WC()->cart->get_applied_coupons() : array(), array( self::class, 'is_voucher' ) ) );
	}

	/**
	 * What such codes take off the cart, with tax, in smallest units.
	 *
	 * @param string[] $codes  Of vouchers.
	 * @param int      $places Decimals of the currency.
	 */
	public static function taken_minor( array $codes, int $places ): int {
		$minor = 0;
		foreach ( $codes as $code ) {
			$minor += Minor::of( (string) wc_format_decimal( WC()->cart->get_coupon_discount_amount( $code, false ), $places ), $places ) ?? 0;
		}
		return $minor;
	}

	/**
	 * Whether the service has made it: a coupon of the shop, for points.
	 *
	 * @param string $code As in the cart.
	 */
	private static function is_voucher( string $code ): bool {
		return '' !== (string) ( new \WC_Coupon( $code ) )->get_meta( self::MARK );
	}

	/**
	 * WooCommerce compares a coupon's minimum with the goods before discounts; points pay their share of what the other
	 * coupons leave. While the cart is reckoned its discounts are those of before: it is looked at again before each page
	 * of the cart and each checkout.
	 *
	 * @param Reservation $found Which may.
	 */
	private function is_too_small( Reservation $found ): bool {
		$cart      = WC()->cart;
		$is_half   = did_action( 'woocommerce_before_calculate_totals' ) > did_action( 'woocommerce_after_calculate_totals' );
		$is_of_use = $cart && ! $is_half && '' !== $found->minimum();
		if ( ! $is_of_use ) {
			return false;
		}
		$goods   = (float) $cart->get_displayed_subtotal();
		$without = ! $cart->display_prices_including_tax();
		foreach ( $cart->get_applied_coupons() as $code ) {
			$goods -= $this->reservations->of_code( $code ) ? 0.0 : (float) $cart->get_coupon_discount_amount( $code, $without );
		}
		return round( $goods, wc_get_price_decimals() ) < (float) $found->minimum();
	}

	/**
	 * The reward's name says more than its code.
	 *
	 * @param string $label  HTML.
	 * @param object $coupon A WC_Coupon.
	 */
	public function label( $label, $coupon ): string {
		$found = $coupon->get_virtual() ? $this->reservations->of_code( $coupon->get_code() ) : null;
		return $found ? esc_html( self::label_of( $found ) ) : (string) $label;
	}

	/**
	 * In place of the code.
	 *
	 * @param Reservation $found Which.
	 * @return string Plain text.
	 */
	public static function label_of( Reservation $found ): string {
		/* translators: %s: name of a reward. */
		return sprintf( __( 'Reward: %s', 'belong-for-woocommerce' ), $found->name() );
	}

	/**
	 * WooCommerce speaks of coupons and codes; this is neither for the shopper.
	 *
	 * @param string $said   By WooCommerce.
	 * @param int    $which  Its number for it.
	 * @param object $coupon A WC_Coupon.
	 */
	public function message( $said, $which, $coupon = null ): string {
		$found = self::APPLIED === (int) $which ? $this->of_coupon( $coupon ) : null;
		/* translators: %s: name of a reward. */
		return $found ? esc_html( sprintf( __( 'Your reward "%s" is in the cart. Its points are spent when the order is paid.', 'belong-for-woocommerce' ), $found->name() ) ) : (string) $said;
	}

	/**
	 * The same for what went wrong, above all that its time was over and the cart has removed it.
	 *
	 * @param string $said   By WooCommerce.
	 * @param int    $which  Its number for it.
	 * @param object $coupon A WC_Coupon.
	 */
	public function error( $said, $which, $coupon = null ): string {
		$found = $this->of_coupon( $coupon );
		$which = (int) $which;
		if ( ! $found || ! in_array( $which, array_merge( self::OVER, self::NO_FIT, array( self::TOO_SMALL ) ), true ) ) {
			return (string) $said;
		}
		if ( self::TOO_SMALL === $which ) {
			return esc_html( Outcome::too_small()->said );
		}
		$why = in_array( $which, self::NO_FIT, true ) || $found->is_open()
			/* translators: %s: name of a reward. */
			? __( 'Your reward "%s" does not fit what is in this cart now. Its points are yours again in a moment.', 'belong-for-woocommerce' )
			/* translators: %s: name of a reward. */
			: __( 'Your reward "%s" is not in this cart any more: its time was over, or another order used it. Points that no order used are yours again.', 'belong-for-woocommerce' );
		return esc_html( sprintf( $why, $found->name() ) );
	}

	/**
	 * Of a coupon that is ours.
	 *
	 * @param object|null $coupon A WC_Coupon.
	 */
	private function of_coupon( $coupon ): ?Reservation {
		return is_object( $coupon ) && method_exists( $coupon, 'get_code' ) ? $this->reservations->of_code( $coupon->get_code() ) : null;
	}

	/**
	 * People of the shop and its own jobs work on orders of others.
	 */
	private static function is_the_shop(): bool {
		return current_user_can( 'edit_shop_orders' ) || wp_doing_cron() || ( defined( 'WP_CLI' ) && WP_CLI );
	}
}
