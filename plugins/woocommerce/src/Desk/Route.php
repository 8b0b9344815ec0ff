<?php
/**
 * What the screens of wp-admin ask for.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Admin\Page;
use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Reasons;
use Belong\Connection\Service;
use Belong\Display\Programme;

defined( 'ABSPATH' ) || exit;

/**
 * A cookie alone is nobody to WordPress's REST: without its nonce there is no user, and so no answer. Each question is
 * one call of the service, by whoever looks and never in the page view itself.
 */
final class Route {

	const SPACE       = 'belong/v1';
	const ORDER_AT    = '/admin/order/%d';
	const CUSTOMER_AT = '/admin/customer/%d';
	const SECONDS     = 8;
	const POINTS_MAX  = 1000000000000;

	/**
	 * Makes them known.
	 */
	public function register(): void {
		$id = array(
			'id' => array(
				'type'    => 'integer',
				'minimum' => 1,
			),
		);
		$this->add( '/admin/order/(?P<id>\d{1,18})', 'GET', 'tell_order', 'may_see_this_order', $id );
		$this->add( '/admin/customer/(?P<id>\d{1,18})', 'GET', 'tell_customer', 'may_see_customers', $id );
		$this->add( '/admin/customer/(?P<id>\d{1,18})/adjust', 'POST', 'adjust', 'may_adjust', $id + self::deed() );
	}

	/**
	 * One of them.
	 *
	 * @param string $path    Below the space.
	 * @param string $method  GET or POST.
	 * @param string $answers Who answers.
	 * @param string $lets_in Who says whether it may be asked.
	 * @param array  $takes   Arguments.
	 */
	private function add( string $path, string $method, string $answers, string $lets_in, array $takes ): void {
		$one = array(
			'methods'             => $method,
			'callback'            => array( $this, $answers ),
			'permission_callback' => array( $this, $lets_in ),
			'args'                => $takes,
		);
		register_rest_route( self::SPACE, $path, $one );
	}

	/**
	 * What an adjustment needs.
	 */
	private static function deed(): array {
		return array(
			'points' => array(
				'type'     => 'integer',
				'required' => true,
				'minimum'  => -self::POINTS_MAX,
				'maximum'  => self::POINTS_MAX,
			),
			'reason' => array(
				'type'              => 'string',
				'required'          => true,
				'minLength'         => 1,
				'maxLength'         => Adjusting::REASON_MAX,
				// With a sanitizer of one's own WordPress checks nothing of the above by itself.
				'validate_callback' => 'rest_validate_request_arg',
				'sanitize_callback' => 'sanitize_text_field',
			),
			'key'    => array(
				'type'     => 'string',
				'required' => true,
				'pattern'  => '^[A-Za-z0-9-]{16,64}$',
			),
		);
	}

	/**
	 * Whoever may open its screen. WordPress judges a number by whatever post has it, so whoever may edit no order at all
	 * is asked first.
	 *
	 * @param int $order_id Which.
	 */
	public static function may_see_order( int $order_id ): bool {
		return current_user_can( Page::CAPABILITY ) || ( current_user_can( 'edit_shop_orders' ) && current_user_can( 'edit_shop_order', $order_id ) );
	}

	/**
	 * Of the order that is asked for.
	 *
	 * @param \WP_REST_Request $request Which.
	 */
	public function may_see_this_order( \WP_REST_Request $request ): bool {
		return self::may_see_order( (int) $request['id'] );
	}

	/**
	 * Whoever may see the shop's customers.
	 */
	public static function may_see_customers(): bool {
		return current_user_can( Page::CAPABILITY ) || current_user_can( 'list_users' );
	}

	/**
	 * Whoever manages the shop.
	 */
	public function may_adjust(): bool {
		return current_user_can( Page::CAPABILITY );
	}

