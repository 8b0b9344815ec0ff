"""A shop's past: page by page where it is short, by a bulk operation where it is long.

A bulk operation costs next to nothing of the rate limit and reads in minutes what pages read in hours. Its result lacks
what hangs in lists (the lines of refunds): orders with refunds are read by their ids, many at a time. The operation's
id and the place in its file stand in the cursor, so another process goes on with the same operation. Where Shopify runs
none, or it comes to nothing again and again, the pages are read.

What it says is as old as its start, so that is when it counts as read; what a webhook told meanwhile stays.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from connector.api_client import ApiClient
from connector.cursors import cursor_of
from connector.errors import Transient
from connector.platforms import Fetched, HistoryPage, ObjectKey
from connector.shopify.bulk import BulkDesk, BulkRefused, BulkState, BulkStatus
from connector.shopify.bulk_results import BulkOrder, ResultGone, ResultReader
from connector.shopify.orders import OrderReader, utc_text

log = logging.getLogger(__name__)

BULK_FROM = 1_000
"""Orders from which on a bulk operation is worth its wait: pages of so many take some two minutes."""
PAGE_ORDERS = 200
LACKING_ORDERS = 50
"""A page ends earlier with so many orders that must be read by their ids: whoever reads it keeps others waiting."""
TRIES_MAX = 3
PAUSE_SECONDS = 1
PAUSE_SECONDS_MAX = 5
"""Between two looks at an operation. Not longer: whoever reads several shops in turn, or is told to stop, waits for it;
pages of one shop come no faster either.
"""
_EVER = datetime(1970, 1, 2, tzinfo=UTC)


class _Reading(msgspec.Struct, frozen=True):
    """Where the reading of one operation's result is. started: by our clock, before Shopify was asked. offset: bytes of
    the file that are read; seen: orders in them; expected: orders in all, as counted before; tries: operations started
    for this reading.
    """

    bulk: str
    started: datetime
    since: datetime | None
    offset: int = 0
    seen: int = 0
    expected: int | None = None
    tries: int = 1

    def after(self, found: Sequence[BulkOrder]) -> _Reading:
        """The place behind more orders."""
        return msgspec.structs.replace(self, offset=found[-1].end, seen=self.seen + len(found))

    def page(self, orders: Sequence[Fetched], left: int | None) -> HistoryPage:
        """Orders, and this place behind them."""
        return HistoryPage(orders, cursor_of(self), left)


class HistoryReader:
    """Reads every order of one shop."""

    def __init__(self, orders: OrderReader, desk: BulkDesk, results: ResultReader, api: ApiClient) -> None:
        self._orders = orders
        self._desk = desk
        self._results = results
        self._api = api

    async def read(self, since: datetime | None, cursor: str | None) -> AsyncGenerator[HistoryPage, None]:
        """See ``ShopClient.order_history``."""
        place = await self._begin(since) if cursor is None else _reading_of(cursor)
        if place is not None:
            since, cursor = place.since, None
        pause = float(PAUSE_SECONDS)
        while place is not None:
            # Kept before anything else is done, so that whoever comes after us goes on with this operation.
            yield place.page((), None if place.expected is None else max(0, place.expected - place.seen))
            state = await self._desk.state(place.bulk)
            if state.is_at is BulkStatus.AT_WORK:
                await self._api.sleep(pause)
                pause = min(pause * 1.5, PAUSE_SECONDS_MAX)
                continue
            if state.is_at is BulkStatus.DONE:
                try:
                    async with aclosing(self._result(place, state)) as pages:
                        async for page in pages:
                            yield page
                    return
                except ResultGone:
                    log.info("the bulk result %s cannot be had any more", place.bulk)
            place, pause = await self._again(place, state), float(PAUSE_SECONDS)
        async with aclosing(self._orders.history(since, cursor)) as rest:
            async for page in rest:
                yield page

    async def _begin(self, since: datetime | None) -> _Reading | None:
        """A bulk operation for a long history; None for a short one, or where Shopify runs none."""
        count = await self._orders.count(_search(since))
        if count is not None and count < BULK_FROM:
            return None
        return await self._start(since, count, 1)

    async def _start(self, since: datetime | None, expected: int | None, tries: int) -> _Reading | None:
        started = self._api.now()
        try:
            return _Reading(await self._desk.start(_search(since)), started, since, expected=expected, tries=tries)
        except BulkRefused as refusal:
            log.warning("orders are read page by page: %s", refusal.detail)
            return None

    async def _again(self, place: _Reading, state: BulkState) -> _Reading | None:
        """Another operation, from the beginning: what is read twice is merged, not doubled."""
        log.warning("the bulk operation %s came to nothing: %s %s", place.bulk, state.status, state.error_code or "")
        if place.tries >= TRIES_MAX or state.error_code == "ACCESS_DENIED":
            # Asking again gives the same; what is not granted, the pages say by name.
            return None
        return await self._start(place.since, place.expected, place.tries + 1)

    async def _result(self, place: _Reading, state: BulkState) -> AsyncGenerator[HistoryPage, None]:
        while state.url is not None:
            start = place.offset
            try:
                async with aclosing(self._from(place, state, state.url)) as parts:
                    async for place, orders in parts:
                        yield place.page(orders, max(0, state.orders - place.seen))
                return
            except Transient as error:
                if place.offset == start:
                    raise
                # Whoever feeds what we read may take long, and a store does not wait for ever.
                log.info("the bulk result %s is read on after a pause: %s", place.bulk, error.detail)

    async def _from(
        self, place: _Reading, state: BulkState, url: str
    ) -> AsyncGenerator[tuple[_Reading, list[Fetched]], None]:
        """Orders from a place on, with the place behind them."""
        found: list[BulkOrder] = []
        async with aclosing(self._results.orders(url, state.size, place.offset)) as orders:
            async for order in orders:
                found.append(order)
                if len(found) == PAGE_ORDERS or len(_lacking(found)) >= LACKING_ORDERS:
                    place = place.after(found)
                    yield place, await self._complete(found, place.started)
                    found = []
        if found:
            place = place.after(found)
            yield place, await self._complete(found, place.started)

    async def _complete(self, found: Sequence[BulkOrder], started: datetime) -> list[Fetched]:
        """The orders in their order; those of which the result lacks a part are read by their ids."""
        orders = {
            order.order_id: Fetched(ObjectKey("order", order.order_id), order.body, started, order.updated_at)
            for order in found
            if order.body is not None
        }
        lacking = _lacking(found)
        orders |= {one.key.object_id: one for one in await self._orders.read_many(sorted(lacking))}
        names = dict.fromkeys([*(order.order_id for order in found), *lacking])
        return [orders[name] for name in names if name in orders]


def _lacking(found: Sequence[BulkOrder]) -> set[str]:
    """Orders of which the result lacks a part."""
    return {order.order_id for order in found if order.body is None}.union(*(order.strays for order in found))


def _search(since: datetime | None) -> str:
    return f"created_at:>='{utc_text(since or _EVER)}'"


def _reading_of(cursor: str) -> _Reading | None:
    """The place that a cursor names; None if it is one of pages."""
    try:
        return msgspec.json.decode(cursor, type=_Reading)
    except (msgspec.MsgspecError, ValueError):
        return None
