<?php
/**
 * What an import would do, does, or has done.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Importing\Counts;
use Belong\Importing\Kinds;
use Belong\Importing\Listing;
use Belong\Importing\Rows;
use Belong\Importing\Run;
use Belong\Importing\Words;

defined( 'ABSPATH' ) || exit;

/**
 * Numbers from its rows, and the one thing that can be done next.
 */
final class ImportReport {

	const SHOWN_MAX = 100;

	/**
	 * Which import.
	 *
	 * @var Run
	 */
	private $run;

	/**
	 * What it comes to.
	 *
	 * @var Counts
	 */
	private $counts;

	/**
	 * Shows nothing yet.
	 *
	 * @param Run    $run    Which import.
	 * @param Counts $counts What it comes to.
	 */
	public function __construct( Run $run, Counts $counts ) {
		$this->run    = $run;
		$this->counts = $counts;
	}

	/**
	 * All of it.
	 */
	public function show(): void {
		?>
		<h2><?php echo esc_html( $this->run->name() ); ?></h2>
		<p role="status"><strong><?php echo esc_html( $this->headline() ); ?></strong></p>
		<?php
		if ( '' !== $this->run->problem() ) {
			?>
			<div class="notice notice-warning inline"><p><?php echo esc_html( Words::problem( $this->run->problem() ) ); ?> <?php esc_html_e( 'It is tried again every minute, and nothing is given twice.', 'belong-for-woocommerce' ); ?></p></div>
			<?php
		}
		$this->numbers();
		$this->next_step();
		$this->refused();
		if ( $this->counts->all() > 0 ) {
			$this->button( 'import_list', __( 'All of them as a CSV file', 'belong-for-woocommerce' ) );
		}
		$this->undo();
		if ( ! $this->run->must_end_first() ) {
			$this->button( 'import_forget', __( 'Begin anew', 'belong-for-woocommerce' ) );
		}
	}

	/**
	 * Where it is.
	 */
	private function headline(): string {
		switch ( $this->run->phase() ) {
			case Run::LOOKING:
				return __( 'Looking. Nothing is changed.', 'belong-for-woocommerce' );
			case Run::LOOKED:
				return __( 'This would happen. Nothing is changed yet.', 'belong-for-woocommerce' );
			case Run::BOOKING:
				return __( 'The points are being given. You can leave this page; it goes on by itself.', 'belong-for-woocommerce' );
			case Run::TAKING:
				return __( 'The points are being taken back. You can leave this page; it goes on by itself.', 'belong-for-woocommerce' );
			case Run::TAKEN:
				return __( 'The import is taken back.', 'belong-for-woocommerce' );
		}
		return __( 'Done. The points are given.', 'belong-for-woocommerce' );
	}

	/**
	 * As a table.
	 */
	private function numbers(): void {
		?>
		<table class="widefat striped" style="max-width: 50em">
			<tbody>
				<?php foreach ( $this->lines() as $line ) : ?>
					<tr>
						<th scope="row" style="width: 60%; font-weight: 600; line-height: 1.5"><?php echo esc_html( $line[0] ); ?></th>
						<td><?php echo esc_html( $line[1] ); ?></td>
					</tr>
				<?php endforeach; ?>
			</tbody>
		</table>
		<?php
	}

	/**
	 * Pairs of what it is and how many.
	 *
	 * @return array[]
	 */
	private function lines(): array {
		$counts = $this->counts;
		$lines  = array(
			array( __( 'Balances looked at', 'belong-for-woocommerce' ), $counts->all() ),
			array( __( 'Points there, of those that can be taken', 'belong-for-woocommerce' ), $counts->before() ),
			array( __( 'Worth', 'belong-for-woocommerce' ), number_format_i18n( $this->run->old() ) . ' = ' . number_format_i18n( $this->run->new() ) ),
		);
		$states = array(
			Rows::STATE_NEW  => __( 'To be given', 'belong-for-woocommerce' ),
			Rows::BOOKED     => __( 'Given', 'belong-for-woocommerce' ),
			Rows::KNOWN      => __( 'Brought along before, and not given again', 'belong-for-woocommerce' ),
			Rows::TAKEN_BACK => __( 'Taken back', 'belong-for-woocommerce' ),
		);
		foreach ( $states as $state => $label ) {
			if ( $counts->rows( $state ) > 0 ) {
				$lines[] = array( $label, $this->customers_and_points( $state ) );
			}
		}
		if ( $counts->joining > 0 ) {
			$lines[] = array( __( 'Customers who join the programme by it', 'belong-for-woocommerce' ), $counts->joining );
		}
		$lines[] = array( __( 'Rounded to a whole number', 'belong-for-woocommerce' ), $counts->rounded() );
		$lines[] = array( __( 'Without points', 'belong-for-woocommerce' ), $counts->rows( Rows::NOTHING ) );
		$lines[] = array( __( 'Refused', 'belong-for-woocommerce' ), $counts->refusals() );
		return array_map(
			static function ( $line ) {
				return array( $line[0], is_int( $line[1] ) ? number_format_i18n( $line[1] ) : $line[1] );
			},
			$lines
		);
	}

