<?php
/**
 * Connects the shop with a pairing code.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Two calls: each side proves that it has the code, then the shop confirms with the keys that both know now. As long as
 * the second was not answered, the connection that was before goes on.
 */
final class Pairing {

	// The service calls us back before it answers the second.
	const CONFIRM_SECONDS = 30;

	/**
	 * Connected afterwards.
	 *
	 * @param string $text        What was pasted.
	 * @param int    $user_id     Who pastes it: the REST key is theirs.
	 * @param bool   $is_open_too Whether an address over which others could read is what they want.
	 * @throws PairingProblem What is in the way.
	 */
	public static function pair( string $text, int $user_id, bool $is_open_too = false ): Connection {
		$code = PairingCode::read( $text );
		if ( $code->is_open_to_others() && ! $is_open_too ) {
			throw new PairingProblem( PairingProblem::HTTP );
		}
		$kept = Unfinished::of( $code->id );
		try {
			// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys are bytes.
			$secret = base64_decode( $kept['secret'] );
			$kept   = isset( $kept['public'] ) ? $kept : self::prove( $code, $secret );
			$keys   = PairKeys::agree( $code, $secret, $kept['public'] );
			$sealed = self::rest_key( $kept, $keys, $user_id );
			$done   = self::confirm( $code, $keys, $kept['connection'], $sealed );
		} catch ( \SodiumException $broken ) {
			throw new PairingProblem( PairingProblem::NO_CRYPTO );
		} catch ( PairingProblem $problem ) {
			// With these nobody will ever take up this code again.
			if ( in_array( $problem->word(), array( PairingProblem::OVER, PairingProblem::TAKEN, PairingProblem::ELSEWHERE ), true ) ) {
				Unfinished::forget( true );
			}
			throw $problem;
		}
		return self::replace( $code, $keys, $done );
	}

	/**
	 * The first call. What it brought is kept: the service answers it no more once it has heard the second.
	 *
	 * @param PairingCode $code   The code.
	 * @param string      $secret Our private key.
	 * @return array what is kept of this pairing now
	 * @throws PairingProblem If it is refused, or the answer is not the service's.
	 */
	private static function prove( PairingCode $code, string $secret ): array {
		$public   = PairKeys::public_of( $secret );
		$site     = Site::address();
		$rest_url = Site::rest_url();
		$body     = array(
			'site'          => $site,
			'rest_url'      => $rest_url,
			'public'        => $public,
			'versions'      => Site::versions(),
			'currency'      => function_exists( 'get_woocommerce_currency' ) ? get_woocommerce_currency() : '',
			'timezone'      => wp_timezone_string(),
			'language'      => get_locale(),
			'paid_statuses' => function_exists( 'wc_get_is_paid_statuses' ) ? array_values( wc_get_is_paid_statuses() ) : array(),
			'proof'         => PairKeys::shop_proof( $code, $public, $site, $rest_url ),
		);
		$answer   = Service::post_json( self::url( $code ), (string) wp_json_encode( $body ) );
		if ( ! $answer->is_ok() ) {
			throw PairingProblem::of( $answer );
		}
		$connection = $answer->text( 'connection' );
		$right      = PairKeys::service_proof( $code, $public, $answer->text( 'public' ), $connection );
		if ( ! preg_match( '/\A[0-9a-f-]{36}\z/', $connection ) || ! hash_equals( $right, $answer->text( 'proof' ) ) ) {
			throw new PairingProblem( PairingProblem::NOT_PROVEN );
		}
		return Unfinished::add(
			array(
				'public'     => $answer->text( 'public' ),
				'connection' => $connection,
			)
		);
	}

	/**
	 * The key that the service gets, sealed; the same one if it was handed over before. Null where there can be none.
	 *
	 * @param array    $kept    What is kept of this pairing.
	 * @param PairKeys $keys    What both sides know.
	 * @param int      $user_id Whose key it is.
	 */
	private static function rest_key( array $kept, PairKeys $keys, int $user_id ): ?string {
		if ( ! isset( $kept['sealed'] ) ) {
			$made   = RestKey::make( $user_id );
			$sealed = null === $made ? null : $keys->seal( (string) wp_json_encode( $made['plain'] ) );
			$kept   = Unfinished::add(
				array(
					'to_shop'  => PairKeys::base64( $keys->to_shop ),
					'rest_key' => null === $made ? array() : $made['row'],
					'sealed'   => (string) $sealed,
				)
			);
		}
		return '' === $kept['sealed'] ? null : $kept['sealed'];
	}

	/**
	 * The second call; once more with the service's clock, if the shop's is wrong.
	 *
	 * @param PairingCode $code       The code.
	 * @param PairKeys    $keys       What both sides know.
	 * @param string      $connection A UUID.
	 * @param string|null $sealed     The REST key.
	 * @throws PairingProblem If it is refused.
	 */
	private static function confirm( PairingCode $code, PairKeys $keys, string $connection, ?string $sealed ): Answer {
		$body   = (string) wp_json_encode( array( 'rest_key' => $sealed ) );
		$answer = Answer::none();
		for ( $attempt = 0; $attempt < 2; $attempt++ ) {
			$headers = Signer::sign( 'confirm', $body, $keys->to_service, time() + Health::clock_offset() );
			$headers = $headers + array( Service::ID_HEADER => $connection );
			$answer  = Service::post_json( self::url( $code ) . '/confirm', $body, $headers, self::CONFIRM_SECONDS );
			if ( 'stale-timestamp' !== $answer->code || ! Health::learn_clock( $answer->date ) ) {
				break;
			}
		}
		if ( ! $answer->is_ok() ) {
			throw PairingProblem::of( $answer );
		}
		// Over plain http somebody in between could answer; what was proven is what the first call named.
		if ( $answer->text( 'connection' ) !== $connection ) {
			throw new PairingProblem( PairingProblem::NOT_PROVEN );
		}
		return $answer;
	}

	/**
	 * From now on it is this connection and no other.
	 *
	 * @param PairingCode $code The code.
	 * @param PairKeys    $keys What both sides know.
	 * @param Answer      $done What the service said at last.
	 */
	private static function replace( PairingCode $code, PairKeys $keys, Answer $done ): Connection {
		$before   = Connection::kept();
		$rest_key = Unfinished::rest_key();
		$offset   = Health::clock_offset();
		// At once: the service may begin to push before we have its answer.
		ShownFor::begin( $done->text( 'connection' ) );
		if ( $before->is_connected() && ! $before->is_other_site() && $before->id() !== $done->text( 'connection' ) ) {
			// Another programme or service; it need not hear of it for us to go on.
			( new Service( $before ) )->post( 'disconnect', array() );
		}
		$now = Connection::keep(
			array(
				'service'      => $code->address,
				'id'           => $done->text( 'connection' ),
				'programme'    => $done->text( 'programme' ),
				'to_service'   => array( PairKeys::base64( $keys->to_service ) ),
				'to_shop'      => array( PairKeys::base64( $keys->to_shop ) ),
				'connected_at' => time(),
				'rest_key'     => $rest_key,
				'is_reachable' => true === ( $done->body['reachable'] ?? false ),
				'problem'      => $done->text( 'problem' ),
			)
		);
		RestKey::delete( $before->rest_key() );
		Unfinished::forget( false );
		Health::begin( $offset );
		do_action( 'belong_connected' );
		return $now;
	}

	/**
	 * Of the first call.
	 *
	 * @param PairingCode $code The code.
	 */
	private static function url( PairingCode $code ): string {
		return untrailingslashit( $code->address ) . '/v1/pairings/' . $code->id;
	}
}
