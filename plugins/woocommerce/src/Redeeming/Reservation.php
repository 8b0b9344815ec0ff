<?php
/**
 * What points were set aside for.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Earning\Minor;

defined( 'ABSPATH' ) || exit;

/**
 * One row, as it was read. It holds no balance: what points there are is the service's to say.
 */
final class Reservation {

	const ASKED     = 'asked';
	const ISSUED    = 'issued';
	const USED      = 'used';
	const RELEASING = 'releasing';
	const RELEASED  = 'released';

	// What a cart can take off by itself.
	const KINDS = array( 'amount', 'slider', 'percent', 'free_shipping', 'product' );

	/**
	 * As in the table.
	 *
	 * @var object
	 */
	private $row;

	/**
	 * Takes a row.
	 *
	 * @param object $row As in the table.
	 */
	public function __construct( object $row ) {
		$this->row = $row;
	}

	/**
	 * The same, as it is once an order has taken it.
	 *
	 * @param int $order_id Its number.
	 */
	public function taken_by( int $order_id ): self {
		$row           = clone $this->row;
		$row->state    = self::USED;
		$row->order_id = $order_id;
		return new self( $row );
	}

	/**
	 * Whether it is this customer's; a guest has none.
	 *
	 * @param int $user_id Whose.
	 */
	public function is_of( int $user_id ): bool {
		return $user_id > 0 && (int) $this->row->user_id === $user_id;
	}

	/**
	 * Whether an order has taken it.
	 *
	 * @param int[] $order_ids Any of these.
	 */
	public function is_used_by( array $order_ids ): bool {
		return $this->is_used() && in_array( (int) $this->row->order_id, $order_ids, true );
	}

	/**
	 * Whether an order has taken it, whichever.
	 */
	public function is_used(): bool {
		return self::USED === $this->row->state;
	}

	/**
	 * Whether an order may take it now.
	 */
	public function is_open(): bool {
		return self::ISSUED === $this->row->state && ! $this->is_over();
	}

	/**
	 * Whether its time is over: the service has given the points back then, unless an order has it.
	 */
	public function is_over(): bool {
		return $this->row->ends_at <= gmdate( 'Y-m-d H:i:s' );
	}

	/**
	 * Whether it is a coupon at all: what is asked for is none yet, and what was let go is none any more.
	 */
	public function is_there(): bool {
		return in_array( $this->row->state, array( self::ISSUED, self::USED ), true ) && in_array( $this->row->kind, self::KINDS, true );
	}

	/**
	 * Whether it takes the costs of shipping off, which stand in a line of their own.
	 */
	public function is_free_shipping(): bool {
		return 'free_shipping' === $this->row->kind;
	}

	/**
	 * Whether its amounts are of this currency.
	 *
	 * @param string $currency Such as EUR.
	 */
	public function fits_currency( string $currency ): bool {
		$has_amount = (int) $this->row->minimum_minor > 0 || in_array( $this->row->kind, array( 'amount', 'slider' ), true );
		return ! $has_amount || $this->row->currency === $currency;
	}

	/**
	 * What the merchant calls the reward.
	 */
	public function name(): string {
		return (string) $this->row->name;
	}

	/**
	 * What it costs.
	 */
	public function points(): int {
		return (int) $this->row->points;
	}

	/**
	 * What a cart writes.
	 */
	public function code(): string {
		return (string) $this->row->code;
	}

	/**
	 * When it lapses, in Unix seconds.
	 */
	public function ends_at(): int {
		return (int) strtotime( $this->row->ends_at . ' UTC' );
	}

	/**
	 * When it was asked for, in Unix seconds.
	 */
	public function began_at(): int {
		return (int) strtotime( $this->row->created_at . ' UTC' );
	}

	/**
	 * Which order has taken it; 0 for none.
	 */
	public function order_id(): int {
		return (int) $this->row->order_id;
	}

	/**
	 * Key of the wish.
	 */
	public function wish(): string {
		return (string) $this->row->wish;
	}

	/**
	 * What the service was asked, as JSON.
	 */
	public function request(): string {
		return (string) $this->row->request;
	}

	/**
	 * Whether it was asked for with this choice.
	 *
	 * @param string   $reward Id of the reward.
	 * @param int|null $points With a slider.
	 */
	public function is_for( string $reward, ?int $points ): bool {
		$asked = (array) json_decode( $this->request(), true );
		return $this->reward() === $reward && ( $asked['points'] ?? null ) === $points;
	}

	/**
	 * Id of the reward that it was asked for.
	 */
	public function reward(): string {
		$asked = (array) json_decode( $this->request(), true );
		return is_string( $asked['reward'] ?? null ) ? $asked['reward'] : '';
	}

	/**
	 * The service's id of it; empty before it answered.
	 */
	public function redemption(): string {
		return (string) $this->row->redemption;
	}

	/**
	 * Whose it is.
	 */
	public function user_id(): int {
		return (int) $this->row->user_id;
	}

	/**
	 * Whether nobody knows yet whether points were set aside.
	 */
	public function is_unclear(): bool {
		return self::ASKED === $this->row->state;
	}

	/**
	 * Smallest amount of goods that it can be used for, in decimals of its currency; empty for any.
	 */
	public function minimum(): string {
		$minor = (int) $this->row->minimum_minor;
		return $minor > 0 ? self::decimal( $minor, $this->places() ) : '';
	}

	/**
	 * As WooCommerce wants a coupon that stands in no table: amounts as text, flags as flags. It may meet coupons of the
	 * shop, of which the service knows nothing; another one of ours is refused in Coupons.
	 */
	public function coupon(): array {
		$coupon = array(
			'amount'         => '0',
			'discount_type'  => 'fixed_cart',
			'individual_use' => false,
			'free_shipping'  => false,
			'product_ids'    => array(),
			'description'    => $this->name(),
		);
		if ( '' !== $this->minimum() ) {
			$coupon['minimum_amount'] = $this->minimum();
		}
		switch ( $this->row->kind ) {
			case 'percent':
				$coupon['discount_type'] = 'percent';
				$coupon['amount']        = self::decimal( (int) $this->row->percent_bp, 2 );
				break;
			case 'free_shipping':
				$coupon['free_shipping'] = true;
				break;
			case 'product':
				$coupon['discount_type']          = 'percent';
				$coupon['amount']                 = '100';
				$coupon['product_ids']            = array( (int) $this->row->product_id );
				$coupon['limit_usage_to_x_items'] = 1;
				break;
			default:
				$coupon['amount'] = self::decimal( (int) $this->row->value_minor, $this->places() );
		}
		return $coupon;
	}

	/**
	 * Decimals of the currency, whatever number of them the shop shows.
	 */
	private function places(): int {
		return Minor::places( (string) $this->row->currency ) ?? 2;
	}

	/**
	 * Exact: 1050 with two decimals is 10.50.
	 *
	 * @param int $minor  Smallest units.
	 * @param int $places Decimals.
	 */
	private static function decimal( int $minor, int $places ): string {
		$digits = str_pad( (string) $minor, $places + 1, '0', STR_PAD_LEFT );
		return 0 === $places ? $digits : substr( $digits, 0, -$places ) . '.' . substr( $digits, -$places );
	}
}
