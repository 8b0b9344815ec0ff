"""A shop's past: thousands of orders before anybody was told of them, to be read afterwards."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from connector.sandbox.shop import Basket, Shop


def live_through(shop: Shop, orders: int, begins: datetime, until: datetime, *, seed: int = 1) -> list[int]:
    """Have so many orders happen between two moments, evenly, by shoppers of whom some come back often and some once.

    One in twenty is a guest's; one in ten comes back in part or whole, or is called off, within a day. Returns the ids
    of the orders, oldest first. The same seed gives the same past.
    """
    chance = random.Random(f"past:{seed}")
    step = (until - begins) / max(1, orders)
    shoppers: list[int] = []
    made: list[int] = []
    for number in range(orders):
        with shop.at(begins + step * number):
            if not shoppers or chance.random() < 0.3:
                name = f"past-{seed}-{len(shoppers)}"
                shoppers.append(shop.register_customer(f"{name}@example.test", "Pat", name).id)
            # The earlier somebody came, the more often they are here again.
            buyer = shoppers[int(chance.random() ** 2 * len(shoppers))]
            made.append(_order(shop, chance, None if chance.random() < 0.05 else buyer))
    return made


def _order(shop: Shop, chance: random.Random, customer_id: int | None) -> int:
    wares = [product.id for product in shop.truth.products.values() if not product.is_gift_card]
    items = [(ware, chance.randint(1, 3)) for ware in chance.sample(wares, chance.randint(1, 3))]
    more: dict[str, Any] = {"shipping_minor": 490} if chance.random() < 0.5 else {}
    order = shop.place_order(customer_id, Basket(items, **more), "" if customer_id else "guest@example.test")
    draw = chance.random()
    if draw < 0.04:
        shop.refund_lines(order.id, {order.lines[0].id: 1}, shipping=False)
    elif draw < 0.07:
        shop.cancel(order.id)
    elif draw < 0.1:
        shop.refund_amount(order.id, order.total_minor // 3, "goodwill")
    else:
        shop.complete(order.id)
    return order.id
