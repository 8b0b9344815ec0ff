"""Documents for tests of the parser: the smallest one, and it with changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from loyalty_engine.programme import Programme, parse_programme
from loyalty_engine.programme.resolve import ShopFacts
from tests.engine.builders import OPENING

DATA = Path(__file__).parent / "data"
SHOP = ShopFacts("Europe/Berlin", "EUR", 6400, {80: 17_000, 95: 45_000})
SMALLEST: Mapping[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
}


def with_(path: str, value: Any, base: Mapping[str, Any] = SMALLEST) -> dict[str, Any]:
    """The document with one setting changed: ``with_("points.earn.step", 10)``; None removes it."""
    key, _, rest = path.partition(".")
    found = dict(base)
    if rest:
        found[key] = with_(rest, value, base.get(key, {}))
    elif value is None:
        found.pop(key, None)
    else:
        found[key] = value
    return found


def parsed(
    *changes: tuple[str, Any], reported: frozenset[str] | None = None, given: Collection[str] | None = None
) -> Programme:
    """What the smallest document with these changes means."""
    document: Mapping[str, Any] = SMALLEST
    for path, value in changes:
        document = with_(path, value, document)
    return parse_programme(document, 1, OPENING, reported, given)
