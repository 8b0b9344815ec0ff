<?php
/**
 * The service, as far as a batch is concerned: it refuses what the real one refuses.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use PHPUnit\Framework\Assert;

final class BatchService {

	const SITE = 'https://shop.example';
	const FORM = array( 'site', 'sent_at', 'collects', 'versions', 'queue', 'summary', 'items' );

	/**
	 * Every batch that was taken.
	 *
	 * @var array[]
	 */
	public $batches = array();

	/**
	 * The newest item of each object, "order:7" to item; older readings do not count.
	 *
	 * @var array<string, array>
	 */
	public $known = array();

	/**
	 * How often somebody called, whatever came of it.
	 *
	 * @var int
	 */
	public $calls = 0;

	/**
	 * Time-outs that were given, in seconds.
	 *
	 * @var array
	 */
	public $patience = array();

	/**
	 * What the next calls get instead: [status, body, headers], or null for "nothing comes".
	 *
	 * @var array
	 */
	public $instead = array();

	/**
	 * What the next answer brings besides.
	 *
	 * @var array
	 */
	public $more = array();

	/**
	 * "order:7" to the problem with it.
	 *
	 * @var array<string, string>
	 */
	public $refuses = array();

	/**
	 * Called with a batch that is about to be taken.
	 *
	 * @var callable|null
	 */
	public $meanwhile = null;

	/**
	 * Ids that came.
	 *
	 * @var array<string, bool>
	 */
	private $ids = array();

	public function __construct() {
		add_filter( 'pre_http_request', array( $this, 'answer' ), 10, 3 );
	}

	/** @return array|\WP_Error */
	public function answer( $before, array $request, string $url ) {
		Assert::assertSame( ServiceDouble::ADDRESS . '/v1/store/batch', $url );
		Assert::assertSame( 'POST', $request['method'] );
		Assert::assertSame( 0, $request['redirection'] );
		Assert::assertTrue( $request['sslverify'] );
		++$this->calls;
		$this->patience[] = $request['timeout'];
		if ( $this->instead ) {
			$instead = array_shift( $this->instead );
			return null === $instead ? new \WP_Error( 'http_request_failed', 'cURL error 28' ) : self::http( ...$instead );
		}
		$headers = array_change_key_case( $request['headers'] );
		$problem = $this->problem( $headers, $request['body'] );
		return null === $problem ? self::http( 200, $this->take( json_decode( $request['body'], true ) ) ) : self::http( ...$problem );
	}

	/** What is wrong with a call: the signature, the moment, the id, the shop or the form. */
	private function problem( array $headers, string $body ): ?array {
		$id   = $headers['webhook-id'] ?? '';
		$time = $headers['webhook-timestamp'] ?? '';
		if ( ServiceDouble::CONNECTION !== ( $headers['belong-connection'] ?? '' ) ) {
			return array( 404, array( 'code' => 'not-connected' ) );
		}
		$wanted = 'v1,' . base64_encode( hash_hmac( 'sha256', "$id.$time.$body", ServiceDouble::TO_SERVICE, true ) );
		if ( ! in_array( $wanted, explode( ' ', $headers['webhook-signature'] ?? '' ), true ) || ! preg_match( '/\Abatch_[A-Za-z0-9-]{16,64}\z/', $id ) ) {
			return array( 401, array( 'code' => 'wrong-signature' ) );
		}
		if ( abs( time() - (int) $time ) > 300 ) {
			return array( 401, array( 'code' => 'stale-timestamp' ) );
		}
		if ( isset( $this->ids[ $id ] ) ) {
			return array( 409, array( 'code' => 'replayed' ) );
		}
		$this->ids[ $id ] = true;
		$batch            = json_decode( $body, true );
		if ( strlen( $body ) > 2097152 || count( $batch['items'] ?? array() ) > 100 ) {
			return array( 413, array( 'code' => 'too-large' ) );
		}
		if ( array_diff( self::FORM, array_keys( (array) $batch ) ) || ! preg_match( '/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/', $batch['sent_at'] ) ) {
			return array( 400, array( 'code' => 'unreadable' ) );
		}
		return self::SITE === $batch['site'] ? null : array( 409, array( 'code' => 'other-site' ) );
	}

	private function take( array $batch ): array {
		$answer = array( 'items' => array() );
		foreach ( $batch['items'] as $item ) {
			Assert::assertTrue( isset( $item['state'] ) !== isset( $item['gone'] ) );
			Assert::assertSame( (string) (int) $item['id'], $item['id'] );
			$key   = $item['kind'] . ':' . $item['id'];
			$state = 'kept';
			if ( isset( $this->refuses[ $key ] ) ) {
				$state = 'refused';
			} elseif ( isset( $this->known[ $key ] ) && $this->known[ $key ]['read_at'] > $item['read_at'] ) {
				$state = 'known';
			} else {
				$this->known[ $key ] = $item;
			}
			$answer['items'][] = array(
				'ref'     => $item['ref'],
				'state'   => $state,
				'problem' => $this->refuses[ $key ] ?? null,
			);
		}
		$this->batches[] = $batch;
		if ( $this->meanwhile ) {
			call_user_func( $this->meanwhile, $batch );
		}
		$answer += $this->more + array(
			'snapshots' => array(),
			'programme' => null,
			'wanted'    => array( 'orders' => array() ),
			'collect'   => false,
		);
		$this->more = array();
		return $answer;
	}

	/** @param array|string $body What is no array is no JSON either. */
	private static function http( int $status, $body = array(), array $headers = array() ): array {
		return array(
			'headers'  => new \WpOrg\Requests\Utility\CaseInsensitiveDictionary( $headers + array( 'date' => gmdate( 'D, d M Y H:i:s' ) . ' GMT' ) ),
			'body'     => is_array( $body ) ? wp_json_encode( $body ) : $body,
			'response' => array(
				'code'    => $status,
				'message' => '',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	}
}
