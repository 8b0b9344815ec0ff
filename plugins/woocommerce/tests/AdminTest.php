<?php
/**
 * The page, its forms, and who may use them.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use ActionQueue;
use Belong\Admin\Actions;
use Belong\Admin\Notices;
use Belong\Admin\Outcome;
use Belong\Admin\Page;
use Belong\Admin\SiteHealth;
use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\RestKey;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Uninstall;
use Belong\Wake;

final class AdminTest extends ShopTestCase {

	const FORMS = array( 'connect', 'disconnect', 'moved', 'copy', 'try_again', 'options', 'dismiss', 'import_look', 'import_book', 'import_take_back', 'import_go_on', 'import_forget', 'import_list' );

	protected function setUp(): void {
		parent::setUp();
		$handler = static function () {
			return static function ( $message, $title, $arguments ) {
				throw new \DomainException( 'died ' . ( $arguments['response'] ?? 500 ) );
			};
		};
		add_filter( 'wp_die_handler', $handler );
		add_filter(
			'wp_redirect',
			static function ( $where ) {
				throw new \DomainException( 'led to ' . $where );
			}
		);
	}

	protected function tearDown(): void {
		$_POST    = array();
		$_REQUEST = array();
		parent::tearDown();
	}

	public function test_every_form_is_tried_here(): void {
		$this->assertSame( self::FORMS, Actions::ALL );
		foreach ( self::FORMS as $form ) {
			$this->assertTrue( has_action( 'admin_post_belong_' . $form ), $form );
			$this->assertFalse( has_action( 'admin_post_nopriv_belong_' . $form ), $form );
		}
	}

	/**
	 * Who may not manage the shop changes nothing, nonce or not.
	 *
	 * @dataProvider roles
	 */
	public function test_only_who_manages_the_shop_may( string $role, bool $may, string $form ): void {
		new ServiceDouble( array( 200, array() ), array( 200, array() ) );
		$before = ServiceDouble::connect();
		$this->sign_in( $role );
		$does = 'import_list' === $form ? 'gave customer_id,email,' : 'led to ';
		$this->assertStringStartsWith( $may ? $does : 'died 403', $this->submit( $form ) );
		if ( ! $may ) {
			$this->assertSame( $before->id(), Connection::kept()->id() );
			$this->assertFalse( get_option( Uninstall::OPT_IN ) );
		}
	}

	public function roles(): array {
		$rows = array();
		foreach ( array( '', 'subscriber', 'customer', 'contributor', 'shop_manager', 'administrator' ) as $role ) {
			foreach ( self::FORMS as $form ) {
				$rows[ ( '' === $role ? 'visitor' : $role ) . ' ' . $form ] = array( $role, in_array( $role, array( 'shop_manager', 'administrator' ), true ), $form );
			}
		}
		return $rows;
	}

	/**
	 * Whoever lures an owner onto a page changes nothing.
	 *
	 * @dataProvider forms
	 */
	public function test_without_its_own_nonce_no_form_does_anything( string $form ): void {
		$double = new ServiceDouble();
		$before = ServiceDouble::connect();
		$this->sign_in( 'administrator' );
		$other = 'options' === $form ? 'connect' : 'options';
		foreach ( array( '', 'x', wp_create_nonce( Actions::hook( $other ) ) ) as $nonce ) {
			$this->assertSame( 'died 403', $this->submit( $form, array(), $nonce ) );
		}
		$this->assertSame( $before->id(), Connection::kept()->id() );
		$this->assertSame( array(), $double->requests );
	}

	public function forms(): array {
		return array_map(
			static function ( $form ) {
				return array( $form );
			},
			self::FORMS
		);
	}

	public function test_the_page_is_shown_to_who_manages_the_shop_alone(): void {
		foreach ( array( 'subscriber', 'customer', 'contributor' ) as $role ) {
			$this->sign_in( $role );
			$this->assertSame( '', $this->page() );
		}
		$this->sign_in( 'shop_manager' );
		$this->assertStringContainsString( 'Connect this shop', $this->page() );
	}

	public function test_a_shop_is_connected_from_the_page(): void {
		$service = new PairingDouble();
		$this->sign_in( 'shop_manager' );
		$this->submit( 'connect', array( 'code' => wp_slash( " \n" . chunk_split( $service->code(), 60, "\n" ) ) ) );
		$this->assertTrue( Connection::kept()->is_open() );
		$page = $this->page();
		$this->assertStringContainsString( 'This shop is connected to Leaves.', $page );
		$this->assertStringContainsString( 'role="status"', $page );
		$this->assertStringContainsString( 'https://points.example/sub', $page );
		$this->assertStringNotContainsString( 'This shop is connected to', $this->page(), 'it is said once' );
	}

	public function test_no_secret_is_ever_on_the_page_or_in_site_health(): void {
		$service = new PairingDouble();
		$this->sign_in( 'administrator' );
		$this->submit( 'connect', array( 'code' => $service->code() ) );
		$shown = $this->page() . wp_json_encode( apply_filters( 'debug_information', array() ) );
		foreach ( array_merge( array( base64_encode( $service->to_service ), base64_encode( $service->to_shop ) ), array_values( $service->rest_key ) ) as $secret ) {
			$this->assertStringNotContainsString( $secret, $shown );
		}
	}

	public function test_a_wrong_code_is_said_in_words_and_read_out(): void {
		$this->sign_in( 'administrator' );
		$this->submit( 'connect', array( 'code' => 'BELONG1.abc' ) );
		$page = $this->page();
		$this->assertStringContainsString( 'not a whole pairing code', $page );
		$this->assertStringContainsString( 'role="alert"', $page );
		$this->assertStringContainsString( 'aria-invalid', $page );
	}

	public function test_http_is_asked_about(): void {
		$service          = new PairingDouble();
		$service->address = 'http://points.example';
		$this->sign_in( 'administrator' );
		$code = $service->code();
		$this->assertStringNotContainsString( 'open_too', $this->page() );
		$this->submit( 'connect', array( 'code' => $code ) );
		$this->assertStringContainsString( 'open_too', $this->page() );
		$fields = array(
			'code'     => $code,
			'open_too' => 'yes',
		);
		$this->submit( 'connect', $fields );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_disconnecting_tells_the_service_and_deletes_keys_on_this_side_whatever_comes(): void {
		foreach ( array( true, false ) as $is_there ) {
			$double = new ServiceDouble( $is_there ? array( 200, array() ) : null );
			$made   = RestKey::make( 1 );
			ServiceDouble::connect( array( 'rest_key' => $made['row'] ) );
			wp_set_current_user( 1 );
			as_enqueue_async_action( Wake::DRAIN, array(), Wake::GROUP, true );
			$this->submit( 'disconnect' );
			$this->assertStringEndsWith( '/v1/store/disconnect', $double->requests[0]['url'] );
			$this->assertFalse( Connection::kept()->is_connected() );
			$this->assertSame( array(), Connection::kept()->secrets_to_shop() );
			$this->assertSame( 0, \ShopKeys::user_of( $made['plain']['consumer_key'], $made['plain']['consumer_secret'] ) );
			$this->assertNotContains( 'pending', ActionQueue::statuses( Wake::DRAIN ) );
			$this->assertStringContainsString( $is_there ? 'is disconnected.' : 'could not be told', Outcome::take()['text'] );
			remove_all_filters( 'pre_http_request' );
		}
	}

	public function test_a_copy_forgets_without_a_word_to_the_service(): void {
		$double = new ServiceDouble();
		$made   = RestKey::make( 1 );
		ServiceDouble::connect(
			array(
				'rest_key' => $made['row'],
				'site'     => hash( 'sha256', 'https://original.example' ),
			)
		);
		$this->sign_in( 'administrator' );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->assertStringContainsString( 'is this a copy?', $this->page() );
		$this->assertStringNotContainsString( 'Disconnect now', $this->page() );
		$this->submit( 'disconnect' );
		$this->assertTrue( Connection::kept()->is_connected(), 'in a copy that would end the original' );
		$this->submit( 'copy' );
		$this->assertFalse( Connection::kept()->is_connected() );
		$this->assertSame( array(), $double->requests );
		$this->assertSame( array(), $this->marked() );
		$this->assertSame( 0, \ShopKeys::user_of( $made['plain']['consumer_key'], $made['plain']['consumer_secret'] ) );
	}

	public function test_a_shop_that_has_moved_says_so_and_goes_on(): void {
		$answer = array(
			'reachable' => false,
			'problem'   => 'Nobody answers.',
		);
		$double = new ServiceDouble( null, array( 200, $answer ) );
		ServiceDouble::connect( array( 'site' => hash( 'sha256', 'https://old.example' ) ) );
		$this->sign_in( 'administrator' );
		$this->submit( 'moved' );
		$this->assertTrue( Connection::kept()->is_other_site() );
		$this->submit( 'moved' );
		$this->assertTrue( Connection::kept()->is_open() );
		$this->assertFalse( Connection::kept()->is_reachable() );
		$this->assertSame( 'https://shop.example', json_decode( $double->requests[1]['body'], true )['site'] );
		$this->assertStringContainsString( 'Nobody answers.', $this->page() );
	}

	public function test_where_the_service_says_other_site_the_owner_is_asked(): void {
		new ServiceDouble( array( 200, array( 'reachable' => true ) ) );
		ServiceDouble::connect()->stop( Connection::OTHER_SITE );
		$this->sign_in( 'administrator' );
		$this->assertStringContainsString( 'is this a copy?', $this->page() );
		$this->submit( 'moved' );
		$this->assertTrue( Connection::kept()->is_open() );
	}

	public function test_what_was_stopped_is_tried_again(): void {
		new ServiceDouble( array( 401, array( 'code' => 'wrong-signature' ) ), array( 200, array() ) );
		ServiceDouble::connect()->stop( Connection::REFUSED );
		$this->sign_in( 'administrator' );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->assertStringContainsString( 'Try again', $this->page() );
		$this->submit( 'try_again' );
		$this->assertSame( Connection::REFUSED, Connection::kept()->stopped() );
		$this->submit( 'try_again' );
		$this->assertTrue( Connection::kept()->is_open() );
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
	}

	public function test_the_opt_in_is_kept_and_taken_back(): void {
		$this->sign_in( 'administrator' );
		$this->submit( 'options', array( 'delete_all' => 'yes' ) );
		$this->assertSame( 'yes', get_option( Uninstall::OPT_IN ) );
		$this->assertMatchesRegularExpression( "/name=\"delete_all\"[^>]*checked/", $this->page() );
		$this->submit( 'options' );
		$this->assertSame( 'no', get_option( Uninstall::OPT_IN ) );
	}

	public function test_a_notice_is_shown_where_the_shop_is_managed_until_it_is_put_away(): void {
		require_once ABSPATH . 'wp-admin/includes/class-wp-screen.php';
		require_once ABSPATH . 'wp-admin/includes/screen.php';
		$this->sign_in( 'administrator' );
		$screens = array(
			'woocommerce_page_wc-orders'   => true,
			'woocommerce_page_wc-settings' => true,
			'edit-product'                 => true,
			'dashboard'                    => false,
			'plugins'                      => false,
			'woocommerce_page_belong'      => false,
		);
		ServiceDouble::connect();
		set_current_screen( 'woocommerce_page_wc-orders' );
		$this->assertSame( '', $this->notice() );
		Connection::kept()->stop( Connection::REFUSED );
		foreach ( $screens as $screen => $is_shown ) {
			set_current_screen( $screen );
			$this->assertSame( $is_shown, '' !== $this->notice(), $screen );
		}
		set_current_screen( 'edit-product' );
		$this->submit( 'dismiss' );
		$this->assertSame( '', $this->notice() );
		Connection::kept()->stop( Connection::NOT_CONNECTED );
		$this->assertNotSame( '', $this->notice(), 'something else is wrong' );
		$this->sign_in( 'contributor' );
		$this->assertSame( '', $this->notice() );
		$GLOBALS['current_screen'] = null;
	}

	public function test_site_health_looks_at_what_is_known(): void {
		$double = new ServiceDouble();
		$this->assertArrayHasKey( SiteHealth::NAME, apply_filters( 'site_status_tests', array( 'direct' => array() ) )['direct'] );
		$health = new SiteHealth();
		$this->assertSame( 'good', $health->test()['status'] );
		ServiceDouble::connect();
		$this->assertSame( 'good', $health->test()['status'] );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		Health::failed( 'nobody' );
		$this->assertSame( 'good', $health->test()['status'] );
		$this->make_old();
		$this->assertSame( 'recommended', $health->test()['status'] );
		$this->assertStringContainsString( 'did not answer', $health->test()['description'] );
		Connection::kept()->stop( Connection::REFUSED );
		$this->assertSame( 'critical', $health->test()['status'] );
		$this->assertSame( array(), $double->requests );
	}

	public function test_a_tool_sends_everything_now(): void {
		$tool = apply_filters( 'woocommerce_debug_tools', array() )['belong_send_now'];
		$this->assertSame( array( 'name', 'button', 'desc', 'callback' ), array_keys( $tool ) );
		$this->assertStringContainsString( 'Nothing can be sent', call_user_func( $tool['callback'] ) );
		ServiceDouble::connect();
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$this->make_old( 'next_at', 7200 );
		$before = did_action( 'belong_send_now' );
		call_user_func( $tool['callback'] );
		$this->assertLessThanOrEqual( gmdate( 'Y-m-d H:i:s' ), $this->row( 'order', 5 )->next_at );
		$this->assertSame( array( 'pending' ), ActionQueue::statuses( Wake::DRAIN ) );
		$this->assertSame( 1, did_action( 'belong_send_now' ) - $before );
	}

	public function test_health_says_what_the_owner_wants_to_know(): void {
		ServiceDouble::connect( array( 'is_reachable' => false, 'problem' => 'A firewall.' ) );
		$this->sign_in( 'administrator' );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		Health::succeeded();
		Health::failed( 'busy' );
		Health::learn_clock( gmdate( 'D, d M Y H:i:s', time() - 420 ) . ' GMT' );
		$page = $this->page();
		foreach ( array( 'Leaves', 'A firewall.', '1 change, since', 'is busy', 'fast. Calls allow for that', 'PHP ' . PHP_VERSION ) as $text ) {
			$this->assertStringContainsString( $text, $page );
		}
	}

	/** How the form ends: "died 403", "led to ..." or "gave ...", a file. */
	private function submit( string $form, array $fields = array(), ?string $nonce = null ): string {
		$_POST    = $fields + array( Actions::NONCE => $nonce ?? wp_create_nonce( Actions::hook( $form ) ) );
		$_REQUEST = $_POST;
		ob_start();
		try {
			( new Actions() )->run( $form );
			return 'gave ' . ob_get_contents();
		} catch ( \DomainException $end ) {
			return $end->getMessage();
		} finally {
			ob_end_clean();
		}
	}

	private function page(): string {
		ob_start();
		( new Page() )->show();
		return (string) ob_get_clean();
	}

	private function notice(): string {
		ob_start();
		( new Notices() )->show();
		return (string) ob_get_clean();
	}

	private function make_old( string $column = 'created_at', int $seconds = -7200 ): void {
		global $wpdb;
		$wpdb->query( $wpdb->prepare( 'UPDATE %i SET %i = %s', \Belong\Schema::outbox(), $column, gmdate( 'Y-m-d H:i:s', time() + $seconds ) ) );
	}
}
