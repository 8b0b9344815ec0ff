"""Reading orders: pages of changed ones or of all, single ones, and the rest of those longer than one answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from connector.api_client import AnswerTooLarge
from connector.cursors import cursor_of, place_of
from connector.errors import Transient
from connector.platforms import Fetched, HistoryPage, ObjectKey
from connector.shopify.graphql import AdminApi, MaxCostExceeded, decode

PAGE_ORDERS = 50
"""At recorded prices (a connection of 50 costs 2 + 7 per point of its node) a page asks for 630 of 1,000 points."""
REFUNDS_PER_ORDER = 25
"""As in ``order_fields.graphql``: an order with as many refunds may have more."""
_READS_MAX = 3
_NULL = b"null"


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Connection(msgspec.Struct, rename="camel"):
    page_info: _PageInfo


class _RefundShape(msgspec.Struct, rename="camel"):
    refund_line_items: _Connection


class _OrderShape(msgspec.Struct, rename="camel"):
    """As much of an order node as paging needs."""

    id: str
    legacy_resource_id: str | int
    updated_at: datetime
    line_items: _Connection
    shipping_lines: _Connection
    refunds: list[_RefundShape]

    @property
    def is_complete(self) -> bool:
        """Whether every list of the node holds all its parts."""
        lists = (self.line_items, self.shipping_lines, *(refund.refund_line_items for refund in self.refunds))
        return len(self.refunds) < REFUNDS_PER_ORDER and not any(part.page_info.has_next_page for part in lists)


class _OrderNode(msgspec.Struct):
    order: msgspec.Raw


class _OrdersPage(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[msgspec.Raw]


class _OrdersData(msgspec.Struct):
    orders: _OrdersPage


class _Made(msgspec.Struct, rename="camel"):
    legacy_resource_id: str | int
    created_at: datetime


class _Count(msgspec.Struct):
    count: int
    precision: str


class _CountData(msgspec.Struct, rename="camel"):
    orders_count: _Count | None


class _Place(msgspec.Struct, frozen=True):
    """How far a reading is: orders made before ``since`` (aware, whole seconds; None: none) were read, and of that
    second those in ``at``. A date outlives Shopify's own cursors.
    """

    since: datetime | None = None
    at: frozenset[str] = frozenset()

    def after(self, made: Sequence[tuple[str, datetime]]) -> _Place:
        """The place after more orders, oldest first: (id, made at)."""
        if not made:
            return self
        newest = max(moment for _, moment in made).astimezone(UTC).replace(microsecond=0)
        same = frozenset(name for name, moment in made if moment.astimezone(UTC).replace(microsecond=0) == newest)
        return _Place(newest, same | (self.at if newest == self.since else frozenset()))


class _Changed(Exception):
    """The order changed while its parts were read."""


def order_gid(order_id: str) -> str:
    """``gid://shopify/Order/5123``."""
    return f"gid://shopify/Order/{order_id}"


