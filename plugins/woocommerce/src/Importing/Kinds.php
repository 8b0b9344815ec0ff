<?php
/**
 * What other plugins have left in this shop.
 *
 * @package Belong
 */

namespace Belong\Importing;

defined( 'ABSPATH' ) || exit;

/**
 * Found by what stands in the database, so also where the plugin is switched off or deleted. Where each keeps its points
 * was read in the plugins' published sources:
 *
 * - myCred (mycred/myCRED, includes/mycred-functions.php): user meta under the key of the kind of points, mycred_default
 *   or one of the option mycred_types; in a network, behind the site's number. Fractions if the shop chose some.
 * - GamiPress (rubengc/GamiPress, includes/points-functions.php): user meta _gamipress_KIND_points; KIND is the name of a
 *   post of the type points-type. Whole numbers.
 * - WP Swings (points-and-rewards-for-woocommerce): user meta wps_wpr_points; before 2022 mwb_wpr_points. One kind.
 * - WPLoyalty (wp-loyalty-rules, app/Models/Users.php): table wlr_users, user_email and points. One kind.
 */
final class Kinds {

	const MYCRED    = 'mycred';
	const GAMIPRESS = 'gamipress';
	const WP_SWINGS = 'wp-swings';
	const WPLOYALTY = 'wployalty';

	const SWINGS_KEY       = 'wps_wpr_points';
	const SWINGS_EARLIER   = 'mwb_wpr_points';
	const GAMIPRESS_BEFORE = '_gamipress_';
	const GAMIPRESS_AFTER  = '_points';

	/**
	 * Names of the plugins, which no language changes.
	 *
	 * @param string $source The service's word for the plugin.
	 */
	public static function name( string $source ): string {
		$names = array(
			self::MYCRED    => 'myCred',
			self::GAMIPRESS => 'GamiPress',
			self::WP_SWINGS => 'WP Swings Points and Rewards',
			self::WPLOYALTY => 'WPLoyalty',
		);
		return $names[ $source ] ?? $source;
	}

	/**
	 * All that is there.
	 *
	 * @return Kind[]
	 */
	public static function found(): array {
		return array_merge( self::of_mycred(), self::of_gamipress(), self::of_swings(), self::of_wployalty() );
	}

	/**
	 * One of them; null if it is not there any more.
	 *
	 * @param string $key As Kind::key() says it.
	 */
	public static function of( string $key ): ?Kind {
		foreach ( self::found() as $kind ) {
			if ( $kind->key() === $key ) {
				return $kind;
			}
		}
		return null;
	}

	/**
	 * Kinds of myCred.
	 *
	 * @return Kind[]
	 */
	private static function of_mycred(): array {
		$types = get_option( 'mycred_types', array() );
		$types = ( is_array( $types ) ? array_filter( $types, 'is_string' ) : array() ) + array( 'mycred_default' => '' );
		$names = array();
		foreach ( $types as $key => $label ) {
			$names[ (string) $key ] = $label;
			if ( is_multisite() ) {
				$names[ $key . '_' . get_current_blog_id() ] = $label;
			}
		}
		return self::of_meta( self::MYCRED, $names );
	}

	/**
	 * Kinds of GamiPress, also those whose posts are gone.
	 *
	 * @return Kind[]
	 */
	private static function of_gamipress(): array {
		global $wpdb;
		$like = $wpdb->esc_like( self::GAMIPRESS_BEFORE ) . '%' . $wpdb->esc_like( self::GAMIPRESS_AFTER );
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- only on the page that imports.
		$keys  = $wpdb->get_col( $wpdb->prepare( 'SELECT DISTINCT meta_key FROM %i WHERE meta_key LIKE %s ORDER BY meta_key', $wpdb->usermeta, $like ) );
		$slugs = array();
		foreach ( $keys as $key ) {
			$slugs[ substr( $key, strlen( self::GAMIPRESS_BEFORE ), -strlen( self::GAMIPRESS_AFTER ) ) ] = $key;
		}
		$names = array();
		foreach ( $slugs as $slug => $key ) {
			// Beside each kind it notes what is new of it.
			$is_beside = '_new' === substr( $slug, -4 ) && isset( $slugs[ substr( $slug, 0, -4 ) ] );
			if ( '' !== (string) $slug && ! $is_beside ) {
				$names[ $key ] = self::title_of( (string) $slug );
			}
		}
		return self::of_meta( self::GAMIPRESS, $names );
	}

	/**
	 * How GamiPress calls a kind.
	 *
	 * @param string $slug Of it.
	 */
	private static function title_of( string $slug ): string {
		global $wpdb;
		$sql = "SELECT post_title FROM %i WHERE post_type = 'points-type' AND post_name = %s ORDER BY ID LIMIT 1";
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- the type is not registered any more.
		$title = $wpdb->get_var( $wpdb->prepare( $sql, $wpdb->posts, $slug ) );
		return null === $title || '' === $title ? $slug : $title;
	}

	/**
	 * Of WP Swings; what it kept before it took its present name only where there is nothing newer, for that was copied.
	 *
	 * @return Kind[]
	 */
	private static function of_swings(): array {
		$newer = self::of_meta( self::WP_SWINGS, array( self::SWINGS_KEY => '' ) );
		return $newer ? $newer : self::of_meta( self::WP_SWINGS, array( self::SWINGS_EARLIER => '' ) );
	}

	/**
	 * Of WPLoyalty.
	 *
	 * @return Kind[]
	 */
	private static function of_wployalty(): array {
		global $wpdb;
		$table = TableKind::table();
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- only on the page that imports.
		if ( $table !== $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $table ) ) ) ) {
			return array();
		}
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- only on the page that imports.
		$count = (int) $wpdb->get_var( $wpdb->prepare( 'SELECT COUNT(*) FROM %i', $table ) );
		return 0 === $count ? array() : array( new TableKind( self::WPLOYALTY, 'points', '', $count ) );
	}

	/**
	 * Those keys of user meta that stand anywhere.
	 *
	 * @param string                $source The service's word for the plugin.
	 * @param array<string, string> $names  Label by key.
	 * @return Kind[]
	 */
	private static function of_meta( string $source, array $names ): array {
		global $wpdb;
		$found = array();
		foreach ( $names as $key => $label ) {
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- only on the page that imports.
			$count = (int) $wpdb->get_var( $wpdb->prepare( 'SELECT COUNT(DISTINCT user_id) FROM %i WHERE meta_key = %s', $wpdb->usermeta, $key ) );
			if ( $count > 0 ) {
				$found[] = new MetaKind( $source, (string) $key, $label, $count );
			}
		}
		return $found;
	}
}
