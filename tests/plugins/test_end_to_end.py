"""A real service and a real WordPress: orders become points, and the points come back into the shop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

CUSTOMER = "1"
SECONDS = 60


@dataclass(frozen=True)
class Shop:
    """A site that is paired. Orders are of 40.00, and customer 1 makes all of them."""

    site: Site

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
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea")
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        shop = Shop(site)
        with home.serving() as serving:
            shop.run("pair", code)
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
            shop.run("send-now")
            shown = shop.until_lifetime(70)
            assert shown["lifetime"] == 70
    home.must("verify")
