"""A real service and a real WordPress: points are set aside for a cart, taken by its order, and go back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.clock import utc_now
from tests.connector.home import Home, free_port
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

SECONDS = 60
RULES = """
schema = 2

[programme]
name = "Tea"
timezone = "shop"
currency = "shop"

[points.earn]
per_unit = 10
pending_days = 0

[[rewards]]
id = "five"
kind = "amount"
points = 500
value = 5.00

[[rewards]]
id = "ten"
kind = "amount"
points = 1000
value = 10.00

[[rewards]]
id = "some"
kind = "slider"
points = 100
value = 1.00

[[rewards]]
id = "tenth"
kind = "percent"
percent = 10
at_most = 3.00
points = 300

[[rewards]]
id = "ship"
kind = "free_shipping"
points = 50
"""


@dataclass(frozen=True)
class Shop:
    """A paired site and its service's home. Member 1 has 1,200 points of three orders of 40.00."""

    site: Site
    home: Home

    def redeem(self, *arguments: str) -> tuple[Any, list[dict[str, str]]]:
        return shop_processes.redeem(self.site, *arguments)

    def until(
        self, available: int, held: int = 0, deficit: int = 0, ends_in: timedelta | None = None
    ) -> dict[str, Any]:
        """Drain as cron would, only sooner, until the shop shows these numbers; ends_in: and a reservation that is kept
        for at least so long, and for less than a day more.
        """
        ends, shown = time.monotonic() + SECONDS, None
        while time.monotonic() < ends:
            shown, _ = shop_processes.run(self.site, "drain", "1")
            if shown and (shown["available"], shown["held"], shown["deficit"]) == (available, held, deficit):
                if ends_in is not None and not ends_in < _ends_in(shown) < ends_in + timedelta(days=1, hours=1):
                    continue
                return dict(shown)
        raise AssertionError(f"never {available} available and {held} held, but {shown}")


@pytest.fixture
def shop(tmp_path: Path, database_url: str, installed: Callable[[str], Site]) -> Iterator[Shop]:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea", "--pending-days", "0")
    document = tmp_path / "rules.toml"
    document.write_text(RULES, encoding="utf-8")
    home.must("programme", "publish", str(document), "--reason", "Rewards")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving():
        shop_processes.run(site, "pair", code)
        shop_processes.run(site, "make", "3")
        shop = Shop(site, home)
        shop.redeem("goods")
        shop.until(1200)
        yield shop
    home.must("verify")


def test_a_paid_order_takes_the_points_once_and_its_refund_brings_them_back(shop: Shop, tmp_path: Path) -> None:
    _points_are_taken_by_a_paid_order_and_come_back_with_its_refund(shop)
    _four_processes_at_once_set_points_aside_once_and_one_order_takes_them(shop, tmp_path)


def _points_are_taken_by_a_paid_order_and_come_back_with_its_refund(shop: Shop) -> None:
    made, [row] = shop.redeem("order", "five")
    assert (made["is_good"], made["total"], row["state"], row["points"]) == (True, 35, "used", "500")
    assert int(row["order_id"]) == made["order"]
    shop.until(700, held=500)
    shop.redeem("status", str(made["order"]), "processing")
    # 35.00 earned 350 more.
    shop.until(1050)
    shop.redeem("refund", str(made["order"]), "35.00")
    shown = shop.until(1200)
    assert shown["lifetime"] == 1200


def test_each_kind_takes_off_what_it_should_and_what_is_not_wanted_goes_back(shop: Shop) -> None:
    _a_lost_reply_sets_points_aside_once(shop)
    _a_lost_reply_that_nobody_repeats_gives_the_points_back(shop)
    _every_kind_takes_off_what_the_service_said(shop)
    _an_order_that_came_to_nothing_leaves_its_reward_for_the_next_one(shop)
    _more_than_there_is_is_refused_in_words_and_holds_nothing(shop)


def _every_kind_takes_off_what_the_service_said(shop: Shop) -> None:
    for wish, total in (("five",), 35), (("some", "700"), 33), (("tenth",), 37), (("ship",), 40):
        made, rows = shop.redeem("cart", *wish)
        assert (made["is_good"], made["total"]) == (True, total), (wish, made)
        assert rows[-1]["state"] == "issued"
    # Each cart let the one before it go.
    assert [row["state"] for row in rows[-4:]] == ["released"] * 3 + ["issued"]
    shop.until(1150, held=50)
    shop.redeem("take-off", "ship")
    shop.until(1200)


def _a_lost_reply_sets_points_aside_once(shop: Shop) -> None:
    made, [row] = shop.redeem("lose-reply", "five")
    assert (made["is_good"], made["codes"], row["state"]) == (False, [], "asked")
    shop.until(700, held=500)
    # Asked again, and taken off.
    taken, [row] = shop.redeem("take-off", "five")
    assert (taken, row["state"]) == (True, "releasing")
    shop.until(1200)
    assert _states(shop) == ["released"]


def _a_lost_reply_that_nobody_repeats_gives_the_points_back(shop: Shop) -> None:
    shop.redeem("lose-reply", "five")
    shop.until(700, held=500)
    shop.redeem("old")
    shop.until(1200)
    assert _states(shop) == ["released"] * 2


