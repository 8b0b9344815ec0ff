"""Documents as text: TOML or JSON in, one canonical JSON out. Decimal numbers stay the decimals that were written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from loyalty_engine.errors import ProgrammeError

MAX_CHARACTERS = 200_000
MAX_NUMBER_CHARACTERS = 40
LARGEST_EXPONENT = 30


def read_document(text: str, form: str) -> dict[str, Any]:
    """A document from its text. form: ``toml`` or ``json``. Raises ProgrammeError if it cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise ProgrammeError("document", "too-long", high=MAX_CHARACTERS)
    try:
        if form == "toml":
            return tomllib.loads(text, parse_float=_decimal)
        document = json.loads(text, parse_float=_decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:  # tomllib and json raise kinds of ValueError
        raise _unreadable(form.upper(), str(error)) from error
    if not isinstance(document, dict):
        raise ProgrammeError("document", "not-an-object")
    return document


def _unreadable(form: str, error: str) -> ProgrammeError:
    """Both readers end their English sentence with the place, where they know one."""
    at = re.search(r"line ([0-9]+),? column ([0-9]+)", error)
    if at is None:
        return ProgrammeError("document", "not-readable", form=form, error=error)
    return ProgrammeError("document", "not-readable-at", form=form, error=error, line=int(at[1]), column=int(at[2]))


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.replace("_", "")) if len(text) <= MAX_NUMBER_CHARACTERS else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_EXPONENT:
        raise ProgrammeError("document", "not-a-number", shown=text[:MAX_NUMBER_CHARACTERS])
    return value


def _no_number(text: str) -> Decimal:
    raise ProgrammeError("document", "not-a-number", shown=text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProgrammeError(twice, "key-twice")
    return table


def canonical_json(document: Mapping[str, Any]) -> str:
    """The one text of a document: keys sorted, no spaces, decimals digit by digit, dates as ISO text.

    ``canonical_json(read_document(text, "json"))`` of its own result is the same text again.
    """
    return _json(document, "document")


def _json(value: Any, path: str) -> str:
    if isinstance(value, Mapping):
        items = sorted((str(key), inner) for key, inner in value.items())
        return "{" + ",".join(f"{json.dumps(key)}:{_json(inner, f'{path}.{key}')}" for key, inner in items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_json(inner, path) for inner in value) + "]"
    if isinstance(value, Decimal) and value.is_finite():
        return _plain(value)
    if isinstance(value, date):  # datetime too
        return json.dumps(value.isoformat())
    if value is None or isinstance(value, bool | int | str):
        return json.dumps(value)
    raise ProgrammeError(path, "cannot-be-kept", sort=type(value).__name__)


def _plain(value: Decimal) -> str:
    """A decimal stays one when it is read again, and does not become a whole number."""
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"
