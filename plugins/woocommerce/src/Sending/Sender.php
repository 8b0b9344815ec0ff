<?php
/**
 * Tells rows to the service and does what it answers.
 *
 * @package Belong
 */

namespace Belong\Sending;

use Belong\Connection\Answer;
use Belong\Connection\Queue;
use Belong\Connection\Reasons;
use Belong\Guard;
use Belong\Outbox;

defined( 'ABSPATH' ) || exit;

/**
 * Nothing is deleted that the service has not taken, in the very version that it took.
 */
final class Sender {

	// What became of one message.
	const DONE = 'done';
	const MORE = 'more';
	const STOP = 'stop';

	const REPLAYS_MAX = 2;
	const WANTED_MAX  = 1000;

	/**
	 * Signs and posts.
	 *
	 * @var Link
	 */
	private $link;

	/**
	 * Whose rows these are.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * The table.
	 *
	 * @var Rows
	 */
	private $rows;

	/**
	 * When the service may be called.
	 *
	 * @var Pace
	 */
	private $pace;

	/**
	 * Logs what was thrown while an object was read.
	 *
	 * @var Guard
	 */
	private $guard;

	/**
	 * What was done of the last answer, and not yet told: "shown" and "removed".
	 *
	 * @var array[]
	 */
	private $done = array();

	/**
	 * How many rows go into one message; less after it was too large.
	 *
	 * @var int
	 */
	private $size = Batch::ITEMS_MAX;

	/**
	 * Sends nothing yet.
	 *
	 * @param Link   $link   Signs and posts.
	 * @param Outbox $outbox Whose rows these are.
	 * @param Guard  $guard  Logs what was thrown.
	 */
	public function __construct( Link $link, Outbox $outbox, Guard $guard ) {
		$this->link   = $link;
		$this->outbox = $outbox;
		$this->guard  = $guard;
		$this->rows   = new Rows();
		$this->pace   = new Pace();
	}

	/**
	 * A new run: what was too large before may fit now.
	 */
	public function start(): void {
		$this->size = Batch::ITEMS_MAX;
	}

	/**
	 * One message with what is due.
	 *
	 * @param bool $even_if_empty Also with nothing to tell: the answer may hold something.
	 * @return string One of the constants.
	 */
	public function send_due( bool $even_if_empty ): string {
		$rows = $this->rows->due( $this->size );
		if ( ! $rows && ! $this->done && ! $even_if_empty ) {
			return self::DONE;
		}
		$is_full = count( $rows ) === $this->size;
		$outcome = $this->send( $rows, false );
		return self::DONE === $outcome && ( $is_full || $this->done ) ? self::MORE : $outcome;
	}

	/**
	 * One message with certain rows, at the end of a request.
	 *
	 * @param object[] $rows As they were read.
	 * @return string One of the constants.
	 */
	public function push( array $rows ): string {
		$outcome = $this->send( $rows, true );
		return self::DONE === $outcome && $this->done ? $this->send( array(), true ) : $outcome;
	}

	/**
	 * One message.
	 *
	 * @param object[] $rows      As they were read.
	 * @param bool     $is_direct Whether a visitor's worker waits.
	 */
	private function send( array $rows, bool $is_direct ): string {
		$batch = new Batch( $rows, new Reader(), $this->rows, $this->guard );
		$this->rows->delete( $batch->empty );
		if ( $rows && ! $batch->rows ) {
			return self::DONE;
		}
		$head   = $this->link->head() + array( 'queue' => Queue::now() ) + $this->done;
		$answer = $this->link->post( $batch->body( $head ), $is_direct );
		for ( $time = 0; $time < self::REPLAYS_MAX && Reasons::REPLAYED === Reasons::of( $answer ); $time++ ) {
			$answer = $this->link->post( $batch->body( $head ), $is_direct );
		}
		if ( $answer->is_ok() && is_array( $answer->body['items'] ?? null ) ) {
			$this->done = array();
			$outcome    = $this->take( $batch, $answer->body );
			$this->pace->succeeded( $is_direct, ! empty( $answer->body['collect'] ) );
			return $batch->is_cut ? self::MORE : $outcome;
		}
		return $this->give_way( $batch, $answer, $is_direct );
	}

	/**
	 * What an answer says about each row, and what else it brings.
	 *
	 * @param Batch $batch What was sent.
	 * @param array $body  The answer.
	 */
	private function take( Batch $batch, array $body ): string {
		$taken = array();
		$left  = $batch->rows;
		foreach ( (array) $body['items'] as $item ) {
			$ref = is_array( $item ) ? (string) ( $item['ref'] ?? '' ) : '';
			if ( ! isset( $left[ $ref ] ) ) {
				continue;
			}
			if ( in_array( $item['state'] ?? '', array( 'kept', 'known' ), true ) ) {
				$taken[] = $left[ $ref ];
			} else {
				$problem = is_string( $item['problem'] ?? null ) ? $item['problem'] : 'refused';
				$this->rows->put_off( $left[ $ref ], $problem, Pace::LAST_SECONDS );
			}
			unset( $left[ $ref ] );
		}
		$this->rows->delete( $taken );
		foreach ( $left as $row ) {
			$this->rows->put_off( $row, 'The service did not answer for it.', Pace::back_off( (int) $row->attempts + 1 ) );
		}
		$this->done = array_filter( $this->link->keep( $body ) );
		$wanted     = array_slice( array_map( 'intval', (array) ( $body['wanted']['orders'] ?? array() ) ), 0, self::WANTED_MAX );
		return $this->outbox->want( Outbox::ORDER, $wanted ) ? self::MORE : self::DONE;
	}

	/**
	 * It was not taken as a whole. Rows stay as they are; only one that is too large alone is put off.
	 *
	 * @param Batch  $batch     What was sent.
	 * @param Answer $answer    What came back.
	 * @param bool   $is_direct Whether a visitor's worker waits.
	 */
	private function give_way( Batch $batch, Answer $answer, bool $is_direct ): string {
		if ( Reasons::TOO_LARGE === Reasons::of( $answer ) && $batch->rows ) {
			if ( count( $batch->rows ) > 1 ) {
				$this->size = intdiv( count( $batch->rows ), 2 );
			} else {
				$this->rows->put_off( current( $batch->rows ), Batch::TOO_LARGE, Pace::LAST_SECONDS );
			}
			return $is_direct ? self::STOP : self::MORE;
		}
		if ( $this->link->is_open() ) {
			$this->pace->failed( $is_direct, $answer->retry_after );
		}
		return self::STOP;
	}
}
