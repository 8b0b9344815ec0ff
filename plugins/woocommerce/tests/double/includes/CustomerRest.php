<?php
/**
 * The one thing of REST that pushing depends on: what becomes of a customer's meta.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

final class CustomerRest {

	public static function register(): void {
		register_rest_route(
			'wc/v3',
			'/customers/(?P<id>\d+)',
			array(
				array(
					'methods'             => 'GET',
					'callback'            => array( __CLASS__, 'read' ),
					'permission_callback' => array( __CLASS__, 'may' ),
				),
				array(
					'methods'             => 'PUT',
					'callback'            => array( __CLASS__, 'write' ),
					'permission_callback' => array( __CLASS__, 'may' ),
				),
			)
		);
	}

	public static function may() {
		return current_user_can( 'edit_users' );
	}

	/** Keys that start with "_" are dropped in silence, and the answer is 200. */
	public static function write( WP_REST_Request $request ) {
		$id = (int) $request['id'];
		if ( ! get_userdata( $id ) ) {
			return new WP_Error( 'wc_user_invalid_id', 'Invalid resource id.', array( 'status' => 404 ) );
		}
		foreach ( (array) $request['meta_data'] as $meta ) {
			if ( '_' !== substr( $meta['key'], 0, 1 ) ) {
				update_user_meta( $id, $meta['key'], $meta['value'] );
			}
		}
		do_action( 'woocommerce_update_customer', $id, new WC_Customer( $id ) );
		return self::read( $request );
	}

	/** They are hidden, too. */
	public static function read( WP_REST_Request $request ) {
		$id    = (int) $request['id'];
		$shown = array();
		foreach ( get_user_meta( $id ) as $key => $values ) {
			if ( '_' !== substr( $key, 0, 1 ) ) {
				$shown[] = array(
					'key'   => $key,
					'value' => maybe_unserialize( $values[0] ),
				);
			}
		}
		return rest_ensure_response(
			array(
				'id'        => $id,
				'meta_data' => $shown,
			)
		);
	}
}
