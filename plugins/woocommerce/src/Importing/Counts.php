<?php
/**
 * What an import comes to.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Schema;

defined( 'ABSPATH' ) || exit;

/**
 * Sums over its rows, by state and reason, worked out when somebody looks.
 */
final class Counts {

	/**
	 * Sums by state.
	 *
	 * @var array<string, array>
	 */
	private $states = array();

	/**
	 * Refused ones by reason.
	 *
	 * @var array<string, int>
	 */
	public $refused = array();

	/**
	 * How many become members by it, or have become.
	 *
	 * @var int
	 */
	public $joining = 0;

	/**
	 * Whole points before, of all that can be taken.
	 *
	 * @var int
	 */
	private $whole = 0;

	/**
	 * Their fractions in millionths.
	 *
	 * @var int
	 */
	private $micro = 0;

	/**
	 * Asks the database.
	 */
	public function __construct() {
		global $wpdb;
		$sql = 'SELECT state, code, COUNT(*) AS rows_there, SUM(points) AS points, SUM(is_rounded) AS rounded, SUM(whole) AS whole, SUM(micro) AS micro FROM %i GROUP BY state, code';
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- our own table.
		foreach ( (array) $wpdb->get_results( $wpdb->prepare( $sql, Schema::imports() ) ) as $row ) {
			$this->add( $row );
		}
	}

	/**
	 * Adds a group.
	 *
	 * @param object $row As the database gives it.
	 */
	private function add( object $row ): void {
		if ( Rows::REFUSED === $row->state ) {
			$this->refused[ $row->code ] = (int) $row->rows_there;
			return;
		}
		$this->joining               += Rows::JOINS === $row->code ? (int) $row->rows_there : 0;
		$before                       = $this->states[ $row->state ] ?? array( 0, 0, 0 );
		$this->states[ $row->state ] = array( $before[0] + (int) $row->rows_there, $before[1] + (int) $row->points, $before[2] + (int) $row->rounded );
		$this->whole                 += (int) $row->whole;
		$this->micro                 += (int) $row->micro;
	}

	/**
	 * How many are in these states.
	 *
	 * @param string ...$states Which.
	 */
	public function rows( string ...$states ): int {
		return $this->sum( $states, 0 );
	}

	/**
	 * Their points.
	 *
	 * @param string ...$states Which.
	 */
	public function points( string ...$states ): int {
		return $this->sum( $states, 1 );
	}

	/**
	 * How many were rounded.
	 */
	public function rounded(): int {
		return $this->sum( array_keys( $this->states ), 2 );
	}

	/**
	 * How many are refused.
	 */
	public function refusals(): int {
		return array_sum( $this->refused );
	}

	/**
	 * How many there are at all.
	 */
	public function all(): int {
		return $this->sum( array_keys( $this->states ), 0 ) + $this->refusals();
	}

	/**
	 * Points before, of all that can be taken.
	 *
	 * @return string whole, and behind a point the fraction if there is one
	 */
	public function before(): string {
		$micro = $this->micro % 1000000;
		$whole = $this->whole + intdiv( $this->micro - $micro, 1000000 );
		return number_format_i18n( $whole ) . ( 0 === $micro ? '' : '.' . rtrim( sprintf( '%06d', $micro ), '0' ) );
	}

	/**
	 * Adds up.
	 *
	 * @param string[] $states Which.
	 * @param int      $what   Rows, points or rounded ones.
	 */
	private function sum( array $states, int $what ): int {
		$sum = 0;
		foreach ( $states as $state ) {
			$sum += $this->states[ $state ][ $what ] ?? 0;
		}
		return $sum;
	}
}
