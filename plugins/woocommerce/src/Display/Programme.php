<?php
/**
 * What was pushed about the programme.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Connection\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * The summary that every page can show, for guests too. Empty where nothing was pushed, or something unknown.
 */
final class Programme {

	const OPTION = 'belong_programme';
	const SCHEMA = 1;

	// The summary's languages by what WordPress calls them; the longest that fits counts, else the shop's.
	const LANGUAGES = array(
		'zh_TW' => 'zh-Hant',
		'zh_HK' => 'zh-Hant',
		'zh'    => 'zh-Hans',
		'de'    => 'de',
		'es'    => 'es',
		'en'    => 'en',
	);

	/**
	 * All that was pushed; empty if it is not to be shown.
	 *
	 * @var Part
	 */
	private $part;

	/**
	 * Reads text.
	 *
	 * @param mixed $text As it was pushed, mostly.
	 */
	public function __construct( $text ) {
		$part       = Part::from_json( $text );
		$this->part = self::SCHEMA === $part->number( 'schema' ) ? $part : new Part( null );
	}

	/**
	 * As it is kept in this shop, while it is connected.
	 */
	public static function kept(): self {
		return new self( Connection::kept()->is_connected() ? get_option( self::OPTION, '' ) : '' );
	}

	/**
	 * Whether there is anything to show.
	 */
	public function exists(): bool {
		return $this->part->exists();
	}

	/**
	 * What the merchant calls it.
	 */
	public function name(): string {
		return $this->part->text( 'name' );
	}

	/**
	 * Whether customers have to agree before they are members. Older services do not say it.
	 */
	public function asks_first(): bool {
		return 'consent' === $this->part->text( 'enrolment' );
	}

	/**
	 * Tag of the language of whoever looks, if the programme speaks it, else of the shop's.
	 */
	public function language(): string {
		$locale = determine_locale();
		foreach ( array( substr( $locale, 0, 5 ), substr( $locale, 0, 2 ) ) as $start ) {
			if ( isset( self::LANGUAGES[ $start ] ) ) {
				return self::LANGUAGES[ $start ];
			}
		}
		$own = $this->part->text( 'language' );
		return '' === $own ? 'en' : $own;
	}

	/**
	 * What one point and several are called.
	 *
	 * @return string[] empty if nobody said
	 */
	public function points_name(): array {
		$names = $this->part->part( 'points_name' )->texts( $this->language() );
		return 2 === count( array_filter( $names, 'strlen' ) ) ? $names : array();
	}

	/**
	 * Sections of its rules: each has a title and sentences.
	 *
	 * @return Part[]
	 */
	public function rules(): array {
		$rules = $this->part->part( 'rules' );
		$found = $rules->parts( $this->language() );
		return array() === $found ? $rules->parts( $this->part->text( 'language' ) ) : $found;
	}

	/**
	 * A sentence for each way to earn; none once the programme has ended. Older services do not say them.
	 *
	 * @param int $now Seconds since 1970.
	 * @return string[]
	 */
	public function ways( int $now ): array {
		$until = strtotime( $this->part->part( 'earn' )->text( 'earn_until' ) );
		if ( false !== $until && $now >= $until ) {
			return array();
		}
		$ways  = $this->part->part( 'ways' );
		$found = $ways->texts( $this->language() );
		return array() === $found ? $ways->texts( $this->part->text( 'language' ) ) : $found;
	}

	/**
	 * This month's leaderboard; empty where the shop wants none. Older services do not say it.
	 */
	public function board(): Part {
		return $this->part->part( 'board' );
	}

	/**
	 * What the leaderboard counts, since when.
	 */
	public function board_title(): string {
		$titles = $this->board()->part( 'titles' );
		$found  = $titles->text( $this->language() );
		return '' === $found ? $titles->text( $this->part->text( 'language' ) ) : $found;
	}

	/**
	 * Ids of badges that others may see. Of any that is not in the summary nobody knows: it may be hidden, or gone from
	 * the programme.
	 *
	 * @return string[]
	 */
	public function shown_to_others(): array {
		$shown = array();
		foreach ( $this->part->parts( 'badges' ) as $badge ) {
			if ( in_array( $badge->text( 'public' ), array( 'yes', 'ask' ), true ) ) {
				$shown[] = $badge->text( 'id' );
			}
		}
		return $shown;
	}

	/**
	 * How rare each badge is, in words, by its id.
	 *
	 * @param string $language A tag.
	 * @return array<string, string>
	 */
	public function rarities( string $language ): array {
		$told = array();
		foreach ( $this->part->parts( 'badges' ) as $badge ) {
			$told[ $badge->text( 'id' ) ] = $badge->part( 'rarity' )->text( $language );
		}
		return array_filter( $told, 'strlen' );
	}

	/**
	 * Points for both sides, and from which order on.
	 */
	public function referral(): Part {
		return $this->part->part( 'referral' );
	}

	/**
	 * What can be had for points.
	 *
	 * @return Part[]
	 */
	public function rewards(): array {
		return $this->part->parts( 'rewards' );
	}

	/**
	 * Whether a reward may be used beside another one.
	 *
	 * @param string $id Of the reward.
	 */
	public function stacks( string $id ): bool {
		foreach ( $this->rewards() as $reward ) {
			if ( $reward->text( 'id' ) === $id ) {
				return $reward->flag( 'stacks' );
			}
		}
		return false;
	}

	/**
	 * Keys of customers' meta that hold a birthday, where the service has asked for it.
	 *
	 * @return string[]
	 */
	public function customer_meta(): array {
		return $this->part->texts( 'customer_meta' );
	}

	/**
	 * Keys of orders' meta with what gift cards and store credit paid, where the connection's settings name some.
	 *
	 * @return string[]
	 */
	public function order_meta(): array {
		return $this->part->texts( 'order_meta' );
	}

	/**
	 * Names in the language of whoever looks, of tiers, badges or rewards.
	 *
	 * @param string $list Which.
	 * @return string[]
	 */
	public function names( string $list ): array {
		$language = $this->language();
		$names    = array();
		foreach ( $this->part->parts( $list ) as $one ) {
			$names[] = $one->part( 'names' )->text( $language );
		}
		return array_values( array_filter( $names, 'strlen' ) );
	}
}
