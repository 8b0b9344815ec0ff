"""Reading orders with their refunds: ``{"order": {...}, "refunds": [...]}``, since an order alone has no refund lines.

Orders are paged by date, of their change or of their making, and not by page number, but for a look at the newest:
numbers shift while orders arrive and go. Dates are asked for as naive UTC with ``dates_are_gmt=true``; with a ``Z`` the
shop would shift them.
``status=any`` leaves the bin out: where changes are read, the bin is a second stream, and both are merged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from connector.api_client import AnswerTooLarge, NotJson
from connector.cursors import cursor_of, place_of
from connector.errors import Permanent
from connector.platforms import Fetched, HistoryPage, ObjectKey
from connector.woocommerce.rest import RestApi, all_pages, total_of

PAGE_ORDERS = 100
NEWEST_PAGE = 64
"""A power of two: a page that is too large is asked for as two halves."""
EXCLUDED_MAX = 400
"""So many ids still fit into a URL; a second with more changes than that is read by page number."""
ORDER_GONE = "woocommerce_rest_shop_order_invalid_id"
_SECOND = timedelta(seconds=1)
_EVER = datetime(1970, 1, 2, tzinfo=UTC)
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
    created: datetime
    refund_ids: frozenset[int]
    read_started_at: datetime


@dataclass(frozen=True, slots=True)
class _By:
    """A date that orders are paged by. name: as in ``orderby``; prefix: of the parameters that bound it."""

    name: str
    prefix: str
    of: Callable[[_Order], datetime]


_CHANGE = _By("modified", "modified_", lambda order: order.modified)
_MAKING = _By("date", "", lambda order: order.created)


class _Place(msgspec.Struct, frozen=True):
    """How far a walk is: orders before ``since`` (aware, whole seconds) were seen; of that second, those in ``at``."""

    since: datetime
    at: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Part:
    """Some orders in order of their date, where the walk is after them, and how many more the shop says there are."""

    orders: list[_Order]
    place: _Place
    left: int | None


@dataclass(slots=True)
class _Stream:
    """Changed orders of one status, in order of their change."""

    pages: AsyncIterator[_Part]
    waiting: list[_Order] = field(default_factory=list)
    is_done: bool = False

    async def fill(self) -> None:
        """Have orders waiting unless there are no more."""
        while not self.waiting and not self.is_done:
            try:
                self.waiting = (await anext(self.pages)).orders
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
        streams = [_Stream(self._walk(status, _CHANGE, _Place(since))) for status in ("any", "trash")]
        while True:
            await asyncio.gather(*(stream.fill() for stream in streams))
            heads = [stream.waiting[-1].modified for stream in streams if stream.waiting]
            if not heads:
                return
            yield await self._completed(_take_until(streams, min(heads)))

    async def history(self, since: datetime | None, cursor: str | None) -> AsyncIterator[HistoryPage]:
        """Pages of complete orders made at or after ``since`` (aware), oldest first; what lies in the bin is left out.

        No order changes its place while others come and go, since its date of making stays.
        """
        begin = (since or _EVER).astimezone(UTC).replace(microsecond=0)
        place = _Place(begin) if cursor is None else place_of(cursor, _Place)
        async for part in self._walk("any", _MAKING, place):
            yield HistoryPage(await self._completed(part.orders), cursor_of(part.place), part.left)

    async def newest(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        """Complete orders made at or after ``since`` (aware), newest first, by page number: whoever wants the newest
        stops early. What lies in the bin is left out.
        """
        since = since.astimezone(UTC).replace(microsecond=0)
        pairs = [*_window("any", _MAKING, since), ("orderby", "date"), ("order", "desc")]
        page, per_page = 1, NEWEST_PAGE
        while True:
            try:
                orders, _ = await self._list([*pairs, ("per_page", str(per_page)), ("page", str(page))], _MAKING, since)
            except AnswerTooLarge:
                if per_page == 1:
                    raise
                # Half the size at the same place.
                page, per_page = page * 2 - 1, per_page // 2
                continue
            for order in reversed(orders):
                yield _fetched(order, await self._refunds(order))
            if not orders:
                return
            page += 1

    async def _completed(self, orders: Sequence[_Order]) -> list[Fetched]:
        all_refunds = await asyncio.gather(*(self._refunds(order) for order in orders))
        return [_fetched(order, refunds) for order, refunds in zip(orders, all_refunds, strict=True)]

    async def _walk(self, status: str, by: _By, place: _Place) -> AsyncIterator[_Part]:
        """Orders of one status from a place on. The window moves with the newest order seen."""
        since, at = place.since, place.at
        per_page = PAGE_ORDERS
        while True:
            if len(at) > EXCLUDED_MAX:
                async for part in self._one_second(status, by, _Place(since, at)):
                    yield part
                since, at = since + _SECOND, frozenset()
            pairs = [*_window(status, by, since), ("orderby", by.name), ("order", "asc"), ("per_page", str(per_page))]
            if at:
                pairs.append(("exclude", ",".join(str(number) for number in sorted(at))))
            try:
                orders, left = await self._list(pairs, by, since)
            except AnswerTooLarge:
                if per_page == 1:
                    raise
                per_page = max(per_page // 4, 1)
                continue
            fresh = [order for order in orders if order.number not in at]
            if not fresh:
                return
            newest = max(by.of(order) for order in fresh)
            if newest < since and left != 0:
                raise Permanent("The shop does not sort orders by date.", detail=f"{by.prefix}after is not respected")
            seen = frozenset(order.number for order in fresh if by.of(order) == newest)
            since, at = newest, seen | (at if newest == since else frozenset())
            yield _Part(fresh, _Place(since, at), left)
            if left == 0:
                return

    async def _one_second(self, status: str, by: _By, place: _Place) -> AsyncIterator[_Part]:
        """The other orders of one very full second, by page number; passes repeat until nothing new turns up."""
        second, seen = place.since, set(place.at)
        pairs = [*_window(status, by, second), (f"{by.prefix}before", _naive(second + _SECOND))]
        for _ in range(_PASSES_MAX):
            found_new = False
            page, has_more = 1, True
            while has_more:
                orders, _ = await self._list(
                    [*pairs, ("orderby", "id"), ("order", "asc"), ("per_page", str(PAGE_ORDERS)), ("page", str(page))],
                    by,
                    second,
                )
                fresh = [order for order in orders if order.number not in seen]
                seen.update(order.number for order in fresh)
                if fresh:
                    found_new = True
                    yield _Part(fresh, _Place(second, frozenset(seen)), None)
                page, has_more = page + 1, bool(orders)
            if not found_new:
                return

    async def _list(
        self, pairs: Sequence[tuple[str, str]], by: _By, undated: datetime
    ) -> tuple[list[_Order], int | None]:
        """One page, and how many more the shop says there are: it may give fewer than asked for."""
        started = self._now()
        answer = await self._rest.get("orders", pairs)
        rows = answer.json(list[msgspec.Raw])
        total = total_of(answer, "x-wp-total")
        orders = [_order(bytes(row), started, undated) for row in rows]
        orders.sort(key=lambda order: (by.of(order), order.number))
        return orders, None if total is None else max(0, total - len(rows))

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


def _window(status: str, by: _By, since: datetime) -> list[tuple[str, str]]:
    """``after`` and ``modified_after`` are strict, so ask from a second earlier."""
    return [("status", status), (f"{by.prefix}after", _naive(since - _SECOND)), ("dates_are_gmt", "true")]


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _order(raw: bytes, started: datetime, undated: datetime) -> _Order:
    """undated: stands for the dates of an order without any."""
    try:
        row = msgspec.json.decode(raw, type=_Row)
        created = _utc(row.date_created_gmt) or _utc(row.date_modified_gmt) or undated
        modified = _utc(row.date_modified_gmt) or created
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotJson("The shop's orders have an unknown shape.", detail=f"unknown shape: {error}") from error
    return _Order(row.id, raw, modified, created, frozenset(refund.id for refund in row.refunds), started)


def _utc(naive: str | None) -> datetime | None:
    return datetime.fromisoformat(naive).replace(tzinfo=UTC) if naive else None


def _read_id(raw: msgspec.Raw) -> _Id:
    try:
        return msgspec.json.decode(raw, type=_Id)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Permanent("The shop's refunds have an unknown shape.", detail=f"unknown shape: {error}") from error


def _fetched(order: _Order, refunds: Sequence[msgspec.Raw]) -> Fetched:
    body = b'{"order":' + order.raw + b',"refunds":[' + b",".join(bytes(refund) for refund in refunds) + b"]}"
    return Fetched(ObjectKey("order", str(order.number)), body, order.read_started_at, order.modified)
