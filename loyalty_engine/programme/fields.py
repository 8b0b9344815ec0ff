"""Reading one table of a document: typed values with their path, and what is left over in the end.

A table notes which keys were asked for; ``finish`` refuses the others, so that a misspelt setting is never ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from loyalty_engine.errors import AmountError, ProgrammeError
from loyalty_engine.money import MAX_MINOR, exponent_of
from loyalty_engine.programme.model import Warned

MAX_DAYS = 3650
MAX_POINTS = 1_000_000_000
MAX_DECIMAL_CHARACTERS = 20
MAX_TEXT = 100
MAX_LIST = 200

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(slots=True)
class Ground:
    """What every part of a document stands on: base currency, zone, and the warnings gathered so far."""

    currency: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    warnings: list[Warned] = field(default_factory=list)

    def warn(self, path: str, code: str, **values: Any) -> None:
        self.warnings.append(Warned(path, code, values))


class Table:
    """One table of the document at ``path`` (empty: the document itself)."""

    def __init__(self, data: Any, path: str, ground: Ground) -> None:
        if not isinstance(data, Mapping):
            raise ProgrammeError(path or "document", "not-a-table", shown=shown(data))
        self.data: Mapping[str, Any] = data
        self.path = path
        self.ground = ground
        self._asked: set[str] = set()

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def keys(self) -> list[str]:
        """Every key that is written, sorted: a document means the same in whatever order its tables are written."""
        return sorted(self.data)

    def take(self, key: str) -> Any:
        """The raw value, or None."""
        self._asked.add(key)
        return self.data.get(key)

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        self._asked.add(key)
        return key in self.data

    def refuse(self, key: str, code: str, **values: Any) -> ProgrammeError:
        """The error for this key."""
        return ProgrammeError(self.at(key), code, **values)

    def finish(self) -> None:
        """Refuse keys that nobody asked for, naming the nearest known one."""
        for key in self.data:
            if key not in self._asked:
                near = get_close_matches(str(key), sorted(self._asked), 1)
                if near:
                    raise self.refuse(str(key), "unknown-near", near=near[0])
                raise self.refuse(str(key), "unknown", known=tuple(sorted(self._asked)))

    # --- values -------------------------------------------------------------------------------------------------------

    def text(self, key: str, default: str | None = None) -> str:
        """1 to 100 characters."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        return text_of(value, self.at(key))

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, "not-a-flag", shown=shown(value))
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None, what: str = "whole number") -> int:
        """A whole number in [low, high]."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(key, "range", shown=shown(value), what=what, low=low, high=high)
        return value

    def whole_or_none(self, key: str, low: int, high: int) -> int | None:
        """A whole number, or None if the key is not written."""
        return self.whole(key, low, high) if self.has(key) else None

    def days(self, key: str, default: int | None = None) -> int:
        """0 to 3650 days."""
        return self.whole(key, 0, MAX_DAYS, default, "number of days")

    def points(self, key: str, low: int = 1) -> int:
        """A number of points."""
        return self.whole(key, low, MAX_POINTS, None, "number of points")

    def exact(self, key: str, high: int, default: Fraction | None = None, what: str = "decimal number") -> Fraction:
        """A decimal number from 0 to ``high``."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        return fraction_of(value, self.at(key), high, what)

    def amount(self, key: str, default: int | None = None) -> int:
        """Minor units of an amount in the base currency."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        return minor_of(value, self.at(key), self.ground.currency)

    def choice(self, key: str, kinds: type[Choice], default: Choice | None = None) -> Choice:
        """One of the words of an enumeration."""
        return kinds(self.word(key, [kind.value for kind in kinds], default.value if default is not None else None))

    def word(self, key: str, words: Sequence[str], default: str | None = None) -> str:
        """One of ``words``."""
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or value not in words:
            raise self.refuse(key, "choice", shown=shown(value), known=tuple(words))
        return value

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of short texts, none twice."""
        value = self.take(key)
        if value is None:
            return tuple(default)
        items = tuple(text_of(item, f"{self.at(key)}[{n}]") for n, item in enumerate(list_of(value, self.at(key))))
        if len(set(items)) < len(items):
            raise self.refuse(key, "named-twice")
        return items

    def words_of(self, key: str, words: Iterable[str], default: Sequence[str] = ()) -> frozenset[str]:
        """A set of known words."""
        known = sorted(words)
        items = self.texts(key, default)
        for n, item in enumerate(items):
            if item not in known:
                raise ProgrammeError(f"{self.at(key)}[{n}]", "choices", shown=shown(item), known=tuple(known))
        return frozenset(items)

    def by_language(self, key: str) -> dict[str, str]:
        """A text, or texts by language: ``"Member"`` is ``{"en": "Member"}``; nothing if the key is not written."""
        value = self.take(key)
        if value is None:
            return {}
        if isinstance(value, str):
            return {"en": text_of(value, self.at(key))}
        if not isinstance(value, Mapping) or not value:
            raise self.refuse(key, "not-texts", shown=shown(value))
        return {
            language_of(code, self.at(key)): text_of(text, f"{self.at(key)}.{code}") for code, text in value.items()
        }

    def moment(self, key: str) -> datetime | None:
        """A moment in UTC, written with an offset, or as local date (its beginning) or time of the programme's zone."""
        value = self.take(key)
        return None if value is None else moment_of(value, self.at(key), self.ground.zone)

    # --- tables inside ------------------------------------------------------------------------------------------------

    def table(self, key: str) -> Table:
        """A table inside; empty if it is not written."""
        value = self.take(key)
        return Table({} if value is None else value, self.at(key), self.ground)

    def tables(self, key: str) -> list[Table]:
        """A list of tables inside; empty if it is not written."""
        value = self.take(key)
        if value is None:
            return []
        items = list_of(value, self.at(key))
        return [Table(item, f"{self.at(key)}[{n}]", self.ground) for n, item in enumerate(items)]


