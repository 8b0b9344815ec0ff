<?php
/**
 * Every way in, asked of WordPress itself: a new one that is not in these tables fails here.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;
use Automattic\WooCommerce\StoreApi\StoreApi;
use Belong\Account\Placing;
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
		'GET /belong/v1/me/place'                               => self::SIGNED_IN,
		'POST /belong/v1/me/rewards'                            => self::SIGNED_IN,
		'GET /belong/v1/admin/order/(?P<id>\d{1,18})'           => self::SHOP,
		'GET /belong/v1/admin/customer/(?P<id>\d{1,18})'        => self::SHOP,
		'POST /belong/v1/admin/customer/(?P<id>\d{1,18})/adjust' => self::SHOP,
	);

	const READERS = array( 'Admin/ImportForms.php', 'Admin/Console.php', 'Admin/Actions.php', 'Redeeming/Posted.php', 'Redeeming/TakingPosted.php', 'Account/Posted.php', 'Account/Invited.php' );

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
		$known = array( 'admin_post_' . Console::ACTION );
		foreach ( Actions::ALL as $form ) {
			$known[] = 'admin_post_' . Actions::hook( $form );
		}
		$found = preg_grep( '/\A(admin_post_|wp_ajax_|wc_ajax_|woocommerce_api_|admin_action_|load-|parse_request|xmlrpc)/', $this->listened_to() );
		$this->assertEqualsCanonicalizing( $known, array_values( $found ) );
	}

	/**
	 * A form needs no hook of its own. AdminTest and ConsoleTest try these in Admin with every role; of the others the
	 * tests are RedeemPanelTest, TakingTest, ChoicesTest and InvitedTest.
	 */
	public function test_requests_are_read_nowhere_else(): void {
		$found = array();
		foreach ( $this->sources() as $path => $text ) {
			if ( preg_match( '/\$_(POST|GET|REQUEST|COOKIE|FILES|SERVER)\b|filter_input|php:\/\/input/', $text ) ) {
				$found[] = $path;
			}
		}
		$this->assertEqualsCanonicalizing( self::READERS, $found );
	}

	/** RedeemBlocksTest tries the one way in as guest and as member; what is shown is of whoever is signed in. */
	public function test_there_is_no_other_extension_of_the_store_api(): void {
		$schema = StoreApi::container()->get( ExtendSchema::class );
		$known  = array();
		foreach ( array( 'extensions', 'callbacks' ) as $name ) {
			$property = new \ReflectionProperty( $schema, $name );
			PHP_VERSION_ID < 80100 && $property->setAccessible( true );
			$known[ $name ] = $property->getValue( $schema );
		}
		$this->assertSame( array( 'cart' => array( 'belong' ) ), array_map( 'array_keys', $known['extensions'] ) );
		$this->assertSame( array( 'belong' ), array_keys( $known['callbacks'] ) );
	}

	/** They take no number of a member: each shows whoever is signed in, or what anybody may know. */
	public function test_there_is_no_other_shortcode(): void {
		global $shortcode_tags;
		$known = array();
		foreach ( Placing::names() as $name ) {
			$known[] = Placing::SHORTCODE . $name;
		}
		$found = preg_grep( '/belong/', array_keys( $shortcode_tags ) );
		$this->assertEqualsCanonicalizing( $known, array_values( $found ) );
		$user_id = Pushed::customer( Pushed::member(), 'kim' );
		foreach ( $known as $tag ) {
			foreach ( array( 'user', 'user_id', 'id', 'customer', 'member' ) as $word ) {
				$this->assertStringNotContainsString( '1,240', do_shortcode( "[$tag $word=\"$user_id\"]" ) );
			}
		}
	}

	public function test_no_shortcode_is_run_that_a_request_names(): void {
		foreach ( $this->sources() as $path => $text ) {
			$this->assertDoesNotMatchRegularExpression( '/\b(do_shortcode|call_user_func(_array)?\(\s*\$_)/', $text, $path );
		}
	}

	public function test_nobody_is_given_a_capability(): void {
		$hooks = $this->listened_to();
		$this->assertContains( 'woocommerce_new_order', $hooks );
		$this->assertSame( array(), array_intersect( array( 'user_has_cap', 'map_meta_cap', 'determine_current_user', 'role_has_cap', 'editable_roles' ), $hooks ) );
		foreach ( $this->sources() as $path => $text ) {
			$this->assertDoesNotMatchRegularExpression( '/\b(add_cap|add_role|set_role|grant_super_admin|wp_set_current_user|wp_set_auth_cookie)\s*\(/', $text, $path );
		}
	}

	/** @return string[] hooks that anything in our files listens to */
	private function listened_to(): array {
		global $wp_filter;
		$ours = realpath( WP_PLUGIN_DIR . '/belong-for-woocommerce' );
		$this->assertNotFalse( $ours );
		$hooks = array();
		foreach ( $wp_filter as $hook => $by_priority ) {
			foreach ( array_merge( array(), ...$by_priority->callbacks ) as $listener ) {
				if ( 0 === strpos( (string) realpath( self::file_of( $listener['function'] ) ), $ours . DIRECTORY_SEPARATOR ) ) {
					$hooks[] = (string) $hook;
				}
			}
		}
		return array_values( array_unique( $hooks ) );
	}

	/** @param callable $listener As WordPress keeps it. */
	private static function file_of( $listener ): string {
		if ( $listener instanceof \Closure || ( is_string( $listener ) && function_exists( $listener ) ) ) {
			return (string) ( new \ReflectionFunction( $listener ) )->getFileName();
		}
		$class = is_array( $listener ) ? $listener[0] : ( is_string( $listener ) ? strtok( $listener, ':' ) : $listener );
		return is_object( $class ) || class_exists( $class, false ) ? (string) ( new \ReflectionClass( $class ) )->getFileName() : '';
	}

	/** @return string[] text by path below src */
	private function sources(): array {
		$folder = WP_PLUGIN_DIR . '/belong-for-woocommerce/src/';
		$texts  = array();
		foreach ( new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( $folder, \FilesystemIterator::SKIP_DOTS ) ) as $file ) {
			$texts[ substr( $file->getPathname(), strlen( $folder ) ) ] = (string) file_get_contents( $file->getPathname() );
		}
		$this->assertArrayHasKey( 'Hooks.php', $texts );
		return $texts;
	}
}
