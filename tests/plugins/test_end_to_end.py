"""A real service and a real WordPress: orders become points, and the points come back into the shop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connector.home import Home, free_port
from tests.connector.pairing_shop import PairingShop
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

ADDRESS = "https://shop.example"
CUSTOMER = "1"
SECONDS = 60


@dataclass(frozen=True)
class Shop:
    """A site that is paired. Orders are of 40.00, and customer 1 makes all of them."""

    site: Site
    service: str
    paired: PairingShop

    def connect(self) -> None:
        """Place what pairing left."""
        shop_processes.connect(self.site, self.service, self.paired.connection, self.paired.keys[0])

    def run(self, *arguments: str) -> Any:
        """One process of PHP, and what it answered."""
        return shop_processes.run(self.site, *arguments)

    def until_lifetime(self, points: int) -> dict[str, Any]:
        """Drain as cron would, until the shop shows so many points; only much sooner than each minute."""
        ends, shown = time.monotonic() + SECONDS, None
        while time.monotonic() < ends:
            shown, waiting = self.run("drain", CUSTOMER)
            if shown and shown["pending"] + shown["available"] - shown["deficit"] == points:
                assert waiting == []
                return dict(shown)
        raise AssertionError(f"never {points} points, but {shown}")


def test_an_order_becomes_points_in_the_shop_and_a_refund_takes_them_back(
    tmp_path: Path, database_url: str, installed: Callable[[str], Site]
) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    port = free_port()
    home = Home(tmp_path / "home", {"BELONG_PORT": str(port), "DATABASE_URL": database_url})
    said = home.must("connect", "woocommerce", "--pair", "--name", "Tea")
    [code] = [word for word in said.split() if word.startswith("BELONG1.")]
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        with home.serving() as serving:
            shop = Shop(site, f"http://localhost:{port}", asyncio.run(pair(serving.url, code)))
            shop.connect()
            orders = [str(order) for order in shop.run("make", "3")]
            shown = shop.until_lifetime(120)
            assert {entry["order"] for entry in shown["entries"]} == set(orders)
            shop.run("partial-refund", orders[0])
            shop.until_lifetime(110)
            assert serving.stop().code == 0
        # Nobody is there: what happens now waits in the shop.
        shop.run("deleted", orders[1])
        shop.run("refund-deleted", orders[2])
        _, waiting = shop.run("drain", CUSTOMER)
        assert {row["object_id"] for row in waiting} >= set(orders[1:])
        with home.serving():
            shop.connect()
            shown = shop.until_lifetime(70)
            assert shown["lifetime"] == 70
    home.must("verify")


async def pair(url: str, code: str) -> PairingShop:
    """As the plugin pairs; its own way is tested where its page is."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        shop = PairingShop(http, site=ADDRESS)
        await shop.pair(code)
        return shop
