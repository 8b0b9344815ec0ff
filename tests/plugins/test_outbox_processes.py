"""Orders that several processes change at once while others drain: the service ends with each one's last state."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugins import batch_receiver, php, shop_processes, sites
from tests.plugins.batch_receiver import Receiver
from tests.plugins.shop_processes import run
from tests.plugins.sites import Site

STORIES = 9
DELETED = 6
ROUNDS = 3


def connect(site: Site, receiver: Receiver) -> None:
    shop_processes.connect(site, receiver.address, batch_receiver.CONNECTION, batch_receiver.SECRET)


def assert_told(site: Site, receiver: Receiver, orders: list[int]) -> None:
    assert receiver.refused == []
    for order, state in run(site, "show", *map(str, orders)).items():
        told = receiver.newest[f"order:{order}"]
        if state is None:
            # Once with whose it was; a process that had read it before may save it once more, and then knows nothing.
            assert "gone" in told
            assert any(whose in (1, 9) for whose in gone_of(receiver, order)), receiver.items
        else:
            assert told["state"] == state


def gone_of(receiver: Receiver, order: int) -> list[int | None]:
    """Whose the order was, as each message said that told of its end."""
    ends = [
        item["gone"]
        for item in receiver.items
        if item["kind"] == "order" and item["id"] == str(order) and "gone" in item
    ]
    return [end.get("customer_id") for end in ends]


@pytest.mark.parametrize("processes", [1, 4])
def test_every_story_ends_with_its_last_state(processes: int, installed: Callable[[str], Site], tmp_path: Path) -> None:
    if sites.is_real():
        pytest.skip("processes of a real WooCommerce are slow to start, and its stories are told in PHPUnit")
    with sites.copy(installed("newest"), php.SYSTEM) as site, batch_receiver.receiving() as receiver:
        connect(site, receiver)
        orders = run(site, "make", str(STORIES))
        stop = tmp_path / "stop"
        with ThreadPoolExecutor() as pool:
            drains = [pool.submit(run, site, "drain-until", str(stop)) for _ in range(2)]
            try:
                for _ in range(ROUNDS):
                    ends = [pool.submit(run, site, "all", *map(str, orders)) for _ in range(processes)]
                    for end in ends:
                        end.result()
            finally:
                stop.touch()
            for drain in drains:
                drain.result()
        run(site, "drain")
        assert_told(site, receiver, orders)
        assert "gone" in receiver.newest[f"order:{orders[DELETED]}"]


def test_nothing_is_lost_while_the_service_is_down(installed: Callable[[str], Site]) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    with sites.copy(installed("newest"), php.SYSTEM) as site, batch_receiver.receiving() as receiver:
        connect(site, receiver)
        receiver.is_down = True
        orders = run(site, "make", str(STORIES))
        run(site, "all", *map(str, orders))
        run(site, "drain")
        run(site, "drain")
        assert receiver.items == []
        receiver.is_down = False
        # The breaker is open for half a minute; connecting again closes it, as the owner's button does.
        connect(site, receiver)
        run(site, "drain")
        assert_told(site, receiver, orders)
