<?php
/**
 * What a shop's privacy policy could say about the programme.
 *
 * @package Belong
 */

namespace Belong\Personal;

defined( 'ABSPATH' ) || exit;

/**
 * A suggestion under Settings > Privacy; the owner takes what is true in their shop. It says what this plugin does, and
 * nothing of what the service's owner does besides.
 */
final class Policy {

	/**
	 * Adds it to WordPress's guide.
	 */
	public function suggest(): void {
		if ( is_admin() ) {
			wp_add_privacy_policy_content( 'Belong for WooCommerce', wp_kses_post( $this->text() ) );
		}
	}

	/**
	 * As HTML.
	 */
	public function text(): string {
		$paragraphs = array(
			__( 'Our shop has a loyalty programme. To reckon points, tiers and badges we use a service called Belong, which we run ourselves or have run for us.', 'belong-for-woocommerce' ),
			__( 'For it we send: of orders the goods by number, quantities, totals, taxes, refunds, coupons, how they were paid, the customer number, name, e-mail address and country; of customer accounts number, name, e-mail address, language and role, and the birthday if we ask for it; of reviews status, rating and length, and none of their words.', 'belong-for-woocommerce' ),
			__( 'If you use points for a cart, we send what lies in it by number and price. If you choose to be on leaderboards, agree to mails about your points or stop them, ask for a code for friends or enter one, we send that choice and what you typed.', 'belong-for-woocommerce' ),
			__( 'If you had points in an earlier programme of ours, we send how many, with your customer number. When somebody of our shop changes points by hand, we send who did it and why.', 'belong-for-woocommerce' ),
			__( 'In your account we keep what the service last said of you: points, history with reasons, tier, badges and vouchers, what you let others see, and whether you take mails. Nobody sees your badge or your name unless you want it.', 'belong-for-woocommerce' ),
			__( 'Only if you come by a friend’s link does the programme set a cookie: it holds that code for 30 days at most, or until you have entered it. Your browser loads nothing for the programme from anywhere else.', 'belong-for-woocommerce' ),
			__( 'You can have a copy of all of this, and have it erased. The service then takes name and address away and keeps the numbers of its ledger without them, because orders were paid with them.', 'belong-for-woocommerce' ),
		);
		return '<p class="privacy-policy-tutorial">' . esc_html__( 'Leave out what your shop does not do, and name who runs the service and for how long it keeps data.', 'belong-for-woocommerce' ) . '</p><p>' . implode( '</p><p>', array_map( 'esc_html', $paragraphs ) ) . '</p>';
	}
}
