<?php
/**
 * Between which numbers of points the truth lies.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * A shop does not know everything that the service decides by: which order of the member it is, how much of a monthly
 * limit is used. So it says the number where it is sure, else "at least", else "up to".
 */
final class Bounds {

	/**
	 * What is earned in any case.
	 *
	 * @var int
	 */
	public $least;

	/**
	 * What is earned at best.
	 *
	 * @var int
	 */
	public $most;

	/**
	 * Between two numbers.
	 *
	 * @param int $least In any case.
	 * @param int $most  At best.
	 */
	public function __construct( int $least, int $most ) {
		$this->least = max( 0, $least );
		$this->most  = max( $this->least, $most );
	}

	/**
	 * Nothing is earned, or nothing can be promised.
	 */
	public static function nothing(): self {
		return new self( 0, 0 );
	}

	/**
	 * Whether there is anything to say.
	 */
	public function is_nothing(): bool {
		return 0 === $this->most;
	}

	/**
	 * Whether it is one number.
	 */
	public function is_exact(): bool {
		return $this->least === $this->most;
	}

	/**
	 * From the least of both to the most of both.
	 *
	 * @param Bounds $other Another one.
	 */
	public function or_else( Bounds $other ): self {
		return new self( min( $this->least, $other->least ), max( $this->most, $other->most ) );
	}
}
