<?php
/**
 * The console of Belong, opened out of wp-admin.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Answer;
use Belong\Connection\Connection;
use Belong\Connection\Reasons;
use Belong\Connection\Service;

defined( 'ABSPATH' ) || exit;

/**
 * The page asks nobody anything: its frame, and its link to a new tab, lead to an address of this shop, and that one says
 * to the service who comes, signed, and leads on. So each of them gets a token of its own that is good once.
 */
final class Console {

	const SLUG     = 'belong-console';
	const ACTION   = 'belong_console';
	const START    = '/home';
	const ENTRANCE = '/console/enter/';

	// The frame takes the height that is left, so that there is one bar to scroll by; on a low window there may be two.
	const STYLE = '#wpbody-content { padding-block-end: 0 } #wpfooter { display: none }'
		. ' .belong-console { display: flex; flex-direction: column; margin-block-end: 0; block-size: calc(100vh - var(--wp-admin--admin-bar--height, 32px) - 20px) }'
		. ' .belong-console iframe { flex: 1 0 20rem; inline-size: 100%; box-sizing: border-box; border: 1px solid #c3c4c7; background: #fff }';

	// Which page of the console: nothing that could lead out of it.
	const PAGES = '#\A(?:/[A-Za-z0-9][A-Za-z0-9._~:@-]*){1,4}\z#D';

	/**
	 * Host of the service, while somebody is led to it.
	 *
	 * @var string
	 */
	private $leads_to = '';

	/**
	 * In the menu of WooCommerce, below the settings. A shop that is not connected has nothing to open.
	 */
	public function add(): void {
		if ( ! Connection::kept()->is_connected() ) {
			return;
		}
		add_submenu_page(
			'woocommerce',
			__( 'Belong console', 'belong-for-woocommerce' ),
			__( 'Belong console', 'belong-for-woocommerce' ),
			Page::CAPABILITY,
			self::SLUG,
			array( $this, 'show' )
		);
	}

	/**
	 * Its address in wp-admin.
	 *
	 * @param string $at Which page of it, such as /orders/5123 or /customers/17.
	 */
	public static function url( string $at = self::START ): string {
		return add_query_arg( 'at', rawurlencode( $at ), admin_url( 'admin.php?page=' . self::SLUG ) );
	}

	/**
	 * A way from another screen, for who may go it.
	 *
	 * @param string $at Which page of it.
	 */
	public static function link( string $at ): void {
		if ( ! current_user_can( Page::CAPABILITY ) || ! Connection::kept()->is_connected() ) {
			return;
		}
		?>
		<p><a href="<?php echo esc_url( self::url( $at ) ); ?>"><?php esc_html_e( 'See more in the console', 'belong-for-woocommerce' ); ?></a></p>
		<?php
	}

	/**
	 * The frame, or where none can work, the link alone.
	 */
	public function show(): void {
		if ( ! current_user_can( Page::CAPABILITY ) ) {
			return;
		}
		$at      = self::asked();
		$framed  = self::is_framable( Connection::kept()->service(), admin_url() );
		$primary = $framed ? 'button' : 'button button-primary';
		?>
		<?php if ( $framed ) : ?>
			<style><?php echo esc_html( self::STYLE ); ?></style>
		<?php endif; ?>
		<div class="wrap belong-console">
			<h1><?php esc_html_e( 'Belong console', 'belong-for-woocommerce' ); ?></h1>
			<p>
				<a class="<?php echo esc_attr( $primary ); ?>" href="<?php echo esc_url( self::opening( $at ) ); ?>" target="_blank" rel="noopener"><?php esc_html_e( 'Open in a new tab', 'belong-for-woocommerce' ); ?></a>
				<a class="button-link" style="margin-inline-start: 1em" href="<?php echo esc_url( Page::url() ); ?>"><?php esc_html_e( 'Settings of the connection', 'belong-for-woocommerce' ); ?></a>
			</p>
			<?php if ( $framed ) : ?>
				<iframe title="<?php esc_attr_e( 'Console of Belong', 'belong-for-woocommerce' ); ?>" src="<?php echo esc_url( self::opening( $at ) ); ?>" sandbox="allow-downloads allow-forms allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts" referrerpolicy="no-referrer"></iframe>
			<?php else : ?>
				<p><?php esc_html_e( 'Without encryption, browsers show the console in a tab of its own only.', 'belong-for-woocommerce' ); ?></p>
			<?php endif; ?>
		</div>
		<?php
	}

