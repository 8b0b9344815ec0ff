<?php
/**
 * WordPress runs this when the plugin is deleted; the plugin itself is not loaded then.
 *
 * @package Belong
 */

defined( 'ABSPATH' ) || exit;
defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/src/autoload.php';

Belong\Uninstall::run();
