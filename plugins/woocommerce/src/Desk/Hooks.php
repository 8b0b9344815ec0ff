<?php
/**
 * Every hook by which people of the shop are shown points in wp-admin.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Guard;

defined( 'ABSPATH' ) || exit;

/**
 * A part of Belong\Hooks, which calls it.
 */
final class Hooks {

	/**
	 * Keeps what is thrown inside.
	 *
	 * @var Guard
	 */
	private $guard;

	/**
	 * Listens to nothing yet.
	 *
	 * @param Guard $guard Keeps what is thrown inside.
	 */
	public function __construct( Guard $guard ) {
		$this->guard = $guard;
	}

	/**
	 * From now on we are called.
	 *
	 * @param string $file Path of the plugin's main file.
	 */
	public function listen( string $file ): void {
		$user = new UserPanel();
		$this->action( 'admin_enqueue_scripts', array( new Script( $file ), 'register' ), 0, \Belong\Hooks::FIRST );
		$this->action( 'add_meta_boxes', array( new OrderBox(), 'add' ), 1 );
		$this->action( 'show_user_profile', array( $user, 'show' ), 1 );
		$this->action( 'edit_user_profile', array( $user, 'show' ), 1 );
		$this->action( 'rest_api_init', array( new Route(), 'register' ), 0 );
	}

	/**
	 * Listens to an action.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 * @param int      $priority When, among others.
	 */
	private function action( string $hook, callable $listener, int $takes, int $priority = 10 ): void {
		add_action( $hook, $this->guard->action( $hook, $listener ), $priority, $takes );
	}
}
