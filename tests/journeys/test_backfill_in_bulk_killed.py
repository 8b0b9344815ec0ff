"""A long past of a Shopify shop, read by a service that is killed with SIGKILL: one operation, every order once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.sandbox.past import live_through
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.client import SCOPES
from connector.shopify.history import BULK_FROM
from tests.connector.home import Home, simulated_shopify
from tests.journeys.test_backfill_killed import IDLE, Installation

ORDERS = BULK_FROM + 50
READ = "SELECT max(read_orders) FROM backfill_run"
BEGUN = "SELECT count(*) FROM backfill_run WHERE cursor_text LIKE '%BulkOperation%'"
FED = "SELECT count(*) FROM delivery WHERE topic = 'fetched/history'"


class ShopifyInstallation(Installation):
    """The same with a Shopify at an address of this machine."""

    def __init__(self, folder: Path, shop: SimulatedShopify, address: str) -> None:
        self.home = Home(folder)
        self.allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": address.removeprefix("http://")}
        self.folder = folder
        secrets = {
            "BELONG_SHOPIFY_CLIENT_ID": shop.client_id,
            "BELONG_SHOPIFY_CLIENT_SECRET": shop.client_secret,
            "BELONG_SHOPIFY_REFRESH_TOKEN": shop.grants.install(),
        }
        options = ("--template", "circle", "--back-pay-days", "1000", "--api-url", address)
        self.home.must("connect", "shopify", shop.shop, *options, **secrets, **self.allowed)

    def finish(self) -> None:
        """Serve, on a slow machine more than once, until everything is read and worked on."""
        for _ in range(6):
            with self.home.serving(**self.allowed) as service:
                try:
                    self.until("SELECT count(*) = 0 FROM backfill_run WHERE run_state = 'running'", 1)
                    self.until(f"SELECT ({IDLE}) = 0", 1)
                    return
                except AssertionError:
                    continue
                finally:
                    service.stop()
        raise AssertionError(f"{self.number(READ)} orders read, and no end")


@pytest.fixture(scope="module")
def shopify() -> Iterator[tuple[SimulatedShopify, str]]:
    with simulated_shopify(scopes=(*SCOPES, "read_all_orders")) as (shop, address):
        # As with a public app: only tokens of a session, whose refresh token counts once.
        shop.grants.must_expire = True
        # Orders with refunds are read by ids; at the real pace a test would wait for the bucket.
        shop.bucket.per_second = 1_000_000
        now = clock.utc_now()
        live_through(shop, ORDERS, now - timedelta(days=700), now - timedelta(days=100))
        yield shop, address


def test_a_long_past_is_read_on_by_the_same_operation_after_each_sigkill(
    tmp_path: Path, shopify: tuple[SimulatedShopify, str]
) -> None:
    shop, address = shopify
    broken = ShopifyInstallation(tmp_path, shop, address)
    broken.home.must("backfill", "1")
    for reached, least in ((BEGUN, 1), (READ, 200), (READ, 600)):
        with broken.home.serving(**broken.allowed) as service:
            broken.until(reached, least)
            service.process.kill()
            service.process.wait(timeout=10)
    assert broken.number(READ) < ORDERS
    broken.finish()
    assert len(shop.bulk.operations) == 1, "killed three times, and started once"
    assert broken.number(FED) == ORDERS
    done = broken.status()
    assert [done[name] for name in ("state", "orders_read", "new", "known")] == ["done", ORDERS, ORDERS, 0]
    assert "Everything agrees" in broken.home.must("verify")

    # And the books say of every order what the shop says.
    broken.home.must("backfill", "1", "--dry-run")
    broken.finish()
    done = broken.status()
    assert [done[name] for name in ("state", "new", "known", "differing")] == ["done", 0, ORDERS, 0]
