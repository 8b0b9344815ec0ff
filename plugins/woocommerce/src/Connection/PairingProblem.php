<?php
/**
 * Why a shop could not be connected.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Its code is a word for programs; in_words is for the merchant and says what to do.
 */
final class PairingProblem extends \Exception {

	const TORN        = 'torn';
	const MISTYPED    = 'mistyped';
	const NEWER       = 'newer';
	const HTTP        = 'http';
	const UNREACHABLE = 'unreachable';
	const NO_SERVICE  = 'no-service';
	const OVER        = 'over';
	const TAKEN       = 'taken';
	const ELSEWHERE   = 'elsewhere';
	const NOT_PROVEN  = 'not-proven';
	const CLOCK       = 'clock';
	const BUSY        = 'busy';
	const REFUSED     = 'refused';
	const NO_CRYPTO   = 'no-crypto';

	/**
	 * A word.
	 *
	 * @var string
	 */
	private $word;

	/**
	 * By its word.
	 *
	 * @param string $word One of the constants.
	 */
	public function __construct( string $word ) {
		parent::__construct( $word );
		$this->word = $word;
	}

	/**
	 * One of the constants.
	 */
	public function word(): string {
		return $this->word;
	}

	/**
	 * What a refusal of the service means.
	 *
	 * @param Answer $answer What came instead.
	 */
	public static function of( Answer $answer ): self {
		$words = array(
			'no-pairing'          => self::OVER,
			'wrong-proof'         => self::MISTYPED,
			'pairing-taken'       => self::TAKEN,
			'connected-elsewhere' => self::ELSEWHERE,
			'stale-timestamp'     => self::CLOCK,
		);
		if ( isset( $words[ $answer->code ] ) ) {
			return new self( $words[ $answer->code ] );
		}
		if ( $answer->is_network_failure() ) {
			return new self( self::UNREACHABLE );
		}
		if ( in_array( $answer->status, array( 429, 502, 503, 504 ), true ) ) {
			return new self( self::BUSY );
		}
		return new self( null === $answer->body || 404 === $answer->status ? self::NO_SERVICE : self::REFUSED );
	}

	/**
	 * A sentence or two.
	 *
	 * @param string $word One of the constants.
	 */
	public static function in_words( string $word ): string {
		switch ( $word ) {
			case self::TORN:
				return __( 'This is not a whole pairing code. It begins with BELONG1. and is one long line: copy all of it.', 'belong-for-woocommerce' );
			case self::MISTYPED:
				return __( 'A character of the pairing code is wrong. Copy and paste it instead of typing it.', 'belong-for-woocommerce' );
			case self::NEWER:
				return __( 'This pairing code is of a newer Belong than this plugin knows. Update the plugin first.', 'belong-for-woocommerce' );
			case self::HTTP:
				return __( 'The address in this code begins with http:// and leads over the public internet, where others could read what is sent. Give your Belong an https:// address and make a new code. If you know what you do, tick the box below and paste the code again.', 'belong-for-woocommerce' );
			case self::UNREACHABLE:
				return __( 'This shop cannot reach the address in the code. Is your Belong running, and does a firewall or WP_HTTP_BLOCK_EXTERNAL keep this server from calling it? Then paste the same code again: it goes on where it was.', 'belong-for-woocommerce' );
			case self::NO_SERVICE:
				return __( 'Something answers at the address in the code, but it is not a Belong. Check the public address that your Belong was set up with.', 'belong-for-woocommerce' );
			case self::OVER:
				return __( 'This pairing code is too old, or was used. A code is good for fifteen minutes and for one shop: make a new one.', 'belong-for-woocommerce' );
			case self::TAKEN:
				return __( 'Somebody else has used this pairing code before. If that was not you, keep your codes to yourself; make a new one.', 'belong-for-woocommerce' );
			case self::ELSEWHERE:
				return __( 'This shop is connected to another programme of this Belong. Disconnect it there first, then make a new code.', 'belong-for-woocommerce' );
			case self::NOT_PROVEN:
				return __( 'The answer did not come from the Belong that made this code, so nothing was connected. Make a new code; if this comes again, somebody stands between the two.', 'belong-for-woocommerce' );
			case self::CLOCK:
				return __( 'The clocks of this server and of your Belong differ by more than five minutes, or the day is wrong. Set them right, then paste the same code again.', 'belong-for-woocommerce' );
			case self::BUSY:
				return __( 'Your Belong is busy at the moment. Wait a minute, then paste the same code again: it goes on where it was.', 'belong-for-woocommerce' );
			case self::NO_CRYPTO:
				return __( 'This server could not make a key. Ask your host to switch on the PHP extension sodium.', 'belong-for-woocommerce' );
		}
		return __( 'Your Belong refused this shop. Look into its log for the reason.', 'belong-for-woocommerce' );
	}
}
