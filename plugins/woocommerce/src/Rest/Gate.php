<?php
/**
 * Lets the service in, and nobody else.
 *
 * @package Belong
 */

namespace Belong\Rest;

use Belong\Connection\Connection;
use Belong\Connection\Signer;
use Belong\Connection\Unfinished;

defined( 'ABSPATH' ) || exit;

/**
 * The permission callback of each of our routes. Who is signed in does not matter: no user of the shop may call them.
 */
final class Gate {

	// A hundred snapshots of 16 KB, with each quotation mark escaped once more.
	const BODY_BYTES = 6291456;

	// All that the service asks for before the shop knows that it is connected.
	const WHILE_PAIRING = 'state';

	/**
	 * What was let in last. WordPress asks again after the answer was made, to say which methods there are.
	 *
	 * @var \WP_REST_Request|null
	 */
	private $let_in = null;

	/**
	 * Whether the service has sent this, for this address, just now, for the first time.
	 *
	 * @param \WP_REST_Request $request As it came.
	 * @return true|\WP_Error
	 */
	public function admits( \WP_REST_Request $request ) {
		if ( $this->let_in === $request ) {
			return true;
		}
		$secrets = Connection::kept()->secrets_to_shop();
		$coming  = Unfinished::secrets_to_shop();
		if ( ! $secrets && ! $coming ) {
			return self::refusal( 'not_connected', 404 );
		}
		$body = (string) $request->get_body();
		if ( strlen( $body ) > self::BODY_BYTES ) {
			return self::refusal( 'too_large', 413 );
		}
		$headers = array();
		foreach ( array( Signer::ID, Signer::TIMESTAMP, Signer::SIGNATURE ) as $name ) {
			$headers[ $name ] = (string) $request->get_header( $name );
		}
		$purpose  = basename( $request->get_route() );
		$is_early = false;
		$problem  = Signer::problem( $headers, $purpose, $body, $secrets, time() );
		if ( Signer::WRONG === $problem ) {
			$problem = Signer::problem( $headers, $purpose, $body, $coming, time() );
			// What is kept still belongs to the connection before.
			$is_early = self::WHILE_PAIRING !== $purpose;
		}
		if ( '' !== $problem ) {
			return self::refusal( $problem, 401 );
		}
		if ( $is_early ) {
			return self::refusal( 'not_yet', 503 );
		}
		if ( ! UsedIds::take( $headers[ Signer::ID ] ) ) {
			return self::refusal( 'replayed', 409 );
		}
		$this->let_in = $request;
		return true;
	}

	/**
	 * For programs: nobody else comes here.
	 *
	 * @param string $word   What is wrong.
	 * @param int    $status Of HTTP.
	 */
	private static function refusal( string $word, int $status ): \WP_Error {
		return new \WP_Error( 'belong_' . $word, __( 'Only the Belong that this shop is connected to may ask for this.', 'belong-for-woocommerce' ), array( 'status' => $status ) );
	}
}
