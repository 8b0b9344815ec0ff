<?php
/**
 * All rows of an import as a file for a spreadsheet.
 *
 * @package Belong
 */

namespace Belong\Importing;

defined( 'ABSPATH' ) || exit;

/**
 * Page by page, so that a large shop does not fill the memory. Addresses are read where they stand, not kept.
 */
final class Listing {

	const PAGE = 500;

	/**
	 * Prints it.
	 */
	public static function write(): void {
		$states = array( Rows::REFUSED, Rows::STATE_NEW, Rows::BOOKED, Rows::KNOWN, Rows::NOTHING, Rows::TAKEN_BACK );
		$file = new \SplFileObject( 'php://output', 'w' );
		self::line( $file, array( 'customer_id', 'email', 'points_before', 'points', 'rounded', 'result', 'reason' ) );
		$kind  = Kinds::of( Run::kept()->key() );
		$after = 0;
		do {
			$rows      = Rows::next( $states, self::PAGE, $after );
			$addresses = self::addresses( $kind, $rows );
			foreach ( $rows as $row ) {
				$after = (int) $row->place;
				$user  = (int) $row->user_id;
				self::line( $file, array( 0 === $user ? '' : $user, $addresses[ $after ] ?? '', $row->old, (int) $row->points, $row->is_rounded ? 'yes' : 'no', $row->state, $row->code ) );
			}
		} while ( count( $rows ) === self::PAGE );
	}

	/**
	 * Addresses of a page.
	 *
	 * @param Kind|null $kind Where they are; null if the plugin's data are gone.
	 * @param object[]  $rows Of the page.
	 * @return array<int, string> by place
	 */
	public static function addresses( ?Kind $kind, array $rows ): array {
		$places = array_map( 'intval', array_column( $rows, 'place' ) );
		return null === $kind || ! $places ? array() : $kind->addresses( $places );
	}

	/**
	 * One line. What another plugin or a customer wrote must be no formula.
	 *
	 * @param \SplFileObject $file  Where.
	 * @param array          $cells Texts and numbers.
	 */
	private static function line( \SplFileObject $file, array $cells ): void {
		$told = array();
		foreach ( $cells as $cell ) {
			$text   = (string) $cell;
			$told[] = preg_match( '/\A[=+\-@\t\r\n\0]/', $text ) ? "'" . $text : $text;
		}
		$file->fputcsv( $told, ',', '"', '' );
	}
}
