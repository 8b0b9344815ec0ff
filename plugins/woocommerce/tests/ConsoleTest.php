<?php
/**
 * The console out of wp-admin: who may open it, what the service hears of them, and where they are led.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Admin\Actions;
use Belong\Admin\Console;
use Belong\Admin\Page;
use Belong\Connection\Connection;

final class ConsoleTest extends ShopTestCase {

	const TOKEN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_01234';

	protected function setUp(): void {
		parent::setUp();
		$handler = static function () {
			return static function ( $message, $title, $arguments ) {
				throw new \DomainException( 'died ' . ( $arguments['response'] ?? 500 ) . ' ' . $message );
			};
		};
		add_filter( 'wp_die_handler', $handler );
		add_filter(
			'wp_redirect',
			static function ( $where, $status ) {
				throw new \DomainException( "led to $where with $status" );
			},
			10,
			2
		);
	}

	protected function tearDown(): void {
		$_GET     = array();
		$_REQUEST = array();
		parent::tearDown();
	}

	/** @dataProvider roles */
	public function test_managers_and_administrators_alone_open_it( string $role, string $as ): void {
		$double = new ServiceDouble( array( 200, array( 'url' => self::entrance() ) ) );
		ServiceDouble::connect();
		$this->sign_in( $role );
		$said = $this->open();
		if ( '' === $as ) {
			$this->assertStringStartsWith( 'died 403', $said );
			$this->assertSame( array(), $double->requests );
			$this->assertSame( '', $this->page() );
			return;
		}
		$this->assertSame( 'led to ' . self::entrance() . ' with 303', $said );
		$this->assertSame( $as, json_decode( $double->requests[0]['body'], true )['role'] );
		$this->assertStringContainsString( '<iframe title="Console of Belong"', $this->page() );
	}

	public function roles(): array {
		return array(
			'visitor'       => array( '', '' ),
			'subscriber'    => array( 'subscriber', '' ),
			'customer'      => array( 'customer', '' ),
			'contributor'   => array( 'contributor', '' ),
			'shop manager'  => array( 'shop_manager', 'manager' ),
			'administrator' => array( 'administrator', 'owner' ),
		);
	}

	public function test_the_service_hears_who_comes_signed_for_this_purpose(): void {
		$double = new ServiceDouble( array( 200, array( 'url' => self::entrance() ) ) );
		ServiceDouble::connect();
		$id = $this->sign_in( 'administrator' );
		wp_update_user(
			array(
				'ID'           => $id,
				'display_name' => 'Ada <b>L</b>',
				'locale'       => 'de_DE',
			)
		);
		wp_set_current_user( 0 );
		wp_set_current_user( $id );
		$this->open( '/orders/5123' );
		$request = $double->requests[0];
		$this->assertSame( ServiceDouble::ADDRESS . '/v1/store/handover', $request['url'] );
		$this->assertStringStartsWith( 'handover_', $request['headers']['webhook-id'] );
		$expected = array(
			'user'     => 'wp:' . $id,
			'name'     => 'Ada L',
			'role'     => 'owner',
			'language' => 'de-DE',
			'page'     => '/console/orders/5123',
			'admin'    => admin_url(),
		);
		$this->assertSame( $expected, json_decode( $request['body'], true ) );
	}

	public function test_without_its_nonce_nobody_is_handed_over(): void {
		$double = new ServiceDouble();
		ServiceDouble::connect();
		$this->sign_in( 'administrator' );
		foreach ( array( '', 'x', wp_create_nonce( Actions::hook( 'options' ) ) ) as $nonce ) {
			$this->assertStringStartsWith( 'died 403', $this->open( '', $nonce ) );
		}
		$this->assertSame( array(), $double->requests );
	}

	/** @dataProvider wrong_addresses */
	public function test_nobody_is_led_anywhere_else( $url ): void {
		new ServiceDouble( array( 200, array( 'url' => $url ) ) );
		ServiceDouble::connect();
		$this->sign_in( 'administrator' );
		$this->assertStringStartsWith( 'died 503', $this->open() );
	}

	public function wrong_addresses(): array {
		return array(
			'none'           => array( null ),
			'no text'        => array( array( self::entrance() ) ),
			'another host'   => array( 'https://evil.example/console/enter/' . self::TOKEN ),
			'a longer host'  => array( 'https://points.example.evil.example/sub/console/enter/' . self::TOKEN ),
			'another path'   => array( ServiceDouble::ADDRESS . '/x/console/enter/' . self::TOKEN ),
			'another scheme' => array( 'javascript:alert(1)' ),
			'a short token'  => array( ServiceDouble::ADDRESS . '/console/enter/abc' ),
			'two lines'      => array( self::entrance() . "\n" ),
		);
	}

	public function test_a_service_that_is_down_is_said_kindly(): void {
		new ServiceDouble( null );
		ServiceDouble::connect();
		$this->sign_in( 'shop_manager' );
		$said = $this->open();
		$this->assertStringStartsWith( 'died 503', $said );
		$this->assertStringContainsString( 'Your shop goes on as before.', $said );
	}

	public function test_showing_the_page_asks_nobody(): void {
		$double = new ServiceDouble();
		ServiceDouble::connect();
		$this->sign_in( 'shop_manager' );
		$page = $this->page( '/customers/17' );
		$this->assertSame( array(), $double->requests );
		$this->assertSame( 2, substr_count( $page, 'at=%2Fcustomers%2F17' ) );
		$this->assertStringContainsString( esc_url( Page::url() ), $page );
		$this->assertStringContainsString( esc_url( Console::url() ), $this->settings() );
	}

	public function test_other_screens_lead_who_may_go_there(): void {
		ServiceDouble::connect();
		foreach ( array( 'customer' => 0, 'shop_manager' => 1 ) as $role => $count ) {
			$this->sign_in( $role );
			ob_start();
			Console::link( '/orders/5123' );
			$this->assertSame( $count, substr_count( (string) ob_get_clean(), esc_url( Console::url( '/orders/5123' ) ) ) );
		}
	}

	/** @dataProvider odd_pages */
	public function test_only_pages_of_the_console_are_asked_for( string $at ): void {
		$double = new ServiceDouble( array( 200, array( 'url' => self::entrance() ) ) );
		ServiceDouble::connect();
		$this->sign_in( 'administrator' );
		$this->open( $at );
		$this->assertSame( '/console/home', json_decode( $double->requests[0]['body'], true )['page'] );
		$this->assertStringNotContainsString( 'evil', $this->page( $at ) );
	}

	public function odd_pages(): array {
		return array(
			array( '' ),
			array( '//evil.example' ),
			array( '/../evil' ),
			array( '/evil?x=1' ),
			array( "/evil\n" . 'Location: x' ),
			array( '"><script>evil' ),
			array( 'evil' ),
		);
	}

	/** @dataProvider places */
	public function test_there_is_a_frame_where_a_browser_keeps_its_cookie( string $service, string $admin, bool $is ): void {
		$this->assertSame( $is, Console::is_framable( $service, $admin ) );
	}

	public function places(): array {
		return array(
			'both with https'   => array( 'https://points.example', 'https://shop.example/wp-admin/', true ),
			'the shop without'  => array( 'https://points.example', 'http://shop.example/wp-admin/', true ),
			'on one host'       => array( 'http://localhost:8080', 'http://localhost/wp-admin/', true ),
			'on two hosts'      => array( 'http://points.local', 'http://shop.local/wp-admin/', false ),
			'in an https page'  => array( 'http://localhost:8080', 'https://localhost/wp-admin/', false ),
			'no address at all' => array( '', 'http://shop.local/wp-admin/', false ),
		);
	}

	public function test_where_no_frame_works_there_is_a_link(): void {
		ServiceDouble::connect( array( 'service' => 'http://points.local' ) );
		$this->sign_in( 'shop_manager' );
		$page = $this->page();
		$this->assertStringNotContainsString( '<iframe', $page );
		$this->assertStringContainsString( 'button button-primary', $page );
		$this->assertStringContainsString( 'rel="noopener"', $page );
	}

	public function test_a_shop_that_is_not_connected_has_none(): void {
		global $submenu;
		$this->sign_in( 'administrator' );
		Connection::forget();
		$submenu = array(); // phpcs:ignore WordPress.WP.GlobalVariablesOverride.Prohibited -- what the menu holds.
		( new Console() )->add();
		$this->assertSame( array(), $submenu );
		ServiceDouble::connect();
		( new Console() )->add();
		$this->assertSame( Console::SLUG, $submenu['woocommerce'][0][2] );
		$this->assertTrue( has_action( 'admin_post_belong_console' ) );
		$this->assertTrue( has_filter( 'allowed_redirect_hosts' ) );
		$this->assertSame( admin_url(), wp_validate_redirect( ServiceDouble::ADDRESS, admin_url() ), 'nobody is led there' );
		$this->assertFalse( has_action( 'admin_post_nopriv_belong_console' ) );
	}

	private static function entrance(): string {
		return ServiceDouble::ADDRESS . '/console/enter/' . self::TOKEN;
	}

	private function open( string $at = '', ?string $nonce = null ): string {
		$_GET     = array(
			'at'           => wp_slash( $at ),
			Actions::NONCE => $nonce ?? wp_create_nonce( Console::ACTION ),
		);
		$_REQUEST = $_GET;
		// As Hooks does; but its Guard would keep what is thrown here.
		$console = new Console();
		add_filter( 'allowed_redirect_hosts', array( $console, 'allow_the_service' ) );
		try {
			$console->open();
		} catch ( \DomainException $end ) {
			return $end->getMessage();
		}
		return '';
	}

	private function page( string $at = '' ): string {
		$_GET = array( 'at' => wp_slash( $at ) );
		ob_start();
		( new Console() )->show();
		return (string) ob_get_clean();
	}

	private function settings(): string {
		ob_start();
		( new Page() )->show();
		return (string) ob_get_clean();
	}
}
