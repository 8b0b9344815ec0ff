<?php
/**
 * Why a call did not do what it should.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * A word for programs, and a sentence for the merchant. What the service or somebody in between wrote is not repeated.
 */
final class Reasons {

	const OTHER_SITE    = Connection::OTHER_SITE;
	const NOT_CONNECTED = Connection::NOT_CONNECTED;
	const REFUSED       = Connection::REFUSED;
	const CLOCK         = 'clock';
	const REPLAYED      = 'replayed';
	const TOO_LARGE     = 'too-large';
	const BUSY          = 'busy';
	const NOBODY        = 'nobody';
	const BROKEN        = 'broken';
	const SOMEBODY_ELSE = 'somebody-else';

	/**
	 * A word.
	 *
	 * @param Answer $answer What came.
	 */
	public static function of( Answer $answer ): string {
		if ( $answer->is_network_failure() ) {
			return self::NOBODY;
		}
		if ( in_array( $answer->status, array( 404, 410 ), true ) && 'not-connected' === $answer->code ) {
			return self::NOT_CONNECTED;
		}
		if ( 409 === $answer->status && in_array( $answer->code, array( 'replayed', 'other-site' ), true ) ) {
			return 'replayed' === $answer->code ? self::REPLAYED : self::OTHER_SITE;
		}
		if ( 401 === $answer->status && '' !== $answer->code ) {
			return 'stale-timestamp' === $answer->code ? self::CLOCK : self::REFUSED;
		}
		if ( 413 === $answer->status ) {
			return self::TOO_LARGE;
		}
		if ( in_array( $answer->status, array( 429, 503 ), true ) ) {
			return self::BUSY;
		}
		return null === $answer->body ? self::SOMEBODY_ELSE : self::BROKEN;
	}

	/**
	 * A sentence; empty for no reason.
	 *
	 * @param string $reason One of the constants.
	 */
	public static function in_words( string $reason ): string {
		switch ( $reason ) {
			case '':
				return '';
			case self::OTHER_SITE:
				return __( 'The address of this shop is not the one it was connected with.', 'belong-for-woocommerce' );
			case self::NOT_CONNECTED:
				return __( 'Your Belong says that this shop is not connected to it any more.', 'belong-for-woocommerce' );
			case self::REFUSED:
				return __( 'Your Belong does not know the keys of this shop any more.', 'belong-for-woocommerce' );
			case self::CLOCK:
				return __( 'The clocks of this shop and of your Belong differ too much.', 'belong-for-woocommerce' );
			case self::TOO_LARGE:
				return __( 'Your Belong, or a server in front of it, takes less at once.', 'belong-for-woocommerce' );
			case self::BUSY:
				return __( 'Your Belong is busy and asked to wait.', 'belong-for-woocommerce' );
			case self::NOBODY:
				return __( 'Your Belong did not answer.', 'belong-for-woocommerce' );
			case self::SOMEBODY_ELSE:
				return __( 'Something else than your Belong answered at its address.', 'belong-for-woocommerce' );
		}
		return __( 'Your Belong could not do what it was asked.', 'belong-for-woocommerce' );
	}
}
