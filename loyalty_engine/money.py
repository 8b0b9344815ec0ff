"""Money in integer minor units. No float is ever near an amount.

Exponents follow ISO 4217; a currency that is not listed is unknown and is refused by ``exponent_of``.
"""

from __future__ import annotations

from collections.abc import Sequence

from loyalty_engine.errors import AmountError

MAX_MINOR = 10**15
"""No single amount of a shop is larger; a bigger one is an error, not an order."""

MAX_AMOUNT_CHARACTERS = 40

ZERO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
TWO_DECIMALS = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG".split()
)


def exponent_of(currency: str) -> int:
    """Decimal places of a currency: JPY 0, EUR 2, KWD 3. Raises AmountError for a code that ISO 4217 does not list."""
    if currency in TWO_DECIMALS:
        return 2
    if currency in ZERO_DECIMALS:
        return 0
    if currency in THREE_DECIMALS:
        return 3
    raise AmountError(f"unknown currency {currency[:8]!r}")


def minor_from_decimal(text: str, currency: str) -> int:
    """Minor units of a decimal string: ("12.34", "EUR") -> 1234, ("1000.00", "JPY") -> 1000.

    Shops may print more places than the currency has (WooCommerce with four price decimals): such an amount is rounded
    half up, away from zero, to the minor unit. Raises AmountError for anything but a plain decimal number.
    """
    return minor_from_places(text, exponent_of(currency))


def minor_from_places(text: str, exponent: int) -> int:
    """The same for a number of decimal places instead of a currency: ("12.345", 2) -> 1235."""
    digits = text[1:] if text[:1] in ("-", "+") else text
    whole, dot, part = digits.partition(".")
    if len(text) > MAX_AMOUNT_CHARACTERS or not _is_number(whole) or not (_is_number(part) if dot else True):
        raise AmountError(f"not an amount: {text[:MAX_AMOUNT_CHARACTERS]!r}")
    minor = int(whole + part[:exponent].ljust(exponent, "0"))
    if part[exponent : exponent + 1] >= "5":
        minor += 1
    if minor > MAX_MINOR:
        raise AmountError(f"amount too large: {text!r}")
    return -minor if text[0] == "-" else minor


def decimal_from_minor(minor: int, currency: str) -> str:
    """The plain decimal string of minor units: (1234, "EUR") -> "12.34", (-5, "KWD") -> "-0.005"."""
    exponent = exponent_of(currency)
    if exponent == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}d}"


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount`` >= 0 in proportion to ``weights`` (each >= 0): floors first, then one unit each by remainder.

    The largest remainders come first; ties go to the earlier part. The parts always add up to ``amount``, and while it
    is at most the sum of the weights, no part exceeds its weight. With all weights zero nothing can be placed and
    AmountError is raised, unless ``amount`` is zero.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise AmountError("allocate() takes no negative amounts")
    total = sum(weights)
    if total == 0:
        if amount:
            raise AmountError("nothing to allocate over")
        return [0] * len(weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(amount * weight, total)
        parts.append(part)
        remainders.append(remainder)
    rest = amount - sum(parts)
    if rest:
        # sorted() is stable, so equal remainders stay in the order of their parts.
        for index in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:rest]:
            parts[index] += 1
    return parts


def _is_number(text: str) -> bool:
    """ASCII digits only: int() would also take Arabic ones."""
    return text.isascii() and text.isdigit()
