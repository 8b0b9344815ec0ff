<?php
/**
 * A reward as it stands for a member in a cart.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * By what was pushed; whether it can be had is the service's to say, when it is asked for.
 */
final class Offer {

	const PERK = 'perk';

	/**
	 * Of the reward, in the programme.
	 *
	 * @var string
	 */
	public $id;

	/**
	 * What the merchant calls it.
	 *
	 * @var string
	 */
	public $name;

	/**
	 * One of Reservation::KINDS, or PERK.
	 *
	 * @var string
	 */
	public $kind;

	/**
	 * Its price; with a slider that of the smallest choice.
	 *
	 * @var int
	 */
	public $points;

	/**
	 * Points of one step of a slider, else 0.
	 *
	 * @var int
	 */
	public $step;

	/**
	 * Points of the largest choice of a slider, else 0.
	 *
	 * @var int
	 */
	public $most;

	/**
	 * Why it cannot be had now; empty if it can, as far as the shop knows.
	 *
	 * @var string
	 */
	public $why_not;

	/**
	 * With these values.
	 *
	 * @param array $values By name of a property.
	 */
	public function __construct( array $values ) {
		$this->id      = (string) $values['id'];
		$this->name    = (string) $values['name'];
		$this->kind    = (string) $values['kind'];
		$this->points  = (int) $values['points'];
		$this->step    = (int) ( $values['step'] ?? 0 );
		$this->most    = (int) ( $values['most'] ?? 0 );
		$this->why_not = (string) ( $values['why_not'] ?? '' );
	}

	/**
	 * Whether a shopper chooses how many points.
	 */
	public function is_slider(): bool {
		return 'slider' === $this->kind;
	}

	/**
	 * Whether people of the shop give it: no cart takes it off.
	 */
	public function is_perk(): bool {
		return self::PERK === $this->kind;
	}

	/**
	 * Whether it can be had, as far as the shop knows.
	 */
	public function is_open(): bool {
		return '' === $this->why_not;
	}
}
