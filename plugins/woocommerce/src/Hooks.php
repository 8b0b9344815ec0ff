<?php
/**
 * Where it begins: every hook of noting, telling and wp-admin, and the classes that hold those of the other areas.
 *
 * @package Belong
 */

namespace Belong;

use Belong\Account\Hooks as AccountHooks;
use Belong\Desk\Hooks as DeskHooks;
use Belong\Display\Earning;
use Belong\Display\Hooks as DisplayHooks;
use Belong\Display\ProductLine;
use Belong\Display\Style;
use Belong\Importing\Importer;
use Belong\Redeeming\Hooks as RedeemingHooks;
use Belong\Sending\Pace;

defined( 'ABSPATH' ) || exit;

/**
 * A reader finds each way into the plugin here or in one of the four classes of this name that are called here: Account,
 * Desk, Display, Redeeming.
 */
final class Hooks {

	// Before others ask for what we make known.
	const FIRST = 1;

	// At the end of a request others save what they wanted before.
	const LAST = 1000;

	// WooCommerce adds most of its own menu before.
	const AFTER_WOOCOMMERCE = 60;

	/**
	 * How we listen.
	 *
	 * @var Listening
	 */
	private $listening;

	/**
	 * Where changes are noted.
	 *
	 * @var Outbox
	 */
	private $outbox;

	/**
	 * Listens to nothing yet.
	 *
	 * @param Listening $listening How we listen.
	 * @param Outbox    $outbox    Where changes are noted.
	 */
	public function __construct( Listening $listening, Outbox $outbox ) {
		$this->listening = $listening;
		$this->outbox    = $outbox;
	}

	/**
	 * From now on we are called.
	 *
	 * @param string $file Path of the plugin's main file.
	 */
	public function listen( string $file ): void {
		register_activation_hook( $file, array( Plugin::class, 'activate' ) );
		register_deactivation_hook( $file, array( Plugin::class, 'deactivate' ) );
		$this->listening->action( 'before_woocommerce_init', array( Plugin::class, 'declare_features' ), 0 );
		$this->listening->action( 'init', array( Schema::class, 'bring_up_to_date' ), 0 );
		$this->listening->action( 'wp_enqueue_scripts', array( new Style( $file ), 'register' ), 0, self::FIRST );
		$this->listening->action( 'admin_enqueue_scripts', array( new Style( $file ), 'register' ), 0, self::FIRST );
		$earning = new Earning();
		$line    = new ProductLine( $earning );
		( new AccountHooks( $this->listening ) )->listen( $file, $line );
		( new DisplayHooks( $this->listening ) )->listen( $file, $earning, $line );
		( new DeskHooks( $this->listening ) )->listen( $file );
		( new RedeemingHooks( $this->listening ) )->listen();
		$this->orders( new Orders( $this->outbox ) );
		$this->customers( new Customers( $this->outbox ) );
		$this->reviews( new Reviews( $this->outbox ) );
		$this->privacy( new Privacy( $this->outbox ) );
		$this->listening->action( 'rest_api_init', array( new Rest\Routes(), 'register' ), 0 );
		$this->admin( new Admin\Actions(), new Admin\SiteHealth() );
	}

	/**
	 * The page, its forms, and where else the owner looks.
	 *
	 * @param Admin\Actions    $actions What the forms do.
	 * @param Admin\SiteHealth $health  What Site Health and tools say and do.
	 */
	private function admin( Admin\Actions $actions, Admin\SiteHealth $health ): void {
		$this->listening->action( 'admin_menu', array( new Admin\Page(), 'add' ), 0, self::AFTER_WOOCOMMERCE );
		$console = new Admin\Console();
		$this->listening->action( 'admin_menu', array( $console, 'add' ), 0, self::AFTER_WOOCOMMERCE );
		$this->listening->action( 'admin_post_' . Admin\Console::ACTION, array( $console, 'open' ), 0 );
		$this->listening->filter( 'allowed_redirect_hosts', array( $console, 'allow_the_service' ), 1 );
		$this->listening->action( 'admin_notices', array( new Admin\Notices(), 'show' ), 0 );
		foreach ( Admin\Actions::ALL as $form ) {
			$run = static function () use ( $actions, $form ) {
				$actions->run( $form );
			};
			$this->listening->action( 'admin_post_' . Admin\Actions::hook( $form ), $run, 0 );
		}
		$this->listening->filter( 'site_status_tests', array( $health, 'add_test' ), 1 );
		$this->listening->filter( 'debug_information', array( $health, 'add_info' ), 1 );
		$this->listening->filter( 'woocommerce_debug_tools', array( $health, 'add_tool' ), 1 );
	}

