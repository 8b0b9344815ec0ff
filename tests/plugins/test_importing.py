"""A real service and a real WordPress: what customers had with another plugin comes along once, whoever is killed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

SCRIPT = Path(__file__).parent / "wordpress" / "importing.php"
CUSTOMERS = 130
PAGE = 50
SECONDS = 90


class Shop:
    """A site that is paired with a home, and an import in it."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def run(self, *arguments: str) -> Any:
        done = self.site.run(php.SYSTEM, str(SCRIPT), str(self.site.wordpress), *arguments)
        assert done.code == 0, done.said
        return json.loads(done.said.splitlines()[-1])

    def until(self, phase: str) -> dict[str, Any]:
        """Run as the net does each minute, only sooner."""
        told: dict[str, Any] = {}
        ends = time.monotonic() + SECONDS
        while told.get("phase") != phase:
            assert time.monotonic() < ends, told
            told = self.run("run")
        return told


@contextmanager
def paired(tmp_path: Path, database_url: str, site: Site) -> Iterator[tuple[Home, Shop]]:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea")
    with sites.copy(site, php.SYSTEM) as own:
        with home.serving():
            shop_processes.run(own, "pair", code)
        yield home, Shop(own)


def balances(home: Home) -> dict[str, int]:
    """Sums of all entries by member, from what the operator sees."""
    folder = home.folder.parent / f"out-{time.monotonic_ns()}"
    home.must("export", str(folder), "--programme", "1")
    entries = [json.loads(line) for path in folder.rglob("entry*") for line in path.read_text().splitlines() if line]
    found: dict[str, int] = {}
    for entry in entries:
        found[entry["member_id"]] = found.get(entry["member_id"], 0) + int(entry["points"])
    return found


def test_a_service_killed_in_the_middle_and_four_processes_give_each_balance_once(
    tmp_path: Path, database_url: str, installed: Callable[[str], Site]
) -> None:
    with paired(tmp_path, database_url, installed("newest")) as (home, shop):
        with home.serving():
            laid = shop.run("lay", str(CUSTOMERS))
            shop.run("look", "10", "1")
            looked = shop.until("looked")
            wanted = sorted((points + 5) // 10 for points in laid.values())
            assert (looked["new"], looked["points"], looked["refused"]) == (CUSTOMERS, sum(wanted), [])
            assert balances(home) == {}
            assert shop.run("turn", "looked", "booking") is True
        with home.serving() as service:
            told = shop.run("run", str(service.process.pid))
            assert (told["phase"], told["given"]) == ("booking", PAGE)
            assert told["problem"] != ""
        with home.serving(), ThreadPoolExecutor() as pool:
            for one in [pool.submit(shop.run, "run") for _ in range(4)]:
                one.result()
            assert shop.until("booked")["given"] == CUSTOMERS
            assert sorted(balances(home).values()) == wanted
            shop.run("turn", "booked", "taking")
            assert shop.until("taken")["back"] == CUSTOMERS
            assert set(balances(home).values()) == {0}
            shop.run("look", "1", "1")
            assert shop.until("looked")["new"] == CUSTOMERS
            shop.run("turn", "looked", "booking")
            shop.until("booked")
            assert sorted(balances(home).values()) == sorted(laid.values())
        home.must("verify")
