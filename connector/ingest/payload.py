"""Strict reading of what shops send: every doubt becomes Unreadable with a sentence that says what and where.

Amounts arrive as ``msgspec.Raw``, the very characters of the JSON, so that a string and a number are read alike and
exactly: no float ever sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import msgspec

from connector.errors import Unreadable
from loyalty_engine.errors import AmountError
from loyalty_engine.money import MAX_MINOR, exponent_of, minor_from_places

Decoded = TypeVar("Decoded")

NULL = msgspec.Raw(b"null")
"""Default of an amount that may be missing."""

MAX_ID_DIGITS = 20
MAX_ID = 10**MAX_ID_DIGITS
MAX_WORD_CHARACTERS = 64
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}(?![A-Za-z0-9])")
MAX_ADDRESS_CHARACTERS = 320
MAX_QUANTITY = 10**9
UNKNOWN_CURRENCY_EXPONENT = 2
"""An unknown currency earns nothing, so its exponent only has to be the same each time. Shops print two places."""


def decode(decoder: msgspec.json.Decoder[Decoded], raw: bytes, what: str) -> Decoded:
    """Decode one JSON document, all of it valid UTF-8."""
    try:
        if not raw.isascii():
            raw.decode()
        return decoder.decode(raw)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The {what} cannot be read: byte {error.start} is not valid UTF-8.") from error
    except RecursionError as error:
        raise Unreadable(f"The {what} cannot be read: it is nested too deeply.") from error
    except msgspec.DecodeError as error:
        raise Unreadable(f"The {what} cannot be read: {error}.") from error


def refuse(what: str, problem: str, *path: str | int) -> Unreadable:
    """The error for one place in a payload: ("order", "is not an amount", "line_items", 2, "total")."""
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return Unreadable(f"The {what} cannot be read: ${where} {problem}.")


def canonical_id(value: int | str) -> str | None:
    """A shop's id as the text of its digits, whether it was written as a number or a text; None if it is no id.

    One object has one text: the inbox files a delivery under it, and the ledger's source is named after it.
    """
    if isinstance(value, str):
        if not value.isascii() or not value.isdigit() or len(value) > MAX_ID_DIGITS:
            return None
        value = int(value)
    return str(value) if 0 < value < MAX_ID else None


def object_id(value: int | str, what: str, *path: str | int) -> str:
    """The same, required. Raises Unreadable."""
    found = canonical_id(value)
    if found is None:
        shown = f" ({value[:MAX_ID_DIGITS]!r})" if isinstance(value, str) else ""
        raise refuse(what, f"is not an id{shown}", *path)
    return found


def optional_id(value: int | str | None, what: str, *path: str | int) -> str | None:
    """An id, or None where the shop wrote nothing, an empty text or 0."""
    if not value or value == "0":
        return None
    return object_id(value, what, *path)


def word(text: str, what: str, *path: str | int) -> str:
    """A short machine word such as a status, kept as it is."""
    if len(text) > MAX_WORD_CHARACTERS or not text.isprintable():
        raise refuse(what, "is not a plain word", *path)
    return text


def label(text: str | int | None) -> str | None:
    """What people call a thing, such as ``#1042``; None if there is nothing fit to be shown."""
    shown = str(text if text is not None else "").strip()
    return shown if shown and shown.isprintable() and len(shown) <= MAX_WORD_CHARACTERS else None


def labels(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Those of several that are fit to be shown, each once, in their order."""
    return tuple(dict.fromkeys(shown for text in texts if (shown := label(text)) is not None))


def language_tag(text: str | None) -> str:
    """``de-AT`` of ``de-AT`` or WordPress's ``de_AT_formal``; empty if it is none."""
    found = _LANGUAGE.match((text or "").replace("_", "-"))
    return found[0] if found else ""


def country(*codes: str | None) -> str | None:
    """The first that is an ISO 3166 code of two letters; None if none is."""
    for code in codes:
        if code and len(code) == 2 and code.isascii() and code.isalpha():
            return code.upper()
    return None


def utc(moment: datetime, what: str, *path: str | int) -> datetime:
    """The same instant in UTC. A date without an offset is UTC already."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise refuse(what, "is outside the calendar", *path) from error


def quantity(value: int, what: str, *path: str | int) -> int:
    """A number of units, never negative."""
    if not 0 <= value <= MAX_QUANTITY:
        raise refuse(what, "is not a quantity", *path)
    return value


def refuse_order(line_items: msgspec.Raw, what: str) -> None:
    """Refuse an order where something else is told: signed by the shop, but sent to another topic's address."""
    if bytes(line_items) != bytes(NULL):
        raise refuse(what, "is an order's", "line_items")


def distinct(what: str, name: str, ids: list[str]) -> None:
    """Refuse a list in which one id stands twice: it would count twice."""
    if len(set(ids)) != len(ids):
        raise refuse(what, "names one id twice", name)


def address(email: str | None) -> str | None:
    """An e-mail address as it is hashed: without outer spaces, in lower case, plus tag kept; None if there is none."""
    text = (email or "").strip().lower()
    return text if text and text.isprintable() and len(text) <= MAX_ADDRESS_CHARACTERS else None


class Amounts:
    """Reads the amounts of one document, all in one currency."""

    __slots__ = ("currency", "exponent", "what")

    def __init__(self, what: str, currency: str, *path: str | int) -> None:
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
            raise refuse(what, f"is not a currency code ({currency[:8]!r})", *path)
        self.what = what
        self.currency = currency
        self.exponent = _exponent(currency)

    def signed(self, raw: msgspec.Raw, *path: str | int) -> int:
        """Minor units of an amount that may be negative; 0 where it is null or missing."""
        try:
            return _minor(bytes(raw), self.exponent)
        except AmountError as error:
            raise refuse(self.what, f"is {error}", *path) from error

    def positive(self, raw: msgspec.Raw, *path: str | int) -> int:
        """Minor units of an amount that is never negative."""
        minor = self.signed(raw, *path)
        if minor < 0:
            raise refuse(self.what, "is negative", *path)
        return minor

    def positive_in(self, currency: str, raw: msgspec.Raw, *path: str | int) -> int:
        """The same where the amount names its currency, which must be this document's."""
        if currency != self.currency:
            raise self.other_currency(currency, *path)
        try:
            minor = _minor(bytes(raw), self.exponent)
        except AmountError as error:
            raise refuse(self.what, f"is {error}", *path) from error
        if minor < 0:
            raise refuse(self.what, "is negative", *path)
        return minor

    def limited(self, minor: int, *path: str | int) -> int:
        """A computed amount, refused where no order can be that large."""
        if minor > MAX_MINOR:
            raise refuse(self.what, "is too large an amount", *path)
        return minor

    def other_currency(self, currency: str, *path: str | int) -> Unreadable:
        """The error for an amount that is not in this document's currency."""
        return refuse(self.what, f"is in {currency[:8]!r} and not in {self.currency}", *path)


@lru_cache(maxsize=256)
def _exponent(currency: str) -> int:
    try:
        return exponent_of(currency)
    except AmountError:
        return UNKNOWN_CURRENCY_EXPONENT


@lru_cache(maxsize=16_384)
def _minor(characters: bytes, exponent: int) -> int:
    """Minor units of a JSON string or number, read from its characters."""
    if characters == b"null":
        return 0
    text = characters.decode("ascii", "replace")
    if text[:1] == '"':
        text = text[1:-1]
    return minor_from_places(text, exponent)
