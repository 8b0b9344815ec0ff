"""Amounts as shops print them. Its own arithmetic on purpose: it must not share a mistake with the code it tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

EXPONENTS = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF", "JPY": "¥", "KRW": "₩", "KWD": "د.ك", "BHD": ".د.ب"}


def plain(minor: int, currency: str, places: int | None = None) -> str:
    """A decimal string: (1234, "EUR") -> "12.34"; with ``places`` as many as the shop prints: (1000, "JPY", 2) ->
    "1000.00".

    Raises ValueError when the shop's places cannot hold the amount (a fil in a shop that prints two places).
    """
    exponent = EXPONENTS[currency]
    shown = exponent if places is None else places
    sign, size = ("-", -minor) if minor < 0 else ("", minor)
    if shown < exponent:
        size, lost = divmod(size, 10 ** (exponent - shown))
        if lost:
            raise ValueError(f"{minor} minor units of {currency} need more than {shown} places")
    else:
        size *= 10 ** (shown - exponent)
    if shown == 0:
        return f"{sign}{size}"
    whole, part = divmod(size, 10**shown)
    return f"{sign}{whole}.{part:0{shown}d}"


def shortest(minor: int, currency: str) -> str:
    """As Shopify's GraphQL prints a Decimal: at least one place, no needless zeros: "5.0", "35.2", "414.95"."""
    text = plain(minor, currency)
    if "." not in text:
        return f"{text}.0"
    trimmed = text.rstrip("0")
    return f"{trimmed}0" if trimmed.endswith(".") else trimmed


def number(minor: int, currency: str) -> Decimal:
    """Where Shopify writes a JSON number (``subtotal`` of a refund line): from its decimals, never through a float."""
    return Decimal(shortest(minor, currency))


def tax_inside(gross_minor: int, basis_points: int) -> int:
    """Tax contained in a price with tax, half up: (11900, 1900) -> 1900."""
    return _half_up(gross_minor * basis_points, 10000 + basis_points)


def tax_on(net_minor: int, basis_points: int) -> int:
    """Tax that comes on top of a net price, half up: (10000, 1900) -> 1900."""
    return _half_up(net_minor * basis_points, 10000)


def spread(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount over lines by running totals, so that the parts add up to the whole."""
    total = sum(weights)
    parts, seen, placed = [], 0, 0
    for weight in weights:
        seen += weight
        upto = minor * seen // total if total else 0
        parts.append(upto - placed)
        placed = upto
    return parts


def converted(minor: int, rate: tuple[str, int, int], currency: str) -> int:
    """Minor units in the currency the shopper saw: ``rate`` is (currency, n, d), shown major units = shop major units x
    n / d.
    """
    shown, numerator, denominator = rate
    return _half_up(minor * numerator * 10 ** EXPONENTS[shown], denominator * 10 ** EXPONENTS[currency])


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
