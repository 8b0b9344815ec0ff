<?php
/**
 * What one rule gives of a basket, before factors and caps.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * Which lines count, as which price, less what tender paid that earns nothing.
 */
final class Amounts {

	/**
	 * The summary's part about earning.
	 *
	 * @var array
	 */
	private $earn;

	/**
	 * What may be ordered.
	 *
	 * @var Basket
	 */
	private $basket;

	/**
	 * The lines that exclusions leave.
	 *
	 * @var Line[]
	 */
	private $counted;

	/**
	 * Looks at a basket.
	 *
	 * @param array  $earn   Of the summary.
	 * @param Basket $basket What may be ordered.
	 */
	public function __construct( array $earn, Basket $basket ) {
		$this->earn    = $earn;
		$this->basket  = $basket;
		$this->counted = array_filter(
			$basket->lines,
			function ( Line $line ) {
				return ! ( $line->is_gift_card && $this->excludes( 'gift_cards' ) )
					&& ! ( $this->excludes( 'sale_items' ) && $line->is_on_sale() );
			}
		);
	}

	/**
	 * Exact points of one rule that fires: at least and at most, for nobody knows here what of the coupons was points.
	 *
	 * @param array $rule Of the summary.
	 * @return Ratio[]
	 */
	public function given( array $rule ): array {
		$none  = new Ratio( 0 );
		$lines = Conditions::chosen( $rule, $this->counted );
		if ( ! $lines && Conditions::chooses( $rule ) ) {
			// A condition on lines that nobody here can read may mean all of them.
			return null === $lines ? array( $none, $this->award( $rule, $this->counted, 0 ) ) : array( $none, $none );
		}
		$one     = $this->award( $rule, $lines, 0 );
		$another = $this->basket->coupons_minor ? $this->award( $rule, $lines, $this->basket->coupons_minor ) : $one;
		return $one->is_more_than( $another ) ? array( $another, $one ) : array( $one, $another );
	}

	/**
	 * Exact points of some lines.
	 *
	 * @param array  $rule     Of the summary.
	 * @param Line[] $lines    Those that it chooses.
	 * @param int    $redeemed What of the order points paid.
	 */
	private function award( array $rule, array $lines, int $redeemed ): Ratio {
		if ( 'per_item' === $rule['award'] ) {
			return new Ratio( Whole::times( $rule['points'], Whole::sum( array_column( $lines, 'quantity' ) ) ) );
		}
		if ( 'fixed' === $rule['award'] ) {
			return new Ratio( $this->basket->is_empty() ? 0 : $rule['points'] );
		}
		$places = Minor::places( $this->basket->currency );
		if ( 'per_amount' !== $rule['award'] || null === $places || ! isset( $rule['rates'][ $this->basket->currency ] ) ) {
			return new Ratio( 0 );
		}
		$amount = $this->amount( $rule, $lines, $redeemed );
		$step   = $rule['step_minor'];
		$amount = $step ? $amount - $amount % $step : $amount;
		return Ratio::parse( $rule['rates'][ $this->basket->currency ] )->times( new Ratio( $amount, 10 ** $places ) );
	}

	/**
	 * The amount that earns, in minor units.
	 *
	 * @param array  $rule     Of the summary.
	 * @param Line[] $lines    Those that it chooses.
	 * @param int    $redeemed What of the order points paid.
	 */
	private function amount( array $rule, array $lines, int $redeemed ): int {
		$amount = $this->without_tender( Whole::sum( array_map( array( $this, 'basis' ), $lines ) ) );
		if ( $this->earn['include_shipping'] && ! Conditions::chooses( $rule ) ) {
			$amount = Whole::plus( $amount, $this->without_tender( $this->basket->shipping_minor ) );
		}
		$goods = $this->basket->goods_minor();
		$share = $redeemed && $goods ? Whole::share( $redeemed, Basket::net_of( $lines ), $goods ) : 0;
		if ( 'list_price' === $this->earn['basis'] ) {
			return $this->excludes( 'redeemed_value' ) ? max( 0, $amount - $share ) : $amount;
		}
		return $this->excludes( 'redeemed_value' ) ? $amount : Whole::plus( $amount, $share );
	}

	/**
	 * What of one line earns.
	 *
	 * @param Line $line One of them.
	 */
	private function basis( Line $line ): int {
		if ( 'gross_merchandise' === $this->earn['basis'] ) {
			return Whole::plus( $line->net_minor, $line->tax_minor );
		}
		return 'list_price' === $this->earn['basis'] && $line->list_minor ? $line->list_minor : $line->net_minor;
	}

	/**
	 * The part of an amount that other tender pays, rounded down.
	 *
	 * @param int $amount In minor units.
	 */
	private function without_tender( int $amount ): int {
		$total = $this->basket->total_minor;
		$paid  = $this->excludes( 'gift_card_tender' ) ? $this->basket->gift_card_minor : 0;
		$paid  = Whole::plus( $paid, $this->excludes( 'store_credit_tender' ) ? $this->basket->store_credit_minor : 0 );
		$paid  = min( $paid, $total );
		return $paid && $total ? Whole::share( $amount, $total - $paid, $total ) : $amount;
	}

	/**
	 * Whether something earns nothing.
	 *
	 * @param string $what In the summary's words.
	 */
	private function excludes( string $what ): bool {
		return in_array( $what, $this->earn['excludes'], true );
	}
}
