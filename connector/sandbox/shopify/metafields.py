"""Metafields of customers and of the shop itself: compare-and-set, app-owned namespaces, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

MAX_AT_ONCE = 25
STALE = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
Stored = dict[str, Any]
SHOP = 0
"""Owner number of the shop itself; customers begin above it."""


@dataclass(slots=True)
class Metafield:
    """One stored value. ``digest`` is opaque to apps."""

    id: int
    owner: int
    namespace: str
    key: str
    type: str
    value: str
    created_at: datetime
    updated_at: datetime

    @property
    def digest(self) -> str:
        """64 hex characters."""
        return hashlib.sha256(f"{self.id}:{self.type}:{self.value}".encode()).hexdigest()


class Metafields:
    """All metafields of the shop and its customers; the shop is owner SHOP. api_client_id: the number that app-owned
    namespaces carry.
    """

    def __init__(
        self,
        *,
        api_client_id: int,
        now: Callable[[], datetime],
        next_id: Callable[[], int],
        exists: Callable[[int], bool],
    ) -> None:
        self.api_client_id = api_client_id
        self.now = now
        self.next_id = next_id
        self.exists = exists
        self.show_owner: Callable[[int], Stored] = lambda number: {"__typename": "Customer"}
        self._stored: dict[tuple[int, str, str], Metafield] = {}

    def namespace(self, given: str | None) -> str:
        """``$app`` and nothing -> ``app--123``, ``$app:x`` -> ``app--123--x``; others stay."""
        own = f"app--{self.api_client_id}"
        if given in (None, "$app"):
            return own
        assert given is not None
        return f"{own}--{given[5:]}" if given.startswith("$app:") else given

    def value(self, owner: int, namespace: str | None, key: str) -> str | None:
        """What the shop's pages see."""
        found = self._stored.get((owner, self.namespace(namespace), key))
        return found.value if found else None

    def read(self, owner: int, namespace: str | None, key: str) -> Stored | None:
        """A Metafield for the API."""
        found = self._stored.get((owner, self.namespace(namespace), key))
        return self._view(found) if found else None

    def of(self, owner: int) -> list[Stored]:
        """All of one owner, as webhooks carry them."""
        return [
            {"id": found.id, "namespace": found.namespace, "key": found.key, "type": found.type, "value": found.value}
            for found in self._stored.values()
            if found.owner == owner
        ]

    def set(self, inputs: Sequence[Stored]) -> Stored:
        """``metafieldsSet``: MetafieldsSetPayload. Nothing is written when one input is wrong."""
        if len(inputs) > MAX_AT_ONCE:
            message = f"Exceeded the maximum metafields input limit of {MAX_AT_ONCE}."
            return {"metafields": None, "userErrors": [_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO")]}
        problems = [problem for index, given in enumerate(inputs) for problem in self._problems(index, given)]
        if problems:
            return {"metafields": [], "userErrors": problems}
        return {"metafields": [self._view(self._write(given)) for given in inputs], "userErrors": []}

    def delete(self, identifiers: Sequence[Stored]) -> Stored:
        """``metafieldsDelete``: MetafieldsDeletePayload. One that is not there comes back as null; nothing is deleted
        when an owner does not exist.
        """
        owners = [_owner_number(given["ownerId"]) for given in identifiers]
        problems = [
            {"field": ["metafields", str(index), "ownerId"], "message": "Owner does not exist."}
            for index, owner in enumerate(owners)
            if owner is None or (owner != SHOP and not self.exists(owner))
        ]
        if problems:
            return {"deletedMetafields": None, "userErrors": problems}
        return {
            "deletedMetafields": [self._drop(given) for given in identifiers],
            "userErrors": [],
        }

    def _drop(self, given: Stored) -> Stored | None:
        owner = _owner_number(given["ownerId"])
        assert owner is not None
        namespace = self.namespace(given["namespace"])
        if self._stored.pop((owner, namespace, given["key"]), None) is None:
            return None
        return {"ownerId": given["ownerId"], "namespace": namespace, "key": given["key"]}

    def _problems(self, index: int, given: Stored) -> list[Stored]:
        at = ["metafields", str(index)]
        owner = _owner_number(given["ownerId"])
        if owner is None or (owner != SHOP and not self.exists(owner)):
            return [_error([*at, "ownerId"], "Owner does not exist.", "INVALID_VALUE")]
        namespace = self.namespace(given.get("namespace"))
        found = self._stored.get((owner, namespace, given["key"]))
        problems = _length_problems(at, namespace, given["key"])
        kind = given.get("type") or (found.type if found else None)
        if kind is None:
            problems.append(_error([*at, "type"], "Type can't be blank", "BLANK"))
        elif kind == "json" and not _is_json(given["value"]):
            problems.append(_error([*at, "value"], "Value is invalid JSON.", "INVALID_VALUE"))
        if given["value"] == "":
            problems.append(_error([*at, "value"], "Value can't be blank.", "BLANK"))
        if "compareDigest" in given and given["compareDigest"] != (found.digest if found else None):
            problems.append(_error(at, STALE, "STALE_OBJECT"))
        return problems

    def _write(self, given: Stored) -> Metafield:
        owner = _owner_number(given["ownerId"])
        assert owner is not None
        place = (owner, self.namespace(given.get("namespace")), given["key"])
        now = self.now()
        found = self._stored.get(place)
        if found is None:
            found = Metafield(self.next_id(), *place, given["type"], given["value"], now, now)
            self._stored[place] = found
        found.type, found.value, found.updated_at = given.get("type") or found.type, given["value"], now
        return found

    def _view(self, found: Metafield) -> Stored:
        return {
            "__typename": "Metafield",
            "id": f"gid://shopify/Metafield/{found.id}",
            "legacyResourceId": str(found.id),
            "compareDigest": found.digest,
            "createdAt": found.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updatedAt": found.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "jsonValue": lambda info: msgspec.json.decode(found.value) if found.type == "json" else found.value,
            "key": found.key,
            "namespace": found.namespace,
            "owner": lambda info: self.show_owner(found.owner),
            "type": found.type,
            "value": found.value,
        }


def _error(field: list[str], message: str, code: str) -> Stored:
    return {"field": field, "message": message, "code": code, "elementIndex": None}


def _length_problems(at: list[str], namespace: str, key: str) -> list[Stored]:
    problems = []
    for name, text, least, most in (("namespace", namespace, 3, 255), ("key", key, 2, 64)):
        title = name.capitalize()
        if len(text) < least:
            message = f"{title} is too short (minimum is {least} characters)"
            problems.append(_error([*at, name], message, "TOO_SHORT"))
        elif len(text) > most:
            message = f"{title} is too long (maximum is {most} characters)"
            problems.append(_error([*at, name], message, "TOO_LONG"))
    return problems


def _owner_number(gid: str) -> int | None:
    kind, _, number = gid.removeprefix("gid://shopify/").partition("/")
    if kind == "Shop":
        return SHOP
    return int(number) if kind == "Customer" and number.isascii() and number.isdigit() else None


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
