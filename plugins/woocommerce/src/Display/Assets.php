<?php
/**
 * Scripts and styles of what the shop shows.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * Registered everywhere, which costs nothing; loaded only by a page that shows something.
 */
final class Assets {

	const STYLE  = 'belong-earn';
	const SCRIPT = 'belong-earn';
	const BLOCKS = 'belong-earn-blocks';

	/**
	 * Path of the plugin's main file.
	 *
	 * @var string
	 */
	private $file;

	/**
	 * Beside the plugin's main file.
	 *
	 * @param string $file Its path.
	 */
	public function __construct( string $file ) {
		$this->file = $file;
	}

	/**
	 * Makes them known.
	 */
	public function register(): void {
		$version = get_file_data( $this->file, array( 'version' => 'Version' ) )['version'];
		wp_register_style( self::STYLE, plugins_url( 'assets/earn.css', $this->file ), array(), $version );
		wp_register_script( self::SCRIPT, plugins_url( 'assets/earn.js', $this->file ), array(), $version, true );
		wp_register_script(
			self::BLOCKS,
			plugins_url( 'assets/earn-blocks.js', $this->file ),
			array( 'wc-blocks-checkout', 'wc-blocks-data-store', 'wp-a11y', 'wp-data', 'wp-element', 'wp-plugins' ),
			$version,
			true
		);
	}

	/**
	 * This page shows something.
	 */
	public static function need_style(): void {
		wp_enqueue_style( self::STYLE );
	}

	/**
	 * This page shows something that changes.
	 */
	public static function need_script(): void {
		wp_enqueue_script( self::SCRIPT );
	}
}
