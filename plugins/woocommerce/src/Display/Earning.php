<?php
/**
 * What the shopper who looks would earn.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Connection\Connection;
use Belong\Earning\Basket;
use Belong\Earning\Bounds;
use Belong\Earning\Reckoning;
use Belong\Earning\Terms;

defined( 'ABSPATH' ) || exit;

/**
 * From what was pushed before, nothing else: one option that WordPress loads anyway, and one key of the shopper's meta.
 */
final class Earning {

	/**
	 * The text that was read last, and what came of it.
	 *
	 * @var array
	 */
	private $read = array( null, null, null );

	/**
	 * The programme's summary; null where nothing is to be shown. Whoever disconnects may leave one behind.
	 */
	public function programme(): ?array {
		$text = Connection::kept()->is_connected() ? get_option( Programme::OPTION, '' ) : '';
		if ( $text !== $this->read[0] ) {
			$this->read = array( $text, Terms::read( $text ), new Programme( $text ) );
		}
		return $this->read[1];
	}

	/**
	 * How it is said to somebody; to nobody in particular in the programme's words. Only where there is a programme.
	 *
	 * @param Snapshot|null $snapshot Of a customer.
	 */
	public function words( ?Snapshot $snapshot = null ): EarnWords {
		return new EarnWords( Format::of( $snapshot ?? Snapshot::none(), $this->read[2] ) );
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
		$snapshot = Snapshot::of( $user_id );
		$summary  = $this->programme();
		if ( ! $snapshot->exists() || null === $summary ) {
			return $this->for_anybody( $basket );
		}
		if ( ! $snapshot->is_active() ) {
			return Bounds::nothing();
		}
		$tier = $snapshot->part( 'tier' )->text( 'id' );
		return $this->reckoned( $summary, $basket, array( '' === $tier ? array() : array( $tier ) ) );
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
