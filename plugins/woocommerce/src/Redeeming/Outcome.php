<?php
/**
 * What came of choosing a reward.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Answer;
use Belong\Display\Part;

defined( 'ABSPATH' ) || exit;

/**
 * A sentence for the shopper, and whether it came about. It says nothing that a face of ours could not show to anybody.
 */
final class Outcome {

	/**
	 * Whether it came about.
	 *
	 * @var bool
	 */
	public $is_good;

	/**
	 * For the shopper; empty where WooCommerce has said it already.
	 *
	 * @var string
	 */
	public $said;

	/**
	 * What was taken outside a cart, in the shape of the snapshot's vouchers.
	 *
	 * @var Part|null
	 */
	public $voucher;

	/**
	 * Whether somebody has said what came of it: the next press is another one.
	 *
	 * @var bool
	 */
	public $is_sure = true;

	/**
	 * By one of the functions below.
	 *
	 * @param bool   $is_good Whether it came about.
	 * @param string $said    For the shopper.
	 */
	private function __construct( bool $is_good, string $said ) {
		$this->is_good = $is_good;
		$this->said    = $said;
	}

	/**
	 * The reward lies in the cart; its line there says so.
	 */
	public static function chosen(): self {
		return new self( true, '' );
	}

	/**
	 * It lies there no more.
	 */
	public static function taken_off(): self {
		return new self( true, __( 'The reward is taken off. Its points are yours again in a moment.', 'belong-for-woocommerce' ) );
	}

	/**
	 * An order that is paid later has it no more.
	 *
	 * @param string $name Of the reward.
	 */
	public static function taken_off_the_order( string $name ): self {
		/* translators: %s: name of a reward. */
		return new self( false, sprintf( __( 'Your reward "%s" was taken off this order: its time was over, or another order used it. Please look at the new total before you pay.', 'belong-for-woocommerce' ), $name ) );
	}

	/**
	 * An order whose shipping was redeemed for cannot be paid without it.
	 *
	 * @param string $name Of the reward.
	 */
	public static function order_anew( string $name ): self {
		/* translators: %s: name of a reward. */
		return new self( false, sprintf( __( 'Your reward "%s" is over or was used with another order, so this order cannot be paid any more. Please order again.', 'belong-for-woocommerce' ), $name ) );
	}

	/**
	 * WooCommerce did not take it, and has said why.
	 */
	public static function refused_by_the_cart(): self {
		return new self( false, '' );
	}

	/**
	 * Nobody is signed in.
	 */
	public static function needs_account(): self {
		return new self( false, __( 'Please log in to use your points.', 'belong-for-woocommerce' ) );
	}

	/**
	 * Not now, with the reason that was pushed.
	 *
	 * @param string $why A sentence; empty if there is none.
	 */
	public static function not_to_be_had( string $why = '' ): self {
		return new self( false, '' !== $why ? $why : __( 'This reward cannot be had at the moment. Nothing was changed.', 'belong-for-woocommerce' ) );
	}

	/**
	 * Not a number that a slider has.
	 */
	public static function no_number(): self {
		return self::not_to_be_had( __( 'Please choose another number of points.', 'belong-for-woocommerce' ) );
	}

	/**
	 * It needs a larger cart.
	 */
	public static function too_small(): self {
		return self::not_to_be_had( __( 'Your cart is too small for this reward.', 'belong-for-woocommerce' ) );
	}

	/**
	 * It was taken outside a cart.
	 *
	 * @param Part $voucher What came of it.
	 */
	public static function taken( Part $voucher ): self {
		$taken          = new self( true, self::said_of( $voucher ) );
		$taken->voucher = $voucher;
		return $taken;
	}

	/**
	 * That points were used, and where what they bought is found.
	 *
	 * @param Part $voucher What came of it.
	 */
	private static function said_of( Part $voucher ): string {
		$code = $voucher->text( 'code' );
		if ( '' === $code ) {
			/* translators: %s: name of a reward. */
			return sprintf( __( 'Your points are used for "%s". It stands under your vouchers, where you see what becomes of it; show it to us when you come for it.', 'belong-for-woocommerce' ), $voucher->text( 'name' ) );
		}
		$said = 'issued' === $voucher->text( 'state' )
			/* translators: %s: a code. */
			? __( 'Your points are used. This is your code: %s. It stands under your vouchers; enter it in the cart.', 'belong-for-woocommerce' )
			/* translators: %s: a code. */
			: __( 'Your points are used. The cart takes this code in a moment: %s. It stands under your vouchers.', 'belong-for-woocommerce' );
		return sprintf( $said, $code );
	}

	/**
	 * Nobody knows whether it was taken.
	 */
	public static function unsure(): self {
		$unsure          = new self( false, __( 'There was no answer, so it is not sure whether it worked. Please try again: it counts only once.', 'belong-for-woocommerce' ) );
		$unsure->is_sure = false;
		return $unsure;
	}

	/**
	 * Another request of the same shopper asks for it.
	 */
	public static function under_way(): self {
		return new self( false, __( 'This reward is being set aside already. Please load the page again in a moment.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The service does not answer.
	 */
	public static function no_answer(): self {
		return new self( false, self::down() );
	}

	/**
	 * Something of ours failed, or the answer got lost on its way to the shopper.
	 */
	public static function unknown(): self {
		return new self( false, __( 'That did not work. Please load the page again, then look at your cart.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The same with words of somebody else's.
	 *
	 * @param string $said Plain text.
	 */
	public function with( string $said ): self {
		return new self( $this->is_good, $said );
	}

	/**
	 * Where redeeming would be, while the service does not answer.
	 */
	public static function down(): string {
		return __( 'Points cannot be used at the moment; they stay yours. Your order goes on as usual.', 'belong-for-woocommerce' );
	}

	/**
	 * The service refused: nothing has happened.
	 *
	 * @param Answer $answer Of the service.
	 */
	public static function refused( Answer $answer ): self {
		$said = array(
			'not-enough-points'    => __( 'You do not have enough points for this reward any more.', 'belong-for-woocommerce' ),
			'order-too-small'      => self::too_small()->said,
			'more-than-share'      => __( 'This reward is worth more than may be paid with points for this cart.', 'belong-for-woocommerce' ),
			'does-not-stack'       => __( 'This reward cannot be used together with what is in your cart already.', 'belong-for-woocommerce' ),
			'reward-limit-reached' => __( 'You have had this reward as often as it can be had.', 'belong-for-woocommerce' ),
			'out-of-stock'         => __( 'This reward is gone.', 'belong-for-woocommerce' ),
			'reward-over'          => __( 'This reward is gone.', 'belong-for-woocommerce' ),
			'not-a-step'           => __( 'Please choose another number of points.', 'belong-for-woocommerce' ),
			'below-minimum'        => __( 'Please choose another number of points.', 'belong-for-woocommerce' ),
			'above-maximum'        => __( 'Please choose another number of points.', 'belong-for-woocommerce' ),
			'too-fast'             => __( 'That was a little fast. Please wait a moment, then try again.', 'belong-for-woocommerce' ),
		);
		return self::not_to_be_had( $said[ $answer->code ] ?? '' );
	}
}
