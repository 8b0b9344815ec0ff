<?php
/**
 * What a customer is now.
 *
 * @package Belong
 */

namespace Belong\State;

use Belong\Display\Programme;

defined( 'ABSPATH' ) || exit;

/**
 * A part of what WooCommerce's REST answers, and the account's language, which it does not. An account of any role may buy, so every role is told.
 */
final class CustomerState {

	// Whatever the service asks for, nothing but this leaves the shop.
	const BIRTHDAY = '/\A\s*(?:\d{4}-\d\d-\d\d|\d{8}|(?:--)?\d\d-\d\d)\s*\z/';

	/**
	 * As the wire names it.
	 *
	 * @param \WC_Customer $customer As it was just read.
	 */
	public function of( \WC_Customer $customer ): array {
		return array(
			'id'                 => $customer->get_id(),
			'email'              => (string) $customer->get_email(),
			'first_name'         => (string) $customer->get_first_name(),
			'last_name'          => (string) $customer->get_last_name(),
			'locale'             => get_user_locale( $customer->get_id() ),
			'role'               => (string) $customer->get_role(),
			'date_created_gmt'   => Texts::moment( $customer->get_date_created() ),
			'date_modified_gmt'  => Texts::moment( $customer->get_date_modified() ),
			'is_paying_customer' => (bool) $customer->get_is_paying_customer(),
			'meta_data'          => $this->meta( $customer ),
		);
	}

	/**
	 * A birthday where the service asked for it, and what somebody in the shop named; never what is private to WordPress.
	 *
	 * @param \WC_Customer $customer The customer.
	 * @return array[]
	 */
	private function meta( \WC_Customer $customer ): array {
		$asked = Programme::kept()->customer_meta();
		/**
		 * Names of customer meta that are told besides.
		 *
		 * @param string[] $keys None, unless somebody adds one.
		 */
		$named = (array) apply_filters( 'belong_customer_meta_keys', array() );
		$shown = array();
		foreach ( array_unique( array_merge( $asked, $named ) ) as $key ) {
			$value = is_string( $key ) && ! is_protected_meta( $key, 'user' ) ? get_user_meta( $customer->get_id(), $key, true ) : '';
			$value = is_scalar( $value ) ? (string) $value : '';
			if ( '' !== $value && ( in_array( $key, $named, true ) || preg_match( self::BIRTHDAY, $value ) ) ) {
				$shown[] = array(
					'key'   => $key,
					'value' => $value,
				);
			}
		}
		return $shown;
	}
}
