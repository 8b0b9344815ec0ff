<?php
/**
 * Nothing of ours stops a checkout or silences others.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Guard;

final class GuardTest extends ConnectedTestCase {

	public function test_an_error_of_ours_never_escapes_whatever_hook_it_is_in(): void {
		$this->break_the_outbox();
		$heard = array();
		add_action(
			'woocommerce_order_status_changed',
			static function ( $id, $from, $to ) use ( &$heard ) {
				$heard[] = $to;
			},
			99,
			3
		);
		$order = wc_create_order( array( 'status' => 'processing' ) );
		$order->update_status( 'completed' );
		$id = $order->get_id();
		$order->delete( false );
		wc_get_order( $id )->untrash();
		wc_get_order( $id )->delete( true );
		$this->assertSame( array( 'processing', 'completed', 'completed' ), $heard );
		$this->assertSame( '', $order->get_meta( 'double_notes' ) );
		$this->assertGreaterThan( 6, count( $this->logged() ) );
	}

	public function test_what_was_thrown_is_logged_without_what_it_said(): void {
		$this->break_the_outbox();
		wc_create_order();
		list( list( $level, $message, $source ) ) = $this->logged();
		$this->assertSame( array( 'error', 'belong-for-woocommerce' ), array( $level, $source ) );
		$this->assertStringContainsString( 'TypeError', $message );
		$this->assertStringContainsString( 'woocommerce_new_order', $message );
		$this->assertStringNotContainsString( 'ada@shop.example', $message );
	}

	public function test_a_filter_that_throws_leaves_the_value(): void {
		$filter = ( new Guard() )->filter(
			'x',
			static function () {
				throw new \Error( 'broken' );
			}
		);
		$this->assertSame( 'as it came', $filter( 'as it came', 2 ) );
		$this->assertCount( 1, $this->logged() );
	}

	public function test_an_action_that_throws_says_nothing(): void {
		$action = ( new Guard() )->action(
			'x',
			static function () {
				throw new \Exception( 'broken' );
			}
		);
		$this->assertNull( $action( 1 ) );
		$this->assertCount( 1, $this->logged() );
	}

	public function test_every_listener_of_ours_is_guarded(): void {
		global $wp_filter;
		$ours = array();
		foreach ( $wp_filter as $hook => $listeners ) {
			foreach ( $listeners->callbacks as $priority => $callbacks ) {
				foreach ( $callbacks as $callback ) {
					$class = is_array( $callback['function'] ) ? $callback['function'][0] : $callback['function'];
					$name  = is_object( $class ) ? get_class( $class ) : (string) ( is_string( $class ) ? $class : '' );
					if ( 0 === strpos( $name, 'Belong\\' ) && 0 !== strpos( $name, 'Belong\\Tests' ) ) {
						$ours[] = $hook;
					}
				}
			}
		}
		$switches = array_filter(
			$ours,
			static function ( $hook ) {
				return 0 !== strpos( $hook, 'activate_' ) && 0 !== strpos( $hook, 'deactivate_' );
			}
		);
		$this->assertSame( array(), array_values( $switches ) );
	}

	/** Whatever our code does with its table is a TypeError. */
	private function break_the_outbox(): void {
		add_filter(
			'query',
			static function ( $sql ) {
				if ( false !== strpos( $sql, 'belong_outbox' ) ) {
					throw new \TypeError( 'of ada@shop.example' );
				}
				return $sql;
			}
		);
	}
}