	/**
	 * Says to the service who comes, and leads there. Nothing has happened yet where that does not work.
	 */
	public function open(): void {
		if ( ! current_user_can( Page::CAPABILITY ) ) {
			wp_die( esc_html__( 'You may not do this.', 'belong-for-woocommerce' ), '', array( 'response' => 403 ) );
		}
		check_admin_referer( self::ACTION, Actions::NONCE );
		$connection = Connection::kept();
		$answer     = ( new Service( $connection ) )->post( 'handover', self::who( self::asked() ) );
		$url        = self::entrance( $connection, $answer );
		if ( '' === $url ) {
			wp_die(
				'<p>' . esc_html__( 'The console cannot be opened just now. Your shop goes on as before.', 'belong-for-woocommerce' ) . '</p><p>' . esc_html( Reasons::in_words( Reasons::of( $answer ) ) ) . '</p>',
				esc_html__( 'Belong console', 'belong-for-woocommerce' ),
				array( 'response' => 503 )
			);
		}
		nocache_headers();
		$this->leads_to = (string) wp_parse_url( $url, PHP_URL_HOST );
		wp_safe_redirect( $url, 303 );
		exit;
	}

	/**
	 * WordPress leads to other hosts only where it is told so: to the service, and only while somebody is led there.
	 *
	 * @param string[] $hosts To which it leads.
	 */
	public function allow_the_service( array $hosts ): array {
		return '' === $this->leads_to ? $hosts : array_merge( $hosts, array( $this->leads_to ) );
	}

	/**
	 * Whether a browser keeps the console's cookie in a frame here: with https, or beside us on the same host.
	 *
	 * @param string $service Address of the service.
	 * @param string $admin   Address of wp-admin.
	 */
	public static function is_framable( string $service, string $admin ): bool {
		$there = wp_parse_url( $service );
		$here  = wp_parse_url( $admin );
		if ( 'https' === ( $there['scheme'] ?? '' ) ) {
			return true;
		}
		return 'http' === ( $here['scheme'] ?? '' ) && ( $there['host'] ?? '' ) === ( $here['host'] ?? '' );
	}

	/**
	 * Where the frame and the link lead: to us first.
	 *
	 * @param string $at Page of the console.
	 */
	private static function opening( string $at ): string {
		return add_query_arg(
			array(
				'action'       => self::ACTION,
				'at'           => rawurlencode( $at ),
				Actions::NONCE => wp_create_nonce( self::ACTION ),
			),
			admin_url( 'admin-post.php' )
		);
	}

	/**
	 * Which page of the console is asked for.
	 */
	private static function asked(): string {
		// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- it only says what is shown; opening has a nonce.
		$at = sanitize_text_field( wp_unslash( $_GET['at'] ?? '' ) );
		return is_string( $at ) && preg_match( self::PAGES, $at ) ? $at : self::START;
	}

	/**
	 * Who comes, as the service hears it. The shop's own administrators are owners there.
	 *
	 * @param string $at Page of the console.
	 */
	private static function who( string $at ): array {
		$user = wp_get_current_user();
		$name = mb_substr( sanitize_text_field( $user->display_name ), 0, 100 );
		return array(
			'user'     => 'wp:' . $user->ID,
			'name'     => '' === $name ? 'wp:' . $user->ID : $name,
			'role'     => current_user_can( 'manage_options' ) ? 'owner' : 'manager',
			'language' => str_replace( '_', '-', get_user_locale() ),
			'page'     => '/console' . $at,
			'admin'    => admin_url(),
		);
	}

	/**
	 * Where to lead; empty if there is no answer, or if it leads anywhere but into the paired service.
	 *
	 * @param Connection $connection The connection.
	 * @param Answer     $answer     What the service said.
	 */
	private static function entrance( Connection $connection, Answer $answer ): string {
		$url   = $answer->is_ok() ? ( $answer->body['url'] ?? '' ) : '';
		$shape = '#\A' . preg_quote( $connection->service() . self::ENTRANCE, '#' ) . '[A-Za-z0-9_-]{43}\z#D';
		return is_string( $url ) && preg_match( $shape, $url ) ? $url : '';
	}
}
