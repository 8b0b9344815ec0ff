<?php
/**
 * Where a shopper uses points, in the cart and checkout blocks.
 *
 * @package Belong
 */

namespace Belong\Redeeming;

defined( 'ABSPATH' ) || exit;

/**
 * Comes with each answer about the cart, from local data alone; what a shopper asks for comes by the Store API, which has
 * checked its nonce. What came of it is said in the answer itself: the cart in it is the one of afterwards.
 */
final class BlockPanel {

	const NOTHING = array(
		'title'   => '',
		'said'    => '',
		'code'    => '',
		'label'   => '',
		'button'  => '',
		'points'  => '',
		'failed'  => '',
		'outcome' => '',
		'is_good' => true,
		'offers'  => array(),
	);

	/**
	 * What came of it, in this request.
	 *
	 * @var Outcome|null
	 */
	private $outcome = null;

	/**
	 * What stands beside the cart.
	 */
	public function told(): array {
		$choice = Choice::own();
		$told   = $this->came() + self::NOTHING;
		if ( ! $choice ) {
			return $told;
		}
		$told['title']  = Choice::title();
		$told['said']   = $choice->said() === $told['outcome'] ? '' : $choice->said();
		$told['button'] = $choice->held ? Choice::take_it_off() : Choice::use_it();
		$told['points'] = ucfirst( $choice->format->points_name() );
		$told['failed'] = Outcome::unknown()->said;
		$told['offers'] = array_map( array( $this, 'offer' ), $choice->offers, array_fill( 0, count( $choice->offers ), $choice->format ) );
		if ( $choice->held ) {
			$told['code']  = $choice->held->code();
			$told['label'] = Coupons::label_of( $choice->held );
		}
		return $told;
	}

	/**
	 * Does what a shopper asks for: `choose` with the id of a reward and, with a slider, `points`; else `remove`.
	 *
	 * @param mixed $data As it was sent.
	 */
	public function update( $data ): void {
		// Should we fail, this stays.
		$this->outcome = Outcome::unknown();
		$before        = wc_get_notices();
		$outcome       = $this->asked( is_array( $data ) ? $data : array() );
		$after         = wc_get_notices();
		wc_set_notices( $before );
		$this->outcome = '' === $outcome->said ? $outcome->with( self::newest( $after, $before, $outcome->is_good ? 'success' : 'error' ) ) : $outcome;
	}

	/**
	 * What the Store API says of that.
	 */
	public function schema(): array {
		$common = array(
			'context'  => array( 'view', 'edit' ),
			'readonly' => true,
		);
		$schema = array();
		foreach ( self::NOTHING as $name => $value ) {
			$types           = array(
				'boolean' => 'boolean',
				'array'   => 'array',
			);
			$schema[ $name ] = array( 'type' => $types[ gettype( $value ) ] ?? 'string' ) + $common;
		}
		return array(
			'redeem' => array(
				'description' => __( 'What points can be used for in this cart; empty where there is nothing to choose.', 'belong-for-woocommerce' ),
				'type'        => 'object',
				'properties'  => $schema,
			) + $common,
		);
	}

	/**
	 * One of the two.
	 *
	 * @param array $data As it was sent.
	 */
	private function asked( array $data ): Outcome {
		if ( true === ( $data['remove'] ?? null ) ) {
			return Choosing::own()->take_off();
		}
		$reward = $data['choose'] ?? null;
		$points = $data['points'] ?? null;
		if ( null !== $points && ( ! is_int( $points ) || ! preg_match( Posted::POINTS, (string) $points ) ) ) {
			return Outcome::no_number();
		}
		return is_string( $reward ) ? Choosing::own()->choose( $reward, $points ) : Outcome::not_to_be_had();
	}

	/**
	 * What WooCommerce said meanwhile, as plain text; nobody else is to say it again.
	 *
	 * @param array  $after  All notices now.
	 * @param array  $before All notices before.
	 * @param string $type   Of notices.
	 */
	private static function newest( array $after, array $before, string $type ): string {
		$new  = array_slice( $after[ $type ] ?? array(), count( $before[ $type ] ?? array() ) );
		$last = end( $new );
		return $last ? html_entity_decode( wp_strip_all_tags( $last['notice'] ), ENT_QUOTES, 'UTF-8' ) : '';
	}

	/**
	 * What came of it, for the answer.
	 */
	private function came(): array {
		return $this->outcome ? array(
			'outcome' => $this->outcome->said,
			'is_good' => $this->outcome->is_good,
		) : array();
	}

	/**
	 * One reward.
	 *
	 * @param Offer                  $offer  Which.
	 * @param \Belong\Display\Format $format Numbers.
	 */
	private function offer( Offer $offer, $format ): array {
		$told = array(
			'id'      => $offer->id,
			'name'    => $offer->name,
			'price'   => $offer->is_slider() ? '' : $format->points( $offer->points ),
			'why_not' => $offer->why_not,
		);
		return $offer->is_slider() ? $told + array(
			'least' => $offer->points,
			'most'  => $offer->most,
			'step'  => $offer->step,
		) : $told;
	}
}
