<?php
/**
 * Amounts as whole minor units.
 *
 * @package Belong
 */

namespace Belong\Earning;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce reckons with floats and prints texts; from a text on we have whole numbers.
 */
final class Minor {

	const NO_PLACES    = ' BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ';
	const TWO_PLACES   = ' AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP '
		. 'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR '
		. 'KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN '
		. 'PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD '
		. 'TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ';
	const THREE_PLACES = ' BHD IQD JOD KWD LYD OMR TND ';

	/**
	 * Decimal places of a currency by ISO 4217, whatever the shop prints; null for one that it does not list.
	 *
	 * @param string $currency ISO code.
	 */
	public static function places( string $currency ): ?int {
		if ( 3 !== strlen( $currency ) ) {
			return null;
		}
		foreach ( array( self::NO_PLACES => 0, self::TWO_PLACES => 2, self::THREE_PLACES => 3 ) as $listed => $places ) {
			if ( false !== strpos( $listed, " $currency " ) ) {
				return $places;
			}
		}
		return null;
	}

	/**
	 * Minor units of a decimal text, half up: ("12.345", 2) is 1235. Null for anything else.
	 *
	 * @param string $text   As WooCommerce prints amounts for programs.
	 * @param int    $places Of the currency.
	 */
	public static function of( string $text, int $places ): ?int {
		if ( ! preg_match( '/^([-+]?)(\d{1,15})(?:\.(\d+))?$/D', $text, $found ) ) {
			return null;
		}
		$part  = $found[3] ?? '';
		$minor = (int) ( $found[2] . str_pad( substr( $part, 0, $places ), $places, '0' ) );
		$minor = $minor + ( substr( $part, $places, 1 ) >= '5' ? 1 : 0 );
		return '-' === $found[1] ? -$minor : $minor;
	}
}
