<?php
/**
 * What an owner does on the page of plugins, by WordPress's own code: `php installer.php WORDPRESS install ZIP`,
 * `... replace ZIP`, `... activate`, `... deactivate`, `... delete keep|everything`, `... state`. Prints JSON: what is there of us.
 */

define( 'WP_ADMIN', true );
require $argv[1] . '/wp-load.php';
foreach ( array( 'plugin', 'file', 'misc', 'class-wp-upgrader' ) as $belong_part ) {
	require_once ABSPATH . 'wp-admin/includes/' . $belong_part . '.php';
}
wp_set_current_user( 1 );
// With plain addresses WordPress keeps no rules.
$GLOBALS['wp_rewrite']->set_permalink_structure( '/%postname%/' );

const BELONG_PLUGIN = 'belong-for-woocommerce/belong-for-woocommerce.php';

/** Says nothing; what went wrong is in get_errors(). */
function belong_installed( string $zip, bool $replaces ): array {
	$skin   = new WP_Ajax_Upgrader_Skin();
	$copy   = wp_tempnam( 'belong.zip' );
	copy( $zip, $copy );
	$result = ( new Plugin_Upgrader( $skin ) )->install( $copy, array( 'overwrite_package' => $replaces ) );
	return array(
		'done'   => true === $result,
		'errors' => $skin->get_errors()->get_error_codes(),
	);
}

/** Every row of ours that WordPress's own tables hold, and our tables. */
function belong_state(): array {
	global $wpdb;
	wp_cache_flush();
	$header = WP_PLUGIN_DIR . '/' . BELONG_PLUGIN;
	$cron   = wp_json_encode( _get_cron_array() );
	return array(
		'version' => is_file( $header ) ? get_plugin_data( $header, false, false )['Version'] : '',
		'active'  => is_plugin_active( BELONG_PLUGIN ),
		'files'   => is_dir( dirname( $header ) ) ? array_values( array_diff( scandir( dirname( $header ) ), array( '.', '..' ) ) ) : array(),
		'tables'  => $wpdb->get_col( "SHOW TABLES LIKE '%belong%'" ),
		'options' => $wpdb->get_col( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '%belong%'" ),
		'meta'    => (int) $wpdb->get_var( "SELECT count(*) FROM {$wpdb->usermeta} WHERE meta_key LIKE '%belong%'" ),
		'cron'    => false !== strpos( $cron, 'belong' ),
		'address' => false !== strpos( wp_json_encode( get_option( 'rewrite_rules' ) ), 'points-and-badges' ),
	);
}

$belong_told = array();
switch ( $argv[2] ) {
	case 'install':
	case 'replace':
		$belong_told = belong_installed( $argv[3], 'replace' === $argv[2] );
		break;
	case 'activate':
		$belong_told['done'] = null === activate_plugin( BELONG_PLUGIN );
		break;
	case 'deactivate':
		deactivate_plugins( BELONG_PLUGIN );
		break;
	case 'delete':
		update_option( 'belong_delete_on_uninstall', 'everything' === $argv[3] ? 'yes' : 'no' );
		deactivate_plugins( BELONG_PLUGIN );
		$belong_told['done'] = true === delete_plugins( array( BELONG_PLUGIN ) );
		break;
}
echo wp_json_encode( $belong_told + belong_state() ), "\n";
