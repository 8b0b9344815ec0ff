<?php
/**
 * What is said of an order: after it, in its e-mails, in the account.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Connection\Connection;
use Belong\Display\Accounts;

final class OrderPointsTest extends EarnTestCase {

	/** An order over 40.00 of a silver member, who gets half as much again. */
	public function test_of_a_paid_order_points_are_on_their_way(): void {
		$order = $this->an_order( 'processing', $this->a_member() );
		$this->assertSame( '<p class="belong-earn belong-earn--order">60 points are on their way.</p>', $this->page_of( $order ) );
		$this->assertSame( '<p style="margin:0 0 16px">60 points are on their way.</p>', $this->mail_of( $order, false ) );
		$this->assertSame( "60 points are on their way.\n\n", $this->mail_of( $order, true ) );
		$this->assertContains( 'belong-earn', wp_styles()->queue );
	}

	public function test_what_waits_for_its_money_earns_once_it_is_paid(): void {
		foreach ( array( 'pending', 'on-hold' ) as $status ) {
			$order = $this->an_order( $status, $this->a_member() );
			$this->assertStringContainsString( 'Once it is paid, this order earns 60 points.', $this->page_of( $order ) );
		}
	}

	public function test_nothing_is_said_of_orders_that_earn_nothing(): void {
		$member = $this->a_member();
		foreach ( array( 'failed', 'cancelled', 'refunded' ) as $status ) {
			$this->assertSame( '', $this->page_of( $this->an_order( $status, $member ) ), $status );
		}
		$this->assertSame( '', $this->page_of( $this->an_order( 'processing', $this->a_member( array( 'status' => 'left' ) ) ) ) );
		$this->tell( '' );
		$this->assertSame( '', $this->page_of( $this->an_order( 'processing', $member ) ) );
	}

	/** Forty of a new member's, whoever looks. */
	public function test_a_guest_reads_how_to_keep_the_points(): void {
		$order = $this->a_guests_order( 'processing' );
		$said  = 'No account yet? Create one with the e-mail address of this order and confirm the address there, and this order earns you 40 points.';
		$this->assertSame( '<p class="belong-earn belong-earn--order">' . $said . '</p>', $this->page_of( $order ) );
		$this->assertSame( '<p style="margin:0 0 16px">' . $said . '</p>', $this->mail_of( $order, false ) );
		$this->assertSame( $said . "\n\n", $this->mail_of( $order, true ) );
		$this->assertStringContainsString( 'this order earns you 40 points once it is paid.', $this->page_of( $this->a_guests_order( 'on-hold' ) ) );
		$this->a_member();
		$this->assertStringContainsString( 'earns you 40 points.', $this->page_of( $order ) );
	}

	public function test_a_guest_is_promised_this_order_only_where_the_shop_gives_it_to_an_account_later(): void {
		$said  = 'Members earn 40 points with an order like this: order with an account next time, and you do, too.';
		$order = $this->a_guests_order( 'processing' );
		$page  = fn( $of = null ) => wp_strip_all_tags( $this->page_of( $of ?? $order ) );
		$this->assertSame( $said, $page( $this->an_order( 'processing', 0 ) ), 'without an address' );
		update_option( Accounts::AT_CHECKOUT, 'no' );
		$this->assertSame( $said, $page(), 'nobody can make an account' );
		update_option( Accounts::IN_MY_ACCOUNT, 'yes' );
		$this->assertStringStartsWith( 'No account yet?', $page() );
		remove_action( 'woocommerce_customer_email_verified', 'wc_update_new_customer_past_orders' );
		$this->assertSame( $said, $page(), 'before WooCommerce 11' );
		$this->assertSame( $said . "\n\n", $this->mail_of( $order, true ) );
	}

	public function test_a_guest_reads_nothing_where_nothing_can_be_promised(): void {
		$order = $this->a_guests_order( 'processing' );
		foreach ( array( 'failed', 'cancelled', 'refunded' ) as $status ) {
			$this->assertSame( '', $this->page_of( $this->a_guests_order( $status ) ), $status );
		}
		$untold = array(
			'who buys must agree first' => $this->summary( array(), array( 'enrolment' => 'consent' ) ),
			'it earns nothing'          => $this->summary( array( 'rules' => array() ) ),
			'earning has ended'         => $this->summary( array( 'earn_until' => '2020-01-01T00:00:00Z' ) ),
			'nothing was told'          => '',
		);
		foreach ( $untold as $why => $summary ) {
			$this->tell( $summary );
			$this->assertSame( '', $this->page_of( $order ) . $this->mail_of( $order, true ), $why );
		}
		$this->tell( $this->summary() );
		$this->assertNotSame( '', $this->page_of( $order ) );
		Connection::forget();
		$this->assertSame( '', $this->page_of( $order ) . $this->mail_of( $order, false ) );
	}

	public function test_a_guests_order_costs_no_more_than_a_members(): void {
		$order = $this->a_guests_order( 'processing' );
		$this->page_of( $order );
		$this->assertLessThanOrEqual( 1, $this->queries( fn() => $this->page_of( $order ) ) );
	}

	public function test_one_point_alone_is_said_so(): void {
		$this->tell( $this->summary( array( 'rules' => array( $this->rule( array( 'rates' => array( 'EUR' => '1/40' ) ) ) ) ) ) );
		$this->assertStringContainsString( '>On the way to you: 1 point.<', $this->page_of( $this->an_order( 'processing', $this->a_member() ) ) );
	}

	public function test_what_was_given_back_before_is_not_promised(): void {
		$order = $this->an_order( 'processing', $this->a_member() );
		wc_create_refund(
			array(
				'amount'   => 10,
				'order_id' => $order->get_id(),
			)
		);
		$this->assertSame( '', $this->page_of( wc_get_order( $order->get_id() ) ) );
	}

	/** @dataProvider decided */
	public function test_what_the_service_decided_is_said( array $entries, string $said ): void {
		$member = $this->a_member();
		$order  = $this->an_order( 'processing', $member );
		$this->decide( $member, $order, $entries );
		$this->assertSame( $said, wp_strip_all_tags( $this->page_of( wc_get_order( $order->get_id() ) ) ) );
	}

	public function decided(): array {
		$taken = array(
			'kind'   => 'clawback',
			'points' => -60,
			'why'    => 'Order #12 was refunded.',
		);
		return array(
			'earned'                    => array( array( array() ), 'You earned 60 points with this order.' ),
			'half of it taken back'     => array( array( array( 'points' => -20 ) + $taken, array() ), 'You earned 40 points with this order.' ),
			'all of it taken back'      => array( array( $taken, array() ), 'Order #12 was refunded.' ),
			'what was spent on it'      => array( array( array( 'kind' => 'redeem', 'points' => -100 ) ), '60 points are on their way.' ),
			'of another order'          => array( array( array( 'source' => 'woocommerce:1:order:9999999' ) ), '60 points are on their way.' ),
			'of another kind of shop'   => array( array( array( 'source' => 'shopify:1:order:%d' ) ), '60 points are on their way.' ),
			'of another shop, alike'    => array( array( array( 'source' => 'woocommerce:11:order:%d' ) ), '60 points are on their way.' ),
			'points that are no number' => array( array( array( 'points' => '60' ) ), 'It earned.' ),
			'html in a sentence'        => array( array( array( 'why' => '<b>x</b> & y' ) + $taken ), '&lt;b&gt;x&lt;/b&gt; &amp; y' ),
		);
	}

	public function test_what_does_not_say_for_which_shop_it_was_made_decides_no_order(): void {
		foreach ( array( null, '', 7, 'woocommerce:2' ) as $store ) {
			$member = $this->a_member( array( 'store' => $store ) );
			$order  = $this->an_order( 'processing', $member );
			$this->decide( $member, $order, array( array( 'points' => 999 ) ) );
			$this->assertSame( '60 points are on their way.', wp_strip_all_tags( $this->page_of( wc_get_order( $order->get_id() ) ) ) );
		}
	}

	public function test_the_shop_itself_is_told_nothing_by_mail(): void {
		$order = $this->an_order( 'processing', $this->a_member() );
		$this->assertSame( '', $this->printed( static fn() => do_action( 'woocommerce_email_after_order_table', $order, true, true, null ) ) );
		$this->assertSame( '', $this->printed( static fn() => do_action( 'woocommerce_email_after_order_table', null, false ) ) );
	}

	public function test_it_costs_no_query_once_it_is_decided_and_before_one_for_refunds(): void {
		$member = $this->a_member();
		$order  = $this->an_order( 'processing', $member );
		$this->page_of( $order );
		$this->assertLessThanOrEqual( 1, $this->queries( fn() => $this->page_of( $order ) ) );
		$this->decide( $member, $order, array( array() ) );
		$this->page_of( $order );
		$this->assertSame( 0, $this->queries( fn() => $this->page_of( $order ) ) );
	}

	private function decide( int $user_id, \WC_Order $order, array $entries ): void {
		$told = array();
		foreach ( $entries as $entry ) {
			$told[] = array( 'source' => sprintf( $entry['source'] ?? 'woocommerce:1:order:%d', $order->get_id() ) ) + $entry + array(
				'at'     => gmdate( 'Y-m-d\TH:i:s\Z' ),
				'kind'   => 'earn',
				'points' => 60,
				'why'    => 'It earned.',
			);
		}
		$snapshot            = json_decode( get_user_meta( $user_id, '_belong_snapshot', true ), true );
		$snapshot['entries'] = $told;
		update_user_meta( $user_id, '_belong_snapshot', wp_slash( wp_json_encode( $snapshot ) ) );
	}

	private function a_guests_order( string $status ): \WC_Order {
		$order = $this->an_order( $status, 0 );
		$order->set_billing_email( 'kim@shop.example' );
		$order->save();
		return wc_get_order( $order->get_id() );
	}

	private function page_of( \WC_Order $order ): string {
		return $this->printed( static fn() => do_action( 'woocommerce_order_details_after_order_table', $order ) );
	}

	private function mail_of( \WC_Order $order, bool $is_plain ): string {
		return $this->printed( static fn() => do_action( 'woocommerce_email_after_order_table', $order, false, $is_plain, null ) );
	}
}
