"""What a shop sent beside what it says now: readable, without what tells of people where a reader may not see that, and
field by field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

SHOWN_MAX = 40_000
"""Characters of one payload on a page."""
VALUE_MAX = 300
FIELDS_MAX = 120
HIDDEN = "•••"
PLAIN = frozenset(
    {
        "currency",
        "date_created",
        "date_created_gmt",
        "date_modified",
        "date_modified_gmt",
        "date_paid",
        "date_paid_gmt",
        "financial_status",
        "fulfillment_status",
        "id",
        "kind",
        "object",
        "price",
        "quantity",
        "status",
        "subtotal",
        "topic",
        "total",
        "total_tax",
        "created_at",
        "updated_at",
        "cancelled_at",
        "closed_at",
        "processed_at",
        "amount",
        "currency_code",
        "type",
        "version",
    }
)
"""Fields whose texts name nobody. Of all others only numbers are shown to whoever may not see people's data."""
_GID = re.compile(r"gid://shopify/\w+/(\d+)")
_STEP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Pair:
    """One field that both have."""

    name: str
    came: str
    now: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Payload:
    """text: as it is read; is_whole: all of it; is_readable: it is JSON. value: what it says, with nothing hidden."""

    text: str
    is_whole: bool
    is_readable: bool
    value: Any = None


def payload_of(raw: bytes, *, with_people: bool) -> Payload:
    """For a page. with_people: whether the reader may see who is meant."""
    try:
        value = json.loads(raw)
        shown = value if with_people else masked(value)
        text = json.dumps(shown, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        # Nobody knows where in it somebody is named.
        text = raw.decode("utf-8", "replace") if with_people else HIDDEN
        return Payload(text[:SHOWN_MAX], len(text) <= SHOWN_MAX, False)
    return Payload(text[:SHOWN_MAX], len(text) <= SHOWN_MAX, True, value)


def masked(value: Any, key: str = "") -> Any:
    """The same shape, with no text that could name somebody."""
    if isinstance(value, dict):
        return {name: masked(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [masked(one, key) for one in value]
    if isinstance(value, str) and value and _plain_name(key) not in PLAIN:
        return HIDDEN
    return value


def pairs_of(came: Any, now: Any) -> list[Pair]:
    """Fields that both have, those that differ first. now: an order as we read it, which a shop may have wrapped."""
    ours = dict(_flat(came))
    theirs = dict(_flat(now["order"] if isinstance(now, dict) and isinstance(now.get("order"), dict) else now))
    found = [
        Pair(name, _short(ours[name]), _short(theirs[name]), not _same(ours[name], theirs[name]))
        for name in ours
        if name in theirs
    ]
    return sorted(found, key=lambda pair: not pair.differs)[:FIELDS_MAX]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value by its path, the same in both ways in which Shopify writes names."""
    if isinstance(value, dict):
        for name, one in value.items():
            step = "" if name in ("nodes", "edges", "node") else _plain_name(name)
            yield from _flat(one, ".".join(filter(None, (path, step))))
    elif isinstance(value, list):
        for number, one in enumerate(value, 1):
            yield from _flat(one, f"{path}[{number}]")
    else:
        yield path, value


def _plain_name(name: str) -> str:
    return _STEP.sub("_", name).lower()


def _same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    first, second = _bare(one), _bare(other)
    return first == second and first is not None


def _bare(value: Any) -> Any:
    """What a value means, however it is written."""
    text = str(value)
    if found := _GID.fullmatch(text):
        text = found[1]
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.timestamp() if moment.tzinfo else text


def _short(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= VALUE_MAX else text[:VALUE_MAX] + " …"
