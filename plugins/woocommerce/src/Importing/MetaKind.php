<?php
/**
 * Points that stand in the meta of users.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Placeholders;

defined( 'ABSPATH' ) || exit;

/**
 * The place is the user's number. Of a key that stands twice WordPress takes the first, and so do we.
 */
final class MetaKind extends Kind {

	/**
	 * The next balances.
	 *
	 * @param int $after Place of the last one.
	 * @param int $limit How many at most.
	 */
	public function page( int $after, int $limit ): array {
		global $wpdb;
		$sql  = 'SELECT m.user_id AS place, u.ID AS account, m.meta_value AS told FROM %i m LEFT JOIN %i u ON u.ID = m.user_id '
			. 'WHERE m.meta_key = %s AND m.user_id > %d ORDER BY m.user_id, m.umeta_id LIMIT %d';
		$rows = self::select( $sql, array( $wpdb->usermeta, $wpdb->users, $this->kind, $after, 2 * $limit ) );
		$page = array();
		foreach ( $rows as $row ) {
			$place = (int) $row->place;
			if ( isset( $page[ $place ] ) ) {
				continue;
			}
			if ( count( $page ) === $limit ) {
				break;
			}
			$page[ $place ] = array(
				'place' => $place,
				'user'  => (int) $row->account,
				'text'  => (string) $row->told,
			);
		}
		return array_values( $page );
	}

	/**
	 * What is kept at these places now.
	 *
	 * @param int[] $places Which.
	 */
	public function texts( array $places ): array {
		global $wpdb;
		$sql   = 'SELECT user_id AS place, meta_value AS told FROM %i WHERE meta_key = %s AND user_id IN (' . Placeholders::for_each( $places, '%d' ) . ') ORDER BY umeta_id';
		$texts = array();
		foreach ( self::select( $sql, array_merge( array( $wpdb->usermeta, $this->kind ), $places ) ) as $row ) {
			$texts += array( (int) $row->place => (string) $row->told );
		}
		return $texts;
	}

	/**
	 * Mail addresses of accounts.
	 *
	 * @param int[] $places Which.
	 */
	public function addresses( array $places ): array {
		global $wpdb;
		$sql  = 'SELECT ID AS place, user_email AS told FROM %i WHERE ID IN (' . Placeholders::for_each( $places, '%d' ) . ')';
		$rows = self::select( $sql, array_merge( array( $wpdb->users ), $places ) );
		return array_column( $rows, 'told', 'place' );
	}
}
