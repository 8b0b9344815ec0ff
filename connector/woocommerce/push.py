"""Pushing snapshots into customer meta: absolute, up to 100 customers a request.

The key must not begin with ``_``: WooCommerce drops such keys without a word, so the echo of each write is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from connector.errors import Unclear
from connector.platforms import PushResult, PushState, SnapshotPush
from connector.snapshot.shown_version import shown_version
from connector.stores_show import ShownSnapshot
from connector.woocommerce.rest import RestApi

META_KEY = "belong_snapshot"
PUSH_BATCH_SIZE = 100
UNCLEAR_MAX = 24
"""With so many answers three customers of a hundred are found for whom the shop does not answer clearly."""
PLUGIN = "belong/v1"
"""Namespace of our plugin's routes; the same API key opens them."""
_GONE_CODES = frozenset(
    (
        "wc_user_invalid_id",
        "woocommerce_rest_invalid_id",
        "woocommerce_rest_customer_invalid_id",
        "rest_user_invalid_id",
    )
)


class _Meta(msgspec.Struct):
    key: str
    value: Any = None


class _Programme(msgspec.Struct):
    programme: Any = None


class _ErrorData(msgspec.Struct):
    status: int = 0


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""
    data: Any = None


class _Customer(msgspec.Struct):
    id: int = 0
    error: _Error | None = None
    meta_data: list[_Meta] = []


class _Batch(msgspec.Struct):
    update: list[_Customer] = []


