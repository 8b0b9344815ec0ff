<?php
/**
 * Our page in My Account.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Style;

defined( 'ABSPATH' ) || exit;

/**
 * In the menu only where there is something to show.
 */
final class Endpoint {

	const SLUG   = 'points-and-badges';
	const LOGOUT = 'customer-logout';

	/**
	 * An address of its own below the page of accounts.
	 */
	public static function register(): void {
		add_rewrite_endpoint( self::SLUG, EP_ROOT | EP_PAGES );
	}

	/**
	 * On activation alone: rules are written once, not with every page.
	 */
	public static function write_rules(): void {
		self::register();
		flush_rewrite_rules( false );
	}

	/**
	 * On deactivation: the address is no longer ours.
	 */
	public static function forget_rules(): void {
		global $wp_rewrite;
		$ours                  = self::SLUG;
		$wp_rewrite->endpoints = array_filter(
			$wp_rewrite->endpoints,
			static function ( $endpoint ) use ( $ours ) {
				return $ours !== $endpoint[1];
			}
		);
		flush_rewrite_rules( false );
	}

	/**
	 * WooCommerce shows what stands behind a query variable that it knows.
	 *
	 * @param array $variables Its own and others'.
	 */
	public function query_vars( $variables ): array {
		return array_merge( (array) $variables, array( self::SLUG => self::SLUG ) );
	}

	/**
	 * Before the way out.
	 *
	 * @param array $items Labels by endpoint.
	 */
	public function menu( $items ): array {
		$items = (array) $items;
		if ( ! Sheet::own()->has_anything() ) {
			return $items;
		}
		$last = array_intersect_key( $items, array( self::LOGOUT => '' ) );
		return array_diff_key( $items, $last ) + array( self::SLUG => $this->title() ) + $last;
	}

	/**
	 * Of the page, too.
	 */
	public function title(): string {
		return __( 'Points and badges', 'belong-for-woocommerce' );
	}

	/**
	 * Its content.
	 */
	public function show(): void {
		?>
<div class="belong">
		<?php
		$sheet = Sheet::own();
		if ( $sheet->has_anything() ) {
			$sheet->show( Sheet::EVERYTHING );
		} else {
			?>
	<p><?php esc_html_e( 'There is nothing to show yet.', 'belong-for-woocommerce' ); ?></p>
			<?php
		}
		?>
</div>
		<?php
	}

	/**
	 * The style is in the head where we know in time that it is needed, so that nothing moves later.
	 */
	public function style_in_time(): void {
		global $wp_query;
		$post = is_singular() ? get_post() : null;
		$text = $post instanceof \WP_Post ? $post->post_content : '';
		if ( isset( $wp_query->query_vars[ self::SLUG ] ) || false !== strpos( $text, '[belong_' ) || false !== strpos( $text, '<!-- wp:belong/' ) ) {
			Style::need_script();
		}
	}
}
