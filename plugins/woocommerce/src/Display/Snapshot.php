<?php
/**
 * What was pushed about one member.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Read from user meta, which WordPress has loaded for whoever is signed in. There is always one to ask: where nothing
 * was pushed, or something that we do not understand, it says so and is empty.
 */
final class Snapshot {

	const META   = '_belong_snapshot';
	const SCHEMA = 2;

	// Without these right, nothing of it is shown.
	const COUNTS = array( 'available', 'pending', 'held', 'deficit', 'lifetime' );

	/**
	 * All that was pushed; empty if it is not to be shown.
	 *
	 * @var Part
	 */
	private $part;

	/**
	 * By read, of or none.
	 *
	 * @param Part $part Understood, or empty.
	 */
	private function __construct( Part $part ) {
		$this->part = $part;
	}

	/**
	 * Of a user; 0 is a guest. What was kept of a connection that is over grows old, and nobody corrects it: it is not
	 * shown.
	 *
	 * @param int $user_id Whose.
	 */
	public static function of( int $user_id ): self {
		return $user_id > 0 && Connection::kept()->is_connected() ? self::read( get_user_meta( $user_id, self::META, true ) ) : self::none();
	}

	/**
	 * Of whoever is signed in, and of nobody else.
	 */
	public static function own(): self {
		return self::of( get_current_user_id() );
	}

	/**
	 * From text.
	 *
	 * @param mixed $text As it was pushed, mostly.
	 */
	public static function read( $text ): self {
		$part = Part::from_json( $text );
		$good = self::SCHEMA === $part->number( 'schema' ) && 2 === count( array_filter( $part->texts( 'points_name' ), 'strlen' ) );
		foreach ( self::COUNTS as $key ) {
			$good = $good && $part->is_count( $key );
		}
		return $good ? new self( $part ) : self::none();
	}

	/**
	 * Nothing was pushed.
	 */
	public static function none(): self {
		return new self( new Part( null ) );
	}

	/**
	 * Whether there is anything to show at all.
	 */
	public function exists(): bool {
		return $this->part->exists();
	}

	/**
	 * Whether they take part now.
	 */
	public function is_active(): bool {
		return 'active' === $this->status();
	}

	/**
	 * One of active, left, blocked, merged, erased; empty if nothing was pushed.
	 */
	public function status(): string {
		return $this->part->text( 'status' );
	}

	/**
	 * What one point and several are called.
	 *
	 * @return string[]
	 */
	public function points_name(): array {
		return $this->part->texts( 'points_name' );
	}

	/**
	 * Tag of the language that its texts are in, such as zh-Hans.
	 */
	public function language(): string {
		return $this->part->text( 'language' );
	}

	/**
	 * Epoch and counter.
	 *
	 * @return int[]
	 */
	public function version(): array {
		$version = $this->part->part( 'version' );
		return array( $version->number( 0 ), $version->number( 1 ) );
	}

	/**
	 * One of COUNTS.
	 *
	 * @param string $key Which.
	 */
	public function count_of( string $key ): int {
		return $this->part->number( $key );
	}

	/**
	 * Ready to spend.
	 */
	public function available(): int {
		return $this->count_of( 'available' );
	}

	/**
	 * A sentence with this member's numbers, in their language; empty if it does not apply.
	 *
	 * @param string $key Such as next_tier.
	 */
	public function sentence( string $key ): string {
		return $this->part->part( 'texts' )->text( $key );
	}

	/**
	 * Such as tier, next_badge, referral.
	 *
	 * @param string $key Which.
	 */
	public function part( string $key ): Part {
		return $this->part->part( $key );
	}

	/**
	 * Such as badges, rewards, vouchers, entries, ends, pending_lots.
	 *
	 * @param string $key Which.
	 * @return Part[]
	 */
	public function parts( string $key ): array {
		return $this->part->parts( $key );
	}

	/**
	 * When it was made: 2026-11-27T12:00:00Z.
	 */
	public function as_of(): string {
		return $this->part->text( 'as_of' );
	}

	/**
	 * How the sources of this shop's own orders begin; empty where it was not said.
	 */
	public function store(): string {
		return $this->part->text( 'store' );
	}

	/**
	 * Whether a list was shortened.
	 *
	 * @param string $key Its name.
	 */
	public function is_shortened( string $key ): bool {
		return in_array( $key, $this->part->texts( 'dropped' ), true );
	}
}
