"""Requests about somebody's belongings, made from the declaration of a route: what its path, query and body need."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from connector.routes.api import OPERATIONS
from connector.routes.operations import Operation
from tests.chaos.principals import Ask

Route = tuple[str, str]
"""(method, path as it is declared)"""
Values = Mapping[str, Any]

ANYBODYS: Values = {
    "actor": "somebody", "reason": "a reason", "points": 10, "reward": "cup", "status": "active", "agrees": True,
    "passes": True, "tier": "gold", "birthday": "01-02", "badge": "hand", "command": "make-key",
    "platform": "woocommerce", "topic": "order.updated", "measure": "helpful_received", "level": "guide", "events": [],
    "kind": "delivery", "language": "en", "accepts": True, "subject": "voice", "takes_part": True, "name": "Ada",
    "since": "2026-01-01T00:00:00Z", "do": "start", "document": {}, "url": "https://hooks.example.com/x",
    "shopper": "1", "takes_mails": True,
    "token": "x" * 43, "digest": "0" * 64, "key": "a-key-of-anybody",
    "file": "belong.js", "version": "1", "mail": "welcome", "to": "ida@example.org",
    "scopes": ["members:read"], "setting": "paid_statuses", "value": "", "format": "plain", "text": "email,points\n",
    "wrong": 1, "right": 2, "from": "2026-01-01", "until": "2026-01-02", "after": 1,
    "expected": {"sources": 0, "members": 0, "points": 0},
}  # fmt: skip
"""What is the same whoever it is about."""
NAMED = (
    "id", "member", "redemption", "request", "bulk", "message", "connection", "survivor", "ids", "orders", "code",
    "segment", "customer", "address", "digest", "order_ref", "draft", "prefix", "import", "preview",
)  # fmt: skip
"""What names something of somebody: part of a path, of a query or of a body."""
IS_ONES_OWN = frozenset({"customer", "address", "digest"})
"""Words that a caller may use of whomever they like: of themselves they lead to nothing of another tenant's."""
_OPERATIONS = {(one.method, one.path): one for one in OPERATIONS}
_PART = re.compile(r"\{(\w+)\}")


def named_in_path(route: Route) -> list[str]:
    """Parts of a path that name something of somebody."""
    return [name for name in _PART.findall(route[1]) if name in NAMED]


def references(route: Route) -> list[str]:
    """What its query and body name of somebody."""
    operation = _OPERATIONS.get(route)
    if operation is None:
        return []
    if route[1] == "/v1/events":
        return ["connection", "customer"]
    fields = [one.encode_name for kind in (operation.query, operation.body) for one in _fields(kind)]
    return [name for name in dict.fromkeys(fields) if name in NAMED]


def ask_of(route: Route, path: Values, words: Values) -> Ask:
    """The request with these values in its path, and those in its query and body."""
    operation = _OPERATIONS.get(route)
    filled = _PART.sub(lambda found: str(path[found[1]]), route[1])
    query = _filled(operation.query, words) if operation else {}
    return Ask(route[0], filled, {name: str(value) for name, value in query.items()}, _body(operation, words))


def _body(operation: Operation | None, words: Values) -> bytes:
    if operation is None or operation.body is None:
        return b""
    if operation.path == "/v1/events":
        about = {"connection": words["connection"], "customer_id": words["customer"]}
        happened = {"id": uuid.uuid4().hex, "type": "visit", "occurred_at": words["happened_at"], "subject": about}
        return json.dumps([happened]).encode()
    return json.dumps(_filled(operation.body, words)).encode()


def _filled(kind: Any, words: Values) -> dict[str, Any]:
    """What a struct needs, and of the rest what names something of somebody or was given."""
    return {
        one.encode_name: words.get(one.encode_name, "x")
        for one in _fields(kind)
        if one.required or words.get(one.encode_name) is not ANYBODYS.get(one.encode_name)
    }


def _fields(kind: Any) -> Iterator[msgspec.structs.FieldInfo]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from msgspec.structs.fields(kind)
