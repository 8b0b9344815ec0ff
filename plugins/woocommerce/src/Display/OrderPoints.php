<?php
/**
 * What an order brought, on the page after it, in its e-mails, and in the account.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Bounds;
use Belong\Earning\Terms;

defined( 'ABSPATH' ) || exit;

/**
 * As soon as the service has decided, the snapshot says it; until then it is what the shop reckons.
 */
final class OrderPoints {

	// The service decides within minutes. What is older and not in the snapshot brought nothing, or it is long ago.
	const DECIDED_AFTER = DAY_IN_SECONDS;
	const KINDS         = array( 'earn', 'bonus', 'clawback' );
	const UNPAID        = array( 'pending', 'on-hold' );

	/**
	 * What would be earned.
	 *
	 * @var Earning
	 */
	private $earning;

	/**
	 * Shows nothing yet.
	 *
	 * @param Earning $earning What would be earned.
	 */
	public function __construct( Earning $earning ) {
		$this->earning = $earning;
	}

	/**
	 * On the page after an order, and in the account's view of it: WooCommerce shows the same table in both.
	 *
	 * @param mixed $order Of the page.
	 */
	public function show( $order ): void {
		$text = $order instanceof \WC_Order ? $this->told( $order ) : '';
		if ( '' !== $text ) {
			Assets::need_style();
			echo wp_kses_post( sprintf( '<p class="belong-earn belong-earn--order">%s</p>', esc_html( $text ) ) );
		}
	}

	/**
	 * In what is written to the customer.
	 *
	 * @param mixed $order    What it is about.
	 * @param bool  $to_admin Whether it goes to the shop instead.
	 * @param bool  $is_plain Whether it is text and not HTML.
	 */
	public function show_in_mail( $order, $to_admin = false, $is_plain = false ): void {
		$text = $order instanceof \WC_Order && ! $to_admin ? $this->told( $order ) : '';
		if ( '' === $text ) {
			return;
		}
		if ( $is_plain ) {
			echo esc_html( wp_strip_all_tags( $text ) ) . "\n\n";
			return;
		}
		echo wp_kses_post( sprintf( '<p style="margin:0 0 16px">%s</p>', esc_html( $text ) ) );
	}

	/**
	 * One sentence; empty where there is nothing to say.
	 *
	 * @param \WC_Order $order Of a customer or a guest.
	 */
	public function told( \WC_Order $order ): string {
		$summary = $this->earning->programme();
		$user_id = (int) $order->get_customer_id();
		if ( null === $summary ) {
			return '';
		}
		if ( ! $user_id ) {
			return $this->told_to_a_guest( $order, $summary );
		}
		$snapshot = Snapshot::of( $user_id );
		$words    = $this->earning->words( $snapshot );
		$entries  = $this->entries( $order, $snapshot );
		if ( $entries ) {
			$points = 0;
			foreach ( $entries as $entry ) {
				$points += $entry->number( 'points' );
			}
			// Why there is nothing is said by the newest of them, in the member's language.
			return $points > 0 ? $words->earned( $points ) : $entries[0]->text( 'why' );
		}
		$bounds = $this->expected( $order, $summary, $user_id );
		if ( $bounds->is_nothing() ) {
			return '';
		}
		return $this->is_unpaid( $order ) ? $words->once_paid( $bounds ) : $words->on_their_way( $bounds );
	}

	/**
	 * How the points of a guest's order can be kept, or those of the next one. Nothing where who bought would have had to
	 * agree before. The same whether there is an account under the address: that is nobody else's business.
	 *
	 * @param \WC_Order $order   Of nobody.
	 * @param array     $summary The programme's.
	 */
	private function told_to_a_guest( \WC_Order $order, array $summary ): string {
		$bounds = Terms::take_everybody( $summary ) ? $this->expected( $order, $summary, 0 ) : Bounds::nothing();
		if ( $bounds->is_nothing() ) {
			return '';
		}
		$words = $this->earning->words();
		return '' !== $order->get_billing_email() && Accounts::can_be_made() && Accounts::get_earlier_orders()
			? $words->guest_can_keep( $bounds, ! $this->is_unpaid( $order ) )
			: $words->guest_can_earn_next_time( $bounds );
	}

	/**
	 * Whether it waits for its money.
	 *
	 * @param \WC_Order $order Any.
	 */
	private function is_unpaid( \WC_Order $order ): bool {
		return in_array( $order->get_status(), self::UNPAID, true );
	}

	/**
	 * What the shop reckons of an order that is not decided yet.
	 *
	 * @param \WC_Order $order   Of a customer or a guest.
	 * @param array     $summary The programme's.
	 * @param int       $user_id The customer; 0 for a guest.
	 */
	private function expected( \WC_Order $order, array $summary, int $user_id ): Bounds {
		$made = $order->get_date_created();
		if ( ! $made || time() - $made->getTimestamp() > self::DECIDED_AFTER || $order->get_total_refunded() > 0 ) {
			return Bounds::nothing();
		}
		if ( ! in_array( $order->get_status(), array_merge( self::UNPAID, wc_get_is_paid_statuses() ), true ) ) {
			return Bounds::nothing();
		}
		$basket = ( new Baskets( $summary, $order->get_currency() ) )->of_order( $order );
		return $basket ? $this->earning->for_customer( $basket, $user_id ) : Bounds::nothing();
	}

	/**
	 * The snapshot's entries about an order, the newest first. Another shop of the programme may have an order of the
	 * same number. A snapshot that does not say which shop it was made for has none.
	 *
	 * @param \WC_Order $order    Of a customer.
	 * @param Snapshot  $snapshot The customer's.
	 * @return Part[]
	 */
	private function entries( \WC_Order $order, Snapshot $snapshot ): array {
		$store = $snapshot->store();
		$found = array();
		foreach ( '' === $store ? array() : $snapshot->parts( 'entries' ) as $entry ) {
			$is_about_it = $store . ':order:' . $order->get_id() === $entry->text( 'source' );
			if ( $is_about_it && in_array( $entry->text( 'kind' ), self::KINDS, true ) ) {
				$found[] = $entry;
			}
		}
		return $found;
	}
}
