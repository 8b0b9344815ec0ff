<?php
/**
 * Our script in the cart and checkout blocks.
 *
 * @package Belong
 */

namespace Belong\Display;

use Automattic\WooCommerce\Blocks\Integrations\IntegrationInterface;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce loads it with its blocks alone. What it shows comes with the cart's own answers.
 */
final class BlockScripts implements IntegrationInterface {

	/**
	 * Our name among integrations.
	 */
	public function get_name() {
		return CartPoints::NAMESPACE_OF_OURS;
	}

	/**
	 * WooCommerce calls this on pages with one of its blocks.
	 */
	public function initialize() {
		Assets::need_style();
	}

	/**
	 * In the shop.
	 */
	public function get_script_handles() {
		return array( Assets::BLOCKS );
	}

	/**
	 * In the editor there is no cart to speak of.
	 */
	public function get_editor_script_handles() {
		return array();
	}

	/**
	 * Everything comes with the cart.
	 */
	public function get_script_data() {
		return array();
	}
}
