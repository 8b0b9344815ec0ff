<?php
/**
 * "Earn 25 points" on a product.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Bounds;
use Belong\Earning\Terms;

defined( 'ABSPATH' ) || exit;

/**
 * These pages are cached for everybody, so nothing on them depends on who looks: it is what a new member earns. How a
 * guest collects it stands below for everybody, too; the style hides it from whoever is signed in, by WordPress's own
 * class of the page.
 */
final class ProductLine {

	// WooCommerce itself lays no more variations into a page than so many; of more it asks for the one that is chosen.
	const VARIATIONS_MAX = 30;

	/**
	 * What would be earned.
	 *
	 * @var Earning
	 */
	private $earning;

	/**
	 * Products whose line this page has: classic hook and block may both come.
	 *
	 * @var bool[]
	 */
	private $shown = array();

	/**
	 * Shows nothing yet.
	 *
	 * @param Earning $earning What would be earned.
	 */
	public function __construct( Earning $earning ) {
		$this->earning = $earning;
	}

	/**
	 * In the summary of a product's own page, in themes of templates.
	 */
	public function show(): void {
		global $product;
		if ( $product instanceof \WC_Product ) {
			echo wp_kses_post( $this->line( $product ) );
		}
	}

	/**
	 * The same in themes of blocks: below the price of the product that the page is about.
	 *
	 * @param string         $html  Of the price.
	 * @param array          $block What the template says.
	 * @param \WP_Block|null $shown The block, which knows of which product.
	 */
	public function after_price( $html, $block, $shown = null ) {
		$id      = (int) ( $shown->context['postId'] ?? 0 );
		$product = self::is_page_of( $id ) ? wc_get_product( $id ) : null;
		return $product instanceof \WC_Product ? $html . $this->line( $product ) : $html;
	}

	/**
	 * Where the merchant puts it, however often: others may draw a page's content before its time. How a guest collects it
	 * is said on the product's own page alone, for there may be many in a list.
	 *
	 * @param int $post_id What the place is about.
	 */
	public function placed( int $post_id ): string {
		$product = $post_id ? wc_get_product( $post_id ) : null;
		return $product instanceof \WC_Product ? $this->drawn( $product, self::is_page_of( $post_id ) ) : '';
	}

	/**
	 * Whether the page that is looked at is this product's own.
	 *
	 * @param int $post_id Its id.
	 */
	private static function is_page_of( int $post_id ): bool {
		return $post_id && is_singular( 'product' ) && get_queried_object_id() === $post_id;
	}

	/**
	 * In lists of products, where a shop asks for it: each product there costs the reckoning of one.
	 */
	public function show_in_list(): void {
		global $product;
		/**
		 * Whether lists of products say what each earns. They do not by themselves.
		 *
		 * @param bool $is_shown False.
		 */
		if ( $product instanceof \WC_Product && apply_filters( 'belong_earning_in_lists', false ) ) {
			$text = $this->text( $product );
			if ( '' !== $text ) {
				Assets::need_style();
				echo wp_kses_post( sprintf( '<span class="belong-earn">%s</span>', esc_html( $text ) ) );
			}
		}
	}

	/**
	 * A variation brings its own line, also where WooCommerce asks for it when it is chosen.
	 *
	 * @param array       $data      Of the variation, for the page.
	 * @param \WC_Product $product   Its parent.
	 * @param \WC_Product $variation Itself.
	 */
	public function add_to_variation( $data, $product, $variation ) {
		if ( is_array( $data ) && $variation instanceof \WC_Product ) {
			$data['belong_earn'] = $this->text( $variation );
		}
		return $data;
	}

	/**
	 * By itself once in a page.
	 *
	 * @param \WC_Product $product The page's.
	 */
	private function line( \WC_Product $product ): string {
		return isset( $this->shown[ $product->get_id() ] ) ? '' : $this->drawn( $product, true );
	}

	/**
	 * The line; empty where there is nothing to say and never will be.
	 *
	 * @param \WC_Product $product Any.
	 * @param bool        $is_how  Whether it says how a guest collects it.
	 */
	private function drawn( \WC_Product $product, bool $is_how ): string {
		$summary = $this->earning->programme();
		if ( null === $summary ) {
			return '';
		}
		$text         = $this->text( $product );
		$is_variable  = $product->is_type( 'variable' );
		$has_anything = '' !== $text || $is_variable;
		if ( ! $has_anything ) {
			return '';
		}
		$this->shown[ $product->get_id() ] = true;
		Assets::need_style();
		$until = Terms::hold_until( $summary, current_datetime() );
		if ( $until || $is_variable ) {
			Assets::need_script();
		}
		return sprintf(
			'<p class="belong-earn"%1$s%2$s%3$s>%4$s</p>%5$s',
			$until ? ' data-belong-until="' . esc_attr( $until->format( 'U' ) ) . '"' : '',
			$is_variable ? ' data-belong-variable="' . esc_attr( (string) $product->get_id() ) . '" aria-live="polite"' : '',
			'' === $text ? ' hidden' : '',
			esc_html( $text ),
			$is_how ? sprintf( '<p class="belong-earn__how">%s</p>', esc_html( $this->how( $summary ) ) ) : ''
		);
	}

	/**
	 * How a guest collects it.
	 *
	 * @param array $summary The programme's.
	 */
	private function how( array $summary ): string {
		return $this->earning->words()->how_to_join( Accounts::can_be_made_at_checkout() && Terms::take_everybody( $summary ) );
	}

	/**
	 * Plain text; empty where there is nothing to say.
	 *
	 * @param \WC_Product $product Any.
	 */
	private function text( \WC_Product $product ): string {
		$summary = $this->earning->programme();
		if ( null === $summary ) {
			return '';
		}
		$baskets = new Baskets( $summary, get_woocommerce_currency() );
		$words   = $this->earning->words();
		$found   = array();
		foreach ( $product->is_type( 'variable' ) ? $this->variations( $product ) : array( $product ) as $one ) {
			$basket  = $baskets->of_product( $one );
			$found[] = $basket ? $this->earning->for_anybody( $basket ) : Bounds::nothing();
		}
		if ( ! $found ) {
			return '';
		}
		$all = array_reduce(
			$found,
			static function ( $one, Bounds $another ) {
				return $one ? $one->or_else( $another ) : $another;
			}
		);
		if ( $all->is_nothing() ) {
			return '';
		}
		$is_exact = array_filter(
			$found,
			static function ( Bounds $one ) {
				return ! $one->is_exact();
			}
		);
		// Each of them is sure, and they differ.
		return ! $all->is_exact() && ! $is_exact && $all->least > 0 ? $words->range( $all->least, $all->most ) : $words->product( $all );
	}

	/**
	 * The variations of a product, if WooCommerce itself loads them all with the page.
	 *
	 * @param \WC_Product $product With variations.
	 * @return \WC_Product[]
	 */
	private function variations( \WC_Product $product ): array {
		$ids = $product->get_children();
		if ( count( $ids ) > self::VARIATIONS_MAX ) {
			return array();
		}
		return array_filter(
			array_map( 'wc_get_product', $ids ),
			static function ( $variation ) {
				return $variation instanceof \WC_Product && $variation->variation_is_visible();
			}
		);
	}
}
