<?php
/**
 * Whatever PHP or WordPress complains of is a failed test.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

final class Strictness {

	/**
	 * Only what a newer PHP thinks of WordPress's or PHPUnit's own code is no matter of ours, nor anything that a real
	 * WooCommerce does wrong.
	 */
	public function __invoke( int $level, string $message, string $file, int $line ): bool {
		$is_silenced = 0 === ( error_reporting() & $level );
		$is_of_age   = E_DEPRECATED === $level || ! defined( 'BELONG_WOOCOMMERCE_DOUBLE' ) && defined( 'WC_PLUGIN_FILE' );
		if ( $is_silenced || ( $is_of_age && ! $this->is_ours( $file ) ) ) {
			return true;
		}
		throw new \ErrorException( $message, 0, $level, $file, $line );
	}

	private function is_ours( string $file ): bool {
		$file = str_replace( '\\', '/', $file );
		return 0 === strpos( $file, dirname( __DIR__ ) ) || false !== strpos( $file, '/plugins/belong-for-woocommerce/' );
	}
}
