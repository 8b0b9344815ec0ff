<?php
/**
 * Puts the parts together.
 *
 * @package Belong
 */

namespace Belong;

use Automattic\WooCommerce\Utilities\FeaturesUtil;
use Belong\Account\Endpoint;
use Belong\Sending\DirectPush;
use Belong\Sending\Link;
use Belong\Sending\Sender;

defined( 'ABSPATH' ) || exit;

/**
 * The one place that makes objects; the classes called Hooks say when they are called.
 */
final class Plugin {

	/**
	 * Path of the plugin's main file.
	 *
	 * @var string
	 */
	private static $file = '';

	/**
	 * What the process has noted; tests look into it.
	 *
	 * @var Outbox|null
	 */
	private static $outbox = null;

	/**
	 * Called once, when WordPress loads the plugin.
	 *
	 * @param string $file Path of the plugin's main file.
	 */
	public static function start( string $file ): void {
		$guard        = new Guard();
		$link         = new Link();
		self::$file   = $file;
		self::$outbox = new Outbox( array( $link, 'is_connected' ) );
		$sender       = new Sender( $link, self::$outbox, $guard );
		$wake         = new Wake( self::$outbox, $link, new DirectPush( $link, $sender, DirectPush::closer() ) );
		$drain        = new Drain( self::$outbox, $link, $sender );
		$hooks        = new Hooks( new Listening( $guard ), self::$outbox );
		$hooks->listen( $file );
		$hooks->queue( $wake, $drain );
	}

	/**
	 * The outbox of this process.
	 */
	public static function outbox(): Outbox {
		return self::$outbox;
	}

	/**
	 * Tables must be there before the first order, and our page's address; WordPress calls this on activation.
	 */
	public static function activate(): void {
		Schema::bring_up_to_date();
		Endpoint::write_rules();
	}

	/**
	 * No action of ours stays behind in the queue.
	 */
	public static function deactivate(): void {
		Wake::cancel_all();
		Endpoint::forget_rules();
	}

	/**
	 * Undeclared counts as incompatible: such a plugin keeps a new shop from getting order tables of its own.
	 */
	public static function declare_features(): void {
		if ( class_exists( FeaturesUtil::class ) ) {
			FeaturesUtil::declare_compatibility( 'custom_order_tables', self::$file, true );
			FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', self::$file, true );
		}
	}
}
