<?php
/**
 * What lies in the shop about a person.
 *
 * @package Belong
 */

namespace Belong\Personal;

use Belong\Account\Choices;
use Belong\Display\Format;
use Belong\Display\Part;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Importing\Rows as ImportRows;
use Belong\Outbox;
use Belong\Redeeming\Reservation;
use Belong\Redeeming\Reservations;
use Belong\Sending\Rows;

defined( 'ABSPATH' ) || exit;

/**
 * All of it, also what is shown nowhere since the shop was disconnected.
 */
final class Kept {

	/**
	 * Whose.
	 *
	 * @var int
	 */
	private $user_id;

	/**
	 * As it was pushed.
	 *
	 * @var Snapshot
	 */
	private $snapshot;

	/**
	 * Numbers and dates.
	 *
	 * @var Format
	 */
	private $format;

	/**
	 * Reads what was pushed.
	 *
	 * @param int $user_id Whose.
	 */
	public function __construct( int $user_id ) {
		$this->user_id  = $user_id;
		$this->snapshot = Snapshot::read( get_user_meta( $user_id, Snapshot::META, true ) );
		$this->format   = Format::of( $this->snapshot, Programme::kept() );
	}

	/**
	 * For the export, but for the history, of which the service has more.
	 *
	 * @return array[]
	 */
	public function items(): array {
		$items = $this->snapshot->exists() ? array( Item::of( 'belong-member', (string) $this->user_id, $this->standing() ) ) : array();
		return array_merge( $items, array( $this->choices() ), $this->vouchers(), $this->reservations(), $this->waiting(), $this->brought() );
	}

	/**
	 * The newest of the history.
	 *
	 * @return array[]
	 */
	public function history(): array {
		return Item::history( $this->snapshot->parts( 'entries' ) );
	}

	/**
	 * What was pushed about a member.
	 */
	private function standing(): array {
		$badges = array_map(
			static function ( Part $badge ) {
				return $badge->text( 'name' );
			},
			$this->snapshot->parts( 'badges' )
		);
		$points = function ( string $key ) {
			return $this->format->points( $this->snapshot->count_of( $key ) );
		};
		return array(
			__( 'As of', 'belong-for-woocommerce' )          => $this->snapshot->as_of(),
			__( 'Ready to spend', 'belong-for-woocommerce' ) => $points( 'available' ),
			__( 'On their way', 'belong-for-woocommerce' )   => $points( 'pending' ),
			__( 'Reserved', 'belong-for-woocommerce' )       => $points( 'held' ),
			__( 'Owed', 'belong-for-woocommerce' )           => $points( 'deficit' ),
			__( 'Earned in all', 'belong-for-woocommerce' )  => $points( 'lifetime' ),
			__( 'Tier', 'belong-for-woocommerce' )           => $this->snapshot->part( 'tier' )->text( 'name' ),
			__( 'Badges', 'belong-for-woocommerce' )         => implode( ', ', array_filter( $badges, 'strlen' ) ),
			__( 'Code for friends', 'belong-for-woocommerce' ) => $this->snapshot->part( 'referral' )->text( 'code' ),
		);
	}

	/**
	 * What they let others see, and whether mails come.
	 */
	private function choices(): array {
		$board = Choices::board( $this->user_id );
		return Item::of(
			'belong-choices',
			(string) $this->user_id,
			array(
				__( 'Badge beside reviews', 'belong-for-woocommerce' ) => Choices::shows_badge( $this->user_id ) ? __( 'Shown', 'belong-for-woocommerce' ) : __( 'Not shown', 'belong-for-woocommerce' ),
				__( 'On leaderboards', 'belong-for-woocommerce' ) => $board['takes_part'] ? __( 'Yes', 'belong-for-woocommerce' ) : __( 'No', 'belong-for-woocommerce' ),
				__( 'Name on leaderboards', 'belong-for-woocommerce' ) => $board['name'],
				__( 'Mails about your points', 'belong-for-woocommerce' ) => Choices::takes_mails( $this->user_id ) ? __( 'Yes', 'belong-for-woocommerce' ) : __( 'No', 'belong-for-woocommerce' ),
			)
		);
	}

	/**
	 * Those that the service named.
	 */
	private function vouchers(): array {
		return array_map(
			function ( Part $voucher ) {
				return $this->reward( 'voucher-' . $voucher->text( 'id' ), $voucher->text( 'name' ), $voucher->number( 'points' ), $voucher->text( 'code' ), $voucher->text( 'ends_at' ), 0 );
			},
			$this->snapshot->parts( 'vouchers' )
		);
	}

	/**
	 * Those that points were set aside for in this shop.
	 */
	private function reservations(): array {
		return array_map(
			function ( Reservation $found ) {
				return $this->reward( $found->wish(), $found->name(), $found->points(), $found->code(), wp_date( 'c', $found->ends_at() ), $found->order_id() );
			},
			( new Reservations() )->of_user( $this->user_id )
		);
	}

	/**
	 * One of either kind.
	 *
	 * @param string $id       Of the item.
	 * @param string $name     Of the reward.
	 * @param int    $points   What it costs.
	 * @param string $code     Empty for none.
	 * @param string $ends_at  Empty for never.
	 * @param int    $order_id 0 for none.
	 */
	private function reward( string $id, string $name, int $points, string $code, string $ends_at, int $order_id ): array {
		return Item::of(
			'belong-rewards',
			$id,
			array(
				__( 'Reward', 'belong-for-woocommerce' )       => $name,
				ucfirst( $this->format->points_name() )        => $this->format->number( $points ),
				__( 'Code', 'belong-for-woocommerce' )         => $code,
				__( 'Good until', 'belong-for-woocommerce' )   => $ends_at,
				__( 'Order', 'belong-for-woocommerce' )        => $order_id > 0 ? (string) $order_id : '',
			)
		);
	}

	/**
	 * What is noted to be told. Of orders WooCommerce's own part of the export speaks.
	 */
	private function waiting(): array {
		$words = array(
			Outbox::CUSTOMER => __( 'That your account has changed', 'belong-for-woocommerce' ),
			Outbox::PRIVACY  => __( 'That your data is to be erased', 'belong-for-woocommerce' ),
		);
		$which = array( array( Outbox::CUSTOMER, $this->user_id ), array( Outbox::PRIVACY, $this->user_id ) );
		return array_map(
			static function ( $row ) use ( $words ) {
				return Item::of( 'belong-waiting', $row->kind, array( __( 'What', 'belong-for-woocommerce' ) => $words[ $row->kind ] ) );
			},
			( new Rows() )->of( $which )
		);
	}

	/**
	 * What another plugin kept, and what it becomes.
	 */
	private function brought(): array {
		return array_map(
			static function ( $row ) {
				return Item::of(
					'belong-brought',
					(string) $row->place,
					array(
						__( 'Balance then', 'belong-for-woocommerce' ) => $row->old,
						__( 'Points', 'belong-for-woocommerce' ) => (string) $row->points,
					)
				);
			},
			ImportRows::of_user( $this->user_id )
		);
	}
}
