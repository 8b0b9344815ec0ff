<?php
/**
 * How the connection does.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Connection;
use Belong\Connection\Health;
use Belong\Connection\Queue;
use Belong\Connection\Reasons;
use Belong\Connection\Site;

defined( 'ABSPATH' ) || exit;

/**
 * The same lines on the page and in Site Health.
 */
final class HealthTable {

	/**
	 * As a table.
	 *
	 * @param Connection $connection The connection.
	 */
	public function show( Connection $connection ): void {
		?>
		<h2 id="belong-health"><?php esc_html_e( 'Connection', 'belong-for-woocommerce' ); ?></h2>
		<table class="widefat striped" style="max-width: 50em" aria-labelledby="belong-health">
			<tbody>
				<?php foreach ( $this->lines( $connection ) as $line ) : ?>
					<tr>
						<th scope="row" style="width: 35%; font-weight: 600; line-height: 1.5"><?php echo esc_html( $line[0] ); ?></th>
						<td style="overflow-wrap: anywhere"><?php echo esc_html( $line[1] ); ?></td>
					</tr>
				<?php endforeach; ?>
			</tbody>
		</table>
		<?php
	}

	/**
	 * Pairs of what it is and how it is, by a word for programs.
	 *
	 * @param Connection $connection The connection.
	 * @return array<string, string[]>
	 */
	public function lines( Connection $connection ): array {
		$health = Health::read();
		$queue  = Queue::now();
		$lines  = array(
			'state'        => array( __( 'State', 'belong-for-woocommerce' ), $this->state( $connection ) ),
			'programme'    => array( __( 'Programme', 'belong-for-woocommerce' ), $connection->programme() ),
			'service'      => array( __( 'Address of your Belong', 'belong-for-woocommerce' ), $connection->service() ),
			'since'        => array( __( 'Connected since', 'belong-for-woocommerce' ), $this->moment( $connection->connected_at() ) ),
			'way'          => array( __( 'Your Belong calls this shop', 'belong-for-woocommerce' ), $this->way( $connection ) ),
			'queue'        => array( __( 'Waiting to be sent', 'belong-for-woocommerce' ), $this->queue( $queue ) ),
			'last_success' => array( __( 'Last success', 'belong-for-woocommerce' ), $this->moment( $health['last_success'] ) ),
			'last_failure' => array( __( 'Last failure', 'belong-for-woocommerce' ), trim( $this->moment( $health['last_failure'] ) . ' ' . Reasons::in_words( $health['reason'] ) ) ),
			'clock'        => array( __( 'Clocks', 'belong-for-woocommerce' ), $this->clock( $health['clock_offset'] ) ),
			'versions'     => array( __( 'Versions', 'belong-for-woocommerce' ), $this->versions() ),
		);
		return array_filter(
			$lines,
			static function ( $line ) {
				return '' !== $line[1];
			}
		);
	}

	/**
	 * In a word or two.
	 *
	 * @param Connection $connection The connection.
	 */
	private function state( Connection $connection ): string {
		if ( ! $connection->is_connected() ) {
			return __( 'Not connected', 'belong-for-woocommerce' );
		}
		return $connection->is_open() ? __( 'Connected', 'belong-for-woocommerce' ) : __( 'Stopped', 'belong-for-woocommerce' );
	}

	/**
	 * Whether snapshots are pushed or collected.
	 *
	 * @param Connection $connection The connection.
	 */
	private function way( Connection $connection ): string {
		if ( $connection->is_reachable() ) {
			return __( 'Yes: what customers see changes at once.', 'belong-for-woocommerce' );
		}
		$words = __( 'No, it cannot reach it. The shop asks every minute instead, so what customers see is up to a minute old.', 'belong-for-woocommerce' );
		return trim( $words . ' ' . $connection->problem() );
	}

	/**
	 * How much, and since when.
	 *
	 * @param array $queue As Queue says it.
	 */
	private function queue( array $queue ): string {
		if ( 0 === $queue['depth'] ) {
			return __( 'Nothing', 'belong-for-woocommerce' );
		}
		return sprintf(
			/* translators: 1: a number, 2: a moment, such as "November 27, 2026 12:00 (5 mins ago)" */
			_n( '%1$s change, since %2$s', '%1$s changes, the oldest since %2$s', $queue['depth'], 'belong-for-woocommerce' ),
			number_format_i18n( $queue['depth'] ),
			$this->moment( (int) strtotime( (string) $queue['oldest'] ) )
		);
	}

	/**
	 * Says only what matters.
	 *
	 * @param int $offset Seconds.
	 */
	private function clock( int $offset ): string {
		if ( abs( $offset ) < 5 ) {
			return '';
		}
		return sprintf(
			/* translators: %s: a time span, such as "7 mins" */
			$offset > 0 ? __( 'The clock of this server is %s slow. Calls allow for that; ask your host to set it right.', 'belong-for-woocommerce' ) : __( 'The clock of this server is %s fast. Calls allow for that; ask your host to set it right.', 'belong-for-woocommerce' ),
			human_time_diff( 0, abs( $offset ) )
		);
	}

	/**
	 * Of all that takes part.
	 */
	private function versions(): string {
		$versions = Site::versions();
		return sprintf( 'Belong for WooCommerce %s, WooCommerce %s, WordPress %s, PHP %s', $versions['plugin'], $versions['woocommerce'], $versions['wordpress'], $versions['php'] );
	}

	/**
	 * In the shop's zone; empty for never.
	 *
	 * @param int $seconds Unix seconds.
	 */
	private function moment( int $seconds ): string {
		if ( $seconds <= 0 ) {
			return '';
		}
		return sprintf(
			/* translators: 1: date and time, 2: a time span, such as "5 mins" */
			__( '%1$s (%2$s ago)', 'belong-for-woocommerce' ),
			(string) wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $seconds ),
			human_time_diff( $seconds )
		);
	}
}