def utc_text(moment: datetime) -> str:
    """A moment as Shopify's search takes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class OrderReader:
    """Reads complete orders of one shop."""

    def __init__(self, api: AdminApi, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now

    async def read(self, order_id: str) -> Fetched | None:
        """One order, complete; None if the shop no longer has it. Transient if it keeps changing while being read."""
        if not (order_id.isascii() and order_id.isdigit()):
            return None
        for _ in range(_READS_MAX):
            started = self._now()
            found = decode(await self._api.run("ReadOrder", {"id": order_gid(order_id)}), _OrderNode).order
            if bytes(found) == _NULL:
                return None
            try:
                return await self._fetched(found, started)
            except _Changed:
                continue
        raise Transient("The order is being changed at the moment.", detail=f"order {order_id} changed while read")

    async def read_many(self, order_ids: Sequence[str]) -> list[Fetched]:
        """Orders by their ids, complete, in any order; those that the shop no longer has are left out."""
        found: dict[str, Fetched] = {}
        for start in range(0, len(order_ids), PAGE_ORDERS):
            search = " OR ".join(f"id:{order_id}" for order_id in order_ids[start : start + PAGE_ORDERS])
            async for nodes, started in self._pages("OrdersChanged", search):
                found |= {one.key.object_id: one for one in await self._all_completed(nodes, started)}
        for order_id in order_ids:
            # A search may not know yet what an order's own id does.
            if order_id not in found and (one := await self.read(order_id)) is not None:
                found[order_id] = one
        return [found[order_id] for order_id in order_ids if order_id in found]

    async def changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        """Pages of complete orders changed at or after ``since`` (aware), oldest change first."""
        async for nodes, started in self._pages("OrdersChanged", f"updated_at:>='{utc_text(since)}'"):
            if found := await self._all_completed(nodes, started):
                yield found

    async def newest(self, since: datetime) -> AsyncGenerator[Fetched, None]:
        """Complete orders made at or after ``since`` (aware), newest first: whoever stops asks for no further page."""
        async for nodes, started in self._pages("OrdersMade", f"created_at:>='{utc_text(since)}'", reverse=True):
            for node in nodes:
                if (found := await self._completed(node, started)) is not None:
                    yield found

    async def history(self, since: datetime | None, cursor: str | None) -> AsyncGenerator[HistoryPage, None]:
        """Pages of complete orders made at or after ``since`` (aware), oldest first; of old ones, those that Shopify
        shows us.
        """
        place = _Place(since.astimezone(UTC).replace(microsecond=0) if since else None)
        if cursor is not None:
            place = place_of(cursor, _Place)
        search = f"created_at:>='{utc_text(place.since)}'" if place.since else ""
        left = await self.count(search, len(place.at))
        async for nodes, started in self._pages("OrdersMade", search):
            made = [(str(one.legacy_resource_id), one.created_at) for one in (decode(node, _Made) for node in nodes)]
            fresh = [node for node, (name, _) in zip(nodes, made, strict=True) if name not in place.at]
            place = place.after(made)
            if not fresh:
                continue
            left = None if left is None else max(0, left - len(fresh))
            yield HistoryPage(await self._all_completed(fresh, started), cursor_of(place), left)

    async def count(self, search: str, seen: int = 0) -> int | None:
        """How many orders a search finds beyond those seen; None if Shopify does not count so far."""
        counted = decode(await self._api.run("OrdersCount", {"query": search}), _CountData).orders_count
        return None if counted is None or counted.precision != "EXACT" else max(0, counted.count - seen)

    async def _pages(
        self, operation: str, search: str, **more: bool
    ) -> AsyncIterator[tuple[list[msgspec.Raw], datetime]]:
        """Order nodes page by page, and when each was asked for. A page that is too large is asked for in parts."""
        first, after = PAGE_ORDERS, None
        while True:
            started = self._now()
            try:
                data = await self._api.run(operation, {"first": first, "after": after, "query": search, **more})
            except (MaxCostExceeded, AnswerTooLarge):
                if first == 1:
                    raise
                first = max(first // 2, 1)
                continue
            page = decode(data, _OrdersData).orders
            yield [node for node in page.nodes if bytes(node) != _NULL], started
            if not page.page_info.has_next_page or page.page_info.end_cursor in (None, after):
                return
            after = page.page_info.end_cursor

    async def _all_completed(self, nodes: Sequence[msgspec.Raw], started: datetime) -> list[Fetched]:
        fetched = [await self._completed(node, started) for node in nodes]
        return [order for order in fetched if order is not None]

    async def _completed(self, node: msgspec.Raw, started: datetime) -> Fetched | None:
        try:
            return await self._fetched(node, started)
        except _Changed:
            return await self.read(str(decode(node, _OrderShape).legacy_resource_id))

    async def _fetched(self, node: msgspec.Raw, started: datetime) -> Fetched:
        shape = decode(node, _OrderShape)
        body = bytes(node) if shape.is_complete else msgspec.json.encode(await self._complete(node, shape))
        key = ObjectKey("order", str(shape.legacy_resource_id))
        return Fetched(key, body, started, shape.updated_at.astimezone(UTC))

    async def _complete(self, node: msgspec.Raw, shape: _OrderShape) -> dict[str, Any]:
        """The node with all pages of its lists merged."""
        order: dict[str, Any] = decode(node, dict[str, Any])
        if shape.line_items.page_info.has_next_page:
            after = shape.line_items.page_info.end_cursor
            order["lineItems"]["nodes"] += await self._all("OrderLineItems", "lineItems", order, shape.id, after)
            order["lineItems"]["pageInfo"] = LAST_PAGE
        if shape.shipping_lines.page_info.has_next_page:
            lines = await self._all("OrderShippingLines", "shippingLines", order, shape.id, None)
            order["shippingLines"] = {"pageInfo": LAST_PAGE, "nodes": lines}
        if len(shape.refunds) >= REFUNDS_PER_ORDER:
            data = decode(await self._api.run("OrderRefunds", {"id": shape.id}), dict[str, Any])
            order["refunds"] = _unchanged(data.get("order"), order)["refunds"]
        for refund in order["refunds"]:
            if refund["refundLineItems"]["pageInfo"]["hasNextPage"]:
                gid = f"gid://shopify/Refund/{refund['legacyResourceId']}"
                lines = await self._all("RefundLineItems", "refundLineItems", order, gid, None)
                refund["refundLineItems"] = {"pageInfo": LAST_PAGE, "nodes": lines}
        return order

    async def _all(
        self, operation: str, field: str, order: dict[str, Any], gid: str, after: str | None
    ) -> list[dict[str, Any]]:
        """All nodes of one list after a cursor. Raises _Changed if the order is no longer the one we began with."""
        nodes: list[dict[str, Any]] = []
        while True:
            data = decode(await self._api.run(operation, {"id": gid, "after": after}), dict[str, Any])
            parent = data.get("order") or data.get("node")
            holder = parent if parent is None or "updatedAt" in parent else parent.get("order")
            _unchanged(holder, order)
            part = parent[field]
            nodes += part["nodes"]
            if not part["pageInfo"]["hasNextPage"]:
                return nodes
            after = part["pageInfo"]["endCursor"]


LAST_PAGE = {"hasNextPage": False, "endCursor": None}
"""``pageInfo`` of a list that is whole."""


def _unchanged(holder: Any, order: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(holder, dict) or holder.get("updatedAt") != order.get("updatedAt"):
        raise _Changed
    return holder
