<?php
/**
 * One kind of points that another plugin has left in the shop.
 *
 * @package Belong
 */

namespace Belong\Importing;

defined( 'ABSPATH' ) || exit;

/**
 * Read only, in pages, by a place that grows: the user's number, or the row's where a plugin has a table of its own.
 */
abstract class Kind {

	/**
	 * The service's word for the plugin.
	 *
	 * @var string
	 */
	public $source;

	/**
	 * The plugin's own name of these points.
	 *
	 * @var string
	 */
	public $kind;

	/**
	 * As the shop calls them.
	 *
	 * @var string
	 */
	public $label;

	/**
	 * How many balances there are, those of 0 included.
	 *
	 * @var int
	 */
	public $count;

	/**
	 * Reads nothing yet.
	 *
	 * @param string $source The service's word for the plugin.
	 * @param string $kind   The plugin's own name of these points.
	 * @param string $label  As the shop calls them.
	 * @param int    $count  How many balances there are.
	 */
	public function __construct( string $source, string $kind, string $label, int $count ) {
		$this->source = $source;
		$this->kind   = $kind;
		$this->label  = $label;
		$this->count  = $count;
	}

	/**
	 * In forms.
	 */
	public function key(): string {
		return $this->source . ':' . $this->kind;
	}

	/**
	 * The next balances.
	 *
	 * @param int $after Place of the last one; 0 for the first page.
	 * @param int $limit How many at most.
	 * @return array[] place, user (0 where there is no account) and text, in the order of places
	 */
	abstract public function page( int $after, int $limit ): array;

	/**
	 * What is kept at these places now.
	 *
	 * @param int[] $places Which.
	 * @return array<int, string> text by place
	 */
	abstract public function texts( array $places ): array;

	/**
	 * Mail addresses, for the owner's eyes.
	 *
	 * @param int[] $places Which.
	 * @return array<int, string> address by place
	 */
	abstract public function addresses( array $places ): array;

	/**
	 * Rows of the database. The statement is written where this is called.
	 *
	 * @param string $sql    With placeholders.
	 * @param array  $values What they stand for.
	 * @return object[]
	 */
	protected static function select( string $sql, array $values ): array {
		global $wpdb;
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.NotPrepared -- read in pages, once; prepared here.
		return (array) $wpdb->get_results( $wpdb->prepare( $sql, $values ) );
	}
}