	/**
	 * How many, and how many points they have together.
	 *
	 * @param string $state Of which.
	 */
	private function customers_and_points( string $state ): string {
		$rows   = $this->counts->rows( $state );
		$points = number_format_i18n( $this->counts->points( $state ) );
		/* translators: 1: number of customers, 2: their points all together */
		return sprintf( _n( '%1$s customer, points: %2$s', '%1$s customers, points: %2$s', $rows, 'belong-for-woocommerce' ), number_format_i18n( $rows ), $points );
	}

	/**
	 * Confirm, or see how far it is.
	 */
	private function next_step(): void {
		if ( $this->run->is_under_way() ) {
			$this->button( 'import_go_on', __( 'Go on now, and show how far it is', 'belong-for-woocommerce' ) );
			return;
		}
		if ( Run::LOOKED !== $this->run->phase() || 0 === $this->counts->rows( Rows::STATE_NEW ) ) {
			return;
		}
		Actions::begin( 'import_book' );
		?>
			<input type="hidden" name="seen" value="<?php echo esc_attr( ImportForms::seen( $this->counts ) ); ?>">
			<p><button type="submit" class="button button-primary" style="white-space: normal">
				<?php
				/* translators: %s: "310 customers, points: 12,345" */
				echo esc_html( sprintf( __( 'Give this now: %s', 'belong-for-woocommerce' ), $this->customers_and_points( Rows::STATE_NEW ) ) );
				?>
			</button></p>
		</form>
		<?php
	}

	/**
	 * Why, and who.
	 */
	private function refused(): void {
		if ( ! $this->counts->refused ) {
			return;
		}
		?>
		<h3><?php esc_html_e( 'Refused', 'belong-for-woocommerce' ); ?></h3>
		<ul style="list-style: disc; margin-inline-start: 1.5em; max-width: 60em">
			<?php foreach ( $this->counts->refused as $code => $count ) : ?>
				<li><?php echo esc_html( number_format_i18n( $count ) . ': ' . Words::refused( (string) $code ) ); ?></li>
			<?php endforeach; ?>
		</ul>
		<?php
		$rows      = Rows::next( array( Rows::REFUSED ), self::SHOWN_MAX );
		$addresses = Listing::addresses( Kinds::of( $this->run->key() ), $rows );
		?>
		<div style="overflow-x: auto">
		<table class="widefat striped" style="max-width: 60em">
			<thead><tr>
				<th scope="col"><?php esc_html_e( 'Customer', 'belong-for-woocommerce' ); ?></th>
				<th scope="col"><?php esc_html_e( 'Points there', 'belong-for-woocommerce' ); ?></th>
				<th scope="col"><?php esc_html_e( 'Why', 'belong-for-woocommerce' ); ?></th>
			</tr></thead>
			<tbody>
				<?php foreach ( $rows as $row ) : ?>
					<tr>
						<td style="overflow-wrap: anywhere"><?php echo esc_html( $addresses[ (int) $row->place ] ?? '#' . (int) $row->place ); ?></td>
						<td style="overflow-wrap: anywhere" dir="ltr"><?php echo esc_html( $row->old ); ?></td>
						<td><?php echo esc_html( Words::refused( $row->code ) ); ?></td>
					</tr>
				<?php endforeach; ?>
			</tbody>
		</table>
		</div>
		<?php
		if ( $this->counts->refusals() > count( $rows ) ) {
			?>
			<p><?php esc_html_e( 'The others are in the CSV file.', 'belong-for-woocommerce' ); ?></p>
			<?php
		}
	}

	/**
	 * For a wrong factor.
	 */
	private function undo(): void {
		$given     = $this->counts->rows( Rows::BOOKED, Rows::KNOWN );
		$has_ended = in_array( $this->run->phase(), array( Run::LOOKED, Run::BOOKED ), true );
		if ( 0 === $given || ! $has_ended ) {
			return;
		}
		?>
		<details style="margin: 1.5em 0">
			<summary><?php esc_html_e( 'Take this import back', 'belong-for-woocommerce' ); ?></summary>
			<p style="max-width: 60em"><?php esc_html_e( 'What was brought along is taken from each customer again, also what is shown as brought along before. What they have spent of it meanwhile they owe: later points pay it first. Then you can begin anew with another worth.', 'belong-for-woocommerce' ); ?></p>
			<?php Actions::begin( 'import_take_back' ); ?>
				<p><label><input type="checkbox" name="sure" value="yes" required>
					<?php
					$points = number_format_i18n( $this->counts->points( Rows::BOOKED, Rows::KNOWN ) );
					/* translators: 1: number of customers, 2: their points all together */
					echo esc_html( sprintf( _n( 'Take %2$s points back from %1$s customer', 'Take %2$s points back from %1$s customers', $given, 'belong-for-woocommerce' ), number_format_i18n( $given ), $points ) );
					?>
				</label></p>
				<p><button type="submit" class="button"><?php esc_html_e( 'Take back now', 'belong-for-woocommerce' ); ?></button></p>
			</form>
		</details>
		<?php
	}

	/**
	 * A form that is a button.
	 *
	 * @param string $form  Which.
	 * @param string $label Translated.
	 */
	private function button( string $form, string $label ): void {
		Actions::begin( $form );
		?>
			<p><button type="submit" class="button"><?php echo esc_html( $label ); ?></button></p>
		</form>
		<?php
	}
}
