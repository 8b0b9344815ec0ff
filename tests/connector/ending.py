"""A shop whose points end, with a mail server and a store: days go by, and whoever is warned is warned in earnest."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from connector.api_client import ApiClient
from connector.delivering.mail import Mailer, MailServer, SmtpMailer
from connector.delivering.notices import Telling, tell_due
from connector.delivering.outbox import Outbox, push_due
from connector.delivering.showing import show_ends
from connector.programmes.passing_time import pass_time
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.instants import instant
from connector.storage.mail_settings import MailSettings, save_settings
from connector.storage.people import Person, save_people
from tests.builders import DOCUMENT, KEYS, NOW, Shopfront, shopfront
from tests.connector.memory_shop import MemoryPlatform, MemoryShop, as_platform
from tests.connector.smtp_server import SmtpServer, smtp_server
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

ENDING: dict[str, Any] = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "expiry": {"mode": "fixed", "days": 100, "remind_days": [30, 7]},
    },
}
BY_STORE = {
    **ENDING,
    "points": {**ENDING["points"], "expiry": {**ENDING["points"]["expiry"], "shown_by": "store"}},
}
PUBLIC = "https://belong.example"
END = datetime.fromisoformat("2027-03-02T00:00:00+01:00")
"""A hundred local days after NOW."""


@dataclass
class Shop:
    """A member with 100 points that should end at END, a mail server, and a store."""

    front: Shopfront
    server: SmtpServer
    mailer: Mailer
    store: MemoryShop
    outbox: Outbox
    member: str = ""

    async def days(self, count: int) -> None:
        """Let days go by, with every job run each day."""
        for _ in range(count):
            self.front.clock.forward(days=1)
            await self.run_jobs()

    async def run_jobs(self) -> None:
        while await pass_time(self.front.pipeline):
            pass
        while await tell_due(Telling(self.front.pipeline, self.mailer, PUBLIC)):
            pass

    async def acknowledge(self) -> None:
        """The store takes what it is told."""
        while await push_due(self.outbox):
            pass

    async def buys(self, order_id: int, net: int = 10_000, **changes: Any) -> None:
        """The member pays an order now."""
        story = Story((SoldLine(1, 1, net),), order_id=order_id, customer=7)
        at = self.front.clock().strftime("%Y-%m-%dT%H:%M:%S")
        dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
        body = {**woocommerce_bodies.webhook_order(story), **dates, **changes}
        await self.front.receive("order.updated", json.dumps(body).encode())

    async def look(self) -> list[tuple[int, datetime]]:
        """What the signed-in shopper's page shows of what ends: points and moment."""
        found = await show_ends(self.front.pipeline, self.front.programme, self.member)
        return [(one.points, one.ends_at) for one in found]

    async def know(self, person: Person) -> None:
        await atomic(
            self.front.database,
            lambda session: save_people(session, KEYS, self.front.programme, {self.member: person}, NOW),
        )

    async def ends_at(self) -> datetime | None:
        (row,) = await self.front.rows("SELECT expires_at_us FROM lot")
        return instant(row["expires_at_us"]) if row["expires_at_us"] is not None else None

    async def notices(self) -> list[tuple[int, str | None]]:
        rows = await self.front.rows("SELECT state, told_by FROM notice ORDER BY at_us")
        return [(row["state"], row["told_by"]) for row in rows]


@asynccontextmanager
async def shop_of(url: str, document: dict[str, Any] = ENDING) -> AsyncIterator[Shop]:
    store = MemoryShop()
    platform = MemoryPlatform({"shop.example": store})
    async with (
        smtp_server() as server,
        shopfront(url, document=document, platforms={"woocommerce": as_platform(platform)}) as front,
        httpx.AsyncClient() as http,
    ):
        mailer = SmtpMailer(MailServer("smtp+plain", "127.0.0.1", server.port), "Circle <hi@shop.example>")
        shops = Shops(front.database, KEYS, front.platforms, ApiClient(http))
        shop = Shop(front, server, mailer, store, Outbox(front.database, shops, now=front.clock, jitter=lambda: 1))
        # These tests count the mails that they bring about themselves.
        unsaid = MailSettings(switches={"welcome": False, "reward-ready": False})
        await atomic(front.database, lambda session: save_settings(session, front.programme, unsaid))
        await shop.buys(1)
        (row,) = await front.rows("SELECT member_id FROM member")
        shop.member = row["member_id"]
        await shop.know(Person(email="ada@example.test", language="de", accepts_mail=True))
        yield shop
