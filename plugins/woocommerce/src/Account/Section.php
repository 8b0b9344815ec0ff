<?php
/**
 * One part of what a shopper is shown.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\Format;
use Belong\Display\Programme;
use Belong\Display\Snapshot;

defined( 'ABSPATH' ) || exit;

/**
 * Writes HTML from what was pushed before; whatever is written is escaped on the spot.
 */
abstract class Section {

	/**
	 * About whoever looks.
	 *
	 * @var Snapshot
	 */
	protected $snapshot;

	/**
	 * About the programme.
	 *
	 * @var Programme
	 */
	protected $programme;

	/**
	 * Numbers and dates for people.
	 *
	 * @var Format
	 */
	protected $format;

	/**
	 * Shows nothing yet.
	 *
	 * @param Snapshot  $snapshot  About whoever looks.
	 * @param Programme $programme About the programme.
	 */
	public function __construct( Snapshot $snapshot, Programme $programme ) {
		$this->snapshot  = $snapshot;
		$this->programme = $programme;
		$this->format    = Format::of( $snapshot, $programme );
	}

	/**
	 * Writes it; nothing where there is nothing to show.
	 */
	abstract public function show(): void;

	/**
	 * A way that is partly gone, with a sentence that says how far.
	 *
	 * @param string $sentence What is missing.
	 * @param int    $value    Reached.
	 * @param int    $wanted   The end.
	 */
	protected function show_way( string $sentence, int $value, int $wanted ): void {
		$id      = wp_unique_id( 'belong-way-' );
		$percent = Format::percent( $value, $wanted );
		?>
<div class="belong-way">
	<p id="<?php echo esc_attr( $id ); ?>"><?php echo esc_html( $sentence ); ?></p>
	<progress max="100" value="<?php echo esc_attr( (string) $percent ); ?>" aria-labelledby="<?php echo esc_attr( $id ); ?>"><?php echo esc_html( $this->format->number( $percent ) ); ?> %</progress>
</div>
		<?php
	}

	/**
	 * Something to be copied. The button appears where a script can do it.
	 *
	 * @param string $text What is copied.
	 * @param string $of   What it is of, for those who hear the button's name alone.
	 */
	protected function show_code( string $text, string $of ): void {
		/* translators: %s: a code, or what it is for. */
		$label = sprintf( __( 'Copy: %s', 'belong-for-woocommerce' ), $of );
		?>
<belong-copy class="belong-code" data-done="<?php esc_attr_e( 'Copied.', 'belong-for-woocommerce' ); ?>" data-failed="<?php esc_attr_e( 'It could not be copied. Please select it yourself.', 'belong-for-woocommerce' ); ?>"<?php if ( 0 === strpos( $text, 'http' ) ) : ?> data-share="<?php esc_attr_e( 'Share', 'belong-for-woocommerce' ); ?>"<?php endif; ?>><code translate="no"><?php echo esc_html( $text ); ?></code> <button type="button" hidden aria-label="<?php echo esc_attr( $label ); ?>"><?php esc_html_e( 'Copy', 'belong-for-woocommerce' ); ?></button></belong-copy>
		<?php
	}

	/**
	 * A day for people and for machines.
	 *
	 * @param string $moment Such as 2026-11-27T12:00:00Z.
	 * @param string $text   How it is told.
	 */
	protected function show_time( string $moment, string $text ): void {
		?>
<time datetime="<?php echo esc_attr( $moment ); ?>"><?php echo esc_html( $text ); ?></time>
		<?php
	}
}
