<?php
/**
 * Where a mail about points leads.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The service knows the shop's address, and not where My Account lies in it, in which language, or behind which name. The
 * address names the page by a word and never by an address, so a link that somebody sends leads nowhere else.
 */
final class FromMail {

	const ASKED  = 'belong';
	const POINTS = 'points';

	/**
	 * WordPress reads from an address what it knows.
	 *
	 * @param array $variables Its own and others'.
	 */
	public function query_vars( $variables ): array {
		return array_merge( (array) $variables, array( self::ASKED ) );
	}

	/**
	 * Looks at every page that is asked for; leads on only from ours.
	 */
	public function look(): void {
		if ( self::POINTS !== get_query_var( self::ASKED ) || ! function_exists( 'wc_get_account_endpoint_url' ) ) {
			return;
		}
		nocache_headers();
		wp_safe_redirect( wc_get_account_endpoint_url( Endpoint::SLUG ) );
		$this->leave();
	}

	/**
	 * Nothing is written after a redirection.
	 */
	private function leave(): void {
		exit;
	}
}
