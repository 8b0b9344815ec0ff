<?php
/**
 * A test in a shop that is connected to a service which refuses what the real one refuses.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Display\Snapshot;
use Belong\Earning\Basket;
use Belong\Redeeming\Offer;
use Belong\Redeeming\Reservations;
use Belong\Redeeming\Wish;

abstract class ConnectedTestCase extends ShopTestCase {

	protected function setUp(): void {
		parent::setUp();
		ServiceDouble::connect();
	}

	/** The least that pages show. */
	protected function snapshot( int $counter ): string {
		$counts = array_fill_keys( Snapshot::COUNTS, 0 );
		return wp_json_encode( 
			array(
				'schema'      => 2,
				'points_name' => array( 'point', 'points' ),
				'version'     => array( 1, $counter ),
			) + $counts
		 );
	}

	protected function a_wish( int $member, string $reward = 'five' ): Wish {
		$offer = new Offer( array( 'id' => $reward, 'name' => 'Five off', 'kind' => 'amount', 'points' => 500 ) );
		return new Wish( $member, $offer, null, new Basket( array( 'currency' => 'EUR' ) ) );
	}

	/** By the service, for this member, and written here. */
	protected function set_aside( int $member, string $code, array $given = array() ): void {
		$reservations = new Reservations();
		$key          = $reservations->ask( $this->a_wish( $member ) );
		$given        = $given + array(
			'code'        => strtoupper( $code ),
			'kind'        => 'amount',
			'name'        => 'Five off',
			'value_minor' => 500,
			'currency'    => 'EUR',
			'ends_at'     => gmdate( 'Y-m-d H:i:s', time() + 600 ),
		);
		$this->assertTrue( $reservations->issue( $key, $given ) );
	}

	/** As both checkouts do it: the coupon's line is copied from the cart. */
	protected function put_on( \WC_Order $order, string $code ): \WC_Order {
		$line = new \WC_Order_Item_Coupon();
		$line->set_props( array( 'code' => $code ) );
		$order->add_item( $line );
		$order->save();
		return $order;
	}

	protected function disconnect(): void {
		Connection::forget();
	}
}
