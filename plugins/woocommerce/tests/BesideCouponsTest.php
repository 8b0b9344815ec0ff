<?php
/**
 * A reward beside coupons of the shop, and beside vouchers that points were redeemed for.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Programme;
use Belong\Redeeming\Coupons;
use Belong\Redeeming\Reservation;

final class BesideCouponsTest extends RedeemTestCase {

	/**
	 * Made by a test.
	 *
	 * @var \WC_Coupon[]
	 */
	private $made = array();

	protected function tearDown(): void {
		foreach ( $this->made as $coupon ) {
			$coupon->delete( true );
		}
		delete_option( Programme::OPTION );
		parent::tearDown();
	}

	/** Half of an order may be paid with points: what points pay, coupons added later must not make more than that. */
	public function test_what_other_coupons_leave_must_be_enough(): void {
		$this->answers( $this->token(), $this->held( array( 'minimum_order_minor' => 3000 ) ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->add( 'ten-off', 10 );
		$this->assertSame( array( self::CODE, 'ten-off' ), $this->in_the_cart() );
		$this->add( 'cent-off', '0.01' );
		wc_clear_notices();
		$this->assertSame( array( 'ten-off', 'cent-off' ), $this->in_the_cart() );
		$this->assertStringContainsString( 'yours again in a moment', wc_get_notices( 'error' )[0]['notice'] );
		$this->assertSame( array( Reservation::RELEASING ), $this->states() );
	}

	/**
	 * 47.60 with tax are left of 40.00 without, and 11.90 of a coupon of 10.00.
	 *
	 * @dataProvider minima
	 */
	public function test_what_other_coupons_leave_is_counted_as_the_cart_shows_it( int $minimum, bool $stays ): void {
		$this->with_tax( false );
		update_option( 'woocommerce_tax_display_cart', 'incl' );
		WC()->cart->calculate_totals();
		$this->answers( $this->token(), $this->held( array( 'minimum_order_minor' => $minimum ) ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$this->add( 'ten-off', 10 );
		$this->assertSame( $stays ? array( self::CODE, 'ten-off' ) : array( 'ten-off' ), $this->in_the_cart() );
	}

	/** @return array[] */
	public static function minima(): array {
		return array( array( 3570, true ), array( 3571, false ) );
	}

	public function test_a_reward_without_a_minimum_stays_beside_any_coupon(): void {
		$this->chosen();
		$this->add( 'nearly-all', 34 );
		$this->assertSame( array( self::CODE, 'nearly-all' ), $this->in_the_cart() );
	}

	/** @return array[] */
	public static function rules(): array {
		return array(
			'stacks'             => array( array( array( 'id' => 'five', 'stacks' => true ) ), true ),
			'does not'           => array( array( array( 'id' => 'five', 'stacks' => false ) ), false ),
			'another one stacks' => array( array( array( 'id' => 'ten', 'stacks' => true ) ), false ),
			'nobody has said'    => array( array(), false ),
		);
	}

	/** @dataProvider rules */
	public function test_a_voucher_lies_beside_a_reward_that_stacks( array $rewards, bool $stays ): void {
		Pushed::to_all( array( 'schema' => 1, 'rewards' => $rewards ) );
		$this->chosen();
		$this->add( 'for-points', 5, str_repeat( 'b', 32 ) );
		$this->assertSame( $stays ? array( self::CODE, 'for-points' ) : array( 'for-points' ), $this->in_the_cart() );
	}

	/** @dataProvider rules */
	public function test_a_reward_is_chosen_beside_a_voucher_if_it_stacks( array $rewards, bool $stays ): void {
		Pushed::to_all( array( 'schema' => 1, 'rewards' => $rewards ) );
		$this->add( 'for-points', 5, str_repeat( 'b', 32 ) );
		$this->answers( $this->token(), $this->held() );
		$this->assertSame( $stays, $this->choose( 'five' )->is_good );
		$this->assertSame( array( $stays ? Reservation::ISSUED : Reservation::RELEASING ), $this->states() );
	}

	public function test_the_service_is_told_of_its_vouchers_in_the_cart_and_of_no_other_coupon(): void {
		$this->add( 'for-points', 5, str_repeat( 'b', 32 ) );
		$this->add( 'summer', 5 );
		$this->answers( $this->token(), array( 409, array( 'code' => 'does-not-stack', 'numbers' => array() ) ) );
		$outcome = $this->choose( 'five' );
		$this->assertStringContainsString( 'cannot be used together', $outcome->said );
		$cart = json_decode( $this->service->requests[1]['body'], true )['cart'];
		$this->assertSame( array( array( 'for-points' ), 500 ), array( $cart['codes'], $cart['points_minor'] ) );
	}

	public function test_of_a_cart_without_vouchers_nothing_is_said_of_any(): void {
		$this->add( 'summer', 5 );
		$this->chosen();
		$cart = json_decode( $this->service->requests[1]['body'], true )['cart'];
		$this->assertSame( array( false, false ), array( isset( $cart['codes'] ), isset( $cart['points_minor'] ) ) );
	}

	/** What coupons take off is reckoned anew then, and what they took off before does not count. */
	public function test_a_smaller_cart_is_reckoned_with_the_reward_that_fits_it(): void {
		WC()->cart->set_quantity( key( WC()->cart->get_cart() ), 5 );
		$this->answers( $this->token(), $this->held( array( 'minimum_order_minor' => 1500 ) ) );
		$this->assertTrue( $this->choose( 'five' )->is_good );
		$half = new \WC_Coupon();
		$half->set_code( 'half' );
		$half->set_discount_type( 'percent' );
		$half->set_amount( 50 );
		$half->save();
		$this->made[] = $half;
		$this->assertTrue( WC()->cart->apply_coupon( 'half' ) );
		WC()->cart->set_quantity( key( WC()->cart->get_cart() ), 1 );
		$this->assertSame( 15.0, (float) WC()->cart->get_total( 'edit' ) );
		$this->assertSame( array( self::CODE, 'half' ), $this->in_the_cart() );
	}

	/** A voucher is one that bears the service's mark. */
	private function add( string $code, $amount, string $redemption = '' ): void {
		$coupon = new \WC_Coupon();
		$coupon->set_code( $code );
		$coupon->set_amount( $amount );
		if ( '' !== $redemption ) {
			$coupon->update_meta_data( Coupons::MARK, $redemption );
		}
		$coupon->save();
		$this->made[] = $coupon;
		$this->assertTrue( WC()->cart->apply_coupon( $code ) );
	}

	/** After WooCommerce has looked at it, as it does before each checkout. */
	private function in_the_cart(): array {
		WC()->cart->check_cart_coupons();
		return array_values( WC()->cart->get_applied_coupons() );
	}
}
