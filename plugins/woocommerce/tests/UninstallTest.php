<?php
/**
 * What is left of the plugin when it is deleted, looked for in the whole database.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Account\Choices;
use Belong\Admin\Notices;
use Belong\Admin\Outcome;
use Belong\Connection\Health;
use Belong\Connection\RestKey;
use Belong\Connection\Unfinished;
use Belong\Importing\Amount;
use Belong\Importing\Importer;
use Belong\Importing\Rows;
use Belong\Importing\Run;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Redeeming\Reservations;
use Belong\Rest\UsedIds;
use Belong\Sending\Pace;
use Belong\Uninstall;
use Belong\Wake;

final class UninstallTest extends ConnectedTestCase {

	const PLUGIN = 'belong-for-woocommerce/belong-for-woocommerce.php';

	// WordPress's own lists of plugins, which it mends itself when it deletes one.
	const NOT_OURS = array( 'active_plugins', 'recently_activated', 'uninstall_plugins' );

	/** @return array[] */
	public static function no(): array {
		return array( 'never asked' => array( null ), 'no' => array( 'no' ) );
	}

	/** @dataProvider no */
	public function test_by_itself_nothing_goes( ?string $said ): void {
		$this->a_shop_with_everything();
		null === $said ? delete_option( Uninstall::OPT_IN ) : update_option( Uninstall::OPT_IN, $said );
		$before = $this->ours();
		$this->assertGreaterThan( 15, count( $before ) );
		$this->uninstall();
		$this->assertSame( $before, $this->ours() );
	}

	public function test_all_of_it_goes_if_the_owner_said_so(): void {
		global $wpdb;
		$this->a_shop_with_everything();
		update_option( Uninstall::OPT_IN, 'yes' );
		$found = implode( "\n", $this->ours() );
		// The search sees each kind of place.
		foreach ( array( 'belong_outbox', 'belong_used_ids', 'belong_reservations', 'belong_imports', 'belong_connection', '_belong_snapshot', '_transient_belong_export_', 'api_keys' ) as $place ) {
			$this->assertStringContainsString( $place, $found );
		}
		$this->uninstall();
		wp_cache_flush();
		$this->assertSame( array(), $this->ours() );
		$this->assertStringNotContainsString( 'belong', strtolower( wp_json_encode( _get_cron_array() ) ) );
		foreach ( array( Wake::DRAIN, Wake::NET, Importer::HOOK ) as $hook ) {
			$this->assertSame( array( 'canceled' ), array_unique( \ActionQueue::statuses( $hook ) ), $hook );
		}
		// Twice is as good as once.
		$this->uninstall();
		$this->assertSame( array(), $this->ours() );
		$this->assertSame( '', (string) $wpdb->last_error );
	}

	/** A row or more in each place in which the plugin writes. */
	private function a_shop_with_everything(): void {
		$user_id = Pushed::signed_in( Pushed::member() );
		$key     = RestKey::make( $user_id );
		ServiceDouble::connect( array( 'rest_key' => $key['row'] ) );
		Unfinished::of( 'of-a-code' );
		Unfinished::add( array( 'rest_key' => RestKey::make( $user_id )['row'] ) );
		update_user_meta( $user_id, Choices::BADGE, 'yes' );
		update_user_meta( $user_id, Choices::BOARD, array( 'takes_part' => true, 'name' => 'Kim' ) );
		update_user_meta( $user_id, Choices::MAILS, 'yes' );
		update_user_meta( $user_id, Notices::DISMISSED, 'refused' );
		set_transient( 'belong_export_' . $user_id, 200, 60 );
		Outcome::good( 'Done.' );
		Pace::reset();
		update_option( Health::OPTION, array( 'last_success' => 1 ) );
		update_option( Run::OPTION, array( 'state' => 'looked' ) );
		Rows::keep( array( 'place' => 5, 'user' => $user_id, 'text' => '812' ), new Amount( '812', 1, 1 ), Rows::STATE_NEW );
		UsedIds::take( 'msg_belong' );
		( new Reservations() )->ask( $this->a_wish( $user_id ) );
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		foreach ( array( Wake::NET, Importer::HOOK ) as $hook ) {
			as_enqueue_async_action( $hook, array(), Wake::GROUP, true );
		}
		$this->request_ends();
	}

	/** @return string[] each row of the database in which we are named, and each table of ours */
	private function ours(): array {
		global $wpdb;
		$found = array();
		foreach ( $wpdb->get_col( 'SHOW TABLES' ) as $table ) {
			$is_ours = false !== strpos( $table, 'belong' );
			if ( $is_ours ) {
				$found[] = $table;
			}
			foreach ( $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM %i', $table ), ARRAY_A ) as $row ) {
				// The queue deletes what is cancelled by itself, after a month.
				if ( 'canceled' === ( $row['status'] ?? '' ) || in_array( $row['option_name'] ?? '', self::NOT_OURS, true ) ) {
					continue;
				}
				$text = wp_json_encode( $row, JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR );
				if ( $is_ours || false !== stripos( $text, 'belong' ) ) {
					$found[] = $table . ' ' . $text;
				}
			}
		}
		return $found;
	}

	private function uninstall(): void {
		if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
			define( 'WP_UNINSTALL_PLUGIN', self::PLUGIN );
		}
		include WP_PLUGIN_DIR . '/' . dirname( self::PLUGIN ) . '/uninstall.php';
	}
}
