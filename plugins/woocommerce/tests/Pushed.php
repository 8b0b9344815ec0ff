<?php
/**
 * What a service pushes, for tests.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Programme;
use Belong\Display\Snapshot;

final class Pushed {

	/** @return array a member with something of everything */
	public static function member( array $with = array() ): array {
		return array_merge(
			array(
				'schema'       => 2,
				'version'      => array( 1, 42 ),
				'as_of'        => '2026-11-27T12:00:00Z',
				'language'     => 'en',
				'programme'    => array( 'name' => 'Leaf Club', 'version' => 3 ),
				'points_name'  => array( 'leaf', 'leaves' ),
				'status'       => 'active',
				'available'    => 1240,
				'pending'      => 120,
				'held'         => 50,
				'deficit'      => 0,
				'lifetime'     => 9310,
				'pending_lots' => array(
					array( 'points' => 80, 'matures_at' => '2026-12-05T00:00:00Z' ),
					array( 'points' => 40, 'matures_at' => null ),
				),
				'expiring'     => array( 'points' => 200, 'ends_at' => '2026-12-31T23:00:00Z', 'warned' => true ),
				'ends'         => array( array( 'points' => 200, 'ends_at' => '2026-12-31T23:00:00Z', 'warned' => true ) ),
				'tier'         => array(
					'id'         => 'silver',
					'name'       => 'Silver leaf',
					'rank'       => 1,
					'since'      => '2026-03-01T00:00:00Z',
					'keep_until' => '2027-03-01',
					'is_locked'  => false,
					'factor'     => '5/4',
					'benefits'   => array( array( 'id' => 'ship', 'text' => 'Free shipping' ), array( 'id' => 'early', 'text' => 'New teas a week earlier' ) ),
					'next'       => array( 'id' => 'gold', 'name' => 'Gold leaf', 'metric' => 'tier_points', 'value' => 640, 'threshold' => 1000, 'missing' => 360, 'missing_text' => '360 leaves', 'until' => '2027-03-01' ),
				),
				'badges'       => array(
					array( 'id' => 'reviewer', 'name' => 'Tea taster', 'level' => 'gold', 'award_key' => '', 'since' => '2026-05-02T00:00:00Z' ),
					array( 'id' => 'regular', 'name' => 'Regular', 'level' => 'silver', 'award_key' => '', 'since' => '2026-02-02T00:00:00Z' ),
				),
				'next_badge'   => array( 'id' => 'explorer', 'name' => 'Explorer', 'level' => 'bronze', 'measure' => 'categories_bought', 'value' => 3, 'needed' => 5 ),
				'level'        => array( 'id' => 'trusted', 'name' => 'Trusted', 'rank' => 2, 'privileges' => array() ),
				'rewards'      => array(
					array( 'id' => 'five', 'name' => '5 EUR off', 'kind' => 'amount', 'points' => 500, 'value_minor' => 500, 'currency' => 'EUR', 'available' => true, 'missing' => 0, 'refusals' => array(), 'why_not' => null ),
					array( 'id' => 'pot', 'name' => 'A teapot', 'kind' => 'product', 'points' => 2000, 'value_minor' => 0, 'currency' => 'EUR', 'available' => false, 'missing' => 760, 'refusals' => array( 'points' ), 'why_not' => '760 leaves are missing.' ),
				),
				'next_reward'  => array( 'id' => 'pot', 'missing' => 760 ),
				'vouchers'     => array(
					array( 'id' => 'v1', 'reward' => 'five', 'name' => '5 EUR off', 'code' => 'LEAF-7Q2M-K4', 'kind' => 'amount', 'points' => 500, 'value_minor' => 500, 'currency' => 'EUR', 'percent_bp' => 0, 'state' => 'issued', 'state_text' => 'Ready to use', 'ends_at' => '2027-01-15T00:00:00Z' ),
					array( 'id' => 'v0', 'reward' => 'five', 'name' => '5 EUR off', 'code' => null, 'kind' => 'amount', 'points' => 500, 'value_minor' => 500, 'currency' => 'EUR', 'percent_bp' => 0, 'state' => 'used', 'state_text' => 'Used', 'ends_at' => null ),
				),
				'entries'      => self::entries( 8 ),
				'referral'     => array( 'code' => 'KIMTEA42', 'link' => 'https://shop.example/?ref=KIMTEA42', 'points' => 300, 'friend_points' => 150, 'friends' => 3, 'completed' => 2, 'waiting' => 1 ),
				'dropped'      => array(),
				'texts'        => array(
					'available'  => 'You have 1,240 leaves.',
					'tier_until' => 'You keep Silver leaf until 1 March 2027.',
					'next_tier'  => '360 leaves more until 1 March 2027, and you reach Gold leaf.',
					'next_badge' => 'Explorer: 3 of 5 categories bought.',
				),
			),
			$with
		);
	}

	/** @return array[] the newest first, as many as asked for */
	public static function entries( int $many ): array {
		$entries = array();
		for ( $n = $many; $n > 0; $n-- ) {
			$takes     = 0 === $n % 4;
			$entries[] = array(
				'n'      => $n,
				'at'     => sprintf( '2026-11-%02dT09:30:00Z', $n ),
				'kind'   => $takes ? 'clawback' : 'earn',
				'points' => $takes ? -15 : 40 + $n,
				'source' => 'woocommerce:2:order:' . ( 5100 + $n ),
				'order'  => (string) ( 5100 + $n ),
				'why'    => $takes ? 'A part of order ' . ( 5100 + $n ) . ' went back.' : 'Order ' . ( 5100 + $n ) . ': 1 leaf for each euro, times 5/4 as Silver leaf.',
				'reason' => null,
			);
		}
		return $entries;
	}

	/** @return array what guests are shown */
	public static function programme( array $with = array() ): array {
		return array_merge(
			array(
				'schema'      => 1,
				'version'     => array( 1, 3 ),
				'name'        => 'Leaf Club',
				'language'    => 'en',
				'points_name' => array( 'en' => array( 'leaf', 'leaves' ) ),
				'badges'      => array( array( 'id' => 'reviewer', 'public' => 'ask', 'names' => array( 'en' => 'Tea taster' ), 'rarity' => array( 'en' => 'held by 4.2 % of members' ) ) ),
				'board'       => array(
					'measure' => 'reviews_approved',
					'titles'  => array( 'en' => 'Approved reviews since 1 November 2026' ),
					'places'  => array(
						array( 'rank' => 1, 'name' => 'Moor', 'value' => 1234, 'badges' => 2 ),
						array( 'rank' => 1, 'name' => '7KQ2MXAB', 'value' => 1234, 'badges' => 0 ),
						array( 'rank' => 3, 'name' => 'Ada', 'value' => 1, 'badges' => 0 ),
					),
				),
				'ways'        => array( 'en' => array( '1 leaf for every €1.00 of goods.', '20 leaves for a review.' ) ),
				'rules'       => array(
					'en' => array(
						array( 'key' => 'earn', 'title' => 'How you earn', 'sentences' => array( 'One leaf for each euro that you pay for goods.', 'Leaves can be used 14 days after the order was sent.' ) ),
						array( 'key' => 'end', 'title' => 'When leaves end', 'sentences' => array( 'After 24 months, and not before we told you.' ) ),
					),
				),
			),
			$with
		);
	}

	/** Pushed to a new customer, who is signed in from now on. */
	public static function signed_in( array $snapshot, string $name = 'kim' ): int {
		$user_id = self::customer( $snapshot, $name );
		wp_set_current_user( $user_id );
		return $user_id;
	}

	public static function customer( array $snapshot, string $name ): int {
		$user_id = wp_create_user( $name, 'secret', $name . '@shop.example' );
		update_user_meta( $user_id, Snapshot::META, wp_slash( wp_json_encode( $snapshot ) ) );
		return $user_id;
	}

	public static function to_all( array $programme ): void {
		update_option( Programme::OPTION, wp_json_encode( $programme ), true );
	}
}
