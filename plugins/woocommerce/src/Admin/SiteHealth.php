<?php
/**
 * What WordPress's Site Health and WooCommerce's tools say and do about the connection.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Queue;
use Belong\Connection\Reasons;

defined( 'ABSPATH' ) || exit;

/**
 * Looks at what is known already, and calls nobody.
 */
final class SiteHealth {

	const NAME = 'belong_connection';

	// Nothing has gone well for so long while something waits.
	const PATIENCE_SECONDS = 3600;

	/**
	 * One more test.
	 *
	 * @param mixed $tests Of others.
	 * @return mixed
	 */
	public function add_test( $tests ) {
		if ( is_array( $tests ) ) {
			$tests['direct'][ self::NAME ] = array(
				'label' => __( 'Belong: connection', 'belong-for-woocommerce' ),
				'test'  => array( $this, 'test' ),
			);
		}
		return $tests;
	}

	/**
	 * As Site Health wants it.
	 */
	public function test(): array {
		$connection = Connection::kept();
		$problem    = $this->problem( $connection );
		if ( ! $connection->is_connected() ) {
			return $this->result( 'good', __( 'This shop is not connected to a Belong', 'belong-for-woocommerce' ), __( 'Nothing is sent. Connect the shop when you want to begin.', 'belong-for-woocommerce' ) );
		}
		if ( '' !== $problem ) {
			$status = $connection->is_open() ? 'recommended' : 'critical';
			return $this->result( $status, __( 'The connection to your Belong needs your attention', 'belong-for-woocommerce' ), $problem );
		}
		return $this->result( 'good', __( 'The connection to your Belong works', 'belong-for-woocommerce' ), __( 'Changes of orders and customers are told, and customers see what your Belong answered.', 'belong-for-woocommerce' ) );
	}

	/**
	 * The lines of the page, for whoever is asked for help. There is no secret in them.
	 *
	 * @param mixed $info Of others.
	 * @return mixed
	 */
	public function add_info( $info ) {
		if ( ! is_array( $info ) ) {
			return $info;
		}
		$fields = array();
		foreach ( ( new HealthTable() )->lines( Connection::kept() ) as $name => $line ) {
			$fields[ $name ] = array(
				'label' => $line[0],
				'value' => $line[1],
			);
		}
		$info[ self::NAME ] = array(
			'label'  => __( 'Belong', 'belong-for-woocommerce' ),
			'fields' => $fields,
		);
		return $info;
	}

	/**
	 * One more under WooCommerce > Status > Tools.
	 *
	 * @param mixed $tools Of others.
	 * @return mixed
	 */
	public function add_tool( $tools ) {
		if ( is_array( $tools ) ) {
			$tools['belong_send_now'] = array(
				'name'     => __( 'Belong: send everything now', 'belong-for-woocommerce' ),
				'button'   => __( 'Send now', 'belong-for-woocommerce' ),
				'desc'     => __( 'Changes that wait for a later attempt are sent with the next run of the queue.', 'belong-for-woocommerce' ),
				'callback' => array( $this, 'send_now' ),
			);
		}
		return $tools;
	}

	/**
	 * WooCommerce has checked who asks, and shows what is returned.
	 */
	public function send_now(): string {
		if ( ! Connection::kept()->is_open() ) {
			return __( 'Nothing can be sent: see WooCommerce > Belong.', 'belong-for-woocommerce' );
		}
		Queue::send_now();
		return __( 'Everything is sent with the next run of the queue.', 'belong-for-woocommerce' );
	}

	/**
	 * A sentence; empty if all is well.
	 *
	 * @param Connection $connection The connection.
	 */
	private function problem( Connection $connection ): string {
		if ( '' !== $connection->stopped() ) {
			return Notices::what_to_do( $connection->stopped() );
		}
		$health = Health::read();
		$queue  = Queue::now();
		if ( $queue['depth'] > 0 && $health['last_failure'] >= $health['last_success'] && time() - strtotime( (string) $queue['oldest'] ) > self::PATIENCE_SECONDS ) {
			return __( 'Changes have been waiting for more than an hour.', 'belong-for-woocommerce' ) . ' ' . Reasons::in_words( $health['reason'] );
		}
		return '';
	}

	/**
	 * As Site Health wants it.
	 *
	 * @param string $status good, recommended or critical.
	 * @param string $label  Translated.
	 * @param string $text   Translated.
	 */
	private function result( string $status, string $label, string $text ): array {
		return array(
			'label'       => $label,
			'status'      => $status,
			'badge'       => array(
				'label' => __( 'Belong', 'belong-for-woocommerce' ),
				'color' => 'blue',
			),
			'description' => '<p>' . esc_html( $text ) . '</p>',
			'actions'     => '<p><a href="' . esc_url( Page::url() ) . '">' . esc_html__( 'Open the settings of Belong', 'belong-for-woocommerce' ) . '</a></p>',
			'test'        => self::NAME,
		);
	}
}
