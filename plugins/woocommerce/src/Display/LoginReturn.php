<?php
/**
 * Where a guest logs in, and how they come back to their cart.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * My Account's own form goes back to My Account. The address names the page by a word and never by an address, so a link
 * that somebody sends leads nowhere else.
 */
final class LoginReturn {

	const ASKED = 'belong-return';
	const PAGES = array( 'cart', 'checkout' );

	/**
	 * The form, for whoever comes from the cart or the checkout. The cart itself is WooCommerce's to keep.
	 */
	public static function address(): string {
		return add_query_arg( self::ASKED, is_checkout() ? 'checkout' : 'cart', wc_get_page_permalink( 'myaccount' ) );
	}

	/**
	 * WordPress reads from an address what it knows.
	 *
	 * @param array $variables Its own and others'.
	 */
	public function query_vars( $variables ): array {
		return array_merge( (array) $variables, array( self::ASKED ) );
	}

	/**
	 * Inside the form: WooCommerce reads this field and goes to no other site.
	 */
	public function show(): void {
		$page = get_query_var( self::ASKED );
		if ( in_array( $page, self::PAGES, true ) ) {
			?>
<input type="hidden" name="redirect" value="<?php echo esc_url( wc_get_page_permalink( $page ) ); ?>">
			<?php
		}
	}
}
