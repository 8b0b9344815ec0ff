"""A correction whose service is killed with SIGKILL half-way: the next one goes on, and nobody is paid twice."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.connector.home import Home, simulated_shop
from tests.operating.test_cli import buys, connected, deliver

ORDERS = 40


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as running:
        yield running


def counted(home: Home, sql: str) -> int:
    """One number from the database's file, read beside the service that writes it."""
    uri = f"file:{home.folder / 'belong.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as database:
        return int(database.execute(sql).fetchone()[0] or 0)


def until(home: Home, sql: str, wanted: int) -> None:
    ends = time.monotonic() + 40
    while time.monotonic() < ends:
        if counted(home, sql) == wanted:
            return
        time.sleep(0.005)
    raise AssertionError(f"{sql} never gave {wanted}, but {counted(home, sql)}")


def test_a_correction_survives_kill_9(tmp_path: Path, shop: SimulatedWooCommerce) -> None:
    home = Home(tmp_path / "home")
    allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": shop.base_url.removeprefix("http://")}
    with home.serving(**allowed) as service:
        connected(home, shop, "--back-pay-days", "1")
        customers = [shop.register_customer(f"{n}@example.test", "Ada", "L").id for n in range(ORDERS)]
        worth = sum(buys(shop, customer) for customer in customers)
        assert set(deliver(shop)) == {200}
        until(home, "SELECT sum(points) FROM entry", worth)
        document = tmp_path / "next.toml"
        document.write_text(home.must("programme", "new", "plain-3"))
        home.must("programme", "publish", str(document), "--yes")
        now = clock.utc_now()
        span = ("--from", (now - timedelta(days=1)).isoformat(), "--until", now.isoformat())
        correct = ["programme", "correct", "--wrong", "1", "--right", "2", *span, "--apply", "--reason", "Test"]
        command = subprocess.Popen(
            [sys.executable, "-m", "connector.cli", *correct],
            env=home.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(home, "SELECT count(*) FROM correction_run", 1)
            service.process.kill()
            service.process.wait(timeout=10)
        finally:
            command.kill()
            command.wait(timeout=10)
    before = counted(home, "SELECT sum(points) FROM entry")
    net = [sum(line.net_minor for line in order.lines) for order in shop.truth.orders.values()]
    right = sum(minor * 3 // 100 for minor in net)
    assert before in (worth, right), "a batch is posted whole or not at all"
    with home.serving(**allowed):
        said = home.must("programme", "correcting")
        assert f"Corrected: {right - worth:+d} points for {ORDERS} members.\nThat is what the preview said." in said
        assert counted(home, "SELECT sum(points) FROM entry") == right
        assert counted(home, "SELECT count(*) FROM entry") == 2 * ORDERS
        assert home.must("programme", "correcting").startswith(f"Corrected: {right - worth:+d} points")
        assert counted(home, "SELECT count(*) FROM entry") == 2 * ORDERS
    assert "Everything agrees" in home.must("verify")
