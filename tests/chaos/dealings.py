"""Members who deal with one store: they buy, give back, redeem, use codes, are given points, merge, are erased.

Every deed goes through the product's own commands and inbox over a real database; the store takes codes in memory.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connector.api_client import ApiClient, open_http
from connector.data.erasure import erase
from connector.delivering.outbox import Outbox
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.pipeline import drain
from connector.people.actors import SHOPPER
from connector.people.adjusting import adjust_points
from connector.people.merging import merge
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.redeeming.used_codes import use_codes
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.facts import Customer, enrol
from tests.builders import DOCUMENT, KEYS, MIA, OPENED, Shopfront, shopfront
from tests.connector.memory_shop import MemoryPlatform, MemoryShop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

PRICE = 30
VOUCHER_DAYS = 7
TOPIC = "order.updated"
PAID = "2026-11-21T11:00:00"
"""Of every order: an hour before the clock begins, so that nothing is pending."""
RULES: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0, "allow_negative": -10_000_000}},
    "adjust": {"max": 1_000_000},
    "rewards": [{"id": "cup", "kind": "amount", "points": PRICE, "value": "1.00", "voucher_days": VOUCHER_DAYS}],
}


@dataclass
class Dealings:
    """The store and everything that runs behind it."""

    front: Shopfront
    store: MemoryShop
    placing: Placing

    async def enrol(self, customers: Sequence[int]) -> dict[int, str]:
        """Members by customer."""
        people = [
            (Customer(self.front.programme, self.front.connection.number, str(one)), uuid.uuid4().hex, OPENED)
            for one in customers
        ]
        await atomic(self.front.database, lambda session: enrol(session, people, self.front.clock()))
        return {int(customer.customer_ref): member for customer, member, _ in people}

    async def adjust(self, member: str, points: int, adjust_id: str | None = None) -> None:
        key = adjust_id or uuid.uuid4().hex
        await adjust_points(self.front.pipeline, self.front.programme, member, points, key, MIA, "chaos")

    async def redeem(self, member: str, key: str) -> dict[str, Any]:
        wish = Wish(self.front.programme, member, "cup", self.front.connection.number, key)
        return await redemptions.redeem(self.front.pipeline, wish)

    async def cancel(self, member: str, redemption: str) -> None:
        await redemptions.cancel(self.front.pipeline, self.front.programme, member, redemption, "changed", SHOPPER)

    async def merge(self, going: str, staying: str) -> None:
        await merge(self.front.pipeline, self.front.programme, going, staying, "merchant", MIA, "chaos")

    async def erase(self, member: str) -> None:
        await erase(self.front.pipeline, self.front.programme, member, MIA, "asked to")

    async def settle(self) -> None:
        """Until the store has heard everything."""
        while await settle_vouchers(self.placing):
            pass

    async def work(self) -> None:
        """From inbox to ledger, codes on orders included."""
        await drain(self.front.pipeline)
        while await use_codes(self.front.pipeline):
            await drain(self.front.pipeline)

    async def tell(self, *bodies: bytes) -> None:
        """The store sends orders."""
        await self.front.keep(*[self.front.delivery(TOPIC, body, key=uuid.uuid4().hex) for body in bodies])

    def order(self, number: int, customer: int, net_minor: int, backs: Sequence[int] = (), code: str = "") -> bytes:
        """A paid order as it stands now. backs: minor units that were paid back, one by one."""
        paid_back = tuple(PaidBack(number * 100 + place, minor) for place, minor in enumerate(backs))
        story = Story(
            (SoldLine(1, 1, net_minor),),
            refunds=paid_back,
            order_id=number,
            customer=customer,
            email=f"c{customer}x@example.test",
        )
        body: Mapping[str, Any] = woocommerce_bodies.webhook_order(story)
        at = self.front.clock().strftime("%Y-%m-%dT%H:%M:%S")
        coupons = [{"id": 1, "code": code, "discount": "0.00", "discount_tax": "0.00"}] if code else []
        dates = {"date_created_gmt": PAID, "date_paid_gmt": PAID, "date_modified_gmt": at}
        return json.dumps({**body, **dates, "coupon_lines": coupons}).encode()

    async def balance(self, member: str) -> int:
        return await self.front.number("SELECT points FROM balance WHERE member_id = $1", member)


@asynccontextmanager
async def dealing(url: str, document: Mapping[str, Any] = RULES, pool_size: int = 8) -> AsyncIterator[Dealings]:
    """Over a prepared database."""
    store = MemoryShop()
    platforms = {"woocommerce": MemoryPlatform({"shop.example": store})}
    async with (
        shopfront(url, document=document, platforms=platforms, pool_size=pool_size) as front,
        open_http(frozenset()) as http,
    ):
        shops = Shops(front.database, KEYS, front.platforms, ApiClient(http))
        outbox = Outbox(front.database, shops, now=front.clock, jitter=lambda: 1)
        yield Dealings(front, store, Placing(front.pipeline, outbox))
