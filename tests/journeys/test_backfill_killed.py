"""A shop's past read by a service that is killed with SIGKILL half-way: the same ledger as without."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.sandbox.past import live_through
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.connector.home import Home, simulated_shop
from tests.journeys.oracle import order_points
from tests.operating.test_cli import connected

ORDERS = 220
OLDEST, NEWEST = timedelta(days=700), timedelta(days=100)
LEDGER = "SELECT source_ref, kind, points FROM entry ORDER BY source_ref, source_n"
IDLE = "SELECT (SELECT count(*) FROM delivery WHERE state = 0) + (SELECT count(*) FROM work WHERE state < 2)"


@pytest.fixture(scope="module")
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as running:
        now = clock.utc_now()
        live_through(running, ORDERS, now - OLDEST, now - NEWEST)
        yield running


class Installation:
    """A home with the shop connected, its database read beside the service that writes it."""

    def __init__(self, folder: Path, shop: SimulatedWooCommerce) -> None:
        self.home = Home(folder)
        self.allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": shop.base_url.removeprefix("http://")}
        self.folder = folder
        connected(self.home, shop, "--back-pay-days", "1000")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        uri = f"file:{self.folder / 'belong.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as database:
            return database.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        return int(self.rows(sql)[0][0] or 0)

    def until(self, sql: str, least: int) -> int:
        ends = time.monotonic() + 50
        while (found := self.number(sql)) < least:
            assert time.monotonic() < ends, f"{sql} gave {found} at most"
            time.sleep(0.05)
        return found

    def finish(self) -> None:
        """Serve until everything is read and worked on."""
        with self.home.serving(**self.allowed) as service:
            self.until("SELECT count(*) = 0 FROM backfill_run WHERE run_state <> 'done'", 1)
            self.until(f"SELECT -({IDLE})", 0)
            service.stop()

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.home.must("backfill", "1", "--status", "--json"))
        return found


def worth(shop: SimulatedWooCommerce) -> list[tuple[str, str, int]]:
    """What every order of somebody's account comes to, worked out from the shop's own records."""
    orders = [order for order in shop.truth.orders.values() if order.customer_id and order_points(order)]
    return sorted((f"woocommerce:1:order:{order.id}", "earn", order_points(order)) for order in orders)


def test_backfill_is_repeatable_and_sends_no_mail(tmp_path: Path, shop: SimulatedWooCommerce) -> None:
    """C15: no points for the past, or thousands of mails; a run that breaks off begins anew, or pays twice."""
    made = Installation(tmp_path / "home", shop)
    assert "running" in made.home.must("backfill", "1")
    with made.home.serving(**made.allowed) as service:
        made.until("SELECT max(read_orders) FROM backfill_run", 100)
        service.process.kill()
        service.process.wait(timeout=10)
    made.finish()
    assert made.rows(LEDGER) == worth(shop)
    assert made.number("SELECT count(*) FROM delivery WHERE topic = 'fetched/history'") == ORDERS
    assert made.rows("SELECT read_orders, new_orders, known_orders FROM backfill_run") == [(ORDERS, ORDERS, 0)]

    # Once more, from the beginning: nothing is new.
    made.home.must("backfill", "1")
    made.finish()
    done = made.status()
    assert [done[name] for name in ("run", "orders_read", "new", "known", "differing")] == [2, ORDERS, 0, ORDERS, 0]
    assert made.rows(LEDGER) == worth(shop)
    assert made.number("SELECT count(*) FROM notice") == 0
    assert not list((made.folder / "mail").glob("*")), "nobody was written to"
    assert "Everything agrees" in made.home.must("verify")
