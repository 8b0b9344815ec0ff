<?php
/**
 * How we listen.
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

/**
 * The one way to a hook: what is called passes the Guard. An Error of ours would end a checkout whose order is saved
 * already, and an Exception would silence other plugins.
 */
final class Listening {

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
	 * For what is called by something else than a hook.
	 */
	public function guard(): Guard {
		return $this->guard;
	}

	/**
	 * Listens to an action.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 * @param int      $priority When, among others.
	 */
	public function action( string $hook, callable $listener, int $takes = 0, int $priority = 10 ): void {
		add_action( $hook, $this->guard->action( $hook, $listener ), $priority, $takes );
	}

	/**
	 * Listens to a filter; whatever happens, the value goes on as it came, or as we changed it.
	 *
	 * @param string   $hook     Its name.
	 * @param callable $listener What is called.
	 * @param int      $takes    How many arguments.
	 */
	public function filter( string $hook, callable $listener, int $takes = 1 ): void {
		add_filter( $hook, $this->guard->filter( $hook, $listener ), 10, $takes );
	}

	/**
	 * Listens to an action or a filter where a Refusal is meant to get out.
	 *
	 * @param string        $hook     Its name.
	 * @param callable      $listener What is called.
	 * @param int           $takes    How many arguments.
	 * @param callable|null $told_as  Makes of the listener one whose refusal is understood there.
	 */
	public function refusing( string $hook, callable $listener, int $takes, ?callable $told_as = null ): void {
		$guarded = $this->guard->refusing( $hook, $listener );
		add_filter( $hook, null === $told_as ? $guarded : $told_as( $guarded ), 10, $takes );
	}

	/**
	 * Draws where a shortcode stands.
	 *
	 * @param string   $tag      Its name.
	 * @param callable $listener What draws.
	 */
	public function shortcode( string $tag, callable $listener ): void {
		add_shortcode( $tag, $this->guard->drawing( $tag, $listener ) );
	}
}
