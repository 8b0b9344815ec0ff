"""A programme: what a merchant pays points for. Frozen data, parsed from a versioned JSON document.

Document, version 1 (decimal numbers are strings, so that they are read exactly)::

    {
      "schema": 1,
      "name": "Circle",
      "timezone": "Europe/Berlin",
      "base_currency": "EUR",
      "earning": {"points_per_unit": {"EUR": "1", "USD": "0.9"}},
      "pending_days": 14,
      "back_pay_days": 0
    }

``points_per_unit`` names how many points one whole unit of a currency of goods is worth. A currency that is not named
earns nothing. Versions are immutable; each takes effect at a time, and an order keeps the version it was paid under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loyalty_engine.errors import AmountError, ProgrammeError
from loyalty_engine.money import exponent_of

SCHEMA = 1
MAX_DAYS = 3650
MAX_POINTS_PER_UNIT = 100_000
MAX_RATE_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme.

    points_per_unit: exact points for one whole unit (1.00 EUR, 1 JPY, 1.000 KWD) of each currency that earns.
    pending_days: how long after payment points stay pending. back_pay_days: how far before enrolment orders still earn.
    effective_from: first moment at which a payment falls under this version.
    """

    version: int
    effective_from: datetime
    name: str
    timezone: str
    base_currency: str
    points_per_unit: Mapping[str, Fraction]
    pending_days: int
    back_pay_days: int


def in_force(versions: Sequence[Programme], at: datetime) -> Programme:
    """The version under which something that happened ``at`` falls; before the first version, the first.

    ``versions``: at least one, in rising order of version. Of several in force the highest version counts.
    """
    chosen = versions[0]
    for programme in versions:
        if programme.effective_from <= at:
            chosen = programme
    return chosen


def parse_programme(document: Mapping[str, Any], version: int, effective_from: datetime) -> Programme:
    """Read and check a document. Raises ProgrammeError with the path and the cure."""
    _refuse_unknown_keys(document, _KEYS, "")
    if document.get("schema") != SCHEMA or isinstance(document["schema"], bool):
        raise ProgrammeError("schema", f"is {document.get('schema')!r}", f"Write {SCHEMA}.")
    base_currency = _currency(document.get("base_currency"), "base_currency")
    rates = _rates(document.get("earning"))
    if base_currency not in rates:
        raise ProgrammeError(
            f"earning.points_per_unit.{base_currency}", "the base currency has no rate", "Add a rate, for example 1."
        )
    return Programme(
        version=version,
        effective_from=effective_from,
        name=_text(document.get("name"), "name"),
        timezone=_timezone(document.get("timezone")),
        base_currency=base_currency,
        points_per_unit=rates,
        pending_days=_days(document.get("pending_days"), "pending_days"),
        back_pay_days=_days(document.get("back_pay_days"), "back_pay_days"),
    )


_KEYS = frozenset({"schema", "name", "timezone", "base_currency", "earning", "pending_days", "back_pay_days"})


def _refuse_unknown_keys(document: Mapping[str, Any], known: frozenset[str], path: str) -> None:
    for key in document:
        if key not in known:
            raise ProgrammeError(
                f"{path}{key}", "is not known", f"Remove it or use one of: {', '.join(sorted(known))}."
            )


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 100:
        raise ProgrammeError(path, "is not a short text", "Write 1 to 100 characters in quotes.")
    return value


def _timezone(value: Any) -> str:
    name = _text(value, "timezone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "Europe" is a folder of zones
        raise ProgrammeError(
            "timezone", f"{name!r} is not a time zone", 'Write an IANA name such as "Europe/Berlin".'
        ) from error
    return name


def _currency(value: Any, path: str) -> str:
    try:
        exponent_of(value if isinstance(value, str) else "")
    except AmountError as error:
        raise ProgrammeError(path, f"{value!r} is not a currency", 'Write an ISO 4217 code such as "EUR".') from error
    return str(value)


def _rates(earning: Any) -> dict[str, Fraction]:
    if not isinstance(earning, Mapping):
        raise ProgrammeError("earning", "is missing", 'Write {"points_per_unit": {"EUR": "1"}}.')
    _refuse_unknown_keys(earning, frozenset({"points_per_unit"}), "earning.")
    table = earning.get("points_per_unit")
    if not isinstance(table, Mapping) or not table:
        raise ProgrammeError("earning.points_per_unit", "has no currency", 'Write one rate at least: {"EUR": "1"}.')
    return {
        _currency(code, f"earning.points_per_unit.{code}"): _rate(text, f"earning.points_per_unit.{code}")
        for code, text in table.items()
    }


def _rate(text: Any, path: str) -> Fraction:
    cure = 'Write a decimal number in quotes, for example "1" or "0.25".'
    if not isinstance(text, str) or len(text) > MAX_RATE_CHARACTERS or not _is_decimal(text):
        raise ProgrammeError(path, f"{text!r} is not a rate", cure)
    rate = Fraction(text)
    if rate > MAX_POINTS_PER_UNIT:
        raise ProgrammeError(path, f"{text} is too much", f"The largest rate is {MAX_POINTS_PER_UNIT}.")
    return rate


def _is_decimal(text: str) -> bool:
    whole, dot, part = text.partition(".")
    return whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))


def _days(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_DAYS:
        raise ProgrammeError(path, f"{value!r} is not a number of days", f"Write a whole number from 0 to {MAX_DAYS}.")
    return value
