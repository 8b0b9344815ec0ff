<?php
/**
 * What came of balances, and why not, in sentences.
 *
 * @package Belong
 */

namespace Belong\Importing;

use Belong\Connection\Reasons;

defined( 'ABSPATH' ) || exit;

/**
 * For the owner.
 */
final class Words {

	/**
	 * Why one balance is refused.
	 *
	 * @param string $code Of Rows, Amount or the service.
	 */
	public static function refused( string $code ): string {
		$said = array(
			Amount::NO_NUMBER       => __( 'What is kept there is no number.', 'belong-for-woocommerce' ),
			Amount::NEGATIVE        => __( 'The balance is below zero.', 'belong-for-woocommerce' ),
			Amount::TOO_LARGE       => __( 'The balance is larger than 1,000,000,000 points.', 'belong-for-woocommerce' ),
			Rows::NO_ACCOUNT        => __( 'There is no account in this shop for it.', 'belong-for-woocommerce' ),
			Rows::TWICE             => __( 'The same customer has another balance before this one.', 'belong-for-woocommerce' ),
			Rows::CHANGED           => __( 'The balance has changed since you looked. Look once more.', 'belong-for-woocommerce' ),
			'opening-differs'       => __( 'Another number of these points was brought along before. Take that import back first.', 'belong-for-woocommerce' ),
			'opening-needs-consent' => __( 'The customer has not joined the programme, and it takes only those who agree. Bring the balance along once they have joined.', 'belong-for-woocommerce' ),
			'opening-taken-back'    => __( 'It was taken back before, as often as can be done here.', 'belong-for-woocommerce' ),
			'member-not-active'     => __( 'This customer was merged into another account, or erased.', 'belong-for-woocommerce' ),
			'member-erased'         => __( 'This customer was erased on request.', 'belong-for-woocommerce' ),
		);
		/* translators: %s: a word for programs, such as member-unknown */
		return $said[ $code ] ?? sprintf( __( 'Your Belong refused it: %s', 'belong-for-woocommerce' ), $code );
	}

	/**
	 * Why the import does not go on.
	 *
	 * @param string $problem As Run keeps it.
	 */
	public static function problem( string $problem ): string {
		$said = array(
			Importer::GONE             => __( 'These points are not in the database any more.', 'belong-for-woocommerce' ),
			'importing-switched-off'   => __( 'Whoever runs your Belong does not let this shop bring balances along.', 'belong-for-woocommerce' ),
			'importing-needs-operator' => __( 'In your programme two people must agree to points given by hand. Whoever runs your Belong must allow this import first: belong setting CONNECTION plugin_imports yes', 'belong-for-woocommerce' ),
		);
		return $said[ $problem ] ?? Reasons::in_words( $problem );
	}
}
