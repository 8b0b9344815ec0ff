<?php
/**
 * When the service may be called.
 *
 * @package Belong
 */

namespace Belong\Sending;

defined( 'ABSPATH' ) || exit;

/**
 * One breaker for all rows: a service that is down costs one time-out, not one for each order. Kept in an option that
 * WordPress loads with every request anyway, so asking costs nothing.
 */
final class Pace {

	const OPTION        = 'belong_pace';
	const FIRST_SECONDS = 30;
	const LAST_SECONDS  = 21600;
	const DIRECT_FIRST  = 60;
	const DIRECT_LAST   = 3600;
	const DOWN_SECONDS  = 120;
	const NOTHING       = array(
		'failures'        => 0,
		'wait_until'      => 0,
		'direct_failures' => 0,
		'direct_until'    => 0,
		'failed_at'       => 0,
		'collects'        => false,
	);

	/**
	 * Whether the last failure is far enough away.
	 */
	public function may_send(): bool {
		return time() >= $this->read()['wait_until'];
	}

	/**
	 * The same at the end of a request, where a slow service would hold a worker of the shop.
	 */
	public function may_push(): bool {
		return $this->may_send() && time() >= $this->read()['direct_until'];
	}

	/**
	 * Whether a shopper need not try: it did not answer a moment ago. Later somebody has to, or nobody would find out
	 * that it is back.
	 */
	public function is_down(): bool {
		return ! $this->may_push() && time() - $this->read()['failed_at'] < self::DOWN_SECONDS;
	}

	/**
	 * Whether the service cannot reach the shop and has asked for a call each minute.
	 */
	public function collects(): bool {
		return (bool) $this->read()['collects'];
	}

	/**
	 * It answered.
	 *
	 * @param bool $is_direct Whether this was at the end of a request.
	 * @param bool $collects  What it asked for.
	 */
	public function succeeded( bool $is_direct, bool $collects ): void {
		$now = array(
			'failures'   => 0,
			'wait_until' => 0,
			'collects'   => $collects,
		) + $this->read();
		if ( $is_direct ) {
			$now['direct_failures'] = 0;
			$now['direct_until']    = 0;
		}
		$this->write( $now );
	}

	/**
	 * It did not, or cannot now.
	 *
	 * @param bool     $is_direct Whether this was at the end of a request: that alone says little, its patience is short.
	 * @param int|null $asked     Seconds that the service asked for.
	 */
	public function failed( bool $is_direct, ?int $asked ): void {
		$now              = $this->read();
		$now['failed_at'] = time();
		if ( null !== $asked ) {
			$now['wait_until'] = time() + min( self::LAST_SECONDS, max( 1, $asked ) );
		} elseif ( $is_direct ) {
			$now['direct_until'] = time() + self::back_off( ++$now['direct_failures'], self::DIRECT_FIRST, self::DIRECT_LAST );
		} else {
			$now['wait_until'] = time() + self::back_off( ++$now['failures'], self::FIRST_SECONDS, self::LAST_SECONDS );
		}
		$this->write( $now );
	}

	/**
	 * As at the beginning: after connecting, or when the owner says "now". What the service asked for stays: a shop that
	 * has nothing to tell would not hear it again.
	 */
	public static function reset(): void {
		update_option( self::OPTION, array( 'collects' => ( new self() )->collects() ) + self::NOTHING, true );
	}

	/**
	 * Doubles with each failure; shops that failed together do not come back together.
	 *
	 * @param int $failures In a row, at least one.
	 * @param int $first    Seconds after the first.
	 * @param int $last     Seconds at most.
	 */
	public static function back_off( int $failures, int $first = self::FIRST_SECONDS, int $last = self::LAST_SECONDS ): int {
		$seconds = min( $last, $first * 2 ** min( 20, $failures - 1 ) );
		return wp_rand( (int) ( $seconds * 0.75 ), (int) $seconds );
	}

	/**
	 * What is known.
	 */
	private function read(): array {
		$kept = get_option( self::OPTION, array() );
		return ( is_array( $kept ) ? array_intersect_key( $kept, self::NOTHING ) : array() ) + self::NOTHING;
	}

	/**
	 * Unchanged it costs nothing.
	 *
	 * @param array $now What is known.
	 */
	private function write( array $now ): void {
		ksort( $now );
		$before = $this->read();
		ksort( $before );
		if ( $now !== $before ) {
			update_option( self::OPTION, $now, true );
		}
	}
}
