<?php
/**
 * What a shopper is shown, part by part.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Display\Style;

defined( 'ABSPATH' ) || exit;

/**
 * Everybody sees only their own: nothing here takes a user's number from outside.
 */
final class Sheet {

	// In this order, for a member; each can stand alone as well.
	const OF_A_MEMBER = array(
		'balance'  => Balance::class,
		'tier'     => Tier::class,
		'rewards'  => Rewards::class,
		'badges'   => Badges::class,
		'referral' => Referral::class,
		'history'  => History::class,
	);

	// Behind them, for everybody.
	const OF_EVERYBODY = array(
		'ways'  => Ways::class,
		'rules' => Rules::class,
	);

	// For everybody, and only where the merchant puts it.
	const ALONE = array( 'board' => Board::class );

	const CHOICES    = 'choices';
	const EVERYTHING = 'points';

	/**
	 * About whoever looks.
	 *
	 * @var Snapshot
	 */
	private $snapshot;

	/**
	 * About the programme.
	 *
	 * @var Programme
	 */
	private $programme;

	/**
	 * Of a person, or of nobody.
	 *
	 * @param Snapshot  $snapshot  About whoever looks.
	 * @param Programme $programme About the programme.
	 */
	public function __construct( Snapshot $snapshot, Programme $programme ) {
		$this->snapshot  = $snapshot;
		$this->programme = $programme;
	}

	/**
	 * Of whoever is signed in.
	 */
	public static function own(): self {
		return new self( Snapshot::own(), Programme::kept() );
	}

	/**
	 * All names of parts.
	 *
	 * @return string[]
	 */
	public static function names(): array {
		return array_merge( self::of_a_member(), array_keys( self::OF_EVERYBODY + self::ALONE ), array( self::EVERYTHING ) );
	}

	/**
	 * Names of what members alone see, in this order.
	 *
	 * @return string[]
	 */
	private static function of_a_member(): array {
		return array_merge( array_keys( self::OF_A_MEMBER ), array( self::CHOICES ) );
	}

	/**
	 * Whether there is anything to show, to this person or to anybody.
	 */
	public function has_anything(): bool {
		return $this->snapshot->exists() || $this->programme->exists();
	}

	/**
	 * Writes one part.
	 *
	 * @param string $name One of names().
	 */
	public function show( string $name ): void {
		if ( ! $this->has_anything() ) {
			return;
		}
		if ( is_user_logged_in() && function_exists( 'wc_maybe_define_constant' ) ) {
			wc_maybe_define_constant( 'DONOTCACHEPAGE', true );
		}
		Style::need_script();
		if ( self::EVERYTHING === $name ) {
			$this->show_everything();
		} elseif ( isset( ( self::OF_EVERYBODY + self::ALONE )[ $name ] ) ) {
			$this->show_part( $name );
		} elseif ( $this->snapshot->is_active() ) {
			$this->show_part( $name );
		} elseif ( 'balance' === $name ) {
			// A page can hold several parts: one of them says why there is nothing.
			Standing::show( $this->snapshot, $this->programme );
		}
	}

	/**
	 * The same as text.
	 *
	 * @param string $name One of names().
	 */
	public function captured( string $name ): string {
		ob_start();
		try {
			$this->show( $name );
			return trim( (string) ob_get_contents() );
		} finally {
			ob_end_clean();
		}
	}

	/**
	 * A member sees it all; others how it works.
	 */
	private function show_everything(): void {
		if ( $this->snapshot->is_active() ) {
			foreach ( self::of_a_member() as $name ) {
				$this->show_part( $name );
			}
		} else {
			Standing::show( $this->snapshot, $this->programme );
		}
		foreach ( array_keys( self::OF_EVERYBODY ) as $name ) {
			$this->show_part( $name );
		}
	}

	/**
	 * One of a member, or of everybody.
	 *
	 * @param string $name One of names(), but not everything.
	 */
	private function show_part( string $name ): void {
		if ( self::CHOICES === $name ) {
			( new ChoicesForm( Voice::of_this_shop() ) )->show();
			return;
		}
		$section = ( self::OF_A_MEMBER + self::OF_EVERYBODY + self::ALONE )[ $name ];
		( new $section( $this->snapshot, $this->programme ) )->show();
	}
}
