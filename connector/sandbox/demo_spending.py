"""Shoppers of the demo spend points: a code that the shop makes, an order with it, and some of those given back."""

from __future__ import annotations

from collections.abc import Mapping

from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.running.service import Service
from connector.sandbox.records import Customer, Order
from connector.sandbox.shop import Basket, Shop
from connector.storage.connections import load_connections
from connector.storage.session import Session
from connector.storage.shards import object_shard
from loyalty_engine.errors import Refused

REWARD = "three"
SPENDERS = 8
"""Of each shop: enough for every ending."""


async def member_of(session: Session, connection_number: int, customer: Customer) -> str:
    """Who a customer is. Raises LookupError if nobody."""
    row = await session.one(
        "SELECT member_id FROM identity WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3",
        object_shard(connection_number, "customer", str(customer.id)),
        connection_number,
        str(customer.id),
    )
    if row is None:
        raise LookupError(f"customer {customer.id} is nobody")
    return str(row["member_id"])


async def ask_for_codes(service: Service, shops: Mapping[str, Shop]) -> dict[str, list[tuple[Customer, str]]]:
    """The first shoppers of each shop that can pay for it redeem; (customer, code) by platform."""
    session = service.database.reading()
    asked: dict[str, list[tuple[Customer, str]]] = {}
    for connection in (await load_connections(session)).values():
        made = asked.setdefault(connection.platform, [])
        for customer in shops[connection.platform].truth.live_customers():
            member_id = await member_of(session, connection.number, customer)
            wish = Wish(connection.programme_number, member_id, REWARD, connection.number, f"demo:{customer.id}")
            try:
                redeemed = await redemptions.redeem(service.pipeline, wish)
            except Refused:
                # Not enough points, as with most shoppers in the first weeks.
                continue
            made.append((customer, str(redeemed["code"])))
            if len(made) == SPENDERS:
                break
    service.wake.set()
    return asked


def use_codes(shops: Mapping[str, Shop], asked: Mapping[str, list[tuple[Customer, str]]]) -> list[Order]:
    """Two of three use their code in an order; of these, one in two sends everything back."""
    placed = []
    for platform, codes in asked.items():
        shop = shops[platform]
        for number, (customer, code) in enumerate(codes):
            if number % 3 == 2:
                continue
            order = shop.place_order(customer.id, Basket([(dear_product(shop), 1)], voucher=code, checkout="block"))
            placed.append(order)
            if number % 3 == 1:
                shop.refund_all(order.id)
    return placed


def dear_product(shop: Shop) -> int:
    """A product that is worth any voucher."""
    shelf = [product for product in shop.truth.products.values() if not product.is_gift_card]
    return max(shelf, key=lambda product: product.price_minor).id
