"""Pushing snapshots into customer metafields: absolute, versioned, compare-and-set, one call for up to 25.

A call is atomic at Shopify: one bad element fails all. So bad ones are taken out by the index that the error names, and
the rest is sent again; an error without an index splits the call in two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connector.errors import ConfigProblem, Unclear
from connector.platforms import PushResult, PushState, SnapshotPush
from connector.shopify.graphql import AdminApi, decode
from connector.snapshot.shown_version import shown_version
from connector.stores_show import ShownSnapshot

NAMESPACE = "$app"
KEY = "summary"
TYPE = "json"
PUSH_BATCH_SIZE = 25
STALE_ROUNDS_MAX = 3


class _Owner(msgspec.Struct):
    id: str = ""


class _Metafield(msgspec.Struct, rename="camel"):
    compare_digest: str
    owner: _Owner | None = None


class _UserError(msgspec.Struct, rename="camel"):
    message: str
    field: list[str] | None = None
    code: str | None = None
    element_index: int | None = None


class _SetPayload(msgspec.Struct, rename="camel"):
    metafields: list[_Metafield] | None = None
    user_errors: list[_UserError] = []


class _SetData(msgspec.Struct, rename="camel"):
    metafields_set: _SetPayload | None = None


class _Shown(msgspec.Struct, rename="camel"):
    value: str
    compare_digest: str


class _Customer(msgspec.Struct):
    id: str | None = None
    metafield: _Shown | None = None


class _ShownData(msgspec.Struct):
    nodes: list[_Customer | None]


@dataclass(slots=True)
class _Item:
    """One push on its way. digest: None = no condition, ``""`` = must not exist yet."""

    place: int
    push: SnapshotPush
    digest: str | None
    stale_rounds: int = 0

    @property
    def gid(self) -> str:
        return f"gid://shopify/Customer/{self.push.customer_ref}"

    def as_input(self) -> dict[str, Any]:
        """A MetafieldsSetInput. Without compareDigest: whatever is there; with null: only if nothing is there."""
        fields: dict[str, Any] = {
            "ownerId": self.gid,
            "namespace": NAMESPACE,
            "key": KEY,
            "type": TYPE,
            "value": self.push.body,
        }
        if self.digest is not None:
            fields["compareDigest"] = self.digest or None
        return fields


class SnapshotPusher:
    """Writes one batch of snapshots."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    async def push(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        """One result per push, in order. Raises Transient or ConfigProblem when nothing at all could be decided."""
        if len(pushes) > PUSH_BATCH_SIZE:
            raise ValueError(f"at most {PUSH_BATCH_SIZE} snapshots at once, got {len(pushes)}")
        results: dict[int, PushResult] = {}
        waiting: list[list[_Item]] = [self._items(pushes, results)]
        while waiting:
            batch = waiting.pop()
            if batch:
                waiting += await self._send(batch, results)
        return [results[place] for place in range(len(pushes))]

    async def shown(self, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
        """What the shop shows of customers, in order. Raises Transient, ConfigProblem or Permanent."""
        if len(customer_refs) > PUSH_BATCH_SIZE:
            raise ValueError(f"at most {PUSH_BATCH_SIZE} customers at once, got {len(customer_refs)}")
        gids = {ref: f"gid://shopify/Customer/{ref}" for ref in customer_refs if ref.isascii() and ref.isdigit()}
        found = await self._look(list(gids.values())) if gids else {}
        return [_as_shown(gids.get(ref), found) for ref in customer_refs]

    async def _look(self, gids: list[str]) -> dict[str, _Shown | None]:
        """Our metafield by customer; customers that do not exist are left out."""
        variables = {"ids": gids, "namespace": NAMESPACE, "key": KEY}
        nodes = decode(await self._api.run("ShownSnapshots", variables), _ShownData).nodes
        return {node.id: node.metafield for node in nodes if node is not None and node.id}

    def _items(self, pushes: Sequence[SnapshotPush], results: dict[int, PushResult]) -> list[_Item]:
        items = []
        for place, push in enumerate(pushes):
            if push.customer_ref.isascii() and push.customer_ref.isdigit():
                items.append(_Item(place, push, push.previous or None))
            else:
                results[place] = PushResult(PushState.REFUSED, "not a Shopify customer id")
        return items

    async def _send(self, batch: list[_Item], results: dict[int, PushResult]) -> list[list[_Item]]:
        """Send one batch; results of what is decided, and the batches that are still to be sent."""
        try:
            data = await self._api.run("PushSnapshots", {"metafields": [item.as_input() for item in batch]})
            payload = decode(data, _SetData).metafields_set or _SetPayload()
            if not payload.user_errors:
                _accept(batch, payload.metafields or [], results)
                return []
        except Unclear as unclear:
            return _halves(batch, PushResult(PushState.RETRY, str(unclear)), results)
        by_index = _errors_by_index(payload.user_errors, len(batch))
        if not by_index:
            return _split(batch, payload.user_errors[0], results)
        stale = [batch[index] for index, error in by_index.items() if error.code == "STALE_OBJECT"]
        for index, error in by_index.items():
            if error.code != "STALE_OBJECT":
                results[batch[index].place] = _result_for(error)
        good = [item for index, item in enumerate(batch) if index not in by_index]
        return [good + await self._refresh(stale, results)]

    async def _refresh(self, stale: list[_Item], results: dict[int, PushResult]) -> list[_Item]:
        """Look what the shop shows for stale items; returns those that must be written over it."""
        if not stale:
            return []
        shown = await self._look([item.gid for item in stale])
        again = []
        for item in stale:
            item.stale_rounds += 1
            result = _compare(item, item.gid in shown, shown.get(item.gid))
            if result is None:
                again.append(item)
            else:
                results[item.place] = result
        return again


def _compare(item: _Item, exists: bool, shown: _Shown | None) -> PushResult | None:
    """What a stale write means once the current value is known; None = write again with the fresh digest."""
    if not exists:
        return PushResult(PushState.GONE, "the customer does not exist any more")
    if shown is None:
        item.digest = ""
    else:
        version = shown_version(shown.value)
        if version == item.push.version:
            return PushResult(PushState.ACCEPTED, "it was there already", shown.compare_digest)
        if version is not None and version > item.push.version:
            return PushResult(PushState.OBSOLETE, "the shop shows a newer version", shown.compare_digest)
        item.digest = shown.compare_digest
    if item.stale_rounds > STALE_ROUNDS_MAX:
        return PushResult(PushState.RETRY, "others keep writing the same metafield")
    return None


def _as_shown(gid: str | None, found: dict[str, _Shown | None]) -> ShownSnapshot:
    if gid is None or gid not in found:
        return ShownSnapshot(is_there=False)
    shown = found[gid]
    if shown is None:
        return ShownSnapshot(is_there=True)
    return ShownSnapshot(True, shown_version(shown.value), shown.compare_digest)


def _accept(batch: list[_Item], written: list[_Metafield], results: dict[int, PushResult]) -> None:
    by_owner = {field.owner.id: field.compare_digest for field in written if field.owner is not None}
    if len(written) != len(batch):
        raise Unclear(
            "Shopify did not write everything it accepted.",
            detail=f"{len(written)} of {len(batch)} metafields came back",
        )
    for item, field in zip(batch, written, strict=True):
        token = by_owner.get(item.gid, field.compare_digest)
        results[item.place] = PushResult(PushState.ACCEPTED, token=token)


def _errors_by_index(errors: list[_UserError], size: int) -> dict[int, _UserError]:
    """Batch index -> its first error, for the errors that name an element (``["metafields", "3", ...]``)."""
    found: dict[int, _UserError] = {}
    for error in errors:
        path = error.field or []
        named = path[1] if len(path) > 1 and path[1].isascii() and path[1].isdigit() else None
        index = int(named) if named is not None else error.element_index
        if index is not None and 0 <= index < size:
            found.setdefault(index, error)
    return found


def _split(batch: list[_Item], error: _UserError, results: dict[int, PushResult]) -> list[list[_Item]]:
    if error.code == "APP_NOT_AUTHORIZED":
        raise ConfigProblem(f"Shopify does not let the app write customer metafields: {error.message}")
    return _halves(batch, _result_for(error), results)


def _halves(batch: list[_Item], alone: PushResult, results: dict[int, PushResult]) -> list[list[_Item]]:
    """The halves of a batch, to find whom it is about; ``alone`` is the result of who is the only one left."""
    if len(batch) == 1:
        results[batch[0].place] = alone
        return []
    middle = len(batch) // 2
    return [batch[middle:], batch[:middle]]


def _result_for(error: _UserError) -> PushResult:
    if (error.field or [""])[-1] == "ownerId" and error.code in ("INVALID_VALUE", "INVALID", None):
        return PushResult(PushState.GONE, error.message)
    if error.code == "APP_NOT_AUTHORIZED":
        raise ConfigProblem(f"Shopify does not let the app write customer metafields: {error.message}")
    if error.code in ("INTERNAL_ERROR", "STALE_OBJECT"):
        return PushResult(PushState.RETRY, error.message)
    return PushResult(PushState.REFUSED, f"{error.code or 'no code'}: {error.message}"[:300])
