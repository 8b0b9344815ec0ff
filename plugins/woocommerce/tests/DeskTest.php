<?php
/**
 * What people of the shop see and do of points in wp-admin, and who may.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Connection\Service;
use Belong\Connection\Signer;
use Belong\Desk\OrderBox;
use Belong\Desk\UserPanel;

final class DeskTest extends ConnectedTestCase {

	const KEY   = '0123456789abcdef0123456789abcdef';
	const EVIL  = '<img src=x onerror=alert(1)>"\'</script>';
	const ORDER = array(
		'state'    => 'pending',
		'language' => 'en',
		'points'   => 42,
		'lots'     => array(
			array(
				'points'       => 42,
				'left'         => 42,
				'is_available' => false,
				'matures_at'   => '2026-12-11T12:00:00Z',
				'ends_at'      => null,
			),
		),
		'entries'  => array(
			array(
				'at'          => '2026-11-27T12:00:00Z',
				'kind'        => 'earn',
				'points'      => 42,
				'why'         => 'For order 5123.',
				'calculation' => array( '42.00 EUR times 1' ),
				'not_fired'   => array( 'No double day.' ),
			),
		),
		'why_not'  => array(),
		'vouchers' => array(),
	);
	const DONE  = array(
		'state'     => 'done',
		'code'      => null,
		'problem'   => null,
		'numbers'   => array(),
		'available' => 1250,
		'pending'   => 0,
		'deficit'   => 0,
	);
	const DEED  = array(
		'points' => 50,
		'reason' => 'parcel came late',
		'key'    => self::KEY,
	);

	/**
	 * Everybody at everything: whoever may not is refused before anybody is asked.
	 *
	 * @dataProvider everybody
	 */
	public function test_who_may_ask_for_what( string $role, bool $may_see_orders, bool $may_see_customers, bool $may_adjust ): void {
		$order    = $this->an_order();
		$customer = $this->customer();
		$this->sign_in( $role );
		$asked = array(
			array( 'GET', $this->order_path( $order->get_id() ), $may_see_orders, self::ORDER ),
			array( 'GET', $this->customer_path( $customer ), $may_see_customers, array( 'member' => null ) ),
			array( 'POST', $this->customer_path( $customer ) . '/adjust', $may_adjust, self::DONE ),
		);
		foreach ( $asked as list( $method, $path, $may, $told ) ) {
			$service = new ServiceDouble( array( 200, $told ) );
			$answer  = $this->call( $method, $path, self::DEED );
			$this->assertSame( $may ? 200 : ( '' === $role ? 401 : 403 ), $answer->get_status(), "$role $path" );
			$this->assertCount( $may ? 1 : 0, $service->requests );
			remove_all_filters( 'pre_http_request' );
		}
	}

	public function everybody(): array {
		return array(
			'visitor'       => array( '', false, false, false ),
			'subscriber'    => array( 'subscriber', false, false, false ),
			'customer'      => array( 'customer', false, false, false ),
			'contributor'   => array( 'contributor', false, false, false ),
			'editor'        => array( 'editor', false, false, false ),
			'shop manager'  => array( 'shop_manager', true, true, true ),
			'administrator' => array( 'administrator', true, true, true ),
		);
	}

	public function test_a_cookie_without_its_nonce_moves_no_points(): void {
		$customer = $this->customer();
		$service  = new ServiceDouble();
		$this->sign_in( 'administrator' );
		$GLOBALS['wp_rest_auth_cookie'] = true;
		unset( $_REQUEST['_wpnonce'], $_SERVER['HTTP_X_WP_NONCE'] );
		rest_cookie_check_errors( null );
		$this->assertSame( 401, $this->call( 'POST', $this->customer_path( $customer ) . '/adjust', self::DEED )->get_status() );
		$this->assertSame( array(), $service->requests );
	}

	public function test_who_wrote_a_post_sees_no_order_of_its_number(): void {
		$service = new ServiceDouble();
		$author  = $this->sign_in( 'author' );
		$post    = wp_insert_post(
			array(
				'post_title'  => 'Mine',
				'post_author' => $author,
				'post_status' => 'draft',
			)
		);
		$this->assertSame( 403, $this->call( 'GET', $this->order_path( $post ) )->get_status() );
		$this->assertSame( array(), $service->requests );
	}

	public function test_what_is_no_order_or_customer_is_not_asked_for(): void {
		$service = new ServiceDouble();
		$this->sign_in( 'shop_manager' );
		$order  = $this->an_order();
		$refund = wc_create_refund(
			array(
				'order_id' => $order->get_id(),
				'amount'   => '1.00',
			)
		);
		foreach ( array( $this->order_path( 999999 ), $this->order_path( $refund->get_id() ), $this->customer_path( 999999 ) ) as $path ) {
			$this->assertSame( 404, $this->call( 'GET', $path )->get_status(), $path );
		}
		foreach ( array( '1%20OR%201=1', "1'", '1;DROP', '-1', '1.5', '0', str_repeat( '9', 40 ) ) as $id ) {
			$this->assertContains( $this->call( 'GET', '/belong/v1/admin/order/' . $id )->get_status(), array( 400, 404 ), $id );
		}
		$this->assertSame( array(), $service->requests );
	}

	public function test_an_order_is_told_in_words_and_asked_for_by_a_signed_call(): void {
		$service = new ServiceDouble( array( 200, self::ORDER ) );
		$this->sign_in( 'administrator' );
		$order = $this->an_order( 'processing', $this->customer() );
		$told  = $this->call( 'GET', $this->order_path( $order->get_id() ) )->get_data();
		$this->assertSame( '42 points, not yet to be used.', $told['summary'] );
		$this->assertSame( array( 'When', 'Why' ), array_column( $told['sections'], 'title' ) );
		$entry = $told['sections'][1]['items'][0];
		$this->assertSame( array( '+42', 'For order 5123.' ), array( $entry['number'], $entry['text'] ) );
		$this->assertSame( array( '42.00 EUR times 1', 'No double day.' ), $entry['more'] );
		$this->assertSame( 'Points of kim', $told['link']['text'] );
		$request = $service->requests[0];
		$this->assertSame( ServiceDouble::ADDRESS . '/v1/store/order', $request['url'] );
		$this->assertSame( '', Signer::problem( $request['headers'], 'order', $request['body'], array( ServiceDouble::TO_SERVICE ), time() ) );
		$this->assertSame(
			array(
				'id'       => (string) $order->get_id(),
				'language' => 'en-US',
			),
			json_decode( $request['body'], true )
		);
	}

	public function test_an_order_that_earned_nothing_says_why_first(): void {
		new ServiceDouble( array( 200, array( 'state' => 'nothing', 'entries' => array(), 'lots' => array(), 'why_not' => array( 'Paid with a gift card.' ) ) + self::ORDER ) );
		$this->sign_in( 'shop_manager' );
		$told = $this->call( 'GET', $this->order_path( $this->an_order()->get_id() ) )->get_data();
		$this->assertSame( 'This order earns no points.', $told['summary'] );
		$this->assertSame( array( array( 'text' => 'Paid with a gift card.' ) ), $told['sections'][0]['items'] );
		$this->assertArrayNotHasKey( 'link', $told );
	}

	/**
	 * Whatever comes instead of an answer.
	 *
	 * @dataProvider failures
	 */
	public function test_without_an_answer_a_kind_line_says_so( $answer ): void {
		$this->sign_in( 'shop_manager' );
		$order = $this->an_order();
		new ServiceDouble( $answer );
		$told = $this->call( 'GET', $this->order_path( $order->get_id() ) );
		$this->assertSame( 503, $told->get_status() );
		$this->assertStringContainsString( 'try again', $told->get_data()['message'] );
		$this->assertStringNotContainsString( 'points.example', wp_json_encode( $told->get_data() ) );
	}

	public function failures(): array {
		return array(
			'nobody'      => array( null ),
			'a login'     => array( array( 200, '<html>' ) ),
			'busy'        => array( array( 429, array() ) ),
			'our mistake' => array( array( 500, array() ) ),
			'older'       => array( array( 404, array( 'title' => 'Not Found' ) ) ),
		);
	}

	public function test_an_answer_of_other_shapes_breaks_nothing(): void {
		$this->sign_in( 'shop_manager' );
		$order = $this->an_order();
		foreach ( array( array(), array( 'lots' => 'x', 'entries' => array( 7 ), 'why_not' => array( array() ), 'points' => '42', 'state' => 7 ) ) as $body ) {
			new ServiceDouble( array( 200, $body ) );
			$this->assertSame( 200, $this->call( 'GET', $this->order_path( $order->get_id() ) )->get_status() );
			remove_all_filters( 'pre_http_request' );
		}
	}

	public function test_points_are_given_in_the_name_of_who_is_signed_in(): void {
		$customer = $this->customer();
		$service  = new ServiceDouble( array( 200, self::DONE ) );
		$user     = $this->sign_in( 'shop_manager' );
		wp_update_user(
			array(
				'ID'           => $user,
				'display_name' => "Ada\tLace",
			)
		);
		wp_set_current_user( 0 );
		wp_set_current_user( $user );
		$answer = $this->call( 'POST', $this->customer_path( $customer ) . '/adjust', array( 'actor' => 'somebody else' ) + self::DEED );
		$this->assertSame( array( true, '1,250' ), array( $answer->get_data()['done'], $answer->get_data()['numbers']['available'] ) );
		$sent = json_decode( $service->requests[0]['body'], true );
		$this->assertSame( array( (string) $customer, 50, 'parcel came late' ), array( $sent['customer'], $sent['points'], $sent['reason'] ) );
		$this->assertStringStartsWith( 'Ada', $sent['actor'] );
		$this->assertSame( 'wp-' . $user . '-' . self::KEY, $sent['key'] );
	}

	/**
	 * Nothing of it reaches the service.
	 *
	 * @dataProvider no_deeds
	 */
	public function test_what_is_no_deed_is_refused_here( array $changed ): void {
		$customer = $this->customer();
		$service  = new ServiceDouble();
		$this->sign_in( 'administrator' );
		$answer = $this->call( 'POST', $this->customer_path( $customer ) . '/adjust', $changed + self::DEED );
		$this->assertSame( 400, $answer->get_status() );
		$this->assertSame( array(), $service->requests );
	}

	public function no_deeds(): array {
		return array(
			array( array( 'points' => '1e3x' ) ),
			array( array( 'points' => 1.5 ) ),
			array( array( 'points' => PHP_INT_MAX ) ),
			array( array( 'points' => -1000000000001 ) ),
			array( array( 'points' => array( 1 ) ) ),
			array( array( 'points' => null ) ),
			array( array( 'reason' => '' ) ),
			array( array( 'reason' => "  \n " ) ),
			array( array( 'reason' => '<b></b>' ) ),
			array( array( 'reason' => str_repeat( 'x', 501 ) ) ),
			array( array( 'key' => 'short' ) ),
			array( array( 'key' => "0123456789abcdef'--" ) ),
		);
	}

	public function test_a_refusal_is_told_and_is_no_failed_call(): void {
		$customer = $this->customer();
		$this->sign_in( 'administrator' );
		foreach ( array( 'not-enough-points', 'adjust-not-in-shop', 'adjusting-switched-off', 'something-new' ) as $code ) {
			new ServiceDouble( array( 200, array( 'state' => 'refused', 'code' => $code, 'problem' => 'In other words.' ) + self::DONE ) );
			$answer = $this->call( 'POST', $this->customer_path( $customer ) . '/adjust', self::DEED );
			$this->assertSame( array( 200, false ), array( $answer->get_status(), $answer->get_data()['done'] ) );
			$this->assertStringStartsWith( 'Nothing was changed. ', $answer->get_data()['message'] );
			remove_all_filters( 'pre_http_request' );
		}
		$this->assertStringEndsWith( 'In other words.', $answer->get_data()['message'] );
	}

	public function test_an_order_screen_asks_nobody_and_leaves_a_place(): void {
		$service = new ServiceDouble();
		$this->sign_in( 'shop_manager' );
		$order = $this->an_order();
		$drawn = $this->drawn( new OrderBox(), $order );
		$this->assertStringContainsString( 'data-belong-path="/belong/v1/admin/order/' . $order->get_id() . '"', $drawn );
		$this->assertStringContainsString( 'role="status"', $drawn );
		$this->assertSame( array(), $service->requests );
		$this->sign_in( 'subscriber' );
		$this->assertSame( '', $this->drawn( new OrderBox(), $order ) );
	}

	public function test_the_box_stands_on_screens_of_orders_alone_and_only_where_a_shop_is_connected(): void {
		global $wp_meta_boxes;
		require_once ABSPATH . 'wp-admin/includes/template.php';
		require_once ABSPATH . 'wp-admin/includes/class-wp-screen.php';
		require_once ABSPATH . 'wp-admin/includes/screen.php';
		$found = array();
		foreach ( array( true, false ) as $is_connected ) {
			$is_connected || Connection::forget();
			foreach ( array( 'shop_order', 'woocommerce_page_wc-orders', 'post', 'product' ) as $screen ) {
				$wp_meta_boxes = array();
				do_action( 'add_meta_boxes', $screen, null );
				$found[ $is_connected ? 'yes' : 'no' ][ $screen ] = isset( $wp_meta_boxes[ $screen ]['normal']['default'][ OrderBox::ID ] );
			}
		}
		$this->assertSame( array( true, true, false, false ), array_values( $found['yes'] ) );
		$this->assertNotContains( true, $found['no'] );
	}

	public function test_a_user_screen_has_the_pushed_numbers_at_once_and_asks_nobody(): void {
		$service  = new ServiceDouble();
		$customer = $this->customer();
		$this->sign_in( 'shop_manager' );
		$drawn = $this->drawn( new UserPanel(), get_userdata( $customer ) );
		$this->assertStringContainsString( '<dd data-belong-number="available">1,240</dd>', $drawn );
		$this->assertMatchesRegularExpression( '/<fieldset[^>]* hidden/', $drawn );
		$this->assertDoesNotMatchRegularExpression( '/<input[^>]* name=/', $drawn, 'WordPress would send it' );
		$this->assertSame( array(), $service->requests );
		foreach ( array( 'subscriber', 'customer', 'contributor', 'editor' ) as $role ) {
			$own = $this->sign_in( $role );
			$this->assertSame( '', $this->drawn( new UserPanel(), get_userdata( $own ) ), $role );
		}
	}

	public function test_names_are_text(): void {
		$customer = $this->customer();
		$user     = get_userdata( $customer );
		// As another plugin may leave it; WordPress itself strips tags.
		$user->data->display_name = self::EVIL;
		$this->sign_in( 'administrator' );
		$drawn = $this->drawn( new UserPanel(), $user );
		$this->assertStringNotContainsString( '<img', $drawn );
		$this->assertStringContainsString( 'data-belong-name="&lt;img', $drawn );
	}

	private function customer(): int {
		return Pushed::customer( Pushed::member(), 'kim' );
	}

	private function order_path( int $id ): string {
		return '/belong/v1/admin/order/' . $id;
	}

	private function customer_path( int $id ): string {
		return '/belong/v1/admin/customer/' . $id;
	}

	private function drawn( object $part, $about ): string {
		ob_start();
		$part->show( $about );
		return (string) ob_get_clean();
	}

	private function call( string $method, string $path, array $body = array() ): \WP_REST_Response {
		$request = new \WP_REST_Request( $method, $path );
		if ( 'POST' === $method ) {
			$request->set_header( 'content-type', 'application/json' );
			$request->set_body( wp_json_encode( $body ) );
		}
		return rest_do_request( $request );
	}
}
