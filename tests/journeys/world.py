"""Belong between two simulated shops in one process: signed webhooks come in over HTTP, snapshots go out over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from connector import clock
from connector.config import load_settings
from connector.delivering.outbox import push_due
from connector.delivering.reaching import turn
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.catalogue import read_wished_products
from connector.ingest.pipeline import drain
from connector.ingest.reconcile import read_wishes, reconcile
from connector.people.unions import unite_customers
from connector.platforms import Connection
from connector.redeeming.used_codes import use_codes
from connector.running.app import build_app
from connector.running.service import Service, assemble
from connector.sandbox.courier import CourierSettings
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.woocommerce.plugin import Pair, Plugin
from connector.shopify.client import SCOPES
from connector.storage.atomic import atomic
from connector.storage.connections import PLUGIN_TO_SERVICE, PLUGIN_TO_SHOP, add_secret, create_connection
from connector.storage.database import close_database, open_database
from connector.storage.instance import ensure_instance
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS
from tests.journeys.oracle import expected_points

BELONG = "https://belong.example.com"
WOOCOMMERCE = "https://woo.example.com"
SHOPIFY = "demo.myshopify.com"
WEBHOOK_SECRET = "S" * 43
TO_SERVICE, TO_SHOP = bytes(range(32)), bytes(range(32, 64))
MINUTES = 4
"""For so many a plugin calls until everything has come round: told, decided, given, and said to be shown."""
CIRCLE = {
    **DOCUMENT,
    "programme": {**DOCUMENT["programme"], "back_pay_days": 3650},
    "points": {"earn": {"rates": {"EUR": "1", "USD": "0.9", "KWD": "2.9"}, "pending_days": 14}},
}
SimulatedShop = SimulatedShopify | SimulatedWooCommerce


@dataclass
class Shops:
    """One simulated shop of each platform."""

    shopify: SimulatedShopify
    woocommerce: SimulatedWooCommerce

    def of(self, connection: Connection) -> SimulatedShop:
        return self.shopify if connection.platform == "shopify" else self.woocommerce


def simulated(
    seed: int = 1,
    courier: CourierSettings | None = None,
    scopes: Sequence[str] = (*SCOPES, "read_all_orders"),
    *,
    plugin: bool = False,
) -> Shops:
    """Shopify's bucket refills fast, or a test would wait for it; tests of the client meet the real pace. plugin:
    whether ours is active in WooCommerce.
    """
    shops = Shops(
        SimulatedShopify(seed, shop=SHOPIFY, scopes=scopes, courier=courier),
        SimulatedWooCommerce(seed, base_url=WOOCOMMERCE, courier=courier, plugin=plugin),
    )
    shops.shopify.bucket.per_second = 1_000_000
    return shops


@dataclass
class World:
    """A running Belong and its shops. connections: by platform."""

    service: Service
    shops: Shops
    connections: dict[str, Connection]

    @property
    def placing(self) -> Placing:
        return Placing(self.service.pipeline, self.service.outbox)

    @property
    def plugin(self) -> Plugin:
        """Ours in WooCommerce, where it is active."""
        assert self.shops.woocommerce.plugin is not None
        return self.shops.woocommerce.plugin

    def shop(self, platform: str) -> SimulatedShop:
        return self.shops.of(self.connections[platform])

    async def ensure_webhooks(self, platform: str) -> list[str]:
        """Have our webhooks made or repaired in a shop; what was repaired, in words."""
        connection = self.connections[platform]
        client = await self.service.shops.client(connection)
        return await client.ensure_webhooks(f"{BELONG}/hooks/{platform}/{connection.public_id}")

    async def deliver(self) -> None:
        """Let every waiting webhook and batch travel, and work on what arrived."""
        for connection in self.connections.values():
            await self.shops.of(connection).courier.drain()
        await self.settle()
        plugin = self.shops.woocommerce.plugin
        for _ in range(0 if plugin is None else MINUTES):
            assert plugin is not None
            if not plugin.tick():
                break
            await self.shops.woocommerce.courier.drain()
            await self.settle()

    async def settle(self) -> None:
        """Work until nothing waits: inbox, orders to be read, ledger, stores to be told."""
        while True:
            await drain(self.service.pipeline)
            used = await use_codes(self.service.pipeline) + await unite_customers(self.service.pipeline)
            told = await push_due(self.service.outbox) + await settle_vouchers(self.placing)
            read = await read_wishes(self.service.reconciler) + await read_wished_products(self.service.reconciler)
            if not used + told + read:
                return

    async def reconcile(self, *, full: bool = True) -> None:
        """Read both shops ourselves."""
        for connection in self.connections.values():
            await reconcile(self.service.reconciler, connection, full=full)
        await self.settle()

    async def ledger(self, platform: str) -> dict[int, int]:
        """Balances by the shop's customer id."""
        rows = await self.service.database.reading().rows(
            "SELECT i.customer_ref, b.points FROM identity i JOIN balance b ON b.member_id = i.member_id "
            "WHERE i.connection_number = $1",
            self.connections[platform].number,
        )
        return {int(row["customer_ref"]): row["points"] for row in rows}

    async def turn(self, *, collects: bool) -> None:
        """Whether WooCommerce cannot be called by us from now on."""
        await turn(self.service.database, self.connections["woocommerce"], clock.utc_now(), collects=collects)
        self.service.targets.forget()
        self.service.shops.forget(self.connections["woocommerce"].number)
        self.plugin.collects = collects

    async def member(self, platform: str, customer_id: int) -> str:
        """The member whom a customer of a shop is."""
        rows = await self.service.database.reading().rows(
            "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
            self.connections[platform].number,
            str(customer_id),
        )
        return str(rows[0]["member_id"])

    def shown(self, platform: str) -> dict[int, int]:
        """What each shopper sees: points to spend and points to come."""
        shop = self.shop(platform)
        seen: dict[int, int] = {}
        for customer in shop.truth.live_customers():
            text = shop.snapshot_of(customer)
            if text is not None:
                snapshot = json.loads(text)
                seen[customer.id] = snapshot["available"] + snapshot["pending"] - snapshot["deficit"]
        return seen

    async def assert_true(self) -> None:
        """Both shops show what the ledger says, and the ledger says what follows from the shops' own records."""
        for platform in self.connections:
            expected = expected_points(self.shop(platform))
            ledger = await self.ledger(platform)
            # Whose registration was lost is unknown, and shown nothing, until the first order.
            assert {**dict.fromkeys(expected, 0), **ledger} == expected, platform
            assert self.shown(platform) == ledger, platform

    async def order_entries(self, platform: str, order_id: int) -> list[tuple[str, int]]:
        """(kind, points) of one order's entries, in their order."""
        ref = f"{platform}:{self.connections[platform].number}:order:{order_id}"
        rows = await self.service.database.reading().rows(
            "SELECT kind, points FROM entry WHERE source_ref = $1 ORDER BY recorded_at_us, source_n", ref
        )
        return [(row["kind"], row["points"]) for row in rows]

    async def number(self, sql: str) -> int:
        return await self.service.database.reading().number(sql)


