"""What the real service tells a Shopify shop and answers its extensions: the vitest suites act on nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from connector.clock import utc_now
from connector.commands.programme import pause_programme
from connector.delivering.outbox import make_snapshots
from connector.delivering.summaries import summary_of
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret
from connector.storage.programmes import load_programmes
from connector.storage.push import Wish
from connector.storage.shards import member_shard
from tests.builders import KEYS
from tests.connector.outside import SECRETS, SHOPIFY_SHOP, Outside, order_body, outside
from tests.payloads import shopify_bodies
from tests.shopify.app.signed import bearer, session_token

SECRET, APP = SECRETS["shopify"], "client-1"
MEMBER, GUEST, STAFF = "gid://shopify/Customer/7", None, "42"
NEW, GUESSING = 8, 9
"""Customers without an order: one who was invited, and one who tries codes."""
API = "https://belong.example.com/loyalty"
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "expiry": {"mode": "fixed", "months": 12},
        "start": {"welcome": 20},
    },
    "adjust": {"max": 300, "second_person_above": 100},
    "rewards": [
        {"id": "off", "kind": "amount", "points": 30, "value": "3.00", "name": {"en": "3 EUR off"}},
        {"id": "slide", "kind": "slider", "points": 10, "value": "1.00", "name": {"en": "Money off as you like"}},
        {"id": "tour", "kind": "perk", "points": 40, "name": {"en": "A tour of the roastery"}},
        {"id": "large", "kind": "amount", "points": 5000, "value": "500.00", "name": {"en": "500 EUR off"}},
    ],
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {
            "id": "silver",
            "name": {"en": "Silver"},
            "qualify": {"spend_12m": 250},
            "multiplier": "1.5",
            "benefits": ["returns_days:30"],
        },
        {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend_12m": 900}, "benefits": ["free_shipping"]},
    ],
    "badges": [{"id": "first_order", "tier": "bronze", "rule": "orders >= 1", "name": {"en": "First order"}}],
    "referral": {"referrer": 100, "friend": 50},
}


class Speaking:
    """One open service with its Shopify shop."""

    def __init__(self, service: Outside) -> None:
        self.service = service
        self.shop = service.connections["shopify"]

    async def ask(self, path: str, sub: str | None, body: dict[str, Any]) -> dict[str, Any]:
        token = session_token(SECRET, APP, SHOPIFY_SHOP, sub)
        answer = await self.service.http.post(path, headers=bearer(token), json=body)
        return told(answer)

    async def shopper(
        self, method: str, path: str, body: Any = None, key: str = "", sub: str = MEMBER
    ) -> dict[str, Any]:
        token = (await self.ask("/v1/shopify/token", sub, {}))["body"]["token"]
        headers = {**bearer(token), "Idempotency-Key": key}
        return told(await self.service.http.request(method, path, headers=headers, json=body))

    async def enter(self, customer: int, code: str) -> dict[str, Any]:
        """By whose code they came."""
        sub = f"gid://shopify/Customer/{customer}"
        return await self.shopper("POST", "/v1/me/referred-by", {"code": code}, sub=sub)

    async def summary(self, customer: int = 7) -> str:
        """The customer's metafield, as the outbox makes it."""
        wanted = "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2"
        [row] = await self.service.rows(wanted, self.shop.number, str(customer))
        member = row["member_id"]
        wish = Wish(member_shard(member), member, self.shop.number, str(customer), 1, 0, None)
        [(snapshot, _)] = await make_snapshots(self.service.service.outbox, self.shop, [wish])
        return snapshot.text

    async def programme(self) -> str:
        """The shop's metafield, as the outbox makes it."""
        service = self.service.service
        session = service.database.reading()
        books = (await load_programmes(session))[self.shop.programme_number]
        return (await summary_of(service.outbox, session, books, self.shop, 1, utc_now())).text()


def told(answer: httpx.Response) -> dict[str, Any]:
    return {"status": answer.status_code, "body": answer.json()}


