"""Deleting our metafield of customers: one call for up to 25. What is not there is as good as deleted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connector.errors import ConfigProblem
from connector.platforms import PushResult, PushState
from connector.shopify.graphql import AdminApi, decode
from connector.shopify.push import KEY, NAMESPACE, PUSH_BATCH_SIZE


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None


class _DeletePayload(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError] = []


class _DeleteData(msgspec.Struct, rename="camel"):
    metafields_delete: _DeletePayload | None = None


class _Shown(msgspec.Struct):
    value: str


class _Customer(msgspec.Struct):
    id: str | None = None
    metafield: _Shown | None = None


class _ShownData(msgspec.Struct):
    nodes: list[_Customer | None]


async def remove_snapshots(api: AdminApi, customer_refs: Sequence[str]) -> list[PushResult]:
    """One result per customer, in order: ACCEPTED if the shop shows nothing of ours any more, GONE without customer.

    The shop is looked at afterwards, so that an answer without an error proves nothing by itself. Raises Transient or
    ConfigProblem when nothing could be decided.
    """
    if len(customer_refs) > PUSH_BATCH_SIZE:
        raise ValueError(f"at most {PUSH_BATCH_SIZE} customers at once, got {len(customer_refs)}")
    gids = {ref: f"gid://shopify/Customer/{ref}" for ref in customer_refs if ref.isascii() and ref.isdigit()}
    if not gids:
        return [_NO_CUSTOMER for _ in customer_refs]
    wanted = [{"ownerId": gid, "namespace": NAMESPACE, "key": KEY} for gid in gids.values()]
    data = await api.run("RemoveSnapshots", {"metafields": wanted})
    errors = (decode(data, _DeleteData).metafields_delete or _DeletePayload()).user_errors
    variables = {"ids": list(gids.values()), "namespace": NAMESPACE, "key": KEY}
    nodes = decode(await api.run("ShownSnapshots", variables), _ShownData).nodes
    shown = {node.id: node for node in nodes if node is not None and node.id}
    results = [_result(gids.get(ref), shown, errors) for ref in customer_refs]
    if len(gids) > 1 and any(result.state is PushState.REFUSED for result in results):
        # A call is atomic: one bad customer keeps all others, so each is asked for alone.
        return [(await remove_snapshots(api, [ref]))[0] for ref in customer_refs]
    return results


_NO_CUSTOMER = PushResult(PushState.GONE, "not a Shopify customer id")


def _result(gid: str | None, shown: dict[str, _Customer], errors: Sequence[_UserError]) -> PushResult:
    if gid is None:
        return _NO_CUSTOMER
    if gid not in shown:
        return PushResult(PushState.GONE, "the customer does not exist any more")
    if shown[gid].metafield is None:
        return PushResult(PushState.ACCEPTED)
    if not errors:
        return PushResult(PushState.RETRY, "the shop still shows what it says it deleted")
    if any("access" in error.message.lower() or "authorized" in error.message.lower() for error in errors):
        raise ConfigProblem(f"Shopify does not let the app delete customer metafields: {errors[0].message}")
    return PushResult(PushState.REFUSED, errors[0].message[:300])
