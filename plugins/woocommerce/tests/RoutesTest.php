<?php
/**
 * What the service may ask of the shop, and what becomes of it.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use Belong\Display\Programme;
use Belong\Display\Snapshot;
use Belong\Outbox;
use Belong\Plugin;
use Belong\Rest\KeptSnapshots;

final class RoutesTest extends SignedTestCase {

	public function test_a_snapshot_is_written_where_it_is_newer(): void {
		$steps = array(
			array( array( 1, 42 ), 'accepted', array( 1, 42 ) ),
			array( array( 1, 41 ), 'obsolete', array( 1, 42 ) ),
			array( array( 1, 42 ), 'accepted', array( 1, 42 ) ),
			array( array( 1, 43 ), 'accepted', array( 1, 43 ) ),
			array( array( 2, 1 ), 'accepted', array( 2, 1 ) ),
			array( array( 1, 99 ), 'obsolete', array( 2, 1 ) ),
		);
		foreach ( $steps as $step ) {
			$result = $this->push( '1', self::snapshot( $step[0] ) );
			$this->assertSame( array( $step[1], $step[2] ), array( $result['state'], $result['version'] ) );
			$this->assertSame( self::snapshot( $step[2] ), get_user_meta( 1, Snapshot::META, true ) );
		}
	}

	public function test_of_equal_versions_the_first_stays(): void {
		$this->push( '1', '{"version":[1,1],"a":1}' );
		$this->assertSame( 'obsolete', $this->push( '1', '{"version":[1,1],"a":2}' )['state'] );
		$this->assertSame( '{"version":[1,1],"a":1}', get_user_meta( 1, Snapshot::META, true ) );
	}

	/**
	 * Whatever the text is, it comes out as it went in.
	 *
	 * @dataProvider texts
	 */
	public function test_text_is_kept_to_the_byte( string $name ): void {
		$text = '{"version":[1,1],"name":' . $name . '}';
		$this->assertSame( 'accepted', $this->push( '1', $text )['state'] );
		$this->assertSame( $text, get_user_meta( 1, Snapshot::META, true ) );
		$shown = $this->ask( 'shown', array( 'customers' => array( '1' ) ) )->get_data()['customers'][0];
		$this->assertSame( hash( 'sha256', $text ), $shown['digest'] );
	}

	public function texts(): array {
		return array( array( '"ü € \u2014 \\\\ \" % %s"' ), array( '"😀 O\'Hara"' ), array( '"<b>&amp;</b>"' ), array( '"' . str_repeat( 'x', 16300 ) . '"' ) );
	}

	public function test_each_of_a_batch_is_answered_by_itself(): void {
		$good    = self::snapshot( array( 1, 1 ) );
		$given   = array(
			array( '1', $good, 'accepted', '' ),
			array( '999999', $good, 'gone', '' ),
			array( '1', '{', 'refused', 'body' ),
			array( '1', '[1]', 'refused', 'body' ),
			array( '1', '{"version":[1]}', 'refused', 'body' ),
			array( '1', '{"version":["1","2"]}', 'refused', 'body' ),
			array( '1', '{"version":[1,2],"x":"' . str_repeat( 'x', 16384 ) . '"}', 'refused', 'body' ),
			array( 'x', $good, 'refused', 'customer' ),
			array( '-1', $good, 'refused', 'customer' ),
			array( 1, $good, 'refused', 'customer' ),
			array( null, null, 'refused', 'customer' ),
		);
		$body    = array_map(
			static function ( $row ) {
				return array(
					'customer' => $row[0],
					'body'     => $row[1],
				);
			},
			$given
		);
		$results = $this->ask( 'snapshots', array( 'snapshots' => $body ) )->get_data()['results'];
		foreach ( $given as $at => $row ) {
			$this->assertSame( array( $row[2], $row[3] ), array( $results[ $at ]['state'], $results[ $at ]['reason'] ), "row $at" );
		}
	}

	/** Between our reading and our writing the other one writes; whoever comes last, the newer stays. */
	public function test_of_two_pushes_at_once_the_newer_stays(): void {
		foreach ( array( array( 8, 'accepted', 8 ), array( 6, 'obsolete', 7 ) ) as $case ) {
			foreach ( array( '', self::snapshot( array( 1, 5 ) ) ) as $before ) {
				delete_user_meta( 1, Snapshot::META );
				'' === $before || add_user_meta( 1, Snapshot::META, wp_slash( $before ) );
				$this->between( 'UPDATE|INSERT', self::snapshot( array( 1, 7 ) ) );
				$result = ( new KeptSnapshots() )->write( '1', self::snapshot( array( 1, $case[0] ) ) );
				$this->assertSame( array( $case[1], array( 1, $case[2] ) ), array( $result['state'], $result['version'] ) );
				$this->assertSame( array( self::snapshot( array( 1, $case[2] ) ) ), get_user_meta( 1, Snapshot::META ) );
			}
		}
	}

	public function test_two_rows_left_by_two_first_pushes_become_the_newer_one(): void {
		foreach ( array( array( 3, 2 ), array( 2, 3 ) ) as $counters ) {
			delete_user_meta( 1, Snapshot::META );
			foreach ( $counters as $counter ) {
				add_user_meta( 1, Snapshot::META, self::snapshot( array( 1, $counter ) ) );
			}
			$this->assertSame( 'obsolete', $this->push( '1', self::snapshot( array( 1, 1 ) ) )['state'] );
			$this->assertSame( array( self::snapshot( array( 1, 3 ) ) ), get_user_meta( 1, Snapshot::META ) );
		}
	}

	public function test_a_cached_snapshot_is_not_believed(): void {
		global $wpdb;
		$this->push( '1', self::snapshot( array( 1, 1 ) ) );
		get_user_meta( 1, Snapshot::META, true );
		$wpdb->update( $wpdb->usermeta, array( 'meta_value' => self::snapshot( array( 1, 9 ) ) ), array( 'meta_key' => Snapshot::META ) );
		$this->assertSame( 'obsolete', $this->push( '1', self::snapshot( array( 1, 2 ) ) )['state'] );
	}

	public function test_removals_and_what_is_shown(): void {
		$this->push( '1', self::snapshot( array( 1, 42 ) ) );
		$shown = $this->ask( 'shown', array( 'customers' => array( '1', '999999', 'x' ) ) )->get_data()['customers'];
		$this->assertSame( array( true, false, false ), array_column( $shown, 'is_there' ) );
		$this->assertSame( array( array( 1, 42 ), null, null ), array_column( $shown, 'version' ) );
		$gone = $this->ask( 'removals', array( 'customers' => array( '1', '999999', 'x' ) ) )->get_data()['results'];
		$this->assertSame( array( 'accepted', 'accepted', 'refused' ), array_column( $gone, 'state' ) );
		$this->assertSame( '', get_user_meta( 1, Snapshot::META, true ) );
	}

	public function test_the_programme_is_kept_unless_it_is_older_and_costs_pages_nothing(): void {
		global $wpdb;
		$of = static function ( int $version, string $name ): string {
			return wp_json_encode(
				array(
					'schema'  => 1,
					'version' => array( 1, $version ),
					'name'    => $name,
				)
			);
		};
		$this->assertSame( $of( 3, 'ü "Leaves" \\' ), $this->programme( $of( 3, 'ü "Leaves" \\' ) ) );
		$this->assertSame( $of( 3, 'Other' ), $this->programme( $of( 3, 'Other' ) ) );
		$this->assertSame( $of( 3, 'Other' ), $this->programme( $of( 2, 'Older' ) ) );
		$this->assertSame( $of( 3, 'Other' ), $this->programme( '{' ) );
		$this->assertSame( $of( 3, 'Other' ), $this->programme( str_replace( 'Other', str_repeat( 'x', 65536 ), $of( 4, 'Other' ) ) ) );
		wp_cache_flush();
		wp_load_alloptions();
		$before = $wpdb->num_queries;
		$this->assertSame( 'Other', Programme::kept()->name() );
		$this->assertSame( 0, $wpdb->num_queries - $before );
	}

	public function test_the_state_is_told_and_nothing_else_of_the_shop(): void {
		Plugin::outbox()->mark( Outbox::ORDER, 5 );
		$state = $this->ask( 'state', array() )->get_data();
		$keys  = array( 'versions', 'site', 'is_other_site', 'queue', 'last_success', 'last_failure', 'reason' );
		$this->assertSame( $keys, array_keys( $state ) );
		$this->assertSame( 'https://shop.example', $state['site'] );
		$this->assertFalse( $state['is_other_site'] );
		$this->assertSame( 1, $state['queue']['depth'] );
		$this->assertMatchesRegularExpression( '/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/', $state['queue']['oldest'] );
	}

	/**
	 * Nothing is done of what has not the form.
	 *
	 * @dataProvider shapes
	 */
	public function test_what_has_not_the_form_is_refused( string $route, string $body ): void {
		$this->assertSame( 400, rest_do_request( $this->signed( $route, $body ) )->get_status() );
	}

	public function shapes(): array {
		return array(
			array( 'snapshots', '{}' ),
			array( 'snapshots', '[]' ),
			array( 'snapshots', '{"snapshots":"x"}' ),
			array( 'removals', wp_json_encode( array( 'customers' => array_fill( 0, 101, '1' ) ) ) ),
			array( 'shown', '{"customers":null}' ),
			array( 'programme', '{"programme":{}}' ),
			array( 'programme', 'x' ),
		);
	}

	public function test_nobody_reads_snapshots_by_rest(): void {
		$this->push( '1', '{"version":[1,1],"secret":"4711"}' );
		wp_set_current_user( 1 );
		foreach ( array( '/wp/v2/users/1', '/wp/v2/users/me', '/wc/v3/customers/1' ) as $route ) {
			$request = new \WP_REST_Request( 'GET', $route );
			$request->set_param( 'context', 'edit' );
			$answer = rest_do_request( $request );
			$this->assertSame( 200, $answer->get_status(), $route );
			$this->assertStringNotContainsString( '4711', wp_json_encode( $answer->get_data() ) );
		}
		$this->assertSame( array(), array_filter( array_keys( rest_get_server()->get_namespace_index( $this->index() )->get_data()['routes'] ?? array() ), static function ( $route ) {
			return '/belong/v1/snapshots' === $route;
		} ) );
	}

	private function index(): \WP_REST_Request {
		$request              = new \WP_REST_Request( 'GET', '/belong/v1' );
		$request['namespace'] = 'belong/v1';
		return $request;
	}

	/** Another process writes at the moment when this one is about to. */
	private function between( string $verb, string $text ): void {
		global $wpdb;
		$is_done = false;
		add_filter(
			'query',
			static function ( $sql ) use ( &$is_done, $verb, $text, $wpdb ) {
				if ( ! $is_done && preg_match( "/^($verb).*_belong_snapshot|^UPDATE .*usermeta/s", $sql ) ) {
					$is_done = true;
					$known   = $wpdb->get_var( $wpdb->prepare( "SELECT umeta_id FROM {$wpdb->usermeta} WHERE user_id = 1 AND meta_key = %s", Snapshot::META ) );
					if ( $known ) {
						$wpdb->update( $wpdb->usermeta, array( 'meta_value' => $text ), array( 'umeta_id' => $known ) );
					} else {
						$wpdb->insert(
							$wpdb->usermeta,
							array(
								'user_id'    => 1,
								'meta_key'   => Snapshot::META,
								'meta_value' => $text,
							)
						);
					}
				}
				return $sql;
			}
		);
	}

	private function push( string $customer, string $body ): array {
		$one = array(
			'customer' => $customer,
			'body'     => $body,
		);
		return $this->ask( 'snapshots', array( 'snapshots' => array( $one ) ) )->get_data()['results'][0];
	}

	private function programme( string $text ): string {
		return $this->ask( 'programme', array( 'programme' => $text ) )->get_data()['programme'];
	}
}
