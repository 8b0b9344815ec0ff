"""Pushing by our plugin's own routes, where it is: snapshots are kept by version, in a place that is ours alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from connector.platforms import PushResult, PushState, SnapshotPush
from connector.stores_show import ShownSnapshot
from connector.woocommerce.plugin import ITEMS_MAX, PluginApi, TooLarge

_STATES: Mapping[str, PushState] = {
    "accepted": PushState.ACCEPTED,
    "obsolete": PushState.OBSOLETE,
    "gone": PushState.GONE,
    "refused": PushState.REFUSED,
}


class _Result(msgspec.Struct):
    customer: str = ""
    state: str = ""
    reason: str = ""
    version: tuple[int, int] | None = None


class _Results(msgspec.Struct):
    results: list[_Result] = []


class _Shown(msgspec.Struct):
    customer: str = ""
    is_there: bool = False
    version: tuple[int, int] | None = None
    digest: str | None = None


class _Customers(msgspec.Struct):
    customers: list[_Shown] = []


class _Programme(msgspec.Struct):
    programme: str | None = None


async def push_snapshots(plugin: PluginApi, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
    """One result per push, in order. What is too large for the shop's server at once goes in halves."""
    _refuse_more(len(pushes))
    if not pushes:
        return []
    body = {"snapshots": [{"customer": push.customer_ref, "body": push.body} for push in pushes]}
    try:
        answer = await plugin.post("snapshots", body, _Results)
    except TooLarge:
        if len(pushes) == 1:
            return [PushResult(PushState.REFUSED, "the shop finds the snapshot too large")]
        middle = len(pushes) // 2
        return await push_snapshots(plugin, pushes[:middle]) + await push_snapshots(plugin, pushes[middle:])
    if [result.customer for result in answer.results] != [push.customer_ref for push in pushes]:
        return [PushResult(PushState.RETRY, "the shop did not answer for every customer") for _ in pushes]
    return [_pushed(push, result) for push, result in zip(pushes, answer.results, strict=True)]


async def remove_snapshots(plugin: PluginApi, customer_refs: Sequence[str]) -> list[PushResult]:
    """One result per customer, in order: ACCEPTED if nothing of ours is there any more."""
    _refuse_more(len(customer_refs))
    answer = await plugin.post("removals", {"customers": list(customer_refs)}, _Results)
    if [result.customer for result in answer.results] != list(customer_refs):
        return [PushResult(PushState.RETRY, "the shop did not answer for every customer") for _ in customer_refs]
    return [_result(result) for result in answer.results]


async def read_snapshots(plugin: PluginApi, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
    """What the shop shows of customers, in order; of whom it says nothing, nobody is there."""
    _refuse_more(len(customer_refs))
    answer = await plugin.post("shown", {"customers": list(customer_refs)}, _Customers)
    found = {shown.customer: shown for shown in answer.customers}
    return [
        ShownSnapshot(True, shown.version, shown.digest)
        if (shown := found.get(ref)) is not None and shown.is_there
        else ShownSnapshot(is_there=False)
        for ref in customer_refs
    ]


async def push_programme(plugin: PluginApi, body: str) -> PushResult:
    """Hand over the programme's summary."""
    answer = await plugin.post("programme", {"programme": body}, _Programme)
    if answer.programme != body:
        return PushResult(PushState.REFUSED, "the shop changed the programme")
    return PushResult(PushState.ACCEPTED)


def text_digest(text: str) -> str:
    """As the plugin works it out of what it keeps."""
    return hashlib.sha256(text.encode()).hexdigest()


def _pushed(push: SnapshotPush, result: _Result) -> PushResult:
    found = _result(result)
    if found.state is not PushState.ACCEPTED:
        return found
    if result.version != push.version:
        return PushResult(PushState.RETRY, "the shop kept another version")
    return PushResult(PushState.ACCEPTED, token=text_digest(push.body))


def _result(result: _Result) -> PushResult:
    state = _STATES.get(result.state, PushState.RETRY)
    return PushResult(state, result.reason[:300] or ("" if result.state in _STATES else "the shop did not say"))


def _refuse_more(count: int) -> None:
    if count > ITEMS_MAX:
        raise ValueError(f"at most {ITEMS_MAX} customers at once, got {count}")
