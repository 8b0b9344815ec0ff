<?php
/**
 * What came back from the service.
 *
 * @package Belong
 */

namespace Belong\Connection;

defined( 'ABSPATH' ) || exit;

/**
 * Already read: nobody else looks at headers or decodes.
 */
final class Answer {

	/**
	 * 0 if nothing came.
	 *
	 * @var int
	 */
	public $status;

	/**
	 * The service's own word for what is wrong; empty if it said none.
	 *
	 * @var string
	 */
	public $code;

	/**
	 * What was read; null if it was no JSON.
	 *
	 * @var array|null
	 */
	public $body;

	/**
	 * Seconds, if the service named them.
	 *
	 * @var int|null
	 */
	public $retry_after;

	/**
	 * The service's clock, as it was told.
	 *
	 * @var string
	 */
	public $date;

	/**
	 * Takes it already read.
	 *
	 * @param int        $status      0 if nothing came.
	 * @param array|null $body        Null if it was no JSON.
	 * @param int|null   $retry_after Seconds.
	 * @param string     $date        Of the header.
	 */
	public function __construct( int $status, ?array $body, ?int $retry_after = null, string $date = '' ) {
		$this->status      = $status;
		$this->body        = $body;
		$this->code        = is_string( $body['code'] ?? null ) ? $body['code'] : '';
		$this->retry_after = $retry_after;
		$this->date        = $date;
	}

	/**
	 * Nothing came.
	 */
	public static function none(): self {
		return new self( 0, null );
	}

	/**
	 * Of wp_remote_post.
	 *
	 * @param array|\WP_Error $response As it came.
	 */
	public static function read( $response ): self {
		if ( is_wp_error( $response ) ) {
			return self::none();
		}
		$body  = json_decode( wp_remote_retrieve_body( $response ), true, 64 );
		$after = self::header( $response, 'retry-after' );
		return new self(
			(int) wp_remote_retrieve_response_code( $response ),
			is_array( $body ) ? $body : null,
			preg_match( '/\A[0-9]{1,8}\z/', $after ) ? (int) $after : null,
			self::header( $response, 'date' )
		);
	}

	/**
	 * Whether it was done. A page that somebody put in front says 200 too, but is no JSON.
	 */
	public function is_ok(): bool {
		return $this->status >= 200 && $this->status < 300 && null !== $this->body;
	}

	/**
	 * Whether nobody answered.
	 */
	public function is_network_failure(): bool {
		return 0 === $this->status;
	}

	/**
	 * Text of the body; empty if there is none of this name.
	 *
	 * @param string $key Which.
	 */
	public function text( string $key ): string {
		return is_string( $this->body[ $key ] ?? null ) ? $this->body[ $key ] : '';
	}

	/**
	 * A moment to come, by the shop's clock and not by the service's that names it; 0 if there is none of this name. To be
	 * asked when the answer has just come.
	 *
	 * @param string $key Which.
	 */
	public function moment( string $key ): int {
		$theirs = strtotime( $this->text( $key ) );
		return false === $theirs ? 0 : $theirs - (int) Health::offset_of( $this->date );
	}

	/**
	 * One that came twice counts once.
	 *
	 * @param array  $response As it came.
	 * @param string $name     Of the header.
	 */
	private static function header( array $response, string $name ): string {
		$value = wp_remote_retrieve_header( $response, $name );
		return trim( (string) ( is_array( $value ) ? end( $value ) : $value ) );
	}
}
