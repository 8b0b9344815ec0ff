<?php
/**
 * How the shop speaks to the service.
 *
 * @package Belong
 */

namespace Belong\Account;

defined( 'ABSPATH' ) || exit;

/**
 * What the connection offers to those who ask for a shopper. Whoever knows the connection gives one by the filter
 * belong_signed_calls.
 */
interface SignedCalls {

	/**
	 * Whether calls may be made now. Costs nothing.
	 */
	public function is_open(): bool;

	/**
	 * Address of the service, without a slash at the end.
	 */
	public function address(): string;

	/**
	 * Signs and posts to /v1/store/{purpose}. Never throws.
	 *
	 * @param string $purpose Such as shopper-tokens.
	 * @param array  $body    Becomes JSON.
	 * @param int    $seconds How long to wait.
	 * @return array status (0: no answer) and decoded body or null
	 */
	public function post( string $purpose, array $body, int $seconds ): array;
}
