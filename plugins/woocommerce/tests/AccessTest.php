<?php
/**
 * Every way in, asked of WordPress itself: a new one that is not in these tables fails here.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Admin\Actions;
use Belong\Admin\Console;

final class AccessTest extends ConnectedTestCase {

	const ROLES = array( '', 'subscriber', 'customer', 'contributor', 'shop_manager', 'administrator' );

	// Who may ask; of the rest a signature alone proves the service, and no user is it.
	const SIGNED_IN = array( 'subscriber', 'customer', 'contributor', 'shop_manager', 'administrator' );
	const SHOP      = array( 'shop_manager', 'administrator' );
	const NOBODY    = array();

	const ROUTES = array(
		'POST /belong/v1/snapshots'                             => self::NOBODY,
		'POST /belong/v1/removals'                              => self::NOBODY,
		'POST /belong/v1/shown'                                 => self::NOBODY,
		'POST /belong/v1/programme'                             => self::NOBODY,
		'POST /belong/v1/state'                                 => self::NOBODY,
		'GET /belong/v1/me/choices'                             => self::SIGNED_IN,
		'POST /belong/v1/me/choices'                            => self::SIGNED_IN,
		'GET /belong/v1/admin/order/(?P<id>\d{1,18})'           => self::SHOP,
		'GET /belong/v1/admin/customer/(?P<id>\d{1,18})'        => self::SHOP,
		'POST /belong/v1/admin/customer/(?P<id>\d{1,18})/adjust' => self::SHOP,
	);

	/** @return array[] */
	public static function visitors(): array {
		$rows = array();
		foreach ( self::ROUTES as $route => $allowed ) {
			foreach ( self::ROLES as $role ) {
				$rows[ $route . ' ' . ( '' === $role ? 'visitor' : $role ) ] = array( $route, $role, in_array( $role, $allowed, true ) );
			}
		}
		return $rows;
	}

	/** @dataProvider visitors */
	public function test_who_gets_in( string $route, string $role, bool $may ): void {
		new ServiceDouble();
		$order = $this->an_order();
		$this->sign_in( $role );
		list( $method, $path ) = explode( ' ', $route );
		$request = new \WP_REST_Request( $method, str_replace( '(?P<id>\d{1,18})', (string) ( strpos( $path, 'order' ) ? $order->get_id() : 1 ), $path ) );
		$request->set_body_params( array( 'points' => 1, 'reason' => 'x', 'key' => 'abcdefgh-12345678', 'choice' => 'badge' ) );
		$status = rest_do_request( $request )->get_status();
		$this->assertSame( $may, ! in_array( $status, array( 401, 403 ), true ), (string) $status );
	}

	public function test_there_is_no_other_route(): void {
		$found = array();
		foreach ( rest_get_server()->get_routes( 'belong/v1' ) as $path => $handlers ) {
			foreach ( '/belong/v1' === $path ? array() : $handlers as $handler ) {
				foreach ( array_keys( $handler['methods'] ) as $method ) {
					$found[] = $method . ' ' . $path;
				}
				$this->assertIsCallable( $handler['permission_callback'] );
				$this->assertNotSame( '__return_true', $handler['permission_callback'] );
			}
		}
		$this->assertEqualsCanonicalizing( array_keys( self::ROUTES ), $found );
	}

	/** Each of these is tried with every role in AdminTest and ConsoleTest. */
	public function test_there_is_no_other_form_and_none_for_visitors(): void {
		global $wp_filter;
		$known = array( 'admin_post_' . Console::ACTION );
		foreach ( Actions::ALL as $form ) {
			$known[] = 'admin_post_' . Actions::hook( $form );
		}
		$found = array();
		foreach ( array_keys( $wp_filter ) as $hook ) {
			if ( preg_match( '/\A(admin_post_|wp_ajax_|wc_ajax_|woocommerce_api_|admin_action_)/', $hook ) && false !== strpos( $hook, 'belong' ) ) {
				$found[] = $hook;
			}
		}
		$this->assertEqualsCanonicalizing( $known, $found );
	}

	public function test_no_shortcode_is_run_that_a_request_names(): void {
		$files = new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( dirname( __DIR__ ) . '/src', \FilesystemIterator::SKIP_DOTS ) );
		foreach ( $files as $file ) {
			$this->assertDoesNotMatchRegularExpression( '/\b(do_shortcode|call_user_func\(\s*\$_)/', (string) file_get_contents( $file->getPathname() ), $file->getPathname() );
		}
	}

	public function test_nobody_is_given_a_capability(): void {
		global $wp_filter;
		foreach ( array( 'user_has_cap', 'map_meta_cap' ) as $hook ) {
			foreach ( isset( $wp_filter[ $hook ] ) ? $wp_filter[ $hook ]->callbacks : array() as $listeners ) {
				foreach ( array_column( $listeners, 'function' ) as $listener ) {
					$file = $listener instanceof \Closure ? ( new \ReflectionFunction( $listener ) )->getFileName() : '';
					$this->assertStringNotContainsString( 'belong', (string) $file );
				}
			}
		}
		$this->addToAssertionCount( 1 );
	}
}
