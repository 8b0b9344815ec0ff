<?php
/**
 * The page under WooCommerce > Belong.
 *
 * @package Belong
 */

namespace Belong\Admin;

use Belong\Connection\Connection;
use Belong\Connection\Site;
use Belong\Uninstall;

defined( 'ABSPATH' ) || exit;

/**
 * Connect, see how it goes, disconnect. Plain forms: nothing of it needs a script.
 */
final class Page {

	const SLUG       = 'belong';
	const CAPABILITY = 'manage_woocommerce';

	/**
	 * In the menu of WooCommerce.
	 */
	public function add(): void {
		add_submenu_page(
			'woocommerce',
			__( 'Belong', 'belong-for-woocommerce' ),
			__( 'Belong', 'belong-for-woocommerce' ),
			self::CAPABILITY,
			self::SLUG,
			array( $this, 'show' )
		);
	}

	/**
	 * Its address.
	 */
	public static function url(): string {
		return admin_url( 'admin.php?page=' . self::SLUG );
	}

	/**
	 * All of it.
	 */
	public function show(): void {
		if ( ! current_user_can( self::CAPABILITY ) ) {
			return;
		}
		$connection = Connection::kept();
		if ( ImportForms::page_is_asked_for() && $connection->is_connected() ) {
			( new ImportPage() )->show();
			return;
		}
		?>
		<div class="wrap">
			<h1><?php esc_html_e( 'Belong', 'belong-for-woocommerce' ); ?></h1>
			<?php
			$outcome = Outcome::show();
			if ( $connection->is_other_site() ) {
				$this->other_site();
			} elseif ( $connection->is_connected() ) {
				$this->stopped( $connection );
			}
			if ( $connection->is_connected() ) {
				?>
				<p><a href="<?php echo esc_url( Console::url() ); ?>"><?php esc_html_e( 'Open the console: members, orders, and why they earned what they did', 'belong-for-woocommerce' ); ?></a></p>
				<p><a href="<?php echo esc_url( ImportPage::url() ); ?>"><?php esc_html_e( 'Bring balances along from another points plugin', 'belong-for-woocommerce' ); ?></a></p>
				<?php
				( new HealthTable() )->show( $connection );
				$this->pair_again( $outcome );
				$this->disconnect( $connection );
			} else {
				$this->connect( $outcome );
			}
			$this->uninstalling();
			?>
		</div>
		<?php
	}

	/**
	 * The form for a code.
	 *
	 * @param array $outcome Of the last form.
	 */
	private function connect( array $outcome ): void {
		?>
		<h2><?php esc_html_e( 'Connect this shop', 'belong-for-woocommerce' ); ?></h2>
		<p><?php esc_html_e( 'Points, tiers and badges are kept by your own Belong. Before you connect it, nothing leaves this shop.', 'belong-for-woocommerce' ); ?></p>
		<ol>
			<li><?php esc_html_e( 'In your Belong, make a pairing code: in its console, or on its server with the command below.', 'belong-for-woocommerce' ); ?><br><code dir="ltr">belong connect woocommerce --pair</code></li>
			<li><?php esc_html_e( 'Paste it here within fifteen minutes.', 'belong-for-woocommerce' ); ?></li>
		</ol>
		<?php
		$this->code_form( $outcome );
		?>
		<p class="description" style="max-width: 60em"><?php esc_html_e( 'Connecting makes a REST API key named Belong for your account, with which your Belong reads orders and customers and writes coupons. From then on your Belong is told of changed orders, customers and reviews.', 'belong-for-woocommerce' ); ?></p>
		<?php
	}

	/**
	 * One field and one button.
	 *
	 * @param array $outcome Of the last form.
	 */
	private function code_form( array $outcome ): void {
		$is_wrong = 'connect' === ( $outcome['form'] ?? '' ) && 'error' === $outcome['kind'];
		Actions::begin( 'connect' );
		?>
			<p>
				<label for="belong-code"><strong><?php esc_html_e( 'Pairing code', 'belong-for-woocommerce' ); ?></strong></label><br>
				<span id="belong-code-help" class="description"><?php esc_html_e( 'One long line that begins with BELONG1.', 'belong-for-woocommerce' ); ?></span><br>
				<textarea id="belong-code" name="code" rows="4" class="large-text code" style="max-width: 50em" dir="ltr" required spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="belong-code-help"<?php echo esc_attr( $is_wrong ? ' aria-invalid=true' : '' ); ?>></textarea>
			</p>
			<?php if ( ! empty( $outcome['asks_http'] ) ) : ?>
				<p><label><input type="checkbox" name="open_too" value="yes"> <?php esc_html_e( 'Connect without encryption. Others could read what this shop and my Belong send each other.', 'belong-for-woocommerce' ); ?></label></p>
			<?php endif; ?>
			<p><button type="submit" class="button button-primary"><?php esc_html_e( 'Connect', 'belong-for-woocommerce' ); ?></button></p>
		</form>
		<?php
	}

