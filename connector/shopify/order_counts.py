"""How many orders customers have, as Shopify counts them, and which of them it shows us: what is left is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from connector.platforms import OrderCount
from connector.shopify.graphql import AdminApi, decode

CUSTOMERS_AT_ONCE = 50
"""At recorded prices (a connection of 50 costs 2 + 7) less than 600 of 1,000 points, each customer counted alone."""


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Order(msgspec.Struct, rename="camel"):
    legacy_resource_id: str | int
    created_at: datetime


class _Orders(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Order | None]


class _Customer(msgspec.Struct, rename="camel"):
    legacy_resource_id: str | int
    number_of_orders: str | int
    orders: _Orders


class _Data(msgspec.Struct):
    nodes: list[_Customer | None]


async def counts_of(api: AdminApi, customer_refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
    """Of those of these customers that exist."""
    found: dict[str, OrderCount] = {}
    for start in range(0, len(customer_refs), CUSTOMERS_AT_ONCE):
        for customer in await _read(api, customer_refs[start : start + CUSTOMERS_AT_ONCE], None):
            found[str(customer.legacy_resource_id)] = await _counted(api, customer, since)
    return found


async def _read(api: AdminApi, customer_refs: Sequence[str], after: str | None) -> list[_Customer]:
    ids = [f"gid://shopify/Customer/{ref}" for ref in customer_refs]
    nodes = decode(await api.run("OrdersOfCustomers", {"ids": ids, "after": after}), _Data).nodes
    return [customer for customer in nodes if customer is not None]


async def _counted(api: AdminApi, customer: _Customer, since: datetime) -> OrderCount:
    """The number is of the first answer: what was made since then stands before the pages that follow."""
    ref, count, page = str(customer.legacy_resource_id), int(customer.number_of_orders), customer.orders
    shown: set[str] = set()
    while True:
        orders = [order for order in page.nodes if order is not None]
        shown |= {str(order.legacy_resource_id) for order in orders if order.created_at >= since}
        is_further = page.page_info.has_next_page and page.page_info.end_cursor is not None
        if not is_further or any(order.created_at < since for order in orders):
            return OrderCount(count, frozenset(shown))
        again = await _read(api, [ref], page.page_info.end_cursor)
        if not again:
            return OrderCount(count, frozenset(shown))
        page = again[0].orders
