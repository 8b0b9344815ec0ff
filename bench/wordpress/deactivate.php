<?php
/**
 * Deactivates a plugin as its owner does: `php deactivate.php WORDPRESS PLUGIN`.
 */

require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

deactivate_plugins( $argv[2] );
exit( is_plugin_active( $argv[2] ) ? 1 : 0 );
