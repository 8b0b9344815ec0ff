<?php
/**
 * Looks at balances, has them given, or has them taken back, page by page.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Reasons;
use Belong\Connection\Service;
use Belong\Wake;

defined( 'ABSPATH' ) || exit;

/**
 * The service gives each balance once, by a key of its own; so a page may be told again, by this process or another, and
 * whoever is killed is followed by the next minute's net.
 */
final class Importer {

	const HOOK    = 'belong_import_balances';
	const PURPOSE = 'opening-balances';
	const PAGE    = 50;

	// Action Scheduler gives a run thirty seconds, and the last call may take its patience.
	const SECONDS_MAX = 18;
	const PATIENCE    = 10;

	// What a form of the owner waits for before it goes on in the background.
	const FORM_SECONDS = 4;

	const ROUNDS_MAX = 9;
	const GONE       = 'kind-gone';

	/**
	 * As the queue and the net call it. Must never throw: after five failures the queue would not call again.
	 */
	public function run(): void {
		$this->work( self::SECONDS_MAX );
	}

	/**
	 * As a form calls it: a small shop is done at once, a large one goes on without anybody.
	 */
	public function run_for_a_form(): void {
		if ( $this->work( self::FORM_SECONDS ) && function_exists( 'as_enqueue_async_action' ) ) {
			as_enqueue_async_action( self::HOOK, array(), Wake::GROUP, true );
		}
	}

	/**
	 * Pages until the time is over.
	 *
	 * @param int $seconds How long.
	 * @return bool whether there is more to do now
	 */
	private function work( int $seconds ): bool {
		$ends = microtime( true ) + $seconds;
		do {
			$run = Run::kept();
			if ( ! $run->is_under_way() || ! Connection::kept()->is_open() ) {
				return false;
			}
			if ( ! $this->page( $run ) ) {
				return false;
			}
		} while ( microtime( true ) < $ends );
		return Run::kept()->is_under_way();
	}

	/**
	 * One page of whatever phase it is in.
	 *
	 * @param Run $run Which import.
	 * @return bool whether it may go on now
	 */
	private function page( Run $run ): bool {
		$kind = Kinds::of( $run->key() );
		if ( null === $kind && Run::TAKING !== $run->phase() ) {
			$run->note_problem( self::GONE );
			return false;
		}
		if ( Run::LOOKING === $run->phase() ) {
			return $this->look( $run, $kind );
		}
		return Run::BOOKING === $run->phase() ? $this->book( $run, $kind ) : $this->take_back( $run );
	}

	/**
	 * Reads the next balances, and asks what giving them would do.
	 *
	 * @param Run  $run  Which import.
	 * @param Kind $kind Where they are.
	 */
	private function look( Run $run, Kind $kind ): bool {
		$page = $kind->page( Rows::last_place(), self::PAGE );
		if ( ! $page ) {
			return $run->turn( Run::LOOKING, Run::LOOKED ) && false;
		}
		$taken   = array_flip( Rows::users( array_filter( array_column( $page, 'user' ) ) ) );
		$amounts = array();
		$asked   = array();
		$codes   = array();
		foreach ( $page as $at => $row ) {
			$amounts[ $at ] = new Amount( $row['text'], $run->old(), $run->new() );
			$codes[ $at ]   = self::problem( $row, $amounts[ $at ], $taken );
			if ( '' === $codes[ $at ] && $amounts[ $at ]->points > 0 ) {
				$taken[ $row['user'] ] = true;
				$asked[ $row['user'] ] = $amounts[ $at ]->points;
			}
		}
		$told = $asked ? $this->ask( $run, 'look', $asked ) : array();
		if ( null === $told ) {
			return false;
		}
		if ( in_array( 'opening-taken-back', array_column( $told, 'code' ), true ) && $run->round() < self::ROUNDS_MAX ) {
			$run->next_round();
			return true;
		}
		foreach ( $page as $at => $row ) {
			$is_asked = '' === $codes[ $at ] && $amounts[ $at ]->points > 0;
			$found    = $is_asked ? $told[ $row['user'] ] : array( 'state' => '' === $codes[ $at ] ? Rows::NOTHING : Rows::REFUSED );
			Rows::keep( $row, $amounts[ $at ], $found['state'], $found['code'] ?? $codes[ $at ] );
		}
		return true;
	}

	/**
	 * Why a balance cannot be taken, before anybody is asked; empty if it can.
	 *
	 * @param array  $row    place, user and text.
	 * @param Amount $amount What it becomes.
	 * @param array  $taken  Users who have a balance already, as keys.
	 */
	private static function problem( array $row, Amount $amount, array $taken ): string {
		if ( '' !== $amount->problem ) {
			return $amount->problem;
		}
		if ( 0 === $amount->points ) {
			return '';
		}
		if ( 0 === $row['user'] ) {
			return Rows::NO_ACCOUNT;
		}
		return isset( $taken[ $row['user'] ] ) ? Rows::TWICE : '';
	}

