"""The operator's commands before a brake: what they say of it, and how it is let go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.connector.home import Home, Serving, simulated_shop
from tests.operating.test_cli import assert_sentence, connected, deliver


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as shop:
        yield shop


def serving(home: Home, shop: SimulatedWooCommerce) -> AbstractContextManager[Serving]:
    return home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://"))


def test_the_brake_is_seen_in_status_and_report_and_let_go_with_a_reason(
    home: Home, shop: SimulatedWooCommerce
) -> None:
    with serving(home, shop) as service:
        said = connected(home, shop, "--back-pay-days", "1", "--pending-days", "0")
        connection = said.split("Connection id: ")[1].split()[0]
        bearer = {"Authorization": f"Bearer {home.must('keys', 'create').strip()}"}
        customer, product = shop.register_customer("ada@example.test", "Ada", "L"), next(iter(shop.truth.products))
        orders = [shop.place_order(customer.id, Basket([(product, 1)])) for _ in range(20)]
        assert set(deliver(shop)) == {200}
        lookup = f"/v1/members?connection={connection}&customer={customer.id}"
        service.until(lookup, {"entries": 20}, **bearer)
        service.stop()

    assert json.loads(home.must("reconcile", "--stores"))["1"]["held"] == 0
    for order in orders:
        order.deleted = True
    assert json.loads(home.must("reconcile", "--full"))["1"] == {"read": 0, "asked": 20, "found": 20, "held": 20}
    assert "20 differences would take points or codes at once, held since" in home.must("status")
    report = home.run("reconcile", "--report")
    assert report.code == 1 and "a person must look" in report.out
    assert f"{orders[0].number} ({orders[0].id})  extra  held" in report.out
    assert "Snapshots read back" in report.out and "Codes read back" in report.out
    assert_sentence(home.run("reconcile", "--fix", connection), "Say why the shop may be believed")
    assert_sentence(home.run("reconcile", "--fix", connection, "--order", "1", "--reason", "so"), "never found")

    with serving(home, shop) as service:
        assert service.get(lookup, **bearer).json()["entries"] == 20
        fixed = home.must("reconcile", "--fix", connection, "--order", str(orders[0].id), "--reason", "a test order")
        assert fixed.startswith("1 differences are being repaired")
        service.until(lookup, {"entries": 21}, **bearer)
        home.must("reconcile", "--fix", connection, "--reason", "all were tests")
        service.until(lookup, {"entries": 40, "available": 0}, **bearer)
        service.stop()

    assert "would take points" not in home.must("status")
    report = home.run("reconcile", "--report")
    assert report.code == 0 and ": all were tests" in report.out and ": a test order" in report.out
    assert "Everything agrees" in home.must("verify")
