<?php
/**
 * What is known about a person, for WordPress's own export.
 *
 * @package Belong
 */

namespace Belong\Personal;

use Belong\Account\Choices;
use Belong\Account\Voice;
use Belong\Display\Format;
use Belong\Display\Part;
use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Redeeming\Reservations;

defined( 'ABSPATH' ) || exit;

/**
 * What lies in the shop comes first; after it the whole history, a page for each call, as the service tells it. Where
 * that does not answer, a line says so: an export that is silently short would be a wrong one.
 */
final class Exporter {

	const KEY     = 'belong-for-woocommerce';
	const ENTRIES = 100;

	// A history longer than this many pages is no person's.
	const PAGES_MAX = 500;

	/**
	 * Beside the others.
	 *
	 * @param array $exporters By key.
	 */
	public function add( $exporters ): array {
		$ours = array(
			'exporter_friendly_name' => __( 'Belong: points and badges', 'belong-for-woocommerce' ),
			'callback'               => array( $this, 'export' ),
		);
		return array( self::KEY => $ours ) + (array) $exporters;
	}

	/**
	 * One page of what is known.
	 *
	 * @param string $email Whose address.
	 * @param int    $page  From 1 on.
	 * @return array data, done
	 */
	public function export( $email, $page = 1 ): array {
		$user = get_user_by( 'email', (string) $email );
		if ( ! $user ) {
			return self::answer( array(), true );
		}
		$user_id = (int) $user->ID;
		if ( 1 === (int) $page ) {
			delete_transient( self::place( $user_id ) );
			return $this->with_history( $this->kept( $user_id ), $user_id, 1 );
		}
		return $this->with_history( array(), $user_id, (int) $page );
	}

	/**
	 * What lies in the shop.
	 *
	 * @param int $user_id Whose.
	 */
	private function kept( int $user_id ): array {
		$snapshot = Snapshot::of( $user_id );
		$format   = Format::of( $snapshot, Programme::kept() );
		$items    = array();
		if ( $snapshot->exists() ) {
			$items[] = self::item( 'belong-member', (string) $user_id, $this->standing( $snapshot, $format ) );
		}
		$board   = Choices::board( $user_id );
		$chosen  = array(
			__( 'Badge beside reviews', 'belong-for-woocommerce' ) => Choices::shows_badge( $user_id ) ? __( 'Shown', 'belong-for-woocommerce' ) : __( 'Not shown', 'belong-for-woocommerce' ),
			__( 'On leaderboards', 'belong-for-woocommerce' ) => $board['takes_part'] ? __( 'Yes', 'belong-for-woocommerce' ) : __( 'No', 'belong-for-woocommerce' ),
			__( 'Name on leaderboards', 'belong-for-woocommerce' ) => $board['name'],
		);
		$items[] = self::item( 'belong-choices', (string) $user_id, $chosen );
		foreach ( ( new Reservations() )->of_user( $user_id ) as $found ) {
			$items[] = self::item(
				'belong-rewards',
				$found->wish(),
				array(
					__( 'Reward', 'belong-for-woocommerce' ) => $found->name(),
					ucfirst( $format->points_name() )        => $format->number( $found->points() ),
					__( 'Code', 'belong-for-woocommerce' )   => $found->code(),
					__( 'Set aside until', 'belong-for-woocommerce' ) => wp_date( 'c', $found->ends_at() ),
					__( 'Order', 'belong-for-woocommerce' )  => $found->order_id() ? (string) $found->order_id() : '',
				)
			);
		}
		return $items;
	}

	/**
	 * What was pushed about a member.
	 *
	 * @param Snapshot $snapshot Of the member.
	 * @param Format   $format   Numbers and dates.
	 */
	private function standing( Snapshot $snapshot, Format $format ): array {
		$badges = array_map(
			static function ( Part $badge ) {
				return $badge->text( 'name' );
			},
			$snapshot->parts( 'badges' )
		);
		return array(
			__( 'As of', 'belong-for-woocommerce' )          => $snapshot->as_of(),
			__( 'Ready to spend', 'belong-for-woocommerce' ) => $format->points( $snapshot->available() ),
			__( 'On their way', 'belong-for-woocommerce' )   => $format->points( $snapshot->count_of( 'pending' ) ),
			__( 'Reserved', 'belong-for-woocommerce' )       => $format->points( $snapshot->count_of( 'held' ) ),
			__( 'Owed', 'belong-for-woocommerce' )           => $format->points( $snapshot->count_of( 'deficit' ) ),
			__( 'Earned in all', 'belong-for-woocommerce' )  => $format->points( $snapshot->count_of( 'lifetime' ) ),
			__( 'Tier', 'belong-for-woocommerce' )           => $snapshot->part( 'tier' )->text( 'name' ),
			__( 'Badges', 'belong-for-woocommerce' )         => implode( ', ', array_filter( $badges, 'strlen' ) ),
			__( 'Code for friends', 'belong-for-woocommerce' ) => $snapshot->part( 'referral' )->text( 'code' ),
		);
	}

