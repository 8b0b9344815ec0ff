"""Money in integer minor units. No float is ever near an amount.

Exponents follow ISO 4217; a currency that is not listed is unknown and is refused by ``exponent_of``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

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

_EXACT = Context(prec=60)


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
    if len(text) > MAX_AMOUNT_CHARACTERS or not _is_plain_decimal(text):
        raise AmountError(f"not an amount: {text[:MAX_AMOUNT_CHARACTERS]!r}")
    try:
        scaled = _EXACT.scaleb(Decimal(text), exponent_of(currency))
        minor = int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_EXACT))
    except InvalidOperation as error:
        raise AmountError(f"not an amount: {text!r}") from error
    if abs(minor) > MAX_MINOR:
        raise AmountError(f"amount too large: {text!r}")
    return minor


def decimal_from_minor(minor: int, currency: str) -> str:
    """The plain decimal string of minor units: (1234, "EUR") -> "12.34", (-5, "KWD") -> "-0.005"."""
    exponent = exponent_of(currency)
    if exponent == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}d}"


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount`` >= 0 in proportion to ``weights`` (each >= 0): floors first, then one unit each by largest remainder.

    The parts always add up to ``amount``; ties go to the earlier part. With all weights zero nothing can be placed
    and AmountError is raised, unless ``amount`` is zero.
    """
    if amount < 0 or any(weight < 0 for weight in weights):
        raise AmountError("allocate() takes no negative amounts")
    total = sum(weights)
    if total == 0:
        if amount:
            raise AmountError("nothing to allocate over")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    rest = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for index in by_remainder[:rest]:
        parts[index] += 1
    return parts


def _is_plain_decimal(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    whole, dot, part = digits.partition(".")
    if not whole.isascii() or not whole.isdigit():
        return False
    return not dot or (part.isascii() and part.isdigit())
