"""Reading orders with their refunds: ``{"order": {...}, "refunds": [...]}``, since an order alone has no refund lines.

Changed orders are paged by date of change, not by page number: numbers shift while orders arrive. Dates are asked for
as naive UTC with ``dates_are_gmt=true``; with a ``Z`` the shop would shift them. ``status=any`` leaves the bin out, so
the bin is a second stream, and both are merged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from connector.api_client import AnswerTooLarge, NotJson
from connector.errors import Permanent
from connector.platforms import Fetched, ObjectKey
from connector.woocommerce.rest import RestApi, all_pages, total_of

PAGE_ORDERS = 100
EXCLUDED_MAX = 400
"""So many ids still fit into a URL; a second with more changes than that is read by page number."""
ORDER_GONE = "woocommerce_rest_shop_order_invalid_id"
_SECOND = timedelta(seconds=1)
_PASSES_MAX = 5
_READS_MAX = 2


class _Id(msgspec.Struct):
    id: int


class _Row(msgspec.Struct):
    """As much of an order as reading needs. date_modified_gmt: naive UTC."""

    id: int
    date_modified_gmt: str | None = None
    date_created_gmt: str | None = None
    refunds: list[_Id] = []


@dataclass(frozen=True, slots=True)
class _Order:
    number: int
    raw: bytes
    modified: datetime
    refund_ids: frozenset[int]
    read_started_at: datetime


@dataclass(slots=True)
class _Stream:
    """Changed orders of one status, in order of their change."""

    pages: AsyncIterator[list[_Order]]
    waiting: list[_Order] = field(default_factory=list)
    is_done: bool = False

    async def fill(self) -> None:
        """Have orders waiting unless there are no more."""
        while not self.waiting and not self.is_done:
            try:
                self.waiting = await anext(self.pages)
            except StopAsyncIteration:
                self.is_done = True


class OrderReader:
    """Reads complete orders of one shop."""

    def __init__(self, rest: RestApi, now: Callable[[], datetime]) -> None:
        self._rest = rest
        self._now = now

    async def read(self, order_id: str) -> Fetched | None:
        """One order with its refunds; None if it is gone for good. One in the bin has status ``trash``."""
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        for attempt in range(1, _READS_MAX + 1):
            started = self._now()
            answer = await self._rest.get_or_none(f"orders/{order_id}", ORDER_GONE)
            if answer is None:
                return None
            order = _order(bytes(answer.json(msgspec.Raw)), started, started)
            refunds = await self._refunds(order)
            if attempt == _READS_MAX or {refund.id for refund in map(_read_id, refunds)} == order.refund_ids:
                break  # else a refund came or went between the two reads
        return _fetched(order, refunds)

    async def changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        """Pages of complete orders changed at or after ``since`` (aware), oldest change first, the bin included."""
        since = since.astimezone(UTC).replace(microsecond=0)
        streams = [_Stream(self._changed(status, since)) for status in ("any", "trash")]
        while True:
            await asyncio.gather(*(stream.fill() for stream in streams))
            heads = [stream.waiting[-1].modified for stream in streams if stream.waiting]
            if not heads:
                return
            orders = _take_until(streams, min(heads))
            all_refunds = await asyncio.gather(*(self._refunds(order) for order in orders))
            yield [_fetched(order, refunds) for order, refunds in zip(orders, all_refunds, strict=True)]

    async def _changed(self, status: str, since: datetime) -> AsyncIterator[list[_Order]]:
        """Orders of one status with a change at or after ``since``. The window moves with the newest order seen."""
        at_newest: set[int] = set()
        per_page = PAGE_ORDERS
        while True:
            pairs = [*_window(status, since), ("orderby", "modified"), ("order", "asc"), ("per_page", str(per_page))]
            if at_newest:
                pairs.append(("exclude", ",".join(str(number) for number in sorted(at_newest))))
            try:
                orders, is_last = await self._list(pairs, since)
            except AnswerTooLarge:
                if per_page == 1:
                    raise
                per_page = max(per_page // 4, 1)
                continue
            fresh = [order for order in orders if order.number not in at_newest]
            if not fresh:
                return
            yield fresh
            newest = max(order.modified for order in fresh)
            if is_last:
                return
            if newest < since:
                raise Permanent("The shop does not sort orders by change.", detail="modified_after is not respected")
            at_newest = {order.number for order in fresh if order.modified == newest} | (
                at_newest if newest == since else set()
            )
            since = newest
            if len(at_newest) > EXCLUDED_MAX:
                async for page in self._one_second(status, since, at_newest):
                    yield page
                since, at_newest = since + _SECOND, set()

    async def _one_second(self, status: str, second: datetime, seen: set[int]) -> AsyncIterator[list[_Order]]:
        """The other orders of one very full second, by page number; passes repeat until nothing new turns up."""
        pairs = [*_window(status, second), ("modified_before", _naive(second + _SECOND))]
        for _ in range(_PASSES_MAX):
            found_new = False
            page, has_more = 1, True
            while has_more:
                orders, _ = await self._list(
                    [*pairs, ("orderby", "id"), ("order", "asc"), ("per_page", str(PAGE_ORDERS)), ("page", str(page))],
                    second,
                )
                fresh = [order for order in orders if order.number not in seen]
                seen.update(order.number for order in fresh)
                if fresh:
                    found_new = True
                    yield fresh
                page, has_more = page + 1, bool(orders)
            if not found_new:
                return

    async def _list(self, pairs: Sequence[tuple[str, str]], undated: datetime) -> tuple[list[_Order], bool]:
        """One page by change, and whether the shop says that there is no more: it may give fewer than asked for."""
        started = self._now()
        answer = await self._rest.get("orders", pairs)
        rows = answer.json(list[msgspec.Raw])
        total = total_of(answer, "x-wp-total")
        orders = [_order(bytes(row), started, undated) for row in rows]
        orders.sort(key=lambda order: (order.modified, order.number))
        return orders, total is not None and total <= len(rows)

    async def _refunds(self, order: _Order) -> list[msgspec.Raw]:
        if not order.refund_ids:
            return []
        return await all_pages(self._rest, f"orders/{order.number}/refunds", (), msgspec.Raw)


def _take_until(streams: Iterable[_Stream], last: datetime) -> list[_Order]:
    """What is certainly next: nothing older can come from any stream."""
    taken: list[_Order] = []
    for stream in streams:
        taken += [order for order in stream.waiting if order.modified <= last]
        stream.waiting = [order for order in stream.waiting if order.modified > last]
    return sorted(taken, key=lambda order: (order.modified, order.number))


def _window(status: str, since: datetime) -> list[tuple[str, str]]:
    """``modified_after`` is strict, so ask from a second earlier."""
    return [("status", status), ("modified_after", _naive(since - _SECOND)), ("dates_are_gmt", "true")]


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _order(raw: bytes, started: datetime, undated: datetime) -> _Order:
    """undated: stands for the date of change of an order without dates."""
    try:
        row = msgspec.json.decode(raw, type=_Row)
        written = row.date_modified_gmt or row.date_created_gmt
        modified = datetime.fromisoformat(written).replace(tzinfo=UTC) if written else undated
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotJson("The shop's orders have an unknown shape.", detail=f"unknown shape: {error}") from error
    return _Order(row.id, raw, modified, frozenset(refund.id for refund in row.refunds), started)


def _read_id(raw: msgspec.Raw) -> _Id:
    try:
        return msgspec.json.decode(raw, type=_Id)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Permanent("The shop's refunds have an unknown shape.", detail=f"unknown shape: {error}") from error


def _fetched(order: _Order, refunds: Sequence[msgspec.Raw]) -> Fetched:
    body = b'{"order":' + order.raw + b',"refunds":[' + b",".join(bytes(refund) for refund in refunds) + b"]}"
    return Fetched(ObjectKey("order", str(order.number)), body, order.read_started_at, order.modified)
