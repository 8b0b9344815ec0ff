<?php
/**
 * Where our page lies, and what it loads.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Endpoint;
use Belong\Display\Style;
use Belong\Plugin;

final class EndpointTest extends ShopTestCase {

	protected function setUp(): void {
		parent::setUp();
		global $wp_rewrite;
		$wp_rewrite->set_permalink_structure( '/%postname%/' );
		// That forgot all endpoints.
		Endpoint::write_rules();
	}

	protected function tearDown(): void {
		global $wp_rewrite;
		$wp_rewrite->set_permalink_structure( '' );
		wp_dequeue_style( Style::HANDLE );
		wp_dequeue_script( Style::PLACE );
		wp_dequeue_script( Style::FORM );
		wp_dequeue_script( Style::HANDLE );
		Endpoint::register();
		parent::tearDown();
	}

	public function test_activation_writes_the_address_and_deactivation_takes_it_back(): void {
		$this->assertTrue( $this->has_address() );
		Plugin::deactivate();
		$this->assertFalse( $this->has_address() );
		Plugin::activate();
		$this->assertTrue( $this->has_address() );
	}

	public function test_a_page_view_writes_no_rules(): void {
		$written = 0;
		add_filter( 'rewrite_rules_array', static function ( $rules ) use ( &$written ) {
			++$written;
			return $rules;
		} );
		// All that WordPress calls us for at the beginning of a request and that has to do with addresses.
		Endpoint::register();
		apply_filters( 'woocommerce_get_query_vars', array() );
		$this->view( array( Endpoint::SLUG => '' ) );
		$this->assertSame( 0, $written );
		Plugin::activate();
		$this->assertSame( 1, $written );
	}

	public function test_style_and_script_are_loaded_where_something_is_shown_and_nowhere_else(): void {
		$this->view( array( 'pagename' => 'elsewhere' ) );
		$this->assertFalse( wp_style_is( Style::HANDLE ) || wp_script_is( Style::HANDLE ) );
		$this->assertTrue( wp_style_is( Style::HANDLE, 'registered' ) );
		$this->view( array( Endpoint::SLUG => '' ) );
		$this->assertTrue( wp_style_is( Style::HANDLE ) && wp_script_is( Style::HANDLE ) );
	}

	/** @return array[] */
	public static function contents(): array {
		return array(
			'a shortcode'    => array( 'Hello [belong_balance]', true ),
			'a block'        => array( '<!-- wp:belong/rules /-->', true ),
			'none'           => array( 'Do you belong to us?', false ),
			"somebody's own" => array( '[belonging]', false ),
		);
	}

	/** @dataProvider contents */
	public function test_the_style_is_in_the_head_of_a_page_that_holds_something_of_ours( string $content, bool $is_loaded ): void {
		$id = wp_insert_post( array( 'post_type' => 'page', 'post_title' => 'Club', 'post_status' => 'publish', 'post_content' => $content ) );
		$this->view( array( 'page_id' => $id ) );
		$this->assertSame( $is_loaded, wp_style_is( Style::HANDLE ) );
	}

	public function test_the_page_has_a_title_of_its_own(): void {
		$this->assertSame( 'Points and badges', apply_filters( 'woocommerce_endpoint_' . Endpoint::SLUG . '_title', 'My account', Endpoint::SLUG ) );
	}

	/** @param array $asked query variables */
	private function view( array $asked ): void {
		$GLOBALS['wp_query']     = new \WP_Query( $asked );
		$GLOBALS['wp_the_query'] = $GLOBALS['wp_query'];
		$GLOBALS['post']         = $GLOBALS['wp_query']->post;
		do_action( 'wp_enqueue_scripts' );
	}

	private function has_address(): bool {
		return array() !== preg_grep( '/' . Endpoint::SLUG . '/', array_keys( (array) get_option( 'rewrite_rules' ) ) );
	}
}
