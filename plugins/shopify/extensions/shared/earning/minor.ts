/** Amounts in minor units, with the places that the service's engine gives each currency. */

const NO_PLACES = ' BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ';
const TWO_PLACES =
  ' AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP ' +
  'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR ' +
  'KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN ' +
  'PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD ' +
  'TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ';
const THREE_PLACES = ' BHD IQD JOD KWD LYD OMR TND ';

/** After the point; null for a currency that we do not know. */
export function placesOf(currency: string): number | null {
  const found = [NO_PLACES, TWO_PLACES, '-', THREE_PLACES].findIndex((listed) => listed.includes(` ${currency} `));
  return found < 0 || currency.length !== 3 ? null : [0, 2, 2, 3][found]!;
}

/** Minor units of an amount that Shopify gives as a number; null where it is no such amount. */
export function minorOf(amount: number, currency: string): number | null {
  const places = placesOf(currency);
  if (places === null) {
    return null;
  }
  const exact = amount * [1, 10, 100, 1000][places]!;
  const minor = Math.round(exact);
  return Number.isSafeInteger(minor) && Math.abs(exact - minor) < 0.01 ? minor : null;
}
