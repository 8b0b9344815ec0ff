"""A member's tier as a tag of the shop's customer: ours are added and removed by name, and no other tag is touched.

The shop is looked at first, so what is as it should be costs no write. The new tag is added before the old one goes:
nobody is without one in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connector.errors import Permanent, Transient, Unclear
from connector.platforms import PushResult, PushState
from connector.shopify.graphql import AdminApi, decode
from connector.stores_show import TierTag


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
    for place, (state, reason) in (await _give(api, wanted)).items():
        found[place] = PushResult(state, f"the tag of the tier: {reason}"[:300], results[place].token)
    return found


async def _give(api: AdminApi, wanted: Mapping[int, tuple[str, TierTag]]) -> dict[int, tuple[PushState, str]]:
    """Give each customer their tag. Returns what stands in the way of whose; it keeps no other from theirs."""
    try:
        there = await _tags_of(api, [customer for customer, _ in wanted.values()])
    except (Transient, Permanent) as error:
        return dict.fromkeys(wanted, _failure(error))
    failed: dict[int, tuple[PushState, str]] = {}
    for place, (customer, tag) in wanted.items():
        try:
            # A customer who is gone has no tags either.
            problem = await _change(api, customer, there[customer], tag) if customer in there else None
        except (Transient, Permanent) as error:
            failed[place] = _failure(error)
        else:
            if problem is not None:
                failed[place] = (PushState.REFUSED, problem)
    return failed


def _failure(error: Transient | Permanent) -> tuple[PushState, str]:
    return PushState.RETRY if isinstance(error, Transient | Unclear) else PushState.REFUSED, str(error)


async def _tags_of(api: AdminApi, customers: Sequence[str]) -> Mapping[str, list[str]]:
    nodes = decode(await api.run("CustomerTags", {"ids": list(customers)}), _TagsData).nodes
    return {node.id: node.tags for node in nodes if node is not None and node.id}


async def _change(api: AdminApi, customer: str, there: Sequence[str], tag: TierTag) -> str | None:
    """What Shopify has against it; None: it is done. Shopify takes tags for one that differ in capitals alone."""
    ours = {name.casefold() for name in tag.ours}
    wanted = tag.wanted.casefold() if tag.wanted is not None else None
    errors: list[_UserError] = []
    if tag.wanted is not None and wanted not in {name.casefold() for name in there}:
        data = await api.run("AddTags", {"id": customer, "tags": [tag.wanted]})
        errors += (decode(data, _AddData).tags_add or _Payload()).user_errors
    gone = [name for name in there if name.casefold() in ours and name.casefold() != wanted]
    if gone and not errors:
        data = await api.run("RemoveTags", {"id": customer, "tags": gone})
        errors += (decode(data, _RemoveData).tags_remove or _Payload()).user_errors
    return errors[0].message if errors else None