	/**
	 * The status change and the update together cover all but trash and deletions. Drafts are told by their status.
	 *
	 * @param Orders $orders Notes orders.
	 */
	private function orders( Orders $orders ): void {
		$this->listening->action( 'woocommerce_new_order', array( $orders, 'saved' ), 2 );
		$this->listening->action( 'woocommerce_update_order', array( $orders, 'saved' ), 2 );
		$this->listening->action( 'woocommerce_order_status_changed', array( $orders, 'status_changed' ), 4 );
		$this->listening->action( 'woocommerce_order_refunded', array( $orders, 'refunded' ), 2 );
		$this->listening->action( 'woocommerce_trash_order', array( $orders, 'moved' ), 1 );
		$this->listening->action( 'woocommerce_untrash_order', array( $orders, 'moved' ), 1 );
		$this->listening->action( 'woocommerce_before_delete_order', array( $orders, 'is_about_to_go' ), 2 );
		$this->listening->filter( 'woocommerce_pre_delete_order_refund', array( $orders, 'refund_is_about_to_go' ), 2 );
		$this->listening->action( 'trashed_post', array( $orders, 'post_moved' ), 1 );
		$this->listening->action( 'untrashed_post', array( $orders, 'post_moved' ), 1 );
		$this->listening->action( 'before_delete_post', array( $orders, 'post_is_about_to_go' ), 1 );
	}

	/**
	 * WooCommerce's own hook comes without WordPress's where a customer is saved through its objects.
	 *
	 * @param Customers $customers Notes customers.
	 */
	private function customers( Customers $customers ): void {
		$this->listening->action( 'user_register', array( $customers, 'changed' ), 1 );
		$this->listening->action( 'profile_update', array( $customers, 'changed' ), 1 );
		$this->listening->action( 'woocommerce_update_customer', array( $customers, 'changed' ), 1 );
		$this->listening->action( 'delete_user', array( $customers, 'is_about_to_go' ), 1 );
		$this->listening->action( 'woocommerce_update_new_customer_past_order', array( $customers, 'claimed_an_order' ), 2 );
	}

	/**
	 * A review's rating is written after the first of these; what counts is read later.
	 *
	 * @param Reviews $reviews Notes reviews.
	 */
	private function reviews( Reviews $reviews ): void {
		$this->listening->action( 'comment_post', array( $reviews, 'changed' ), 1 );
		$this->listening->action( 'edit_comment', array( $reviews, 'changed' ), 1 );
		$this->listening->action( 'transition_comment_status', array( $reviews, 'status_changed' ), 3 );
		$this->listening->action( 'deleted_comment', array( $reviews, 'is_gone' ), 2 );
	}

	/**
	 * The shop's own erasers (that of WordPress names a request, that of WooCommerce a customer), what we add to its
	 * tools, and to its guide for a policy.
	 *
	 * @param Privacy $privacy Notes who is to be forgotten.
	 */
	private function privacy( Privacy $privacy ): void {
		$this->listening->filter( 'woocommerce_privacy_erase_personal_data_customer', array( $privacy, 'customer_was_erased' ), 2 );
		$this->listening->action( 'wp_privacy_personal_data_erased', array( $privacy, 'request_was_done' ), 1 );
		$this->listening->filter( 'wp_privacy_personal_data_exporters', array( new Personal\Exporter(), 'add' ), 1 );
		$this->listening->filter( 'wp_privacy_personal_data_erasers', array( new Personal\Eraser(), 'add' ), 1 );
		$this->listening->action( 'admin_init', array( new Personal\Policy(), 'suggest' ), 0 );
	}

	/**
	 * Action Scheduler calls the drain; the end of a request asks for it, and the net is there for what nobody asked for.
	 *
	 * @param Wake  $wake  Asks for a drain.
	 * @param Drain $drain Tells what is in the outbox.
	 */
	public function queue( Wake $wake, Drain $drain ): void {
		$this->listening->action( Wake::DRAIN, array( $drain, 'run' ), 0 );
		$this->listening->action( Wake::NET, array( $drain, 'run_net' ), 0 );
		$importer = new Importer();
		$this->listening->action( Importer::HOOK, array( $importer, 'run' ), 0 );
		// Behind the outbox, for an import whose process was killed or whose service was down.
		$this->listening->action( Wake::NET, array( $importer, 'run' ), 0, self::LAST );
		$this->listening->action( 'belong_connected', array( Pace::class, 'reset' ), 0 );
		$this->listening->action( 'belong_connected', array( $wake, 'keep_the_net' ), 0 );
		$this->listening->action( 'belong_send_now', array( Pace::class, 'reset' ), 0 );
		$this->listening->action( 'action_scheduler_ensure_recurring_actions', array( $wake, 'keep_the_net' ), 0 );
		$this->listening->action( 'admin_init', array( $wake, 'look_at_the_net' ), 0 );
		$this->listening->action( 'shutdown', array( $wake, 'at_the_end_of_the_request' ), 0, self::LAST );
	}
}
