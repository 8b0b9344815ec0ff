"""A member's tier as a tag of the shop's customer: ours are added and removed by name, and no other tag is touched.

The shop is looked at first, so what is as it should be costs no write. The new tag is added before the old one goes:
nobody is without one in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

import msgspec

from connector.errors import Permanent, Transient, Unclear
from connector.platforms import PushResult, PushState
from connector.shopify.graphql import AdminApi, decode
from connector.stores_show import TierTag

_Change = tuple[list[str], list[str]]
"""Tags to be added, and tags to be removed."""


class _Customer(msgspec.Struct):
    id: str | None = None
    tags: list[str] = []


class _TagsData(msgspec.Struct):
    nodes: list[_Customer | None]


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None


class _Payload(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError] = []


class _AddData(msgspec.Struct, rename="camel"):
    tags_add: _Payload | None = None


class _RemoveData(msgspec.Struct, rename="camel"):
    tags_remove: _Payload | None = None


async def show_tags(
    api: AdminApi, customer_refs: Sequence[str], tags: Sequence[TierTag | None], results: Sequence[PushResult]
) -> list[PushResult]:
    """Where a customer's snapshot is as it should be (ACCEPTED), give them their tag, too.

    Returns one result each: what it was, or REFUSED or RETRY with the reason and still the snapshot's token. Raises
    ConfigProblem; doing it again changes nothing more.
    """
    wanted = {
        place: (f"gid://shopify/Customer/{ref}", tag)
        for place, (ref, tag, result) in enumerate(zip(customer_refs, tags, results, strict=True))
        if tag is not None and result.state is PushState.ACCEPTED
    }
    found = list(results)
    if not wanted:
        return found
    for place, error in (await _give(api, wanted)).items():
        state = PushState.RETRY if isinstance(error, Transient | Unclear) else PushState.REFUSED
        outage = error if isinstance(error, Transient) else None
        found[place] = PushResult(state, f"the tag of the tier: {error}"[:300], results[place].token, outage)
    return found


async def _give(api: AdminApi, wanted: Mapping[int, tuple[str, TierTag]]) -> dict[int, Transient | Permanent]:
    """Give each customer their tag. Returns what stands in the way of whose; it keeps no other from theirs, unless the
    shop cannot be reached any more: then it is not asked for the rest.
    """
    try:
        there = await _tags_of(api, [customer for customer, _ in wanted.values()])
    except (Transient, Permanent) as error:
        return dict.fromkeys(wanted, error)
    # A customer who is gone has no tags either.
    changes = {
        place: (customer, change)
        for place, (customer, tag) in wanted.items()
        if customer in there and any(change := _change(there[customer], tag))
    }
    failed: dict[int, Transient | Permanent] = {}
    before: Transient | Permanent | None = None
    waiting = list(changes)
    while waiting:
        place = waiting.pop(0)
        problem = await _failure(api, *changes[place])
        if problem is not None:
            failed[place] = problem
        if _is_outage(problem, before):
            return failed | dict.fromkeys(waiting, problem)
        before = problem
    return failed


def _is_outage(error: Transient | Permanent | None, before: Transient | Permanent | None) -> TypeGuard[Transient]:
    """Whether it is the shop that fails, not one customer in it: it says when to come back, or fails twice."""
    return isinstance(error, Transient) and (error.retry_after_seconds is not None or isinstance(before, Transient))


async def _failure(api: AdminApi, customer: str, change: _Change) -> Transient | Permanent | None:
    try:
        problem = await _make(api, customer, change)
    except (Transient, Permanent) as error:
        return error
    return Permanent(problem) if problem is not None else None


async def _tags_of(api: AdminApi, customers: Sequence[str]) -> Mapping[str, list[str]]:
    nodes = decode(await api.run("CustomerTags", {"ids": list(customers)}), _TagsData).nodes
    return {node.id: node.tags for node in nodes if node is not None and node.id}


def _change(there: Sequence[str], tag: TierTag) -> _Change:
    """What is to be added and what removed. Shopify takes tags for one that differ in capitals alone."""
    ours = {name.casefold() for name in tag.ours}
    wanted = tag.wanted.casefold() if tag.wanted is not None else None
    is_there = wanted in {name.casefold() for name in there}
    added = [tag.wanted] if tag.wanted is not None and not is_there else []
    return added, [name for name in there if name.casefold() in ours and name.casefold() != wanted]


async def _make(api: AdminApi, customer: str, change: _Change) -> str | None:
    """What Shopify has against it; None: it is done."""
    added, gone = change
    errors: list[_UserError] = []
    if added:
        data = await api.run("AddTags", {"id": customer, "tags": added})
        errors += (decode(data, _AddData).tags_add or _Payload()).user_errors
    if gone and not errors:
        data = await api.run("RemoveTags", {"id": customer, "tags": gone})
        errors += (decode(data, _RemoveData).tags_remove or _Payload()).user_errors
    return errors[0].message if errors else None