	/**
	 * Moved, or a copy?
	 */
	private function other_site(): void {
		?>
		<div class="notice notice-warning inline">
			<h2><?php esc_html_e( 'Has this shop moved, or is this a copy?', 'belong-for-woocommerce' ); ?></h2>
			<p>
				<?php
				/* translators: %s: address of this shop, such as https://shop.example */
				echo esc_html( sprintf( __( 'Its address is %s now, and that is not the one it was connected with. Until you say which it is, nothing is sent.', 'belong-for-woocommerce' ), Site::address() ) );
				?>
			</p>
			<?php $this->button( 'moved', __( 'The shop has moved here', 'belong-for-woocommerce' ), 'button button-primary', 'belong-moved' ); ?>
			<p class="description" id="belong-moved" style="margin-bottom: 1.5em"><?php esc_html_e( 'Your Belong is told the new address, and everything goes on. The old address must not be a shop any more.', 'belong-for-woocommerce' ); ?></p>
			<?php $this->button( 'copy', __( 'This is a copy', 'belong-for-woocommerce' ), 'button', 'belong-copy' ); ?>
			<p class="description" id="belong-copy"><?php esc_html_e( 'For a copy to try things out: this shop forgets the connection and its keys. The original goes on as before.', 'belong-for-woocommerce' ); ?></p>
		</div>
		<?php
	}

	/**
	 * What keeps it from going on, and how to go on.
	 *
	 * @param Connection $connection The connection.
	 */
	private function stopped( Connection $connection ): void {
		if ( '' === $connection->stopped() ) {
			return;
		}
		?>
		<div class="notice notice-error inline">
			<p><strong><?php echo esc_html( Notices::what_to_do( $connection->stopped() ) ); ?></strong></p>
			<?php $this->button( 'try_again', __( 'Try again', 'belong-for-woocommerce' ) ); ?>
		</div>
		<?php
	}

	/**
	 * For new keys, or another Belong.
	 *
	 * @param array $outcome Of the last form.
	 */
	private function pair_again( array $outcome ): void {
		$is_open = 'connect' === ( $outcome['form'] ?? '' ) && 'error' === $outcome['kind'];
		?>
		<details style="margin: 1.5em 0"<?php echo esc_attr( $is_open ? ' open' : '' ); ?>>
			<summary><?php esc_html_e( 'Connect anew, with another pairing code', 'belong-for-woocommerce' ); ?></summary>
			<p><?php esc_html_e( 'The new connection takes the place of this one, with new keys. With a code of the same programme nothing is lost.', 'belong-for-woocommerce' ); ?></p>
			<?php $this->code_form( $outcome ); ?>
		</details>
		<?php
	}

	/**
	 * Asked for twice: opened, then pressed.
	 *
	 * @param Connection $connection The connection.
	 */
	private function disconnect( Connection $connection ): void {
		// In a copy this would end the connection of the original.
		if ( $connection->is_other_site() ) {
			return;
		}
		?>
		<details style="margin: 1.5em 0">
			<summary><?php esc_html_e( 'Disconnect this shop', 'belong-for-woocommerce' ); ?></summary>
			<p><?php esc_html_e( 'Nothing is sent any more, and the keys on both sides are deleted. Points that your customers have stay in your Belong; connect the shop again to go on with them.', 'belong-for-woocommerce' ); ?></p>
			<?php $this->button( 'disconnect', __( 'Disconnect now', 'belong-for-woocommerce' ) ); ?>
		</details>
		<?php
	}

	/**
	 * The opt-in.
	 */
	private function uninstalling(): void {
		?>
		<h2><?php esc_html_e( 'Deleting the plugin', 'belong-for-woocommerce' ); ?></h2>
		<?php Actions::begin( 'options' ); ?>
			<p><label><input type="checkbox" name="delete_all" value="yes" <?php checked( 'yes', get_option( Uninstall::OPT_IN ) ); ?>> <?php esc_html_e( 'When the plugin is deleted, delete everything it has kept in this shop', 'belong-for-woocommerce' ); ?></label></p>
			<p><button type="submit" class="button"><?php esc_html_e( 'Save', 'belong-for-woocommerce' ); ?></button></p>
		</form>
		<?php
	}

	/**
	 * A form that is a button.
	 *
	 * @param string $form  Which.
	 * @param string $label Translated.
	 * @param string $looks Classes.
	 * @param string $by    Id of what explains it.
	 */
	private function button( string $form, string $label, string $looks = 'button', string $by = '' ): void {
		Actions::begin( $form );
		?>
			<p><button type="submit" class="<?php echo esc_attr( $looks ); ?>"<?php echo esc_attr( '' === $by ? '' : ' aria-describedby=' . $by ); ?>><?php echo esc_html( $label ); ?></button></p>
		</form>
		<?php
	}
}