def _an_order_that_came_to_nothing_leaves_its_reward_for_the_next_one(shop: Shop) -> None:
    made, _ = shop.redeem("order", "ten")
    shop.until(200, held=1000)
    _, rows = shop.redeem("status", str(made["order"]), "cancelled")
    assert (rows[-1]["state"], rows[-1]["order_id"]) == ("issued", "0")
    made, rows = shop.redeem("order", "five")
    assert made["is_good"]
    assert [row["state"] for row in rows[-2:]] == ["released", "used"]
    shop.until(700, held=500)


def _more_than_there_is_is_refused_in_words_and_holds_nothing(shop: Shop) -> None:
    made, rows = shop.redeem("cart", "ten")
    assert (made["is_good"], made["codes"], made["total"]) == (False, [], 40)
    assert made["said"] != ""
    assert rows[-1]["state"] == "used"


def test_shop_and_service_agree_on_what_became_of_an_order(shop: Shop) -> None:
    _an_order_that_waits_for_its_money_keeps_the_points_and_half_a_refund_brings_half_back(shop)
    _of_an_order_that_failed_and_one_that_took_its_reward_only_one_is_paid_with_it(shop)
    _a_paid_order_that_is_deleted_gives_points_back_and_its_code_is_never_good_again(shop)


def _an_order_that_waits_for_its_money_keeps_the_points_and_half_a_refund_brings_half_back(shop: Shop) -> None:
    made, _ = shop.redeem("order", "five")
    order = str(made["order"])
    assert _ends_in(shop.until(700, held=500)) < timedelta(hours=2)
    shop.redeem("status", order, "on-hold")
    shop.until(700, held=500, ends_in=timedelta(days=29))
    _, [row] = shop.redeem("status", order, "cancelled")
    assert (row["state"], row["order_id"]) == ("issued", "0")
    assert _ends_in(shop.until(700, held=500, ends_in=timedelta(0))) < timedelta(hours=2)
    _, [row] = shop.redeem("status", order, "on-hold")
    assert (row["state"], row["order_id"]) == ("used", order)
    shop.until(700, held=500, ends_in=timedelta(days=29))
    shop.redeem("status", order, "processing")
    # 35.00 earned 350.
    shop.until(1050)
    shop.redeem("refund", order, "17.50")
    # 175 of them go, and 250 of the 500 come back.
    shop.until(1125)
    shop.redeem("refund", order, "17.50")
    shop.until(1200)


def _of_an_order_that_failed_and_one_that_took_its_reward_only_one_is_paid_with_it(shop: Shop) -> None:
    first, rows = shop.redeem("order", "ten")
    code = rows[-1]["code"]
    _, rows = shop.redeem("status", str(first["order"]), "failed")
    assert (rows[-1]["state"], rows[-1]["order_id"]) == ("issued", "0")
    second, rows = shop.redeem("order", "ten")
    assert (rows[-1]["code"], rows[-1]["order_id"]) == (code, str(second["order"]))
    paid, _ = shop.redeem("pay-later", str(first["order"]))
    assert paid == {"total": 40, "codes": []}
    paid, _ = shop.redeem("pay-later", str(second["order"]))
    assert paid == {"total": 30, "codes": [code]}
    # 1,200 less 1,000, and 30.00 earned 300.
    shop.until(500)
    shop.redeem("status", str(second["order"]), "cancelled")
    shop.until(1200)
    assert _states(shop)[-1] == "used"


def _a_paid_order_that_is_deleted_gives_points_back_and_its_code_is_never_good_again(shop: Shop) -> None:
    made, _ = shop.redeem("order", "five")
    shop.redeem("status", str(made["order"]), "processing")
    shop.until(1050)
    shop.redeem("delete", str(made["order"]))
    shop.until(1200)
    rows = shop.redeem("rows")[1]
    assert rows[-1]["state"] == "used"
    assert shop.redeem("take", rows[-1]["code"], __file__)[0] is False


def _ends_in(snapshot: dict[str, Any]) -> timedelta:
    """How long the reservation is kept, as the shop is told."""
    [held] = [one for one in snapshot["vouchers"] if one["state"] == "held"]
    return datetime.fromisoformat(held["ends_at"]) - utc_now()


def _states(shop: Shop) -> list[str]:
    return [row["state"] for row in shop.redeem("rows")[1]]


def _four_processes_at_once_set_points_aside_once_and_one_order_takes_them(shop: Shop, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [future.result()[0] for future in [pool.submit(shop.redeem, "lose-reply", "five") for _ in range(4)]]
        assert not any(one["is_good"] for one in made)
        shop.until(700, held=500)
        row = shop.redeem("cart", "five")[1][-1]
        start = tmp_path / "start"
        takers = [pool.submit(shop.redeem, "take", row["code"], str(start)) for _ in range(4)]
        time.sleep(1)
        start.touch()
        took = [taker.result()[0] for taker in takers]
    assert sorted(took) == [False, False, False, True]
    shop.until(700, held=500)


def test_while_the_service_is_away_the_order_goes_on(installed: Callable[[str], Site]) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        shop_processes.connect(
            site, f"http://localhost:{free_port()}", "6f1c2f0e-8f1b-4f57-9a3d-0c1d2e3f4a5b", b"x" * 32
        )
        made, rows = shop_processes.redeem(site, "order", "five")
    assert (made["is_good"], made["total"], rows) == (False, 40, [])
    assert made["order"] > 0