	/**
	 * A page of the history. Where it goes on is remembered between two calls.
	 *
	 * @param array $items   What there is already.
	 * @param int   $user_id Whose.
	 * @param int   $page    From 1 on.
	 */
	private function with_history( array $items, int $user_id, int $page ): array {
		$voice = Voice::of_this_shop();
		if ( ! $voice->is_open() ) {
			return self::answer( $items, true );
		}
		$before = (int) get_transient( self::place( $user_id ) );
		$answer = $voice->ask( $user_id, Voice::READ, 'entries?limit=' . self::ENTRIES . ( $before > 0 ? '&before=' . $before : '' ), null );
		if ( 404 === $answer->status && null !== $answer->body && 'not-connected' !== $answer->code ) {
			return self::answer( $items, true );
		}
		if ( ! $answer->is_ok() ) {
			$words   = __( 'Your Belong did not answer, so the history is missing here. Please make this export again later.', 'belong-for-woocommerce' );
			$items[] = self::item( 'belong-entries', 'missing', array( __( 'Missing', 'belong-for-woocommerce' ) => $words ) );
			return self::answer( $items, true );
		}
		$told = new Part( $answer->body );
		foreach ( $told->parts( 'entries' ) as $entry ) {
			$items[] = self::item(
				'belong-entries',
				$entry->text( 'id' ),
				array(
					__( 'When', 'belong-for-woocommerce' )   => $entry->text( 'at' ),
					__( 'Points', 'belong-for-woocommerce' ) => (string) $entry->number( 'points' ),
					__( 'Why', 'belong-for-woocommerce' )    => $entry->text( 'why' ),
					__( 'Order', 'belong-for-woocommerce' )  => $entry->text( 'order' ),
				)
			);
		}
		$next = $told->number( 'next_before' );
		set_transient( self::place( $user_id ), $next, HOUR_IN_SECONDS );
		$is_over = $next <= 0 || $page >= self::PAGES_MAX;
		if ( $is_over ) {
			delete_transient( self::place( $user_id ) );
		}
		return self::answer( $items, $is_over );
	}

	/**
	 * Where the history of somebody goes on.
	 *
	 * @param int $user_id Whose.
	 */
	private static function place( int $user_id ): string {
		return 'belong_export_' . $user_id;
	}

	/**
	 * As WordPress wants it; what is empty is left out.
	 *
	 * @param string $group Its id.
	 * @param string $id    Of the item in the group.
	 * @param array  $facts Value by name.
	 */
	private static function item( string $group, string $id, array $facts ): array {
		$labels = array(
			'belong-member'  => __( 'Points and badges', 'belong-for-woocommerce' ),
			'belong-choices' => __( 'What others see of you', 'belong-for-woocommerce' ),
			'belong-rewards' => __( 'Rewards for carts', 'belong-for-woocommerce' ),
			'belong-entries' => __( 'History of points', 'belong-for-woocommerce' ),
		);
		$data   = array();
		foreach ( $facts as $name => $value ) {
			if ( '' !== (string) $value ) {
				$data[] = array(
					'name'  => (string) $name,
					'value' => esc_html( (string) $value ),
				);
			}
		}
		return array(
			'group_id'    => $group,
			'group_label' => $labels[ $group ],
			'item_id'     => $group . '-' . $id,
			'data'        => $data,
		);
	}

	/**
	 * A page.
	 *
	 * @param array $items   What is on it.
	 * @param bool  $is_over Whether it is the last one.
	 */
	private static function answer( array $items, bool $is_over ): array {
		return array(
			'data' => $items,
			'done' => $is_over,
		);
	}
}
