<?php
/**
 * Points that stand in WPLoyalty's own table, by mail address.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Placeholders;

defined( 'ABSPATH' ) || exit;

/**
 * The place is the row's number. An address without an account in this shop belongs to nobody whom we could give points.
 */
final class TableKind extends Kind {

	/**
	 * The next balances.
	 *
	 * @param int $after Place of the last one.
	 * @param int $limit How many at most.
	 */
	public function page( int $after, int $limit ): array {
		$sql      = 'SELECT id, user_email, points FROM %i WHERE id > %d ORDER BY id LIMIT %d';
		$rows     = self::select( $sql, array( self::table(), $after, $limit ) );
		$accounts = self::accounts( array_column( $rows, 'user_email' ) );
		return array_map(
			static function ( $row ) use ( $accounts ) {
				return array(
					'place' => (int) $row->id,
					'user'  => $accounts[ self::folded( (string) $row->user_email ) ] ?? 0,
					'text'  => (string) $row->points,
				);
			},
			$rows
		);
	}

	/**
	 * What is kept at these places now.
	 *
	 * @param int[] $places Which.
	 */
	public function texts( array $places ): array {
		$sql  = 'SELECT id AS place, points AS told FROM %i WHERE id IN (' . Placeholders::for_each( $places, '%d' ) . ')';
		$rows = self::select( $sql, array_merge( array( self::table() ), $places ) );
		return array_map( 'strval', array_column( $rows, 'told', 'place' ) );
	}

	/**
	 * Mail addresses as the table has them.
	 *
	 * @param int[] $places Which.
	 */
	public function addresses( array $places ): array {
		$sql  = 'SELECT id AS place, user_email AS told FROM %i WHERE id IN (' . Placeholders::for_each( $places, '%d' ) . ')';
		$rows = self::select( $sql, array_merge( array( self::table() ), $places ) );
		return array_map( 'strval', array_column( $rows, 'told', 'place' ) );
	}

	/**
	 * Its name in this site.
	 */
	public static function table(): string {
		global $wpdb;
		return $wpdb->prefix . 'wlr_users';
	}

	/**
	 * Accounts by address.
	 *
	 * @param array $addresses As the table has them.
	 * @return array<string, int>
	 */
	private static function accounts( array $addresses ): array {
		global $wpdb;
		// As they stand, and folded: so the index is used, whether the database minds capitals or not.
		$addresses = array_filter( array_map( 'strval', $addresses ) );
		$addresses = array_values( array_unique( array_merge( $addresses, array_map( array( self::class, 'folded' ), $addresses ) ) ) );
		if ( ! $addresses ) {
			return array();
		}
		$sql   = 'SELECT ID, user_email FROM %i WHERE user_email IN (' . Placeholders::for_each( $addresses, '%s' ) . ') ORDER BY ID';
		$found = array();
		foreach ( self::select( $sql, array_merge( array( $wpdb->users ), $addresses ) ) as $row ) {
			$found += array( self::folded( $row->user_email ) => (int) $row->ID );
		}
		return $found;
	}

	/**
	 * As addresses are compared.
	 *
	 * @param string|null $address An address.
	 */
	private static function folded( ?string $address ): string {
		return strtolower( trim( (string) $address ) );
	}
}