async def push_snapshots(rest: RestApi, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
    """One result per push, in order. Raises Transient or ConfigProblem when the whole request was refused."""
    if len(pushes) > PUSH_BATCH_SIZE:
        raise ValueError(f"at most {PUSH_BATCH_SIZE} snapshots at once, got {len(pushes)}")
    places = [place for place, push in enumerate(pushes) if _is_id(push.customer_ref)]
    results = [PushResult(PushState.REFUSED, "not a WooCommerce customer id") for _ in pushes]
    echoes = await _write(rest, [(pushes[place].customer_ref, pushes[place].body) for place in places])
    for place, echo in zip(places, echoes, strict=True):
        results[place] = echo if isinstance(echo, PushResult) else _result(pushes[place], echo)
    return results


async def push_programme(rest: RestApi, body: str) -> PushResult:
    """Hand the summary to the plugin's route: WooCommerce's own API has no place for it. REFUSED without the plugin."""
    answer = await rest.send("POST", "programme", body={"programme": body}, handled=frozenset((404,)), namespace=PLUGIN)
    if answer.status == 404:
        return PushResult(PushState.REFUSED, "the Belong plugin is not active in the shop")
    shown = answer.json(_Programme).programme
    if not _is_same(body, shown):
        return PushResult(PushState.REFUSED, "the shop changed the programme")
    return PushResult(PushState.ACCEPTED)


async def remove_snapshots(rest: RestApi, customer_refs: Sequence[str]) -> list[PushResult]:
    """Write null, which deletes a meta key. One result per customer, in order: ACCEPTED once the echo lacks the key."""
    if len(customer_refs) > PUSH_BATCH_SIZE:
        raise ValueError(f"at most {PUSH_BATCH_SIZE} customers at once, got {len(customer_refs)}")
    places = [place for place, ref in enumerate(customer_refs) if _is_id(ref)]
    results = [PushResult(PushState.GONE, "not a WooCommerce customer id") for _ in customer_refs]
    echoes = await _write(rest, [(customer_refs[place], None) for place in places])
    for place, echo in zip(places, echoes, strict=True):
        results[place] = echo if isinstance(echo, PushResult) else _removed(customer_refs[place], echo)
    return results


def _removed(customer_ref: str, echo: _Customer) -> PushResult:
    if echo.error is not None:
        return _refusal(echo.error)
    if echo.id and str(echo.id) != customer_ref:
        return PushResult(PushState.RETRY, "the shop answered for another customer")
    if any(meta.key == META_KEY and meta.value not in (None, "") for meta in echo.meta_data):
        return PushResult(PushState.REFUSED, f"the shop keeps the meta key {META_KEY}")
    return PushResult(PushState.ACCEPTED)


async def read_snapshots(rest: RestApi, customer_refs: Sequence[str]) -> list[ShownSnapshot]:
    """What the shop shows of customers of any role, in order; who is not listed is not there."""
    if len(customer_refs) > PUSH_BATCH_SIZE:
        raise ValueError(f"at most {PUSH_BATCH_SIZE} customers at once, got {len(customer_refs)}")
    wanted = sorted({int(ref) for ref in customer_refs if _is_id(ref)})
    if not wanted:
        return [ShownSnapshot(is_there=False) for _ in customer_refs]
    answer = await rest.get(
        "customers",
        [
            ("include", ",".join(map(str, wanted))),
            ("role", "all"),
            ("per_page", str(PUSH_BATCH_SIZE)),
            ("_fields", "id,meta_data"),
        ],
    )
    found = {str(row.id): row for row in answer.json(list[_Customer])}
    return [_as_shown(found.get(ref)) for ref in customer_refs]


def _as_shown(customer: _Customer | None) -> ShownSnapshot:
    if customer is None:
        return ShownSnapshot(is_there=False)
    shown = [meta.value for meta in customer.meta_data if meta.key == META_KEY and meta.value not in (None, "")]
    if not shown:
        return ShownSnapshot(is_there=True)
    text = shown[0] if isinstance(shown[0], str) else msgspec.json.encode(shown[0]).decode()
    return ShownSnapshot(True, shown_version(text), content_digest(text))


def content_digest(body: str) -> str | None:
    """SHA-256 of what a snapshot's text means, as hexadecimal text, however a shop writes it; None if it is no JSON."""
    try:
        meant = msgspec.json.decode(body)
        return hashlib.sha256(msgspec.json.encode(meant, order="sorted")).hexdigest()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


async def _write(rest: RestApi, values: Sequence[tuple[str, str | None]]) -> list[_Customer | PushResult]:
    """Write our meta of customers: what the shop shows of each then, or why that is not known, in order.

    A batch that the shop finds too large, or does not answer for one by one, is halved until it is known whose fault it
    is. One that answers nothing clearly is not asked for ever.
    """
    found: dict[int, _Customer | PushResult] = {}
    unclear_left = UNCLEAR_MAX
    waiting = [range(len(values))] if values else []
    while waiting:
        part = waiting.pop()
        echoes = await _echoes(rest, [values[place] for place in part])
        if isinstance(echoes, list):
            found |= zip(part, echoes, strict=True)
            continue
        is_unclear = echoes.state is PushState.RETRY
        unclear_left -= is_unclear
        if len(part) > 1 and not (is_unclear and unclear_left <= 0):
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
        else:
            found |= dict.fromkeys(part, echoes)
    return [found[place] for place in range(len(values))]


async def _echoes(rest: RestApi, values: Sequence[tuple[str, str | None]]) -> list[_Customer] | PushResult:
    """One echo for each customer, in order, or what is the matter with them all."""
    updates = [{"id": int(ref), "meta_data": [{"key": META_KEY, "value": value}]} for ref, value in values]
    try:
        answer = await rest.send("POST", "customers/batch", body={"update": updates}, handled=frozenset((413,)))
    except Unclear as unclear:
        return PushResult(PushState.RETRY, str(unclear))
    if answer.status == 413:
        return PushResult(PushState.REFUSED, "the shop finds the snapshot too large")
    echoes: list[_Customer] = answer.json(_Batch).update
    if len(echoes) != len(values):
        return PushResult(PushState.RETRY, "the shop did not answer for every customer")
    return echoes


def _is_id(customer_ref: str) -> bool:
    return customer_ref.isascii() and customer_ref.isdigit() and len(customer_ref) < 19


def _result(push: SnapshotPush, echo: _Customer) -> PushResult:
    if echo.error is not None:
        return _refusal(echo.error)
    if echo.id and str(echo.id) != push.customer_ref:
        return PushResult(PushState.RETRY, "the shop answered for another customer")
    shown = [meta.value for meta in echo.meta_data if meta.key == META_KEY]
    if not shown:
        return PushResult(PushState.REFUSED, f"the shop silently dropped the meta key {META_KEY}")
    if not any(_is_same(push.body, value) for value in shown):
        return PushResult(PushState.REFUSED, f"the shop changed the value of the meta key {META_KEY}")
    return PushResult(PushState.ACCEPTED, token=content_digest(push.body))


def _refusal(error: _Error) -> PushResult:
    status = error.data.get("status") if isinstance(error.data, dict) else None
    reason = f"{error.code}: {error.message}"[:300]
    if error.code in _GONE_CODES or status == 404:
        return PushResult(PushState.GONE, reason)
    if isinstance(status, int) and (status >= 500 or status == 429):
        return PushResult(PushState.RETRY, reason)
    return PushResult(PushState.REFUSED, reason)


def _is_same(body: str, shown: Any) -> bool:
    """Whether the shop shows what we sent, as text or as the value that the text means."""
    if shown == body:
        return True
    try:
        meant = msgspec.json.decode(body)
        return bool(meant == (msgspec.json.decode(shown) if isinstance(shown, str) else shown))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
