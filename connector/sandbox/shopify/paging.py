"""Connections: cursor paging as Shopify does it, and its small search language."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import msgspec
from graphql import GraphQLError

MAX_PAGE = 250
Key = tuple[Any, int]

_TERM = re.compile(r"(\w+):(>=|<=|>|<)?(?:'([^']*)'|\"([^\"]*)\"|(\S+))")


_whole: ContextVar[bool] = ContextVar("whole", default=False)
_short: ContextVar[int | None] = ContextVar("short", default=None)


@contextmanager
def whole_connections() -> Iterator[None]:
    """Meanwhile a connection that is asked for without a size is given whole, as in a bulk operation."""
    before = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(before)


@contextmanager
def short_pages(most: int | None) -> Iterator[None]:
    """Meanwhile a page holds at most so many, though there are more; 0: the first page of each list is empty."""
    before = _short.set(most)
    try:
        yield
    finally:
        _short.reset(before)


def bad_request(message: str) -> GraphQLError:
    """A request that makes no sense although it fits the schema."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def connection(
    items: Sequence[Any], view: Callable[[Any], Any], key: Callable[[Any], Key], args: dict[str, Any]
) -> Any:
    """One page of ``items``, which are sorted by ``key``. Needs ``first`` or ``last``, not both, at most 250."""
    first, last = args.get("first"), args.get("last")
    rows = list(items)
    if _whole.get() and first is None and last is None:
        first = size = len(rows)
    else:
        size = _page_size(first, last)
    descending = bool(args.get("reverse"))
    if descending:
        rows.reverse()
    rows = _after(rows, key, args.get("after"), descending=descending)
    rows = list(reversed(_after(list(reversed(rows)), key, args.get("before"), descending=not descending)))
    most = _short.get()
    if most is not None and first is not None:
        size = min(size, most or (size if args.get("after") else 0))
    page = rows[:size] if first is not None else rows[max(0, len(rows) - size) :]
    more = len(rows) > len(page)
    edges = [{"cursor": _cursor(key(item)), "node": view(item)} for item in page]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": more if first is not None else bool(args.get("before")),
            "hasPreviousPage": bool(args.get("after")) if first is not None else more,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else _before(rows, key, descending=descending) if more else None,
        },
    }


def _page_size(first: int | None, last: int | None) -> int:
    if first is not None and last is not None:
        raise bad_request("providing both first and last is not supported")
    size = first if first is not None else last
    if size is None:
        raise bad_request("you must provide one of first or last")
    if not 0 <= size <= MAX_PAGE:
        raise bad_request(f"first and last must be between 0 and {MAX_PAGE}")
    return size


def _after(rows: list[Any], key: Callable[[Any], Key], cursor: str | None, *, descending: bool) -> list[Any]:
    """Rows behind a cursor. The row itself may have moved on or be gone: then its old place counts."""
    if cursor is None:
        return rows
    place = _place(cursor)
    keys = [(_sortable(key(row)[0]), key(row)[1]) for row in rows]
    return [row for row, mine in zip(rows, keys, strict=True) if (mine < place if descending else mine > place)]


def _cursor(key: Key) -> str:
    return base64.b64encode(msgspec.json.encode({"last_id": key[1], "last_value": _sortable(key[0])})).decode()


def _before(rows: Sequence[Any], key: Callable[[Any], Key], *, descending: bool) -> str:
    """The place in front of the first row, where an empty page ends."""
    value, number = key(rows[0])
    return _cursor((_sortable(value), number + 1 if descending else number - 1))


def _place(cursor: str) -> tuple[str, int]:
    try:
        parsed = msgspec.json.decode(base64.b64decode(cursor, validate=True))
        return str(parsed["last_value"]), int(parsed["last_id"])
    except (binascii.Error, msgspec.MsgspecError, KeyError, TypeError, ValueError):
        raise bad_request("Malformed cursor") from None


def _sortable(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:020d}" if isinstance(value, int) else str(value)


def search(query: str | None, fields: dict[str, Callable[[Any], Any]]) -> Callable[[Any], bool]:
    """A filter for ``updated_at:>=2026-11-01T00:00:00Z status:any``. Terms are joined by AND, which binds closer than a
    written OR; unknown fields are ignored, as real.
    """
    choices = [_all_of(part, fields) for part in re.split(r"\s+OR\s+", query or "")]
    return lambda item: any(all(test(item) for test in tests) for tests in choices)


def _all_of(terms: str, fields: dict[str, Callable[[Any], Any]]) -> list[Callable[[Any], bool]]:
    tests: list[Callable[[Any], bool]] = []
    for found in _TERM.finditer(terms):
        name, sign = found.group(1), found.group(2) or "="
        wanted = next(part for part in found.groups()[2:] if part is not None)
        if name in fields:
            tests.append(_test(fields[name], sign, wanted))
    return tests


def _test(read: Callable[[Any], Any], sign: str, wanted: str) -> Callable[[Any], bool]:
    def matches(item: Any) -> bool:
        value = read(item)
        other: Any = wanted
        if isinstance(value, datetime):
            other = _moment(wanted)
        elif isinstance(value, int):
            other = int(wanted)
        if sign == "=":
            return bool(value == other)
        return bool({">=": value >= other, ">": value > other, "<=": value <= other, "<": value < other}[sign])

    return matches


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"Invalid search date: {text}") from None
    if moment.tzinfo is None:
        raise bad_request(f"Search date without a time zone is read in the shop's own: {text}")
    return moment
