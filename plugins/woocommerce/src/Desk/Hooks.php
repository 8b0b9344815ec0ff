<?php
/**
 * Every hook by which people of the shop are shown points in wp-admin.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Listening;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	/**
	 * How we listen.
	 *
	 * @var Listening
	 */
	private $listening;

	/**
	 * Listens to nothing yet.
	 *
	 * @param Listening $listening How we listen.
	 */
	public function __construct( Listening $listening ) {
		$this->listening = $listening;
	}

	/**
	 * From now on we are called.
	 *
	 * @param string $file Path of the plugin's main file.
	 */
	public function listen( string $file ): void {
		$user = new UserPanel();
		$this->listening->action( 'admin_enqueue_scripts', array( new Script( $file ), 'register' ), 0, \Belong\Hooks::FIRST );
		$this->listening->action( 'add_meta_boxes', array( new OrderBox(), 'add' ), 1 );
		$this->listening->action( 'show_user_profile', array( $user, 'show' ), 1 );
		$this->listening->action( 'edit_user_profile', array( $user, 'show' ), 1 );
		$this->listening->action( 'rest_api_init', array( new Route(), 'register' ), 0 );
	}
}
