<?php
/**
 * What this order earns, in cart and checkout.
 *
 * @package Belong
 */

namespace Belong\Display;

use Belong\Earning\Terms;

defined( 'ABSPATH' ) || exit;

/**
 * Three sentences, made here for both kinds of cart and checkout; none where there is nothing to say.
 */
final class CartPoints {

	const NAMESPACE_OF_OURS = 'belong';

	const NOTHING = array(
		'label'   => '',
		'earn'    => '',
		'hint'    => '',
		'login'   => '',
		'balance' => '',
	);

	/**
	 * What would be earned.
	 *
	 * @var Earning
	 */
	private $earning;

	/**
	 * Shows nothing yet.
	 *
	 * @param Earning $earning What would be earned.
	 */
	public function __construct( Earning $earning ) {
		$this->earning = $earning;
	}

	/**
	 * A row below the total, in both classic pages. They are asked for anew with every change of the cart.
	 */
	public function row(): void {
		$told = $this->told();
		if ( '' === $told['label'] ) {
			return;
		}
		Assets::need_style();
		Assets::need_script();
		$spans = '';
		foreach ( array( 'earn', 'hint', 'balance' ) as $part ) {
			if ( '' !== $told[ $part ] ) {
				$text   = 'hint' === $part && '' !== $told['login']
					? sprintf( '<a href="%1$s">%2$s</a>', esc_url( $told['login'] ), esc_html( $told['hint'] ) )
					: esc_html( $told[ $part ] );
				$spans .= sprintf( '<span class="belong-points__%1$s">%2$s</span> ', $part, $text );
			}
		}
		$row = '<tr class="belong-points"><th scope="row">%1$s</th><td data-title="%2$s">%3$s';
		echo wp_kses_post( sprintf( $row, esc_html( $told['label'] ), esc_attr( $told['label'] ), $spans ) );
		/**
		 * Here a member can be asked to use points: inside the cell, below what the order earns.
		 *
		 * @param string $place classic.
		 */
		do_action( 'belong_cart_points', 'classic' );
		echo wp_kses_post( '</td></tr>' );
	}

	/**
	 * The same for every answer of the Store API, from local data alone: it is asked with every click in a cart.
	 */
	public function told(): array {
		$summary = $this->earning->programme();
		$cart    = WC()->cart;
		$basket  = null !== $summary && $cart && ! $cart->is_empty()
			? ( new Baskets( $summary, get_woocommerce_currency() ) )->of_cart( $cart )
			: null;
		if ( null === $basket ) {
			return self::NOTHING;
		}
		$user_id  = get_current_user_id();
		$snapshot = Snapshot::own();
		$words    = $this->earning->words( $snapshot );
		$bounds   = $this->earning->for_customer( $basket, $user_id );
		$told     = self::NOTHING;
		if ( $snapshot->exists() ) {
			$told['earn']    = $bounds->is_nothing() ? '' : $words->order( $bounds );
			$told['balance'] = $snapshot->is_active() && $snapshot->available() > 0 ? $words->balance( $snapshot->available() ) : '';
		} elseif ( ! $bounds->is_nothing() ) {
			$told['earn'] = $words->order_of_a_guest( $bounds );
			if ( ! $user_id ) {
				$told['hint']  = $words->how_to_join( WC()->checkout()->is_registration_enabled() && Terms::take_everybody( $summary ) );
				$told['login'] = LoginReturn::address();
			}
		}
		if ( self::NOTHING !== $told ) {
			$told['label'] = ucfirst( $words->points_name() );
		}
		return $told;
	}

	/**
	 * What the Store API says of that.
	 */
	public function schema(): array {
		$text = array(
			'type'     => 'string',
			'context'  => array( 'view', 'edit' ),
			'readonly' => true,
		);
		return array(
			'label'   => array( 'description' => __( 'What points are called; empty where there is nothing to show.', 'belong-for-woocommerce' ) ) + $text,
			'earn'    => array( 'description' => __( 'What this order earns.', 'belong-for-woocommerce' ) ) + $text,
			'hint'    => array( 'description' => __( 'How a guest keeps it.', 'belong-for-woocommerce' ) ) + $text,
			'login'   => array( 'description' => __( 'Where a guest logs in; from there they come back to the cart.', 'belong-for-woocommerce' ) ) + $text,
			'balance' => array( 'description' => __( 'What a member has.', 'belong-for-woocommerce' ) ) + $text,
		);
	}
}