@asynccontextmanager
async def world(
    url: str,
    home: Path,
    shops: Shops,
    *,
    hooked: bool = True,
    document: Mapping[str, Any] = CIRCLE,
    lines: Mapping[str, httpx.AsyncBaseTransport] | None = None,
) -> AsyncIterator[World]:
    """Open everything over a prepared database; with ``hooked`` both shops send us webhooks. lines: how shops are
    reached by their addresses, if not straight.
    """
    settings = load_settings({"BELONG_HOME": str(home), "BELONG_PUBLIC_URL": BELONG, "DATABASE_URL": url})
    database = await open_database(url)
    try:
        with_plugin = shops.woocommerce.plugin is not None
        connections = await atomic(database, lambda session: _found(session, document, with_plugin))
        mounts: dict[str, httpx.AsyncBaseTransport | None] = {
            f"https://{SHOPIFY}": httpx.ASGITransport(shops.shopify.app),
            WOOCOMMERCE: httpx.ASGITransport(shops.woocommerce.app),
            **(lines or {}),
        }
        async with httpx.AsyncClient(mounts=mounts, trust_env=False) as outside:
            service = assemble(settings, KEYS, database, outside)
            inward = httpx.ASGITransport(build_app(service))
            async with httpx.AsyncClient(transport=inward, trust_env=False) as inside:
                shops.shopify.courier.http = shops.woocommerce.courier.http = inside
                made = World(service, shops, connections)
                if hooked:
                    for platform in connections:
                        await made.ensure_webhooks(platform)
                if shops.woocommerce.plugin is not None:
                    pair = Pair(BELONG, connections["woocommerce"].public_id, TO_SERVICE, TO_SHOP, WOOCOMMERCE)
                    shops.woocommerce.plugin.connect(pair)
                yield made
            await service.close()
    except BaseException:
        await close_database(database)
        raise


async def _found(session: Session, document: Mapping[str, Any], with_plugin: bool) -> dict[str, Connection]:
    now = clock.utc_now()
    await ensure_instance(session, KEYS, now)
    programme = await create_programme(session, document, now, now)
    shopify = await create_connection(session, programme, "shopify", SHOPIFY, f"https://{SHOPIFY}", {}, now)
    paired = {"reach": "push", "rest_url": f"{WOOCOMMERCE}/wp-json/"} if with_plugin else {}
    woocommerce = await create_connection(session, programme, "woocommerce", WOOCOMMERCE, WOOCOMMERCE, paired, now)
    secrets = [
        (shopify, "client_id", "sandbox-client-id"),
        (shopify, "client_secret", "sandbox-client-secret"),
        (shopify, "webhook", "sandbox-client-secret"),
        (woocommerce, "consumer_key", "ck_" + "a" * 40),
        (woocommerce, "consumer_secret", "cs_" + "b" * 40),
        (woocommerce, "webhook", WEBHOOK_SECRET),
    ]
    for kind, key in ((PLUGIN_TO_SERVICE, TO_SERVICE), (PLUGIN_TO_SHOP, TO_SHOP)) if with_plugin else ():
        await add_secret(session, KEYS, woocommerce, kind, key, now)
    for connection, kind, value in secrets:
        await add_secret(session, KEYS, connection, kind, value, now)
    return {"shopify": shopify, "woocommerce": woocommerce}


def some_days_ago(days: int = 10, minutes: int = 0) -> datetime:
    """A moment in the shops' past."""
    return clock.utc_now() - timedelta(days=days) + timedelta(minutes=minutes)
