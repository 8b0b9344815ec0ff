<?php
/**
 * What a shopper took a moment ago.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

use Belong\Connection\Answer;
use Belong\Display\Part;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * Until the service has pushed it: the page of a moment later lists it all the same. Only for showing, from user meta,
 * which WordPress has loaded for whoever is signed in.
 */
final class JustTaken {

	const META          = '_belong_taken';
	const LIVES_SECONDS = 900;

	/**
	 * Whose.
	 *
	 * @var int
	 */
	private $user_id;

	/**
	 * Of a member.
	 *
	 * @param int $user_id Whose.
	 */
	public function __construct( int $user_id ) {
		$this->user_id = $user_id;
	}

	/**
	 * One more, in the shape of the snapshot's vouchers.
	 *
	 * @param Offer  $offer  Which reward.
	 * @param Answer $answer What the service said.
	 */
	public function add( Offer $offer, Answer $answer ): Part {
		$made = array(
			'id'         => $answer->text( 'redemption' ),
			'name'       => $offer->name,
			'code'       => $answer->text( 'code' ),
			'state'      => $answer->text( 'state' ),
			'state_text' => self::state_text( $offer ),
			'ends_at'    => $answer->text( 'expires_at' ),
			'created_at' => $answer->text( 'created_at' ),
			'kept_at'    => time(),
		);
		update_user_meta( $this->user_id, self::META, wp_slash( array( $made['id'] => $made ) + $this->kept() ) );
		return new Part( $made );
	}

	/**
	 * What there will be of a reward that somebody takes now.
	 *
	 * @param Offer $offer Which reward.
	 */
	public static function expected( Offer $offer ): Part {
		return new Part(
			array(
				'name'       => $offer->name,
				'state_text' => self::state_text( $offer ),
			)
		);
	}

	/**
	 * What becomes of it first.
	 *
	 * @param Offer $offer Which reward.
	 */
	private static function state_text( Offer $offer ): string {
		return $offer->is_perk() ? __( 'asked for', 'belong-for-woocommerce' ) : __( 'being made', 'belong-for-woocommerce' );
	}

	/**
	 * Those that a snapshot is too old to know.
	 *
	 * @param Snapshot $snapshot Of the same member.
	 * @return Part[] in the shape of its vouchers
	 */
	public function unknown_to( Snapshot $snapshot ): array {
		$known = array();
		foreach ( $snapshot->parts( 'vouchers' ) as $voucher ) {
			$known[ $voucher->text( 'id' ) ] = true;
		}
		$as_of = (int) strtotime( $snapshot->as_of() );
		$news  = array();
		foreach ( array_diff_key( $this->kept(), $known ) as $one ) {
			if ( (int) strtotime( $one['created_at'] ) >= $as_of ) {
				$news[] = new Part( $one );
			}
		}
		return $news;
	}

	/**
	 * By id, the newest first.
	 *
	 * @return array[]
	 */
	private function kept(): array {
		$kept = get_user_meta( $this->user_id, self::META, true );
		return array_filter(
			is_array( $kept ) ? $kept : array(),
			static function ( array $one ) {
				return time() - $one['kept_at'] < self::LIVES_SECONDS;
			}
		);
	}
}
