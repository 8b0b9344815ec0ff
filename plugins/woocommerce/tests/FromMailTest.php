<?php
/**
 * Where a mail about points leads in the shop.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Endpoint;
use Belong\Account\FromMail;

final class FromMailTest extends ShopTestCase {

	protected function tearDown(): void {
		set_query_var( FromMail::ASKED, '' );
		parent::tearDown();
	}

	public function test_our_word_leads_to_the_page_in_my_account_for_guests_too(): void {
		$this->assertSame( wc_get_account_endpoint_url( Endpoint::SLUG ), $this->led_to( 'points' ) );
		wp_set_current_user( $this->customer() );
		$this->assertSame( wc_get_account_endpoint_url( Endpoint::SLUG ), $this->led_to( 'points' ) );
	}

	/**
	 * @dataProvider others
	 * @param mixed $asked What the address says.
	 */
	public function test_nothing_else_leads_anywhere( $asked ): void {
		$this->assertSame( '', $this->led_to( $asked ) );
	}

	public function others(): array {
		return array(
			'nothing'      => array( null ),
			'another word' => array( 'rewards' ),
			'an address'   => array( 'https://evil.example/points' ),
			'a list'       => array( array( 'points' ) ),
		);
	}

	/**
	 * Where WordPress would lead on; empty for nowhere.
	 *
	 * @param mixed $asked What the address says.
	 */
	private function led_to( $asked ): string {
		$GLOBALS['wp']->parse_request( array( FromMail::ASKED => $asked ) );
		set_query_var( FromMail::ASKED, $GLOBALS['wp']->query_vars[ FromMail::ASKED ] ?? '' );
		$leave = static function ( $where ) {
			throw new \DomainException( $where );
		};
		add_filter( 'wp_redirect', $leave );
		try {
			( new FromMail() )->look();
			return '';
		} catch ( \DomainException $left ) {
			return $left->getMessage();
		} finally {
			remove_filter( 'wp_redirect', $leave );
		}
	}

	private function customer(): int {
		return (int) wp_insert_user(
			array(
				'user_login' => 'ada',
				'user_pass'  => 'x',
				'role'       => 'customer',
			)
		);
	}
}
