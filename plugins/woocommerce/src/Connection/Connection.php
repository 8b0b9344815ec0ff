<?php
/**
 * Whether and to what the shop is connected.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * One option that WordPress loads with every request, so asking costs nothing. What changes with each call is in Health.
 */
final class Connection {

	const OPTION = 'belong_connection';

	// Why nothing is sent, though the shop is connected; each is something that only the owner can settle.
	const OTHER_SITE    = 'other-site';
	const NOT_CONNECTED = 'not-connected';
	const REFUSED       = 'refused';

	const NOTHING = array(
		'service'      => '',
		'id'           => '',
		'programme'    => '',
		'to_service'   => array(),
		'to_shop'      => array(),
		'site'         => '',
		'connected_at' => 0,
		'rest_key'     => array(),
		'is_reachable' => false,
		'problem'      => '',
		'stopped'      => '',
	);

	/**
	 * As it is kept.
	 *
	 * @var array
	 */
	private $kept;

	/**
	 * By kept or keep.
	 *
	 * @param array $kept As it is kept.
	 */
	private function __construct( array $kept ) {
		$this->kept = $kept;
	}

	/**
	 * As it is now.
	 */
	public static function kept(): self {
		return new self( self::read( get_option( self::OPTION, '' ) ) );
	}

	/**
	 * Connected from now on; whatever was before is replaced.
	 *
	 * @param array $what Keys as in NOTHING, secrets in base64.
	 */
	public static function keep( array $what ): self {
		$kept = array_intersect_key( $what, self::NOTHING ) + array( 'site' => Site::digest() ) + self::NOTHING;
		update_option( self::OPTION, $kept, true );
		return new self( $kept );
	}

	/**
	 * The shop is connected to nobody. The option stays, empty: one that is missing costs a query each time.
	 */
	public static function forget(): void {
		update_option( self::OPTION, '', true );
		Health::forget();
	}

	/**
	 * Whether there is anybody to tell. Says nothing of whether that works.
	 */
	public function is_connected(): bool {
		return '' !== $this->kept['id'];
	}

	/**
	 * Whether something may be sent: connected, here, and nothing that only the owner can settle.
	 */
	public function is_open(): bool {
		return $this->is_connected() && '' === $this->kept['stopped'] && ! $this->is_other_site();
	}

	/**
	 * Whether this is another address than the one that was paired: the shop has moved, or this is a copy.
	 */
	public function is_other_site(): bool {
		return $this->is_connected() && ( self::OTHER_SITE === $this->kept['stopped'] || ! hash_equals( $this->kept['site'], Site::digest() ) );
	}

	/**
	 * Why nothing is sent; empty if it is.
	 */
	public function stopped(): string {
		return $this->is_other_site() ? self::OTHER_SITE : $this->kept['stopped'];
	}

	/**
	 * Address of the service, without a slash at the end.
	 */
	public function service(): string {
		return $this->kept['service'];
	}

	/**
	 * What the service calls the connection.
	 */
	public function id(): string {
		return $this->kept['id'];
	}

	/**
	 * What the merchant calls the programme.
	 */
	public function programme(): string {
		return $this->kept['programme'];
	}

	/**
	 * Unix seconds.
	 */
	public function connected_at(): int {
		return (int) $this->kept['connected_at'];
	}

	/**
	 * Whether the service could call the shop when it was asked last.
	 */
	public function is_reachable(): bool {
		return (bool) $this->kept['is_reachable'];
	}

	/**
	 * Why it could not, in the service's words.
	 */
	public function problem(): string {
		return $this->kept['problem'];
	}

	/**
	 * The key of the shop's REST API that was made for the service: its number and its hash; empty if there is none.
	 */
	public function rest_key(): array {
		return $this->kept['rest_key'];
	}

	/**
	 * For what the shop tells; the first one signs.
	 *
	 * @return string[]
	 */
	public function secrets_to_service(): array {
		return self::raw( $this->kept['to_service'] );
	}

	/**
	 * For what the service tells.
	 *
	 * @return string[]
	 */
	public function secrets_to_shop(): array {
		return self::raw( $this->kept['to_shop'] );
	}

	/**
	 * Nothing is sent until the owner has settled it. Only for the connection that is meant: another process may have
	 * paired anew while this one waited for an answer.
	 *
	 * @param string $why One of the constants.
	 */
	public function stop( string $why ): void {
		$this->change( array( 'stopped' => $why ) );
	}

	/**
	 * The owner says that it may go on.
	 */
	public function go_on(): void {
		$this->change( array( 'stopped' => '' ) );
	}

	/**
	 * The service knows the new address.
	 *
	 * @param bool   $is_reachable Whether it can call the shop there.
	 * @param string $problem      Why not.
	 */
	public function has_moved( bool $is_reachable, string $problem ): void {
		$this->change(
			array(
				'site'         => Site::digest(),
				'stopped'      => '',
				'is_reachable' => $is_reachable,
				'problem'      => $problem,
			)
		);
	}

	/**
	 * Writes parts of it, if it is still the one that is kept: by the table, for what WordPress remembers in this process
	 * may be from before somebody paired anew.
	 *
	 * @param array $parts What changes.
	 */
	private function change( array $parts ): void {
		global $wpdb;
		$raw = self::in_the_table();
		$now = self::unpacked( $raw );
		if ( $now['id'] === $this->id() && $now['to_service'] === $this->kept['to_service'] ) {
			$this->kept = $parts + $now;
			$sql        = 'UPDATE %i SET option_value = %s WHERE option_name = %s AND option_value = %s';
			// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL -- of two at once one changes what was read.
			$wpdb->query( $wpdb->prepare( $sql, $wpdb->options, maybe_serialize( $this->kept ), self::OPTION, $raw ) );
		}
		wp_cache_delete( 'alloptions', 'options' );
		wp_cache_delete( self::OPTION, 'options' );
	}

	/**
	 * Whether the shop belongs to another connection by now, or to none.
	 */
	public function is_replaced(): bool {
		return self::unpacked( self::in_the_table() )['id'] !== $this->id();
	}

	/**
	 * As it is written, past what WordPress remembers in this process.
	 */
	private static function in_the_table(): string {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- past caches.
		return (string) $wpdb->get_var( $wpdb->prepare( 'SELECT option_value FROM %i WHERE option_name = %s', $wpdb->options, self::OPTION ) );
	}

	/**
	 * All keys of NOTHING, out of the row as WordPress wrote it.
	 *
	 * @param string $raw As it is in the table.
	 */
	private static function unpacked( string $raw ): array {
		return self::read( maybe_unserialize( $raw ) );
	}

	/**
	 * All keys of NOTHING.
	 *
	 * @param mixed $kept As it is kept.
	 */
	private static function read( $kept ): array {
		return is_array( $kept ) ? array_intersect_key( $kept, self::NOTHING ) + self::NOTHING : self::NOTHING;
	}

	/**
	 * From base64.
	 *
	 * @param array $secrets As they are kept.
	 * @return string[]
	 */
	private static function raw( array $secrets ): array {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions -- keys are bytes.
		return array_values( array_filter( array_map( 'base64_decode', $secrets ), 'strlen' ) );
	}
}
