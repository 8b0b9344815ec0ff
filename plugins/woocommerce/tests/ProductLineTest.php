<?php
/**
 * "Earn 25 points" on products: the same for everybody, and nothing where nothing can be said.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Accounts;

final class ProductLineTest extends EarnTestCase {

	const HOW = '<p class="belong-earn__how">Log in, or create an account at checkout, to collect them.</p>';

	public function test_a_product_says_what_it_earns(): void {
		$this->assertSame( '<p class="belong-earn">Earn 25 points</p>' . self::HOW, $this->page_of( $this->a_product() ) );
		$this->assertSame( '<p class="belong-earn">Earn 1 point</p>' . self::HOW, $this->page_of( $this->a_product( '1.99' ) ) );
		$this->assertSame( '<p class="belong-earn">Earn 1,234 points</p>' . self::HOW, $this->page_of( $this->a_product( '1234.99' ) ) );
		$this->assertContains( 'belong-earn', wp_styles()->queue );
		$this->assertNotContains( 'belong-earn', wp_scripts()->queue );
	}

	public function test_it_is_the_same_for_a_member_as_for_everybody(): void {
		$product = $this->a_product();
		$guest   = $this->page_of( $product );
		$this->a_member();
		$this->assertSame( $guest, $this->page_of( $product ) );
	}

	/** It is for guests; the style hides it from whoever is signed in, for the page may be cached for both. */
	public function test_a_guest_reads_how_to_collect_it(): void {
		$product = $this->a_product();
		update_option( Accounts::AT_CHECKOUT, 'no' );
		$log_in = '<p class="belong-earn__how">Log in to collect them.</p>';
		$this->assertStringEndsWith( $log_in, $this->page_of( $product ) );
		update_option( Accounts::AT_CHECKOUT, 'yes' );
		$this->tell( $this->summary( array(), array( 'enrolment' => 'consent' ) ) );
		$this->assertStringEndsWith( $log_in, $this->page_of( $product ), 'a new account is no member yet' );
		$style = file_get_contents( WP_PLUGIN_DIR . '/belong-for-woocommerce/assets/earn.css' );
		$this->assertMatchesRegularExpression( '/\.logged-in \.belong-earn__how,\s+\.belong-earn\[hidden\] \+ \.belong-earn__how {\s+display: none;/', $style );
	}

	/** @dataProvider nothing_to_say */
	public function test_nothing_is_shown( $summary ): void {
		$this->tell( is_callable( $summary ) ? $summary( $this ) : $summary );
		$this->assertSame( '', $this->page_of( $this->a_product() ) );
		$this->assertSame( array(), wp_styles()->queue );
	}

	public function nothing_to_say(): array {
		return array(
			'not connected'    => array( '' ),
			'broken'           => array( '{"schema":1,"earn":' ),
			'no object'        => array( '17' ),
			'another schema'   => array( static fn( $test ) => $test->summary( array(), array( 'schema' => 2 ) ) ),
			'a part is gone'   => array( static fn( $test ) => array_diff_key( $test->summary(), array( 'tiers' => 1 ) ) ),
			'a number as text' => array( static fn( $test ) => $test->summary( array( 'minimum_minor' => '0' ) ) ),
			'no such zone'     => array( static fn( $test ) => $test->summary( array(), array( 'timezone' => 'Mars/Olympus' ) ) ),
			'no ratio'         => array( static fn( $test ) => $test->summary( array( 'rules' => array( $test->rule( array( 'rates' => array( 'EUR' => '0' ) ) ) ) ) ) ),
			'without rules'    => array( static fn( $test ) => $test->summary( array(), array( 'dropped' => array( 'earn.rules' ) ) ) ),
			'another currency' => array( static fn( $test ) => $test->summary( array( 'rules' => array( $test->rule( array( 'rates' => array( 'USD' => '1' ) ) ) ) ) ) ),
			'it has ended'     => array( static fn( $test ) => $test->summary( array( 'earn_until' => '2020-01-01T00:00:00Z' ) ) ),
			'below a point'    => array( static fn( $test ) => $test->summary( array( 'rules' => array( $test->rule( array( 'rates' => array( 'EUR' => '1/26' ) ) ) ) ) ) ),
		);
	}

	public function test_a_product_that_cannot_be_bought_says_nothing(): void {
		$this->assertSame( '', $this->page_of( $this->a_product( '' ) ) );
		$this->assertSame( '', $this->page_of( $this->a_product( '0' ) ) );
	}

	/** 25.00 with 19 % in it are 21.01 without. */
	public function test_tax_earns_where_the_programme_says_so(): void {
		$gross = $this->summary( array( 'basis' => 'gross_merchandise' ) );
		$this->with_tax( true );
		$this->assertStringContainsString( 'Earn 21 points', $this->page_of( $this->a_product() ) );
		$this->tell( $gross );
		$this->assertStringContainsString( 'Earn 25 points', $this->page_of( $this->a_product() ) );
		$this->with_tax( false );
		$this->assertStringContainsString( 'Earn 29 points', $this->page_of( $this->a_product() ) );
		$this->tell( $this->summary() );
		$this->assertStringContainsString( 'Earn 25 points', $this->page_of( $this->a_product() ) );
	}

	/** @dataProvider currencies */
	public function test_currencies_have_their_own_places( string $currency, int $places, string $price, string $said ): void {
		update_option( 'woocommerce_currency', $currency );
		update_option( 'woocommerce_price_num_decimals', $places );
		$rule = $this->rule( array( 'rates' => array( $currency => '1/10' ) ) );
		$this->tell( $this->summary( array( 'rules' => array( $rule ) ), array( 'currency' => $currency ) ) );
		$this->assertStringContainsString( $said, $this->page_of( $this->a_product( $price ) ) );
	}

	public function currencies(): array {
		return array(
			'none'                        => array( 'JPY', 0, '2500', 'Earn 250 points' ),
			'three'                       => array( 'KWD', 3, '259.999', 'Earn 25 points' ),
			'a shop that prints fewer'    => array( 'EUR', 0, '255', 'Earn 25 points' ),
			'a shop that prints too many' => array( 'EUR', 4, '259.9949', 'Earn 25 points' ),
		);
	}

	public function test_what_a_shop_cannot_know_is_not_promised(): void {
		$first = array(
			'field'    => 'first_order',
			'operator' => 'in',
			'values'   => array( true ),
		);
		$twice = $this->rule( array( 'award' => 'factor', 'lane' => 'campaign', 'factor' => '2', 'conditions' => array( $first ) ) );
		$base  = $this->summary()['earn']['rules'][0];
		$this->tell( $this->summary( array( 'rules' => array( $base, $twice ) ) ) );
		$this->assertStringContainsString( '>Earn at least 25 points<', $this->page_of( $this->a_product() ) );
		$only = $this->rule( array( 'rates' => array( 'EUR' => '1' ), 'conditions' => array( $first ) ) );
		$this->tell( $this->summary( array( 'rules' => array( $only ) ) ) );
		$this->assertStringContainsString( '>Earn up to 25 points<', $this->page_of( $this->a_product() ) );
	}

	public function test_a_category_is_asked_for_by_its_slug(): void {
		$term = wp_insert_term( '绿茶', 'product_cat' );
		$tea  = array(
			'field'    => 'category',
			'operator' => 'in',
			'values'   => array( '绿茶' ),
		);
		$rule = $this->rule( array( 'rates' => array( 'EUR' => '2' ), 'conditions' => array( $tea ) ) );
		$this->tell( $this->summary( array( 'rules' => array( $rule ) ) ) );
		$this->assertSame( '', $this->page_of( $this->a_product() ) );
		$product = $this->a_product( '25.00', array( 'category_ids' => array( $term['term_id'] ) ) );
		$this->assertStringContainsString( 'Earn 50 points', $this->page_of( $product ) );
	}

	public function test_goods_on_sale_earn_nothing_where_the_programme_excludes_them(): void {
		$product = $this->a_product( '25.00', array( 'sale_price' => '20.00' ) );
		$this->assertStringContainsString( 'Earn 20 points', $this->page_of( $product ) );
		$this->tell( $this->summary( array( 'excludes' => array( 'sale_items' ) ) ) );
		$this->assertSame( '', $this->page_of( $product ) );
	}

	public function test_variations_give_a_range_and_bring_their_own_line(): void {
		$parent = $this->a_variable_product( array( '10.00', '25.00' ) );
		$page   = $this->page_of( $parent );
		$this->assertStringContainsString( '>Earn 10 to 25 points<', $page );
		$this->assertStringContainsString( 'data-belong-variable="' . $parent->get_id() . '"', $page );
		$this->assertContains( 'belong-earn', wp_scripts()->queue );
		$told = array();
		foreach ( $parent->get_children() as $id ) {
			$told[] = $parent->get_available_variation( wc_get_product( $id ) )['belong_earn'];
		}
		$this->assertSame( array( 'Earn 10 points', 'Earn 25 points' ), $told );
		$this->assertStringContainsString( '>Earn 9 points<', $this->page_of( $this->a_variable_product( array( '9.00', '9.50' ) ) ) );
	}

	public function test_a_promise_that_ends_says_until_when_it_holds(): void {
		$rule = $this->rule( array( 'rates' => array( 'EUR' => '1' ), 'ends_at' => '2999-12-31T23:00:00Z' ) );
		$this->tell( $this->summary( array( 'rules' => array( $rule ) ) ) );
		$page = $this->page_of( $this->a_product() );
		$this->assertStringContainsString( 'data-belong-until="' . strtotime( '2999-12-31T23:00:00Z' ) . '"', $page );
		$this->assertContains( 'belong-earn', wp_scripts()->queue );
	}

	public function test_blocks_and_hook_together_say_it_once(): void {
		$product = $this->a_product();
		$this->go_to( $product );
		$html = $this->price_block( $product->get_id() );
		$this->assertSame( '10 EUR<p class="belong-earn">Earn 25 points</p>' . self::HOW, $html );
		$GLOBALS['product'] = $product;
		$this->assertSame( '', $this->printed( static fn() => do_action( 'woocommerce_single_product_summary' ) ) );
		$this->assertSame( '10 EUR', $this->price_block( $this->a_product()->get_id() ) );
	}

	public function test_where_a_merchant_puts_it_the_line_is_that_of_the_product_there(): void {
		$this->in_the_loop( $this->a_product() );
		$line = '<div class="belong"><p class="belong-earn">Earn 25 points</p></div>';
		$this->assertSame( $line, do_shortcode( '[belong_earn]' ) );
		$this->assertSame( $line . $line, do_shortcode( '[belong_earn][belong_earn evil="<b>"]' ), 'others may draw the content before' );
		$this->assertContains( 'belong-earn', wp_styles()->queue );
		$this->assertSame( $line, preg_replace( '/^<div [^>]*>/', '<div class="belong">', do_blocks( '<!-- wp:belong/earn /-->' ) ) );
		$in_a_list = array( 'postId' => $this->a_product( '7.00' )->get_id() );
		$block     = new \WP_Block( array( 'blockName' => 'belong/earn' ), $in_a_list );
		$this->assertStringContainsString( '>Earn 7 points<', $block->render() );
	}

	public function test_where_it_is_about_no_product_nothing_is_placed(): void {
		$this->assertSame( '', do_shortcode( '[belong_earn]' ) . do_blocks( '<!-- wp:belong/earn /-->' ) );
		$GLOBALS['post'] = get_post( wp_insert_post( array( 'post_title' => 'News', 'post_status' => 'publish' ) ) );
		$this->assertSame( '', do_shortcode( '[belong_earn]' ) . do_blocks( '<!-- wp:belong/earn /-->' ) );
		$this->in_the_loop( $this->a_product( '0' ) );
		$this->assertSame( '', do_shortcode( '[belong_earn]' ) );
		$this->in_the_loop( $this->a_product() );
		$this->tell( '' );
		$this->assertSame( '', do_shortcode( '[belong_earn]' ) );
	}

	public function test_on_its_own_page_a_placed_line_says_how_a_guest_collects_it_and_the_page_does_not_repeat_it(): void {
		$product = $this->a_product();
		$this->in_the_loop( $product );
		$this->go_to( $product );
		$this->assertStringEndsWith( self::HOW . '</div>', do_shortcode( '[belong_earn]' ) );
		$this->assertSame( '10 EUR', $this->price_block( $product->get_id() ) );
	}

	public function test_lists_of_products_say_nothing_unless_the_shop_asks(): void {
		$GLOBALS['product'] = $this->a_product();
		$list               = static fn() => do_action( 'woocommerce_after_shop_loop_item_title' );
		$this->assertSame( 0, $this->queries( fn() => $this->assertSame( '', $this->printed( $list ) ) ) );
		add_filter( 'belong_earning_in_lists', '__return_true' );
		$this->assertSame( '<span class="belong-earn">Earn 25 points</span>', $this->printed( $list ) );
	}

	public function test_a_name_of_points_is_text_and_no_html(): void {
		$this->tell( $this->summary( array(), array( 'points_name' => array( 'en' => array( '<b>x', '<i>stars</i>' ) ) ) ) );
		$page = $this->page_of( $this->a_product() );
		$this->assertSame( '<p class="belong-earn">Earn 25 &lt;i&gt;stars&lt;/i&gt;</p>' . self::HOW, $page );
	}

	public function test_it_costs_no_query_and_few_bytes(): void {
		$product = $this->a_product();
		get_option( 'belong_programme' );
		$this->assertSame( 0, $this->queries( fn() => $this->page_of( $product ) ) );
		$this->assertLessThan( 150, strlen( $this->page_of( $product ) ) );
	}

	private function a_variable_product( array $prices ): \WC_Product {
		$parent = new \WC_Product_Variable();
		$parent->set_props( array( 'name' => 'Pot' ) );
		$id = $parent->save();
		foreach ( $prices as $price ) {
			$variation = new \WC_Product_Variation();
			$variation->set_props( array( 'name' => 'Pot', 'parent_id' => $id, 'regular_price' => $price ) );
			$variation->save();
		}
		return wc_get_product( $id );
	}

	/** As in the loop of WordPress. */
	private function in_the_loop( \WC_Product $product ): void {
		$GLOBALS['post'] = get_post( $product->get_id() );
	}

	private function go_to( \WC_Product $product ): void {
		global $wp_query;
		$wp_query = new \WP_Query( array( 'p' => $product->get_id(), 'post_type' => 'product' ) );
	}

	private function price_block( int $id ): string {
		$block = (object) array( 'context' => array( 'postId' => $id ) );
		return apply_filters( 'render_block_woocommerce/product-price', '10 EUR', array(), $block );
	}

	/** What we add to the page of a product; a new request. */
	private function page_of( \WC_Product $product ): string {
		$line               = new \Belong\Display\ProductLine( new \Belong\Display\Earning() );
		$GLOBALS['product'] = $product;
		return $this->printed( array( $line, 'show' ) );
	}
}