async def spoken(url: str, home: Path) -> dict[str, Any]:
    """Everything, by name: `summary` and `programme` are texts of metafields, the others answers with their status."""
    async with outside(url, home, DOCUMENT) as service:
        speaking = Speaking(service)
        await atomic(
            service.service.database,
            lambda session: add_secret(session, KEYS, speaking.shop, "client_id", APP, utc_now()),
        )
        service.service.targets.forget()
        for number, net in ((5123, 5000), (5124, 25_000)):
            await service.deliver("shopify", order_body("shopify", number, net, 7))
        await service.work()
        found: dict[str, Any] = {"programme": await speaking.programme(), "summary": await speaking.summary()}
        found |= await _acts(speaking)
        await service.work()
        found["summary_after"] = await speaking.summary()
        found |= await _invited(speaking)
        await pause_programme(service.service, {"programme": speaking.shop.programme_number, "reason": "stocktaking"})
        found["summary_paused"] = await speaking.summary()
        found["paused"] = await speaking.shopper("POST", "/v1/me/redemptions", {"reward": "off"}, "press-000000009")
        return found


async def _acts(speaking: Speaking) -> dict[str, Any]:
    asked, staff = speaking.shopper, "/v1/shopify"
    adjustment = {"customer": "7", "points": 10, "reason": "late", "key": "press-000000004"}
    return {
        "token": await speaking.ask("/v1/shopify/token", MEMBER, {}),
        "token_of_guest": await speaking.ask("/v1/shopify/token", GUEST, {}),
        "examined": await asked("POST", "/v1/me/examine", {}),
        "redeemed": await asked("POST", "/v1/me/redemptions", {"reward": "off"}, "press-000000001"),
        "redeemed_again": await asked("POST", "/v1/me/redemptions", {"reward": "off"}, "press-000000001"),
        "redeemed_perk": await asked("POST", "/v1/me/redemptions", {"reward": "tour"}, "press-000000002"),
        "refused": await asked("POST", "/v1/me/redemptions", {"reward": "large"}, "press-000000003"),
        "redemptions": await asked("GET", "/v1/me/redemptions"),
        "ends": await asked("POST", "/v1/me/ends", {"shown": [{"points": 30, "ends_at": "2099-06-30T22:00:00Z"}]}),
        "adjusted": await speaking.ask(f"{staff}/adjust", STAFF, adjustment),
        "adjusted_again": await speaking.ask(f"{staff}/adjust", STAFF, adjustment),
        "adjust_refused": await speaking.ask(
            f"{staff}/adjust", STAFF, {**adjustment, "points": 200, "key": "press-05"}
        ),
        "order": await speaking.ask(f"{staff}/order", STAFF, {"id": "5123", "language": "en"}),
        "not_staff": await speaking.ask(f"{staff}/order", MEMBER, {"id": "5123", "language": "en"}),
    }


async def _invited(speaking: Speaking) -> dict[str, Any]:
    """What is answered to who says by whose code they came."""
    for customer in (NEW, GUESSING):
        body = json.dumps(shopify_bodies.customer(customer)).encode()
        await speaking.service.deliver("shopify", body, path=speaking.service.path("shopify", "customers/create"))
    await speaking.service.work()
    found: dict[str, Any] = {"summary_new": await speaking.summary(NEW)}
    codes = {
        customer: (await speaking.shopper("POST", "/v1/me/referral-code", {}, sub=sub))["body"]["code"]
        for customer, sub in ((7, MEMBER), (NEW, f"gid://shopify/Customer/{NEW}"))
    }
    found["invited_own"] = await speaking.enter(NEW, codes[NEW])
    found["invited_unknown"] = await speaking.enter(NEW, "NOBODYS0")
    found["invited_taken"] = await speaking.enter(NEW, codes[7])
    found["invited_already"] = await speaking.enter(NEW, "NOBODYS0")
    # They were invited by who says that they were invited by them.
    found["invited_not_counted"] = await speaking.enter(7, codes[NEW])
    for n in range(6):
        found["invited_too_many"] = await speaking.enter(GUESSING, f"NOBODYS{n}")
    found["summary_came"] = await speaking.summary(NEW)
    return found


def written(found: dict[str, Any], path: Path) -> Path:
    path.write_text(json.dumps(found), encoding="utf-8")
    return path
