<?php
/**
 * Something that was pushed, read with care.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * Whatever is missing or of another type reads as nothing: a page never depends on what somebody else wrote.
 */
final class Part {

	/**
	 * As it was decoded.
	 *
	 * @var array
	 */
	private $held;

	/**
	 * Anything that is no object or list is empty.
	 *
	 * @param mixed $held As it was decoded.
	 */
	public function __construct( $held ) {
		$this->held = is_array( $held ) ? $held : array();
	}

	/**
	 * From JSON text; empty where it cannot be read.
	 *
	 * @param mixed $text Text, mostly.
	 */
	public static function from_json( $text ): self {
		return new self( is_string( $text ) && '' !== $text ? json_decode( $text, true, 32 ) : null );
	}

	/**
	 * Whether there is anything.
	 */
	public function exists(): bool {
		return array() !== $this->held;
	}

	/**
	 * A text, or an empty one.
	 *
	 * @param string|int $key Where.
	 */
	public function text( $key ): string {
		$found = $this->held[ $key ] ?? null;
		return is_string( $found ) ? $found : '';
	}

	/**
	 * A whole number, or zero.
	 *
	 * @param string|int $key Where.
	 */
	public function number( $key ): int {
		$found = $this->held[ $key ] ?? null;
		return is_int( $found ) ? $found : 0;
	}

	/**
	 * Whether a whole number of at least zero stands there.
	 *
	 * @param string|int $key Where.
	 */
	public function is_count( $key ): bool {
		$found = $this->held[ $key ] ?? null;
		return is_int( $found ) && $found >= 0;
	}

	/**
	 * True only if it says so.
	 *
	 * @param string|int $key Where.
	 */
	public function flag( $key ): bool {
		return true === ( $this->held[ $key ] ?? null );
	}

	/**
	 * What lies below.
	 *
	 * @param string|int $key Where.
	 */
	public function part( $key ): self {
		return new self( $this->held[ $key ] ?? null );
	}

	/**
	 * A list of objects; what is none is left out.
	 *
	 * @param string|int $key Where.
	 * @return self[]
	 */
	public function parts( $key ): array {
		$found = $this->held[ $key ] ?? null;
		$parts = array();
		foreach ( is_array( $found ) ? $found : array() as $one ) {
			if ( is_array( $one ) && array() !== $one ) {
				$parts[] = new self( $one );
			}
		}
		return $parts;
	}

	/**
	 * A list of texts; what is none is left out.
	 *
	 * @param string|int $key Where.
	 * @return string[]
	 */
	public function texts( $key ): array {
		$found = $this->held[ $key ] ?? null;
		return array_values( array_filter( is_array( $found ) ? $found : array(), 'is_string' ) );
	}
}
