<?php
/**
 * How others extend the blocks: what their integrations look like, and what they add to the Store API.
 *
 * @package Belong\Double
 */

namespace Automattic\WooCommerce\Blocks\Integrations;

defined( 'ABSPATH' ) || exit;

interface IntegrationInterface {

	public function get_name();

	public function initialize();

	public function get_script_handles();

	public function get_editor_script_handles();

	public function get_script_data();
}

class IntegrationRegistry {

	private $identifier = '';
	private $registered = array();

	/** Tells under the name of its block, and then starts whatever was registered. */
	public function initialize( $registry_identifier = '' ) {
		$this->identifier = $registry_identifier ? $registry_identifier : $this->identifier;
		if ( '' === $this->identifier ) {
			_doing_it_wrong( __METHOD__, 'Integration registry requires an identifier.', '4.6.0' );
			return false;
		}
		do_action( 'woocommerce_blocks_' . $this->identifier . '_registration', $this );
		foreach ( $this->registered as $integration ) {
			$integration->initialize();
		}
	}

	public function register( IntegrationInterface $integration ) {
		if ( $this->is_registered( $integration->get_name() ) ) {
			_doing_it_wrong( __METHOD__, 'It is already registered.', '4.6.0' );
			return false;
		}
		$this->registered[ $integration->get_name() ] = $integration;
		return true;
	}

	public function is_registered( $name ) {
		return isset( $this->registered[ $name ] );
	}

	public function get_all_registered_script_handles() {
		$handles = array();
		foreach ( $this->registered as $integration ) {
			$handles = array_merge( $handles, $integration->get_script_handles() );
		}
		return array_unique( array_filter( $handles ) );
	}
}

namespace Automattic\WooCommerce\StoreApi\Schemas;

class ExtendSchema {

	const ENDPOINTS = array( 'cart-item', 'cart', 'checkout', 'product' );

	private $extensions = array();
	private $callbacks  = array();

	/** What is wrong is left out, and nobody is told but who manages the shop. */
	public function register_endpoint_data( $args ) {
		$args += array(
			'endpoint'        => '',
			'namespace'       => '',
			'schema_callback' => null,
			'data_callback'   => null,
			'schema_type'     => ARRAY_A,
		);
		$is_right = is_string( $args['namespace'] ) && '' !== $args['namespace']
			&& in_array( $args['endpoint'], self::ENDPOINTS, true )
			&& ( null === $args['data_callback'] || is_callable( $args['data_callback'] ) )
			&& ( null === $args['schema_callback'] || is_callable( $args['schema_callback'] ) )
			&& in_array( $args['schema_type'], array( ARRAY_N, ARRAY_A ), true );
		if ( $is_right ) {
			$this->extensions[ $args['endpoint'] ][ $args['namespace'] ] = $args;
		} elseif ( current_user_can( 'manage_woocommerce' ) ) {
			throw new \Exception( 'This extends nothing.' );
		}
		return true;
	}

	/** A later one of the same namespace takes its place. */
	public function register_update_callback( $args ) {
		if ( ! is_string( $args['namespace'] ?? null ) || '' === $args['namespace'] || ! is_callable( $args['callback'] ?? null ) ) {
			throw new \Exception( 'This updates nothing.' );
		}
		$this->callbacks[ $args['namespace'] ] = $args['callback'];
	}

	/** Called with what a shopper's browser sent; nothing that it throws is caught but a RouteException. */
	public function get_update_callback( $namespace ) {
		if ( ! isset( $this->callbacks[ $namespace ] ) ) {
			throw new \Exception( 'No such namespace.' );
		}
		return $this->callbacks[ $namespace ];
	}

	/** Asked with every answer, with nothing between us and whatever is thrown. */
	public function get_endpoint_data( $endpoint, array $passed_args = array() ) {
		$found = array();
		foreach ( $this->extensions[ $endpoint ] ?? array() as $namespace => $args ) {
			if ( $args['data_callback'] ) {
				$data = $args['data_callback']( ...$passed_args );
				if ( ! is_array( $data ) ) {
					throw new \Exception( 'A data callback must return an array.' );
				}
				$found[ $namespace ] = $data;
			}
		}
		return (object) $found;
	}

	public function get_endpoint_schema( $endpoint, array $passed_args = array() ) {
		$found = array();
		foreach ( $this->extensions[ $endpoint ] ?? array() as $namespace => $args ) {
			if ( $args['schema_callback'] ) {
				$found[ $namespace ] = array(
					'type'       => 'object',
					'properties' => $args['schema_callback']( ...$passed_args ),
				);
			}
		}
		return (object) $found;
	}
}

namespace Automattic\WooCommerce\StoreApi;

use Automattic\WooCommerce\StoreApi\Schemas\ExtendSchema;

final class StoreApi {

	private static $made = array();

	/** Of all that the original keeps there, only how it is extended. */
	public static function container() {
		return new self();
	}

	public function get( $name ) {
		self::$made[ $name ] = self::$made[ $name ] ?? new $name();
		return self::$made[ $name ];
	}
}

namespace Automattic\WooCommerce\StoreApi\Exceptions;

/** The one exception that the Store API answers with its own number; anything else becomes 500. */
class RouteException extends \Exception {

	public $error_code;

	public function __construct( $error_code, $message, $http_status_code = 400 ) {
		$this->error_code = $error_code;
		parent::__construct( $message, $http_status_code );
	}

	public function getErrorCode() {
		return $this->error_code;
	}
}
