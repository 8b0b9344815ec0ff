<?php
/**
 * Action Scheduler by function.
 *
 * @package Belong\Double
 */

defined( 'ABSPATH' ) || exit;

function as_enqueue_async_action( $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return ActionQueue::add( $hook, $args, $group, $unique );
}

function as_schedule_single_action( $timestamp, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return ActionQueue::add( $hook, $args, $group, $unique );
}

function as_schedule_recurring_action( $timestamp, $interval, $hook, $args = array(), $group = '', $unique = false, $priority = 10 ) {
	return ActionQueue::add( $hook, $args, $group, $unique, (int) $interval );
}

function as_has_scheduled_action( $hook, $args = null, $group = '' ) {
	return (bool) array_intersect( array( 'pending', 'in-progress' ), ActionQueue::statuses( $hook ) );
}

function as_unschedule_all_actions( $hook, $args = array(), $group = '' ) {
	ActionQueue::cancel( (string) $hook, $args, $group );
}

/** From Action Scheduler 3.9.3 on. */
function as_supports( $feature ) {
	return 'ensure_recurring_actions_hook' === $feature;
}