def shown(value: Any) -> str:
    """A value as it may stand in an error: not longer than a line."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def text_of(value: Any, path: str) -> str:
    """1 to 100 characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise ProgrammeError(path, "text", shown=shown(value))
    return value


def list_of(value: Any, path: str) -> Sequence[Any]:
    """A list of at most 200 things."""
    if not isinstance(value, list | tuple) or len(value) > MAX_LIST:
        raise ProgrammeError(path, "not-a-list", shown=shown(value), high=MAX_LIST)
    return value


def decimal_text(value: Any) -> str | None:
    """The digits of a number without sign, as they were written; None for anything else, floats included."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    text = f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)
    whole, dot, part = text.partition(".")
    digits = whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))
    return text if digits and len(text) <= MAX_DECIMAL_CHARACTERS else None


def fraction_of(value: Any, path: str, high: int, what: str = "decimal number") -> Fraction:
    """A decimal number from 0 to ``high``, exactly."""
    text = decimal_text(value)
    if text is None:
        raise ProgrammeError(path, "decimal", shown=shown(value), what=what)
    if Fraction(text) > high:
        raise ProgrammeError(path, "too-much", shown=text, high=high)
    return Fraction(text)


def minor_of(value: Any, path: str, currency: str) -> int:
    """Minor units of an amount, which may not have more decimal places than its currency."""
    text = decimal_text(value)
    if text is None:
        raise ProgrammeError(path, "amount", shown=shown(value))
    minor = Fraction(text) * 10 ** exponent_of(currency)
    if minor.denominator != 1:
        raise ProgrammeError(path, "places", shown=text, currency=currency, places=exponent_of(currency))
    if minor > MAX_MINOR:
        raise ProgrammeError(path, "amount-too-much", shown=text)
    return int(minor)


def currency_of(value: Any, path: str) -> str:
    """An ISO 4217 code."""
    try:
        exponent_of(value if isinstance(value, str) else "")
    except AmountError as error:
        raise ProgrammeError(path, "currency", shown=shown(value)) from error
    return str(value)


def language_of(code: Any, path: str) -> str:
    """A language such as ``en`` or ``zh-Hant``."""
    text = str(code)
    if not (text.isascii() and text.replace("-", "").isalpha() and 2 <= len(text) <= 12):
        raise ProgrammeError(f"{path}.{text[:20]}", "language")
    return text


def moment_of(value: Any, path: str, zone: ZoneInfo) -> datetime:
    """See ``Table.moment``."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), zone)
    if isinstance(value, datetime):
        try:
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        except OverflowError:
            # At either end of the calendar there are days that UTC has not.
            pass
    raise ProgrammeError(path, "moment")


def day_of(value: Any, path: str) -> date:
    """A local day."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ProgrammeError(path, "day", shown=shown(value))


def id_of(table: Table, key: str = "id") -> str:
    """A name for machines: letters, digits, ``-`` and ``_``."""
    value = table.text(key)
    if not value.isascii() or not value.replace("-", "").replace("_", "").isalnum() or len(value) > 60:
        raise table.refuse(key, "id", shown=repr(value))
    return value
