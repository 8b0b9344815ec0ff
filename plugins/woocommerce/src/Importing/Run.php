<?php
/**
 * The import that is under way, or was last.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * What was chosen and how far it is. One at a time; who came how far says the table (Rows), so that a process that is
 * killed leaves nothing to be repaired.
 */
final class Run {

	const OPTION = 'belong_import';

	const LOOKING = 'looking';
	const LOOKED  = 'looked';
	const BOOKING = 'booking';
	const BOOKED  = 'booked';
	const TAKING  = 'taking';
	const TAKEN   = 'taken';

	const NOTHING = array(
		'connection' => '',
		'key'        => '',
		'label'      => '',
		'old'        => 1,
		'new'        => 1,
		'round'      => 1,
		'phase'      => '',
		'problem'    => '',
		'actor'      => '',
	);

	/**
	 * What is kept.
	 *
	 * @var array
	 */
	private $kept;

	/**
	 * As the option has it; one that was begun for another connection, and so maybe another programme, is none.
	 */
	public static function kept(): self {
		$kept      = get_option( self::OPTION, array() );
		$run       = new self();
		$kept      = is_array( $kept ) && ( $kept['connection'] ?? '' ) === Connection::kept()->id() ? $kept : array();
		$run->kept = array_intersect_key( $kept, self::NOTHING ) + self::NOTHING;
		return $run;
	}

	/**
	 * A new one takes the place of the last.
	 *
	 * @param Kind   $kind  Which points.
	 * @param int    $old   So many of them.
	 * @param int    $new   Are so many of the programme.
	 * @param string $actor Who asks.
	 */
	public static function begin( Kind $kind, int $old, int $new, string $actor ): void {
		Rows::clear();
		$run = self::kept();
		$run->write(
			array(
				'connection' => Connection::kept()->id(),
				'key'        => $kind->key(),
				'label'      => $kind->label,
				'old'        => $old,
				'new'        => $new,
				'phase'      => self::LOOKING,
				'actor'      => $actor,
			) + self::NOTHING
		);
	}

	/**
	 * Nothing of it is remembered; what was given stays given.
	 */
	public static function forget(): void {
		Rows::clear();
		delete_option( self::OPTION );
	}

	/**
	 * The next phase, from the one that it follows alone: a second click, or a page that was open too long, does nothing.
	 *
	 * @param string $from  Phase now.
	 * @param string $phase Phase then.
	 */
	public function turn( string $from, string $phase ): bool {
		if ( $this->phase() !== $from ) {
			return false;
		}
		$this->write(
			array(
				'phase'   => $phase,
				'problem' => '',
			) + $this->kept
		);
		return true;
	}

	/**
	 * All of it was taken back once: looked at anew, as the next time.
	 */
	public function next_round(): void {
		Rows::clear();
		$this->write( array( 'round' => $this->round() + 1 ) + $this->kept );
	}

	/**
	 * What keeps it from going on; empty if nothing does.
	 *
	 * @param string $problem Of Reasons, or the service's own word.
	 */
	public function note_problem( string $problem ): void {
		if ( $problem !== $this->problem() ) {
			$this->write( array( 'problem' => $problem ) + $this->kept );
		}
	}

	/**
	 * Whether there is something to do.
	 */
	public function is_under_way(): bool {
		return in_array( $this->phase(), array( self::LOOKING, self::BOOKING, self::TAKING ), true );
	}

	/**
	 * Whether it is giving or taking back and nothing keeps it: then it is left alone. One that cannot go on may be given
	 * up; what it has done is found again by the next look.
	 */
	public function must_end_first(): bool {
		return in_array( $this->phase(), array( self::BOOKING, self::TAKING ), true ) && '' === $this->problem();
	}

	/**
	 * Where it is; empty if nobody has begun one.
	 */
	public function phase(): string {
		return (string) $this->kept['phase'];
	}

	/**
	 * Which points, as Kind::key() says it.
	 */
	public function key(): string {
		return (string) $this->kept['key'];
	}

	/**
	 * Which plugin.
	 */
	public function source(): string {
		return explode( ':', $this->key(), 2 )[0];
	}

	/**
	 * The plugin's own name of these points.
	 */
	public function kind(): string {
		return (string) substr( $this->key(), strlen( $this->source() ) + 1 );
	}

	/**
	 * For people.
	 */
	public function name(): string {
		$label = (string) $this->kept['label'];
		return Kinds::name( $this->source() ) . ( '' === $label ? '' : ' (' . $label . ')' );
	}

	/**
	 * So many old points.
	 */
	public function old(): int {
		return max( 1, (int) $this->kept['old'] );
	}

	/**
	 * Are so many new ones.
	 */
	public function new(): int {
		return max( 1, (int) $this->kept['new'] );
	}

	/**
	 * How often these points were taken back before, and one.
	 */
	public function round(): int {
		return max( 1, (int) $this->kept['round'] );
	}

	/**
	 * What keeps it.
	 */
	public function problem(): string {
		return (string) $this->kept['problem'];
	}

	/**
	 * Who asked.
	 */
	public function actor(): string {
		return (string) $this->kept['actor'];
	}

	/**
	 * Keeps it; no page of the shop reads it.
	 *
	 * @param array $now All of it.
	 */
	private function write( array $now ): void {
		$this->kept = $now;
		update_option( self::OPTION, $now, false );
	}
}
