<?php
/**
 * What a shopper reads in My Account and wherever the merchant puts it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Endpoint;
use Belong\Account\Placing;
use Belong\Account\Sheet;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Display\Style;

final class AccountPageTest extends ConnectedTestCase {

	const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)> {{7*7}} [belong_rules] &amp;';

	protected function setUp(): void {
		parent::setUp();
		delete_option( Programme::OPTION );
		wp_set_current_user( 0 );
	}

	public function test_what_a_connection_that_is_over_has_left_is_not_shown(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member() );
		$this->disconnect();
		foreach ( array( 'balance', 'rewards', 'rules' ) as $name ) {
			$this->assertSame( '', do_shortcode( '[belong_' . $name . ']' ), $name );
		}
		$this->assertArrayNotHasKey( Endpoint::SLUG, apply_filters( 'woocommerce_account_menu_items', array() ) );
	}

	public function test_a_member_reads_all_of_it(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member() );
		$text = $this->text( $this->page() );
		foreach ( array( '1,240', 'leaves ready to use', 'On their way', 'Use 200 leaves by December 31, 2026', 'ready on December 5, 2026', 'Silver leaf', '360 leaves more', 'Free shipping', 'Tea taster', 'held by 4.2 % of members', 'Explorer: 3 of 5', '5 EUR off', '760 leaves are missing.', 'LEAF-7Q2M-K4', 'until January 14, 2027', 'KIMTEA42', 'Friends who came: 3', 'Order 5107', "\u{2212}15", '3 older changes', 'One leaf for each euro', 'What others see of you' ) as $said ) {
			$this->assertStringContainsString( $said, $text );
		}
	}

	public function test_the_page_is_well_formed_and_its_references_lead_somewhere(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member() );
		$document = new \DOMDocument();
		$this->assertTrue( $document->loadXML( '<r>' . preg_replace( array( '/<input([^>]*)>/', '/<br>/', '/ (hidden|checked)(?=[ >])/' ), array( '<input$1/>', '<br/>', ' $1=""' ), $this->page() ) . '</r>' ) );
		$path = new \DOMXPath( $document );
		$ids  = array();
		foreach ( $path->query( '//@id' ) as $id ) {
			$ids[] = $id->value;
		}
		$this->assertSame( $ids, array_unique( $ids ) );
		foreach ( $path->query( '//@aria-labelledby | //@aria-describedby | //@for' ) as $reference ) {
			$this->assertContains( $reference->value, $ids );
		}
		$this->assertSame( 2.0, $path->evaluate( 'count(//progress)' ) );
		$this->assertSame( 0.0, $path->evaluate( 'count(//table[not(caption) or not(thead//th[@scope])])' ) );
	}

	public function test_hostile_names_stay_text_wherever_they_stand(): void {
		$hostile = static function ( $value ) use ( &$hostile ) {
			if ( is_array( $value ) ) {
				return array_map( $hostile, $value );
			}
			return is_string( $value ) && ! preg_match( '/\A(active|en|issued|gold|earn|\d{4}-.*)\z/', $value ) ? self::HOSTILE : $value;
		};
		$programme                = $hostile( Pushed::programme() );
		$programme['points_name'] = array( 'en' => array( self::HOSTILE, self::HOSTILE ) );
		Pushed::to_all( $programme );
		Pushed::signed_in( $hostile( Pushed::member() ) );
		$page = $this->page() . do_shortcode( '[belong_points]' );
		$this->assertStringContainsString( '&lt;script&gt;alert(1)', $page );
		$this->assertStringNotContainsString( '<script', $page );
		$this->assertStringNotContainsString( '<img', $page );
		$document = new \DOMDocument();
		$document->loadHTML( '<?xml encoding="UTF-8">' . $page, LIBXML_NOERROR | LIBXML_NOWARNING );
		$path = new \DOMXPath( $document );
		$this->assertSame( 0, $path->query( '//@*[starts-with(name(), "on")] | //script | //img' )->length );
	}

	public function test_a_link_that_leads_elsewhere_than_the_web_is_not_shown(): void {
		$member                     = Pushed::member();
		$member['referral']['link'] = 'javascript:alert(1)';
		Pushed::signed_in( $member );
		$this->assertStringNotContainsString( 'javascript', $this->page() );
	}

	/** @return array[] */
	public static function others(): array {
		return array(
			'who left'        => array( array( 'status' => 'left' ), 'You have left the programme' ),
			'who is blocked'  => array( array( 'status' => 'blocked' ), 'Your membership rests' ),
			'who was erased'  => array( array( 'status' => 'erased' ), 'no points of yours to show yet' ),
			'who was merged'  => array( array( 'status' => 'merged' ), 'no points of yours to show yet' ),
			'another schema'  => array( array( 'schema' => 3 ), 'no points of yours to show yet' ),
			'a broken number' => array( array( 'available' => 'many' ), 'no points of yours to show yet' ),
		);
	}

	/** @dataProvider others */
	public function test_whoever_takes_no_part_reads_one_kind_line_and_the_rules( array $with, string $said ): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member( $with ) );
		$page = $this->text( $this->page() );
		$this->assertStringContainsString( $said, $page );
		$this->assertStringContainsString( 'One leaf for each euro', $page );
		$this->assertStringNotContainsString( '1,240', $page );
		$this->assertStringContainsString( $said, do_shortcode( '[belong_balance]' ) );
		$this->assertSame( '', do_shortcode( '[belong_tier][belong_history][belong_badges][belong_rewards][belong_referral][belong_choices]' ) );
	}

	public function test_a_guest_reads_how_it_works_and_nothing_of_anybody(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::customer( Pushed::member(), 'kim' );
		$page = do_shortcode( '[belong_points]' );
		$this->assertStringContainsString( 'for rewards. <a href=', $page );
		$this->assertStringContainsString( 'Log in or create an account', $page );
		$this->assertStringContainsString( 'One leaf for each euro', $page );
		$this->assertStringNotContainsString( '1,240', $page );
		$this->assertStringNotContainsString( 'nonce', $page );
	}

	public function test_a_guest_reads_the_ways_to_earn_in_their_language_while_there_are_any(): void {
		Pushed::to_all( Pushed::programme( array( 'ways' => array( 'en' => array( 'A <b>leaf</b> a euro.' ), 'de' => array( 'Ein Blatt je Euro.', 'Zwei für eine Bewertung.' ) ) ) ) );
		$drawn = do_shortcode( '[belong_ways]' );
		$this->assertSame( 'Ways to earn A <b>leaf</b> a euro.', trim( $this->text( $drawn ) ) );
		$this->assertSame( 1, substr_count( $drawn, '<li>' ) );
		add_filter( 'determine_locale', static fn() => 'de_AT' );
		$this->assertStringContainsString( 'Zwei für eine Bewertung.', do_shortcode( '[belong_ways]' ) );
		add_filter( 'determine_locale', static fn() => 'es_ES', 11 );
		$this->assertStringContainsString( 'leaf', do_shortcode( '[belong_ways]' ), 'in the language of the shop, if nobody wrote another' );
		$nothing = array(
			'it stands still' => array( 'ways' => array() ),
			'it is over'      => array( 'earn' => array( 'earn_until' => gmdate( 'Y-m-d\TH:i:s\Z', time() - 1 ) ) ),
			'another shape'   => array( 'ways' => 'many' ),
		);
		foreach ( $nothing as $why => $with ) {
			Pushed::to_all( Pushed::programme( $with ) );
			$this->assertSame( '', do_shortcode( '[belong_ways]' ), $why );
		}
		Pushed::to_all( Pushed::programme( array( 'earn' => array( 'earn_until' => gmdate( 'Y-m-d\TH:i:s\Z', time() + 60 ) ) ) ) );
		$this->assertStringContainsString( '20 leaves for a review.', do_shortcode( '[belong_ways]' ) );
	}

	public function test_everybody_reads_the_leaderboard_where_the_merchant_puts_it(): void {
		Pushed::to_all( Pushed::programme() );
		$drawn = do_shortcode( '[belong_board]' );
		$this->assertSame( 'Leaderboard Approved reviews since 1 November 2026 1 Moor Badges: 2 1,234 1 7KQ2MXAB 1,234 3 Ada 1', trim( $this->text( $drawn ) ) );
		$this->assertStringNotContainsString( 'belong-place', $drawn );
		$this->assertStringNotContainsString( 'Moor', do_shortcode( '[belong_points]' ) );
		Pushed::signed_in( Pushed::member() );
		$this->assertStringContainsString( 'data-said="Your place: [rank], with [value]."', do_shortcode( '[belong_board]' ) );
		$hostile                               = Pushed::programme();
		$hostile['board']['places'][0]['name'] = self::HOSTILE;
		Pushed::to_all( $hostile );
		$drawn = do_shortcode( '[belong_board]' );
		$this->assertStringContainsString( '<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#039;&gt;&lt;img', $drawn );
		$this->assertSame( 0, preg_match( '/<(script|img)/', $drawn ) );
		Pushed::to_all( Pushed::programme( array( 'board' => array( 'measure' => 'visit_days', 'titles' => array(), 'places' => array() ) ) ) );
		$this->assertStringContainsString( 'Too few show themselves for a leaderboard yet.', do_shortcode( '[belong_board]' ) );
		Pushed::to_all( Pushed::programme( array( 'board' => null ) ) );
		$this->assertSame( '', do_shortcode( '[belong_board]' ) );
	}

	public function test_the_script_of_the_own_place_comes_with_a_members_leaderboard_alone(): void {
		Pushed::to_all( Pushed::programme() );
		do_action( 'wp_enqueue_scripts' );
		wp_dequeue_script( Style::PLACE );
		do_shortcode( '[belong_board][belong_points]' );
		$this->assertFalse( wp_script_is( Style::PLACE ), 'a guest has no place to ask for' );
		Pushed::signed_in( Pushed::member() );
		do_shortcode( '[belong_points]' );
		$this->assertFalse( wp_script_is( Style::PLACE ) );
		do_shortcode( '[belong_board]' );
		$this->assertTrue( wp_script_is( Style::PLACE ) );
	}

	public function test_the_script_of_forms_comes_with_a_form_alone(): void {
		Pushed::to_all( Pushed::programme() );
		do_action( 'wp_enqueue_scripts' );
		wp_dequeue_script( Style::FORM );
		do_shortcode( '[belong_points]' );
		$this->assertFalse( wp_script_is( Style::FORM ), 'a guest chooses nothing' );
		Pushed::signed_in( Pushed::member() );
		do_shortcode( '[belong_balance]' );
		$this->assertFalse( wp_script_is( Style::FORM ) );
		do_shortcode( '[belong_choices]' );
		$this->assertTrue( wp_script_is( Style::FORM ) );
	}

	public function test_before_anything_was_pushed_there_is_no_tab_and_shortcodes_show_nothing(): void {
		wp_set_current_user( wp_create_user( 'kim', 'secret', 'kim@shop.example' ) );
		$this->assertArrayNotHasKey( Endpoint::SLUG, wc_get_account_menu_items() );
		foreach ( Sheet::names() as $name ) {
			$this->assertSame( '', do_shortcode( '[' . Placing::SHORTCODE . $name . ']' ), $name );
		}
		$this->assertStringContainsString( 'nothing to show yet', $this->page() );
	}

	public function test_the_tab_stands_before_the_way_out(): void {
		Pushed::signed_in( Pushed::member() );
		$keys = array_keys( wc_get_account_menu_items() );
		$this->assertSame( array( Endpoint::SLUG, Endpoint::LOGOUT ), array_slice( $keys, -2 ) );
	}

	public function test_numbers_as_large_as_they_get_stay_exact(): void {
		$huge                      = Pushed::member( array_fill_keys( Snapshot::COUNTS, PHP_INT_MAX ) );
		$huge['tier']['next']      = array( 'name' => 'Gold leaf', 'value' => PHP_INT_MAX - 1, 'threshold' => PHP_INT_MAX );
		$huge['entries'][0]['points'] = -PHP_INT_MAX;
		Pushed::signed_in( $huge );
		$page = $this->page();
		$this->assertStringContainsString( '9,223,372,036,854,775,807', $page );
		$this->assertStringContainsString( "\u{2212}9,223,372,036,854,775,807", $page );
		$this->assertStringContainsString( 'value="99"', $page );
	}

	public function test_a_member_with_nothing_reads_zero_and_no_empty_headings(): void {
		$empty = array_fill_keys( array( 'pending_lots', 'ends', 'badges', 'rewards', 'vouchers', 'entries' ), array() ) + array_fill_keys( array( 'tier', 'next_badge', 'level', 'referral', 'expiring' ), null ) + array_fill_keys( Snapshot::COUNTS, 0 ) + array( 'texts' => array() );
		Pushed::signed_in( Pushed::member( $empty ) );
		$page = $this->page();
		preg_match_all( '/<h2[^>]*>([^<]*)</', $page, $heads );
		$this->assertSame( array( 'Your balance', 'What happened, and why', 'What others see of you' ), array_map( 'trim', $heads[1] ) );
		$this->assertStringContainsString( 'Nothing yet.', $page );
	}

	/** C23. One option that a real site loads with the others, and nothing for a customer whose meta WordPress has read. */
	public function test_plugin_makes_one_cached_call_and_never_scans_users(): void {
		global $wpdb;
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member() );
		// As WooCommerce's own installation leaves it.
		update_option( 'woocommerce_enable_coupons', 'yes', true );
		wp_load_alloptions( true );
		add_filter( 'pre_http_request', function () {
			$this->fail( 'A page view asked somebody.' );
		} );
		$before = $wpdb->num_queries;
		wc_get_account_menu_items();
		$this->page();
		foreach ( Sheet::names() as $name ) {
			do_shortcode( '[' . Placing::SHORTCODE . $name . ']' );
		}
		$this->assertSame( 0, $wpdb->num_queries - $before );
	}

	public function test_what_was_never_pushed_costs_one_query(): void {
		global $wpdb;
		wp_set_current_user( wp_create_user( 'kim', 'secret', 'kim@shop.example' ) );
		get_user_meta( get_current_user_id() );
		wp_load_alloptions( true );
		wp_cache_delete( 'notoptions', 'options' );
		$before = $wpdb->num_queries;
		wc_get_account_menu_items();
		$this->page();
		$this->assertLessThanOrEqual( 1, $wpdb->num_queries - $before );
	}

	public function test_a_page_grows_by_five_kilobytes_at_most(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member( array( 'entries' => Pushed::entries( 20 ) ) ) );
		$this->assertLessThanOrEqual( 5120, strlen( gzencode( $this->page(), 6 ) ) );
	}

	public function test_each_part_has_a_shortcode_and_a_block_that_draw_the_same(): void {
		Pushed::to_all( Pushed::programme() );
		Pushed::signed_in( Pushed::member() );
		$without = static function ( string $html ) {
			return preg_replace( array( '/belong-[a-z]+-\d+/', '/^<div [^>]*>/', '/nonce="\w+"/', '/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' ), array( 'id', '<div>', '', 'key' ), $html );
		};
		foreach ( Sheet::names() as $name ) {
			$drawn = do_shortcode( '[' . Placing::SHORTCODE . $name . ']' );
			$this->assertStringStartsWith( '<div class="belong"><', $drawn, $name );
			$this->assertSame( $without( $drawn ), $without( do_blocks( '<!-- wp:' . Placing::BLOCK . $name . ' /-->' ) ), $name );
		}
	}

	public function test_what_others_see_can_be_chosen_where_the_merchant_puts_it(): void {
		Pushed::to_all( Pushed::programme() );
		$this->assertSame( '', do_shortcode( '[belong_choices]' ), 'a guest has nothing to choose' );
		Pushed::signed_in( Pushed::member() );
		$drawn = do_shortcode( '[belong_choices]' );
		$this->assertStringContainsString( 'What others see of you', $drawn );
		$this->assertSame( 1, substr_count( $drawn, '<section' ) );
		$this->assertSame( 1, substr_count( do_shortcode( '[belong_points]' ), 'What others see of you' ) );
		Pushed::signed_in( Pushed::member( array( 'status' => 'left' ) ), 'lee' );
		$this->assertSame( '', do_shortcode( '[belong_choices]' ) );
	}

	public function test_attributes_of_a_shortcode_are_never_written(): void {
		Pushed::signed_in( Pushed::member() );
		$this->assertStringNotContainsString( 'evil', do_shortcode( '[belong_balance class="evil" user_id="1" title=\'evil\']evil[/belong_balance]' ) );
	}

	public function test_what_is_thrown_while_drawing_leaves_the_page_as_it_was(): void {
		Pushed::signed_in( Pushed::member() );
		add_filter( 'gettext', static function ( $text ) {
			if ( 'Your balance' === $text ) {
				throw new \RuntimeException( 'broken' );
			}
			return $text;
		} );
		$depth = ob_get_level();
		$this->assertSame( 'before  after', do_shortcode( 'before [belong_balance] after' ) );
		$this->assertSame( $depth, ob_get_level() );
		$this->assertCount( 1, $this->logged() );
	}

	private function page(): string {
		ob_start();
		do_action( 'woocommerce_account_' . Endpoint::SLUG . '_endpoint', '' );
		return (string) ob_get_clean();
	}

	private function text( string $html ): string {
		return html_entity_decode( preg_replace( '/\s+/', ' ', wp_strip_all_tags( $html ) ), ENT_QUOTES );
	}
}
