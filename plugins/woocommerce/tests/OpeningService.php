<?php
/**
 * The service's side of bringing balances along, in our own words after docs/plugin-wire.md.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class OpeningService {

	/** Points by customer and round. */
	public $given = array();

	/** Customers and rounds that were taken back. */
	public $gone = array();

	/** Every call: act, round, and points by customer. */
	public $calls = array();

	/** Customers who must agree first. */
	public $asks = array();

	/** Customers who are no members yet. */
	public $strangers = array();

	/** What comes instead of the next answers: [status, body], or null for "nobody is there". */
	public $instead = array();

	/** Called when a page was given, before its answer is on its way: how many are left to be lost. */
	public $loses = 0;

	public function __construct() {
		add_filter( 'pre_http_request', array( $this, 'answer' ), 10, 3 );
	}

	public function answer( $before, array $request, string $url ) {
		$body = json_decode( $request['body'], true );
		if ( '/v1/store/opening-balances' !== substr( $url, -26 ) ) {
			return $before;
		}
		$this->calls[] = array( $body['act'], $body['round'], array_column( $body['balances'], 'points', 'customer' ) );
		if ( $this->instead ) {
			return self::response( array_shift( $this->instead ) );
		}
		$items = array();
		foreach ( $body['balances'] as $one ) {
			$items[] = array( 'customer' => $one['customer'], 'enrols' => 'take-back' !== $body['act'] && in_array( (int) $one['customer'], $this->strangers, true ) ) + $this->one( $body['act'], $body['round'], (int) $one['customer'], $one['points'] );
		}
		if ( 'look' !== $body['act'] && $this->loses > 0 ) {
			--$this->loses;
			return self::response( null );
		}
		return self::response(
			array(
				200,
				array(
					'state' => 'done',
					'items' => $items,
				),
			)
		);
	}

	private function one( string $act, int $round, int $customer, int $points ): array {
		if ( in_array( $customer, $this->asks, true ) ) {
			return self::said( 'refused', 0, 'opening-needs-consent' );
		}
		if ( 'take-back' === $act ) {
			$stands = isset( $this->given[ $customer ][ $round ] ) && ! isset( $this->gone[ $customer ][ $round ] );
			$this->gone[ $customer ][ $round ] = true;
			return $stands ? self::said( 'taken-back', -$this->given[ $customer ][ $round ] ) : self::said( 'nothing', 0 );
		}
		foreach ( $this->given[ $customer ] ?? array() as $number => $before ) {
			if ( ! isset( $this->gone[ $customer ][ $number ] ) ) {
				return $before === $points ? self::said( 'known', $points ) : self::said( 'refused', $before, 'opening-differs' );
			}
			if ( $number === $round ) {
				return self::said( 'refused', 0, 'opening-taken-back' );
			}
		}
		if ( 'book' === $act ) {
			$this->given[ $customer ][ $round ] = $points;
		}
		return self::said( 'book' === $act ? 'booked' : 'new', $points );
	}

	/** What a customer has of it. */
	public function has( int $customer ): int {
		return array_sum( array_diff_key( $this->given[ $customer ] ?? array(), $this->gone[ $customer ] ?? array() ) );
	}

	private static function said( string $state, int $points, ?string $code = null ): array {
		return array(
			'state'   => $state,
			'points'  => $points,
			'enrols'  => false,
			'code'    => $code,
			'problem' => $code,
		);
	}

	private static function response( ?array $answer ) {
		if ( null === $answer ) {
			return new \WP_Error( 'http_request_failed', 'cURL error 28' );
		}
		return array(
			'headers'  => new \WpOrg\Requests\Utility\CaseInsensitiveDictionary( array() ),
			'body'     => wp_json_encode( (object) $answer[1] ),
			'response' => array(
				'code'    => $answer[0],
				'message' => '',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	}
}
