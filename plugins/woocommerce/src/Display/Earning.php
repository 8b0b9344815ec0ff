<?php
/**
 * What the shopper who looks would earn.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Basket;
use Belong\Earning\Bounds;
use Belong\Earning\Reckoning;
use Belong\Earning\Terms;

defined( 'ABSPATH' ) || exit;

/**
 * From what was pushed before, nothing else: one option that WordPress loads anyway, and one key of the shopper's meta.
 */
final class Earning {

	const OPTION   = 'belong_programme';
	const META     = '_belong_snapshot';
	const SNAPSHOT = 2;

	/**
	 * The text that was read last, and what came of it.
	 *
	 * @var array
	 */
	private $read = array( null, null );

	/**
	 * The programme's summary; null where nothing is to be shown.
	 */
	public function programme(): ?array {
		$text = get_option( self::OPTION, null );
		if ( $text !== $this->read[0] ) {
			$this->read = array( $text, Terms::read( $text ) );
		}
		return $this->read[1];
	}

	/**
	 * What is known of one customer; null for a guest, and where nothing was pushed that we can read.
	 *
	 * @param int $user_id 0 for a guest.
	 */
	public function snapshot( int $user_id ): ?array {
		$text     = $user_id ? get_user_meta( $user_id, self::META, true ) : null;
		$snapshot = is_string( $text ) && '' !== $text ? json_decode( $text, true ) : null;
		return is_array( $snapshot ) && self::SNAPSHOT === ( $snapshot['schema'] ?? null ) ? $snapshot : null;
	}

	/**
	 * What anybody would earn who has just joined: the same for everybody, fit for a page that is cached.
	 *
	 * @param Basket $basket What may be ordered.
	 */
	public function for_anybody( Basket $basket ): Bounds {
		$summary = $this->programme();
		return null === $summary ? Bounds::nothing() : $this->reckoned( $summary, $basket, Terms::first_tier( $summary ) );
	}

	/**
	 * What one customer would earn.
	 *
	 * @param Basket $basket  What may be ordered.
	 * @param int    $user_id 0 for a guest.
	 */
	public function for_customer( Basket $basket, int $user_id ): Bounds {
		$snapshot = $this->snapshot( $user_id );
		$summary  = $this->programme();
		if ( null === $snapshot || null === $summary ) {
			return $this->for_anybody( $basket );
		}
		if ( 'active' !== ( $snapshot['status'] ?? '' ) ) {
			return Bounds::nothing();
		}
		$tier = $snapshot['tier']['id'] ?? null;
		return $this->reckoned( $summary, $basket, array( is_string( $tier ) ? array( $tier ) : array() ) );
	}

	/**
	 * By the programme, now.
	 *
	 * @param array   $summary The programme's.
	 * @param Basket  $basket  What may be ordered.
	 * @param array[] $tiers   Each that may be.
	 */
	private function reckoned( array $summary, Basket $basket, array $tiers ): Bounds {
		return Reckoning::of( $summary, $basket, $tiers, current_datetime() );
	}
}
