<?php
/**
 * One message to the service.
 *
 * @package Belong
 */

namespace Belong\Sending;

use Belong\Guard;

defined( 'ABSPATH' ) || exit;

/**
 * Holds as many of the rows as the wire lets through. A row that cannot be read goes its own way, with its error.
 */
final class Batch {

	const ITEMS_MAX = 50;
	const BYTES_MAX = 1800000;
	const ITEM_MAX  = 512000;
	const ERROR     = 'It cannot be read: ';
	const TOO_LARGE = 'It is larger than the service takes.';

	/**
	 * Rows that are in it, by the reference of their item.
	 *
	 * @var array<string, object>
	 */
	public $rows = array();

	/**
	 * Rows of which there is nothing to tell: they can go.
	 *
	 * @var object[]
	 */
	public $empty = array();

	/**
	 * Whether rows were left for the next one.
	 *
	 * @var bool
	 */
	public $is_cut = false;

	/**
	 * The items as JSON.
	 *
	 * @var string[]
	 */
	private $items = array();

	/**
	 * How long they are together.
	 *
	 * @var int
	 */
	private $bytes = 0;

	/**
	 * Reads the objects of the rows.
	 *
	 * @param object[] $rows   That are due.
	 * @param Reader   $reader Knows what they are now.
	 * @param Rows     $kept   Where a row is put off.
	 * @param Guard    $guard  Logs what was thrown.
	 */
	public function __construct( array $rows, Reader $reader, Rows $kept, Guard $guard ) {
		$reader->start_afresh();
		foreach ( $rows as $row ) {
			try {
				$item = $reader->item( $row );
				$json = null === $item ? '' : self::json( $item );
			} catch ( \Throwable $thrown ) {
				$guard->log( 'reading a ' . $row->kind, $thrown );
				$kept->put_off( $row, self::ERROR . get_class( $thrown ), Pace::back_off( (int) $row->attempts + 1 ) );
				continue;
			}
			if ( '' === $json ) {
				$this->empty[] = $row;
			} elseif ( strlen( $json ) > self::ITEM_MAX ) {
				$kept->put_off( $row, self::TOO_LARGE, Pace::LAST_SECONDS );
			} elseif ( $this->bytes + strlen( $json ) > self::BYTES_MAX ) {
				$this->is_cut = true;
				break;
			} else {
				$this->bytes  += strlen( $json );
				$this->items[] = $json;
				$this->rows[ $row->id . ':' . $row->version ] = $row;
			}
		}
	}

	/**
	 * The body.
	 *
	 * @param array $head All but the items.
	 */
	public function body( array $head ): string {
		$head['sent_at'] = Reader::moment( microtime( true ) );
		// Each item was written once, to know its length.
		return substr( self::json( $head ), 0, -1 ) . ',"items":[' . implode( ',', $this->items ) . ']}';
	}

	/**
	 * Texts that are no UTF-8 are a fault of the row, not of the batch.
	 *
	 * @param array $value What is written.
	 * @throws \UnexpectedValueException If it cannot be.
	 */
	private static function json( array $value ): string {
		$json = wp_json_encode( $value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE );
		if ( ! is_string( $json ) ) {
			throw new \UnexpectedValueException( 'no JSON' );
		}
		return $json;
	}
}
