"""Numbers, amounts, shares and dates as people of each language write them. Exact: nothing is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from loyalty_engine.errors import AmountError
from loyalty_engine.money import decimal_from_minor

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MAX_DECIMALS = 20


@dataclass(frozen=True, slots=True)
class Format:
    """How one language writes. groups_from: the number of digits from which thousands are set apart.

    currency_first: ``€12`` instead of ``12 €``. symbols: own ones for currencies, before those that all share.
    date: with the places day, month (a name) and year. percent: with the place number.
    """

    group: str
    decimal: str
    groups_from: int
    currency_first: bool
    symbols: dict[str, str]
    months: tuple[str, ...]
    date: str
    percent: str
    comma: str = ", "


_NUMBERED = tuple(str(month) for month in range(1, 13))
SHARED_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "US$", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "TWD": "NT$"}
SHARED_SYMBOLS |= {"HKD": "HK$", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "BRL": "R$", "ILS": "₪", "VND": "₫"}

FORMATS = {
    "en": Format(
        ",",
        ".",
        4,
        True,
        {"USD": "$"},
        (
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        "{day} {month} {year}",
        "{number}%",
    ),
    "zh_hans": Format(
        ",", ".", 4, True, {"CNY": "¥", "JPY": "JP¥"}, _NUMBERED, "{year}年{month}月{day}日", "{number}%", "，"
    ),
    "zh_hant": Format(",", ".", 4, True, {}, _NUMBERED, "{year}年{month}月{day}日", "{number}%", "，"),
    "de": Format(
        ".",
        ",",
        4,
        False,
        {"USD": "$"},
        (
            *("Januar", "Februar", "März", "April", "Mai", "Juni"),
            *("Juli", "August", "September", "Oktober", "November", "Dezember"),
        ),
        "{day}. {month} {year}",
        f"{{number}}{NO_BREAK_SPACE}%",
    ),
    "es": Format(
        ".",
        ",",
        5,
        False,
        {},
        (
            *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
            *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
        ),
        "{day} de {month} de {year}",
        f"{{number}}{NO_BREAK_SPACE}%",
    ),
}
"""One for each language of ``texts.LANGUAGES``."""


def month_names(language: str) -> tuple[str, ...]:
    """From January on; numbers in languages that call months so."""
    return FORMATS[language].months


def number_text(number: int, language: str) -> str:
    """1234567 -> ``1,234,567`` in English, ``1.234.567`` in German."""
    return _localised(str(number), FORMATS[language])


def money_text(minor: int, currency: str, language: str) -> str:
    """(123450, "EUR") -> ``€1,234.50`` in English, ``1.234,50 €`` in German. An unknown currency: its code alone."""
    style = FORMATS[language]
    try:
        number = _localised(decimal_from_minor(abs(minor), currency), style)
    except AmountError:
        return currency
    symbol = style.symbols.get(currency) or SHARED_SYMBOLS.get(currency)
    sign = "\u2212" if minor < 0 else ""
    if symbol and style.currency_first:
        return f"{sign}{symbol}{number}"
    return f"{sign}{number}{NO_BREAK_SPACE}{symbol or currency}"


def ratio_text(ratio: Fraction, language: str) -> str:
    """5/4 -> ``1.25``; what has no end as a decimal stays a ratio (``1/3``)."""
    decimal = _decimal(ratio)
    return _localised(decimal, FORMATS[language]) if decimal else str(ratio)


def percent_text(share: Fraction, language: str) -> str:
    """3/100 -> ``3%`` in English, ``3 %`` in German."""
    return FORMATS[language].percent.format(number=ratio_text(share * 100, language))


def date_text(day: date, language: str) -> str:
    """2026-12-05 -> ``5 December 2026``, ``5. Dezember 2026``, ``2026年12月5日``."""
    style = FORMATS[language]
    return style.date.format(day=day.day, month=style.months[day.month - 1], year=day.year)


def day_of(moment: str, zone: str) -> date | None:
    """The local day of an ISO moment or day as explanations keep them; None if it is neither."""
    try:
        if len(moment) == len("2026-12-05"):
            return date.fromisoformat(moment)
        return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date()
    except ValueError:
        return None


def day_before(end: str, zone: str) -> date | None:
    """The last local day on which something holds that ends at an ISO moment; None if that cannot be read."""
    try:
        return (datetime.fromisoformat(end).astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)).date()
    except ValueError:
        return None


def _localised(plain: str, style: Format) -> str:
    """A plain decimal number with this language's marks, and a real minus."""
    digits = plain.removeprefix("-")
    whole, dot, part = digits.partition(".")
    if len(whole) >= style.groups_from:
        first = len(whole) % 3 or 3
        whole = style.group.join([whole[:first], *(whole[i : i + 3] for i in range(first, len(whole), 3))])
    sign = "\u2212" if digits != plain else ""
    return f"{sign}{whole}{style.decimal}{part}" if dot else f"{sign}{whole}"


def _decimal(ratio: Fraction) -> str:
    """``0.9`` for 9/10; empty if it does not end."""
    sign = "-" if ratio < 0 else ""
    whole, rest = divmod(abs(ratio.numerator), ratio.denominator)
    digits = ""
    while rest and len(digits) < MAX_DECIMALS:
        digit, rest = divmod(rest * 10, ratio.denominator)
        digits += str(digit)
    if rest:
        return ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
