<?php
/**
 * By whose code a shopper came.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * An address with ?belong=CODE is remembered in a cookie of this shop alone: the code, for a month at most, until it was
 * answered. Such a page is kept by no cache; no other page depends on the cookie but those of My Account.
 */
final class Invited {

	const COOKIE = 'belong_invited';
	const DAYS   = 30;
	const CODE   = '/\A[0-9A-Za-z]{8}\z/';

	/**
	 * In the address of this request, in capitals; empty for none.
	 *
	 * @var string
	 */
	private static $given = '';

	/**
	 * Whether what the cookie of this request says was answered in it.
	 *
	 * @var bool
	 */
	private static $is_over = false;

	/**
	 * Takes the code out of what an address asks for: of a shop whose front page is a page WordPress would show another
	 * one where it is asked for something that it knows.
	 *
	 * @param mixed $variables What an address asks for.
	 */
	public function without_code( $variables ) {
		self::$given   = '';
		self::$is_over = false;
		if ( is_array( $variables ) && FromMail::POINTS !== ( $variables[ FromMail::ASKED ] ?? null ) ) {
			self::$given = self::understood( $variables[ FromMail::ASKED ] ?? '' );
			unset( $variables[ FromMail::ASKED ] );
		}
		return $variables;
	}

	/**
	 * Looks at every page that is asked for; remembers the code of its address, unless it counts for this member no more.
	 */
	public function look(): void {
		if ( '' === self::$given || headers_sent() ) {
			return;
		}
		if ( function_exists( 'wc_maybe_define_constant' ) ) {
			wc_maybe_define_constant( 'DONOTCACHEPAGE', true );
		}
		nocache_headers();
		$snapshot = Snapshot::own();
		if ( ! $snapshot->is_active() || $snapshot->part( 'referral' )->flag( 'takes_code' ) ) {
			self::keep( self::$given, time() + self::DAYS * DAY_IN_SECONDS );
		}
	}

	/**
	 * The code that somebody came with, in capitals; empty for none.
	 */
	public static function code(): string {
		return '' !== self::$given ? self::$given : self::kept();
	}

	/**
	 * The same for a form; nobody comes by their own link.
	 *
	 * @param string $own Code of whoever looks; empty for none.
	 */
	public static function code_of_a_friend( string $own ): string {
		$code = self::code();
		return $code === $own ? '' : $code;
	}

	/**
	 * It was answered, so that nobody is asked about it again.
	 */
	public static function forget(): void {
		self::$given = '';
		if ( '' !== self::kept() && ! headers_sent() ) {
			self::keep( '', time() - DAY_IN_SECONDS );
		}
		self::$is_over = true;
	}

	/**
	 * What a page before this one remembered.
	 */
	private static function kept(): string {
		$text = isset( $_COOKIE[ self::COOKIE ] ) ? sanitize_text_field( wp_unslash( $_COOKIE[ self::COOKIE ] ) ) : '';
		return self::$is_over ? '' : self::understood( $text );
	}

	/**
	 * A code as we keep it, or nothing.
	 *
	 * @param mixed $text From outside.
	 */
	private static function understood( $text ): string {
		return is_string( $text ) && 1 === preg_match( self::CODE, $text ) ? strtoupper( $text ) : '';
	}

	/**
	 * For the next page views: no script reads it, and other sites' requests bring it along by a link alone.
	 *
	 * @param string $code  In capitals; empty to remove it.
	 * @param int    $until When the browser forgets it.
	 */
	private static function keep( string $code, int $until ): void {
		$options = array(
			'expires'  => $until,
			'path'     => COOKIEPATH ? COOKIEPATH : '/',
			'domain'   => (string) COOKIE_DOMAIN,
			'secure'   => is_ssl(),
			'httponly' => true,
			'samesite' => 'Lax',
		);
		setcookie( self::COOKIE, $code, $options );
	}
}
