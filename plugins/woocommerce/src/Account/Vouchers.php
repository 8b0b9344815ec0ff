<?php
/**
 * What was bought with points.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Part;
use Belong\Redeeming\JustTaken;

defined( 'ABSPATH' ) || exit;

/**
 * Vouchers with their codes.
 */
final class Vouchers extends Section {

	// Those whose code can still be used, or will come.
	const WAITING = array( 'held', 'requested', 'issued' );

	/**
	 * What was taken a moment ago, then those that wait, as pushed.
	 *
	 * @return Part[]
	 */
	public function all(): array {
		return array_merge( ( new JustTaken( get_current_user_id() ) )->unknown_to( $this->snapshot ), $this->snapshot->parts( 'vouchers' ) );
	}

	/**
	 * All of them. Where there are none yet, what a script shows when it has taken one.
	 */
	public function show(): void {
		$all    = $this->all();
		$hidden = $all ? '' : ' hidden';
		?>
	<h3<?php echo esc_attr( $hidden ); ?>><?php esc_html_e( 'Your vouchers', 'belong-for-woocommerce' ); ?></h3>
	<ul class="belong-lines belong-vouchers"<?php echo esc_attr( $hidden ); ?>>
		<?php
		foreach ( $all as $voucher ) {
			$this->show_one( $voucher );
		}
		?>
	</ul>
		<?php
	}

	/**
	 * One line of the list.
	 *
	 * @param Part $voucher Which.
	 */
	public function show_one( Part $voucher ): void {
		?>
		<li><span><span class="belong-name"><?php echo esc_html( $voucher->text( 'name' ) ); ?></span>
			<span class="belong-chip"><?php echo esc_html( $voucher->text( 'state_text' ) ); ?></span>
			<?php $this->show_end( $voucher ); ?>
			</span>
			<?php
			if ( '' !== $voucher->text( 'code' ) ) {
				$this->show_code( $voucher->text( 'code' ), $voucher->text( 'name' ) );
			}
			?>
		</li>
		<?php
	}

	/**
	 * Until when it can be used.
	 *
	 * @param Part $voucher One.
	 */
	private function show_end( Part $voucher ): void {
		$day = in_array( $voucher->text( 'state' ), self::WAITING, true ) ? $this->format->last_day( $voucher->text( 'ends_at' ) ) : '';
		if ( '' !== $day ) {
			/* translators: %s: a date. */
			$this->show_time( $voucher->text( 'ends_at' ), sprintf( __( 'until %s', 'belong-for-woocommerce' ), $day ) );
		}
	}
}
