<?php
/**
 * What fills the places in wp-admin.
 *
 * @package Belong
 */

namespace Belong\Desk;

use Belong\Display\Format;

defined( 'ABSPATH' ) || exit;

/**
 * A page is there before anybody was asked; a script asks afterwards.
 */
final class Script {

	const HANDLE = 'belong-desk';

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
		wp_register_style( self::HANDLE, plugins_url( 'assets/desk.css', $this->file ), array(), $version );
		wp_register_script( self::HANDLE, plugins_url( 'assets/desk.js', $this->file ), array( 'wp-api-fetch' ), $version, true );
	}

	/**
	 * A place that is filled from this route. Without the script it says so.
	 *
	 * @param string $path Below belong/v1.
	 */
	public static function place( string $path ): void {
		wp_enqueue_style( self::HANDLE );
		wp_enqueue_script( self::HANDLE );
		?>
		<div class="belong-desk" data-belong-path="<?php echo esc_attr( '/' . Route::SPACE . $path ); ?>" data-belong-texts="<?php echo esc_attr( (string) wp_json_encode( self::texts() ) ); ?>">
			<p class="belong-desk-state" role="status"></p>
			<div class="belong-desk-told"></div>
			<noscript><p><?php esc_html_e( 'This needs JavaScript.', 'belong-for-woocommerce' ); ?></p></noscript>
		</div>
		<?php
	}

	/**
	 * What the script says itself.
	 *
	 * @return array<string, string>
	 */
	private static function texts(): array {
		return array(
			'asking' => __( 'Asking your Belong…', 'belong-for-woocommerce' ),
			'failed' => __( 'Nothing came back. Your Belong may be busy or down; nothing is lost.', 'belong-for-woocommerce' ),
			'again'  => __( 'Try again', 'belong-for-woocommerce' ),
			'doing'  => __( 'Writing it down…', 'belong-for-woocommerce' ),
			'unsure' => __( 'Nobody knows whether it was done. Press the button once more: it is never done twice.', 'belong-for-woocommerce' ),
			'points' => __( 'Enter a whole number of points other than 0.', 'belong-for-woocommerce' ),
			'reason' => __( 'Say why. It is kept with the points, and the customer can read it.', 'belong-for-woocommerce' ),
			/* translators: 1: a number with its sign, 2: name of a customer, 3: the reason as it was typed. */
			'sure'   => __( 'Change the points of %2$s by %1$s? Reason: %3$s', 'belong-for-woocommerce' ),
		);
	}

	/**
	 * How numbers and dates are written here.
	 *
	 * @param string[] $names What one point and several are called, if the service said it.
	 */
	public static function format( array $names ): Format {
		return new Format( array_filter( $names, 'is_string' ) );
	}
}
