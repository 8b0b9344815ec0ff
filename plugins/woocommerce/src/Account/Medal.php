<?php
/**
 * How a badge is drawn.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * The same everywhere. Its level is told in words too: colours alone say nothing to many.
 */
final class Medal {

	const LEVELS = array( 'bronze', 'silver', 'gold' );

	/**
	 * A level for people; empty for one that we do not know.
	 *
	 * @param string $level One of LEVELS.
	 */
	public static function level_name( string $level ): string {
		$names = array(
			'bronze' => __( 'Bronze', 'belong-for-woocommerce' ),
			'silver' => __( 'Silver', 'belong-for-woocommerce' ),
			'gold'   => __( 'Gold', 'belong-for-woocommerce' ),
		);
		return $names[ $level ] ?? '';
	}

	/**
	 * Writes the drawing, which says nothing to a screen reader.
	 *
	 * @param string $level One of LEVELS.
	 */
	public static function show_icon( string $level ): void {
		$class = 'belong-' . ( in_array( $level, self::LEVELS, true ) ? $level : 'bronze' );
		?>
<svg class="<?php echo esc_attr( $class ); ?>" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="M8 14l-2 8 6-3 6 3-2-8z"/><circle cx="12" cy="9" r="7"/></svg>
		<?php
	}
}
