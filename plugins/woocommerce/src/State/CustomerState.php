<?php
/**
 * What a customer is now.
 *
 * @package Belong
 */

namespace Belong\State;

defined( 'ABSPATH' ) || exit;

/**
 * A part of what WooCommerce's REST answers. An account of any role may buy, so every role is told.
 */
final class CustomerState {

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
			'role'               => (string) $customer->get_role(),
			'date_created_gmt'   => Texts::moment( $customer->get_date_created() ),
			'date_modified_gmt'  => Texts::moment( $customer->get_date_modified() ),
			'is_paying_customer' => (bool) $customer->get_is_paying_customer(),
			'meta_data'          => $this->meta( $customer ),
		);
	}

	/**
	 * A birthday, say: only what somebody named, and never what is private to WordPress.
	 *
	 * @param \WC_Customer $customer The customer.
	 * @return array[]
	 */
	private function meta( \WC_Customer $customer ): array {
		/**
		 * Names of customer meta that the programme's connection asks for, as `birthday_meta`.
		 *
		 * @param string[] $keys None, unless somebody adds one.
		 */
		$keys  = (array) apply_filters( 'belong_customer_meta_keys', array() );
		$shown = array();
		foreach ( $keys as $key ) {
			$value = is_protected_meta( $key, 'user' ) ? '' : get_user_meta( $customer->get_id(), $key, true );
			if ( is_scalar( $value ) && '' !== (string) $value ) {
				$shown[] = array(
					'key'   => $key,
					'value' => (string) $value,
				);
			}
		}
		return $shown;
	}
}
