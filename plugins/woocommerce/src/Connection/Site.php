<?php
/**
 * Which shop this is.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * The address as the owner has set it. home_url() would change its scheme with the request that asks, and its path with
 * the language.
 */
final class Site {

	const VERSION = '0.1.0';

	/**
	 * Without a slash at the end.
	 */
	public static function address(): string {
		return untrailingslashit( (string) get_option( 'home' ) );
	}

	/**
	 * Where the REST API begins, with pretty addresses or without.
	 */
	public static function rest_url(): string {
		return get_rest_url();
	}

	/**
	 * Of the address. A search and replace over a copied database does not change it.
	 */
	public static function digest(): string {
		return hash( 'sha256', self::address() );
	}

	/**
	 * Of the programs in the shop.
	 *
	 * @return array<string, string>
	 */
	public static function versions(): array {
		return array(
			'plugin'      => self::VERSION,
			'woocommerce' => defined( 'WC_VERSION' ) ? WC_VERSION : '',
			'wordpress'   => get_bloginfo( 'version' ),
			'php'         => PHP_VERSION,
		);
	}
}
