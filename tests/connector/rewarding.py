"""A shop with rewards and a member with points, for tests of redeeming."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connector.api_client import ApiClient, open_http
from connector.delivering.outbox import Outbox
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.pipeline import drain
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.redeeming.used_codes import use_codes
from connector.shops import Shops
from loyalty_engine.cart import Cart
from loyalty_engine.facts import Line
from tests.builders import DOCUMENT, KEYS, Shopfront, shopfront
from tests.connector.memory_shop import MemoryPlatform, MemoryShop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

REWARDS = [
    {"id": "five", "kind": "amount", "points": 500, "value": "5.00"},
    {"id": "mug", "kind": "product", "points": 100, "product": "77", "stock": 3},
    {"id": "once", "kind": "amount", "points": 100, "value": "1.00", "per_member": 1},
    {"id": "big", "kind": "amount", "points": 100, "value": "1.00", "min_order": "30.00"},
    {"id": "credit", "kind": "store_credit", "points": 100, "value": "1.00"},
    {"id": "tour", "kind": "perk", "points": 100},
    {"id": "short", "kind": "amount", "points": 100, "value": "1.00", "voucher_days": 7},
]
ALL = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0, "allow_negative": -1_000}},
    "rewards": REWARDS,
}


@dataclass
class RewardShop:
    """One store whose customer 7 has points to spend."""

    front: Shopfront
    store: MemoryShop
    placing: Placing
    member: str = ""

    async def order(self, number: int = 1, minor: int = 100_000, code: str | None = None, **changes: Any) -> str:
        """Customer 7 pays an order; returns its source."""
        customer = int(changes.pop("customer", 7))
        story = Story((SoldLine(1, 1, minor),), order_id=number, customer=customer)
        body = woocommerce_bodies.webhook_order(story)
        coupons = [{"id": 1, "code": code, "discount": "0.00", "discount_tax": "0.00"}] if code else []
        at = self.front.clock().strftime("%Y-%m-%dT%H:%M:%S")
        dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
        # Every customer is somebody else, who lives nowhere: what people show of themselves is compared.
        people = {"billing": {"email": f"c{customer}x@example.test", "country": "DE"}, "shipping": {"country": "DE"}}
        raw = json.dumps({**body, "coupon_lines": coupons, **dates, **people, **changes}).encode()
        await self.front.receive("order.updated", raw)
        while await use_codes(self.front.pipeline):
            await drain(self.front.pipeline)
        return f"woocommerce:{self.front.connection.number}:order:{number}"

    def wish(self, reward: str = "five", key: str = "k1", **changes: Any) -> Wish:
        return Wish(self.front.programme, self.member, reward, self.front.connection.number, key, **changes)

    async def redeem(self, reward: str = "five", key: str = "k1", **changes: Any) -> dict[str, Any]:
        return await redemptions.redeem(self.front.pipeline, self.wish(reward, key, **changes))

    async def shown(self, redemption: Mapping[str, Any]) -> dict[str, Any]:
        return await redemptions.show(self.front.pipeline, self.front.programme, self.member, redemption["redemption"])

    async def balance(self) -> int:
        return await self.front.points_of("7")

    async def spent(self) -> list[tuple[str, int]]:
        """(kind, points) of every entry of a redemption, in order."""
        return [(kind, points) for kind, points, ref in await self.front.entries() if ref.startswith("redemption:")]

    async def taken(self, reward: str) -> int:
        """Units of a limited reward that are taken."""
        return await self.front.number("SELECT COALESCE(sum(taken), 0) FROM reward_stock WHERE reward_id = $1", reward)

    async def settle(self) -> int:
        """Tell the store what is due."""
        return await settle_vouchers(self.placing)


def a_cart(minor: int = 10_000) -> Cart:
    return Cart("EUR", (Line("1", 1, minor),))


@asynccontextmanager
async def reward_shop(url: str, points: int = 1_000, document: Mapping[str, Any] = ALL) -> AsyncIterator[RewardShop]:
    """A store with rewards, and customer 7 with so many points that can be spent."""
    store = MemoryShop()
    platform = MemoryPlatform({"shop.example": store})
    async with (
        shopfront(url, document=document, platforms={"woocommerce": platform}) as front,
        open_http(frozenset()) as http,
    ):
        shops = Shops(front.database, KEYS, front.platforms, ApiClient(http))
        outbox = Outbox(front.database, shops, now=front.clock, jitter=lambda: 1)
        shop = RewardShop(front, store, Placing(front.pipeline, outbox))
        await shop.order(minor=points * 100)
        rows = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '7'")
        shop.member = rows[0]["member_id"]
        await drain(front.pipeline)
        yield shop
