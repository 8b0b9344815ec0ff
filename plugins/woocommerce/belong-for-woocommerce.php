<?php
/**
 * Plugin Name:          Belong for WooCommerce
 * Description:          Points, tiers and badges for your customers, from your own Belong. The shop shows them without calling anybody.
 * Version:              0.1.0
 * Requires at least:    6.8
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * Author:               the Belong contributors
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          belong-for-woocommerce
 * Domain Path:          /languages
 * WC requires at least: 9.0
 * WC tested up to:      11.0
 *
 * @package Belong
 */

namespace Belong;

defined( 'ABSPATH' ) || exit;

require_once __DIR__ . '/src/autoload.php';

Plugin::start( __FILE__ );
