<?php
/**
 * Every file can be read by the PHP that runs this, those too that no other test loads.
 *
 * @package Belong\Tests
 */

namespace Belong\Tests;

use PHPUnit\Framework\TestCase;

final class SyntaxTest extends TestCase {

	/**
	 * Of the plugin as it is shipped.
	 *
	 * @dataProvider files
	 */
	public function test_a_file_is_php_of_this_version( string $file ): void {
		$this->assertNotSame( array(), token_get_all( (string) file_get_contents( $file ), TOKEN_PARSE ) );
	}

	public function files(): array {
		$folder = WP_PLUGIN_DIR . '/belong-for-woocommerce';
		$found  = array();
		foreach ( new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( $folder, \FilesystemIterator::SKIP_DOTS ) ) as $file ) {
			if ( 'php' === $file->getExtension() ) {
				$found[ substr( $file->getPathname(), strlen( $folder ) + 1 ) ] = array( $file->getPathname() );
			}
		}
		return $found;
	}
}