	/**
	 * Has the next balances given, as they were shown. One that has changed since is left alone and listed.
	 *
	 * @param Run  $run  Which import.
	 * @param Kind $kind Where they are.
	 */
	private function book( Run $run, Kind $kind ): bool {
		$rows = Rows::next( array( Rows::STATE_NEW ), self::PAGE );
		if ( ! $rows ) {
			return $run->turn( Run::BOOKING, Run::BOOKED ) && false;
		}
		$texts = $kind->texts( array_map( 'intval', array_column( $rows, 'place' ) ) );
		$asked = array();
		foreach ( $rows as $row ) {
			if ( mb_substr( $texts[ (int) $row->place ] ?? '', 0, 60 ) === $row->old ) {
				$asked[ (int) $row->user_id ] = (int) $row->points;
			} else {
				Rows::settle( (int) $row->place, Rows::REFUSED, Rows::CHANGED );
			}
		}
		return ! $asked || $this->settle( $run, 'book', $rows, $asked );
	}

	/**
	 * Has the next ones taken back.
	 *
	 * @param Run $run Which import.
	 */
	private function take_back( Run $run ): bool {
		$rows = Rows::next( array( Rows::BOOKED, Rows::KNOWN ), self::PAGE );
		if ( ! $rows ) {
			return $run->turn( Run::TAKING, Run::TAKEN ) && false;
		}
		$asked = array_fill_keys( array_map( 'intval', array_column( $rows, 'user_id' ) ), 0 );
		return $this->settle( $run, 'take-back', $rows, $asked );
	}

	/**
	 * Asks for it and keeps what came of each.
	 *
	 * @param Run             $run   Which import.
	 * @param string          $what  book or take-back.
	 * @param object[]        $rows  Of the page.
	 * @param array<int, int> $asked Points by user, of those who are asked for.
	 */
	private function settle( Run $run, string $what, array $rows, array $asked ): bool {
		$told = $this->ask( $run, $what, $asked );
		if ( null === $told ) {
			return false;
		}
		foreach ( $rows as $row ) {
			$found = $told[ (int) $row->user_id ] ?? null;
			if ( null !== $found ) {
				// Taken back by an earlier call whose answer was lost: there was nothing left to take.
				$is_gone = 'take-back' === $what && Rows::NOTHING === $found['state'];
				Rows::settle( (int) $row->place, $is_gone ? Rows::TAKEN_BACK : $found['state'], $found['code'] );
			}
		}
		return true;
	}

	/**
	 * One call of the service.
	 *
	 * @param Run             $run   Which import.
	 * @param string          $what  look, book or take-back.
	 * @param array<int, int> $asked Points by user.
	 * @return array<int, array>|null state and code by user; null if it has to wait, and why stands in the run
	 */
	private function ask( Run $run, string $what, array $asked ): ?array {
		$balances = array();
		foreach ( $asked as $user => $points ) {
			$balances[] = array(
				'customer' => (string) $user,
				'points'   => $points,
			);
		}
		$body   = array(
			'source'   => $run->source(),
			'kind'     => $run->kind(),
			'round'    => $run->round(),
			'act'      => $what,
			'actor'    => $run->actor(),
			'balances' => $balances,
		);
		$answer = ( new Service( Connection::kept() ) )->post( self::PURPOSE, $body, self::PATIENCE );
		$told   = self::read( $answer, $asked );
		$run->note_problem( null !== $told ? '' : self::why( $answer ) );
		return $told;
	}

	/**
	 * What came, if it is an answer to everything that was asked.
	 *
	 * @param Answer          $answer What came.
	 * @param array<int, int> $asked  Points by user.
	 */
	private static function read( Answer $answer, array $asked ): ?array {
		if ( ! $answer->is_ok() || 'done' !== $answer->text( 'state' ) || ! is_array( $answer->body['items'] ?? null ) ) {
			return null;
		}
		$known = array( Rows::STATE_NEW, Rows::BOOKED, Rows::KNOWN, Rows::NOTHING, Rows::TAKEN_BACK, Rows::REFUSED );
		$told  = array();
		foreach ( $answer->body['items'] as $item ) {
			$state = is_array( $item ) ? ( $item['state'] ?? null ) : null;
			if ( ! is_string( $item['customer'] ?? null ) || ! in_array( $state, $known, true ) ) {
				return null;
			}
			$code                            = is_string( $item['code'] ?? null ) ? mb_substr( $item['code'], 0, 40 ) : '';
			$code                            = true === ( $item['enrols'] ?? false ) ? Rows::JOINS : $code;
			$told[ (int) $item['customer'] ] = array(
				'state' => $state,
				'code'  => $code,
			);
		}
		return array_diff_key( $asked, $told ) ? null : $told;
	}

	/**
	 * Why it has to wait.
	 *
	 * @param Answer $answer What came.
	 */
	private static function why( Answer $answer ): string {
		if ( ! $answer->is_ok() ) {
			return Reasons::of( $answer );
		}
		return '' === $answer->code ? Reasons::BROKEN : mb_substr( $answer->code, 0, 40 );
	}
}