	/**
	 * Points of an order.
	 *
	 * @param \WP_REST_Request $request Which.
	 */
	public function tell_order( \WP_REST_Request $request ): \WP_REST_Response {
		$order = wc_get_order( (int) $request['id'] );
		if ( ! $order instanceof \WC_Order || 'shop_order' !== $order->get_type() ) {
			return self::answered( array( 'message' => __( 'There is no such order.', 'belong-for-woocommerce' ) ), 404 );
		}
		$answer = self::ask( 'order', array( 'id' => (string) $order->get_id() ) );
		if ( ! $answer->is_ok() ) {
			return self::failed( $answer );
		}
		$told = OrderTold::read( $answer->body, Programme::kept()->points_name() );
		$link = self::link( $order->get_customer_id() );
		return self::answered( $link ? $told + array( 'link' => $link ) : $told );
	}

	/**
	 * A customer's numbers, and what lies behind them.
	 *
	 * @param \WP_REST_Request $request Which.
	 */
	public function tell_customer( \WP_REST_Request $request ): \WP_REST_Response {
		$user = get_userdata( (int) $request['id'] );
		if ( ! $user ) {
			return self::answered( array( 'message' => __( 'There is no such customer.', 'belong-for-woocommerce' ) ), 404 );
		}
		$answer = self::ask( 'member', array( 'customer' => (string) $user->ID ) );
		return $answer->is_ok() ? self::answered( MemberTold::read( $answer->body ) ) : self::failed( $answer );
	}

	/**
	 * Gives or takes points.
	 *
	 * @param \WP_REST_Request $request Whose, how many, why.
	 */
	public function adjust( \WP_REST_Request $request ): \WP_REST_Response {
		$user   = get_userdata( (int) $request['id'] );
		$reason = trim( (string) $request['reason'] );
		if ( ! $user || '' === $reason ) {
			$said = $user ? __( 'Say why. It is kept with the points, and the customer can read it.', 'belong-for-woocommerce' ) : __( 'There is no such customer.', 'belong-for-woocommerce' );
			return self::answered( array( 'message' => $said ), $user ? 400 : 404 );
		}
		return Adjusting::run( $user->ID, (int) $request['points'], $reason, (string) $request['key'] );
	}

	/**
	 * In the language of whoever looks.
	 *
	 * @param string $purpose Last word of the address.
	 * @param array  $about   Whom or what.
	 */
	private static function ask( string $purpose, array $about ): Answer {
		$language = array( 'language' => str_replace( '_', '-', get_user_locale() ) );
		return ( new Service( Connection::kept() ) )->post( $purpose, $about + $language, self::SECONDS );
	}

	/**
	 * To the screen of the customer, for whoever may open it.
	 *
	 * @param int $user_id Who bought; 0 for a guest.
	 */
	private static function link( int $user_id ): ?array {
		$user = $user_id > 0 && self::may_see_customers() ? get_userdata( $user_id ) : false;
		$url  = $user && current_user_can( 'edit_user', $user->ID ) ? get_edit_user_link( $user->ID ) : '';
		if ( '' === $url ) {
			return null;
		}
		return array(
			/* translators: %s: name of a customer. */
			'text' => sprintf( __( 'Points of %s', 'belong-for-woocommerce' ), $user->display_name ),
			'url'  => $url . '#belong-points',
		);
	}

	/**
	 * Nobody keeps it.
	 *
	 * @param array $told   What.
	 * @param int   $status Of HTTP.
	 */
	public static function answered( array $told, int $status = 200 ): \WP_REST_Response {
		$answer = new \WP_REST_Response( $told, $status );
		$answer->header( 'Cache-Control', 'no-store' );
		return $answer;
	}

	/**
	 * Kindly, and that it can be tried again.
	 *
	 * @param Answer $answer What came instead.
	 */
	public static function failed( Answer $answer ): \WP_REST_Response {
		$said = Reasons::in_words( Connection::kept()->stopped() );
		$said = '' === $said ? Reasons::in_words( Reasons::of( $answer ) ) : $said;
		return self::answered( array( 'message' => $said . ' ' . __( 'Nothing is lost; try again in a moment.', 'belong-for-woocommerce' ) ), 503 );
	}
}
