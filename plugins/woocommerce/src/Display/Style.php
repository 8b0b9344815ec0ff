<?php
/**
 * Style and script that both plugins share.
 *
 * @package Belong
 */

namespace Belong\Display;

defined( 'ABSPATH' ) || exit;

/**
 * Known everywhere, which costs nothing; loaded only by a page that shows something of ours.
 */
final class Style {

	const HANDLE = 'belong';
	const PLACE  = 'belong-place';
	const FORM   = 'belong-form';

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
		$in_foot = array(
			'in_footer' => true,
			'strategy'  => 'defer',
		);
		wp_register_style( self::HANDLE, plugins_url( 'assets/storefront/belong.css', $this->file ), array(), $version );
		wp_register_script( self::HANDLE, plugins_url( 'assets/storefront/belong.js', $this->file ), array(), $version, $in_foot );
		foreach ( array( self::PLACE, self::FORM ) as $name ) {
			wp_register_script( $name, plugins_url( "assets/storefront/$name.js", $this->file ), array( self::HANDLE ), $version, $in_foot );
		}
	}

	/**
	 * This page shows something.
	 */
	public static function need(): void {
		wp_enqueue_style( self::HANDLE );
	}

	/**
	 * This page has room for the own place on a leaderboard.
	 */
	public static function need_place(): void {
		wp_enqueue_script( self::PLACE );
	}

	/**
	 * This page has a form that can be sent without leaving it.
	 */
	public static function need_form(): void {
		wp_enqueue_script( self::FORM );
	}

	/**
	 * This page shows something that the script makes easier.
	 */
	public static function need_script(): void {
		self::need();
		wp_enqueue_script( self::HANDLE );
	}
}
