<?php
/**
 * Wherever the merchant wants it.
 *
 * @package Belong
 */

namespace Belong\Account;

use Belong\Display\ProductLine;

defined( 'ABSPATH' ) || exit;

/**
 * Shortcodes and blocks of the same names. They take no attributes, so that nothing of a post's author is written by us.
 */
final class Placing {

	const SHORTCODE = 'belong_';
	const BLOCK     = 'belong/';
	const EDITOR    = 'belong-blocks';
	const EARN      = 'earn';

	/**
	 * Path of the plugin's main file.
	 *
	 * @var string
	 */
	private $file;

	/**
	 * What a product earns.
	 *
	 * @var ProductLine
	 */
	private $line;

	/**
	 * Beside the plugin's main file.
	 *
	 * @param string      $file Its path.
	 * @param ProductLine $line What a product earns.
	 */
	public function __construct( string $file, ProductLine $line ) {
		$this->file = $file;
		$this->line = $line;
	}

	/**
	 * All names of what can be placed.
	 *
	 * @return string[]
	 */
	public static function names(): array {
		return array_merge( Sheet::names(), array( self::EARN ) );
	}

	/**
	 * For a shortcode.
	 *
	 * @param mixed  $attributes Ignored.
	 * @param mixed  $content    Ignored.
	 * @param string $tag        Such as belong_balance.
	 */
	public function shortcode( $attributes, $content = '', $tag = '' ): string {
		return $this->placed( substr( $tag, strlen( self::SHORTCODE ) ), 'class="belong"', (int) get_the_ID() );
	}

	/**
	 * For a block.
	 *
	 * @param mixed     $attributes Ignored.
	 * @param mixed     $content    Ignored.
	 * @param \WP_Block $block      Which.
	 */
	public function block( $attributes, $content, \WP_Block $block ): string {
		$post_id = (int) ( $block->context['postId'] ?? get_the_ID() );
		return $this->placed( substr( $block->name, strlen( self::BLOCK ) ), get_block_wrapper_attributes( array( 'class' => 'belong' ) ), $post_id );
	}

	/**
	 * Makes the blocks known.
	 *
	 * @param callable $render What draws them.
	 */
	public function register_blocks( callable $render ): void {
		foreach ( self::names() as $name ) {
			register_block_type( dirname( $this->file ) . '/blocks/' . $name, array( 'render_callback' => $render ) );
		}
	}

	/**
	 * For the editor.
	 */
	public function register_editor(): void {
		$needs = array( 'wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-server-side-render' );
		wp_register_script( self::EDITOR, plugins_url( 'assets/blocks.js', $this->file ), $needs, (string) filemtime( dirname( $this->file ) . '/assets/blocks.js' ), true );
	}

	/**
	 * One part in its box; nothing where there is nothing to show.
	 *
	 * @param string $name    One of names().
	 * @param string $box     Attributes, escaped.
	 * @param int    $post_id What the place is about; 0 for nothing.
	 */
	private function placed( string $name, string $box, int $post_id ): string {
		$shown = self::EARN === $name ? $this->line->placed( $post_id ) : $this->part( $name );
		return '' === $shown ? '' : '<div ' . $box . '>' . $shown . '</div>';
	}

	/**
	 * One part of the sheet.
	 *
	 * @param string $name One of Sheet::names().
	 */
	private function part( string $name ): string {
		return in_array( $name, Sheet::names(), true ) ? Sheet::own()->captured( $name ) : '';
	}
}
