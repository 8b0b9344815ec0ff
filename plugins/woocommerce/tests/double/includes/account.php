<?php
/**
 * The page of accounts and what stands beside a review, as far as we use them.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

/** Labels by endpoint, the way out last. */
function wc_get_account_menu_items() {
	$items = array(
		'dashboard'       => 'Dashboard',
		'orders'          => 'Orders',
		'edit-account'    => 'Account details',
		'customer-logout' => 'Log out',
	);
	return apply_filters( 'woocommerce_account_menu_items', $items, array() );
}

function wc_get_page_id( $page ) {
	return (int) get_option( 'woocommerce_' . $page . '_page_id', -1 );
}

function wc_get_page_permalink( $page ) {
	$id = wc_get_page_id( $page );
	return $id > 0 ? get_permalink( $id ) : get_home_url();
}

function wc_get_account_endpoint_url( $endpoint ) {
	if ( 'dashboard' === $endpoint ) {
		return wc_get_page_permalink( 'myaccount' );
	}
	$page = wc_get_page_permalink( 'myaccount' );
	return get_option( 'permalink_structure' ) ? trailingslashit( $page ) . trailingslashit( $endpoint ) : add_query_arg( $endpoint, '', $page );
}

function wc_maybe_define_constant( $name, $value ) {
	if ( ! defined( $name ) ) {
		define( $name, $value );
	}
}

/** The orders of a guest under an account's address become the account's; each is announced. */
function wc_update_new_customer_past_orders( $user_id ) {
	$user  = get_userdata( $user_id );
	$given = 0;
	foreach ( wc_get_orders( array( 'customer_id' => 0, 'limit' => -1 ) ) as $order ) {
		if ( $user && 0 === strcasecmp( $user->user_email, $order->get_billing_email() ) ) {
			$order->set_customer_id( $user->ID );
			$order->save();
			do_action( 'woocommerce_update_new_customer_past_order', $order->get_id(), $user );
			++$given;
		}
	}
	return $given;
}

// From 11.0 on, when a customer has opened the link that was mailed to their address.
add_action( 'woocommerce_customer_email_verified', 'wc_update_new_customer_past_orders' );

/** Shown once, by whatever page comes next. */
function wc_add_notice( $message, $type = 'success' ) {
	$GLOBALS['belong_double_notices'][ $type ][] = array( 'notice' => $message );
}

function wc_get_notices( $type = '' ) {
	$notices = $GLOBALS['belong_double_notices'] ?? array();
	return '' === $type ? $notices : ( $notices[ $type ] ?? array() );
}

function wc_set_notices( $notices ) {
	$GLOBALS['belong_double_notices'] = $notices;
}

function wc_clear_notices() {
	$GLOBALS['belong_double_notices'] = array();
}

// An endpoint is shown only where its query variable is known and was asked for; guests get the form to log in.
add_shortcode(
	'woocommerce_my_account',
	static function () {
		if ( ! is_user_logged_in() ) {
			ob_start();
			do_action( 'woocommerce_login_form' );
			return '<div class="woocommerce"><form class="login" method="post"><p><label>Name <input type="text" name="username"></label></p>' . ob_get_clean() . '</form></div>';
		}
		global $wp;
		ob_start();
		echo '<div class="woocommerce"><nav class="woocommerce-MyAccount-navigation" aria-label="Account pages"><ul>';
		foreach ( wc_get_account_menu_items() as $endpoint => $label ) {
			echo '<li><a href="' . esc_url( wc_get_account_endpoint_url( $endpoint ) ) . '">' . esc_html( $label ) . '</a></li>';
		}
		echo '</ul></nav><div class="woocommerce-MyAccount-content">';
		$shown = false;
		foreach ( apply_filters( 'woocommerce_get_query_vars', array( 'orders' => 'orders' ) ) as $key => $variable ) {
			if ( isset( $wp->query_vars[ $variable ] ) && has_action( 'woocommerce_account_' . $key . '_endpoint' ) ) {
				do_action( 'woocommerce_account_' . $key . '_endpoint', $wp->query_vars[ $variable ] );
				$shown = true;
				break;
			}
		}
		echo $shown ? '' : '<p>Hello</p>';
		echo '</div></div>';
		return ob_get_clean();
	}
);

/** One review as the classic template writes it: who and when come from the first listener. */
function belong_double_review( $comment ) {
	ob_start();
	echo '<li>';
	do_action( 'woocommerce_review_meta', $comment );
	echo '<div class="description">' . esc_html( $comment->comment_content ) . '</div></li>';
	return ob_get_clean();
}

add_action(
	'woocommerce_review_meta',
	static function ( $comment ) {
		echo '<p class="meta"><strong class="woocommerce-review__author">' . esc_html( get_comment_author( $comment ) ) . '</strong></p>';
	},
	10
);
