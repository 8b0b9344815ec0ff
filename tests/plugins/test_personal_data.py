"""WordPress's privacy tools with a real service: a copy of the whole history, and somebody who is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.config import load_settings
from connector.data.shop_erasing import erase_asked
from connector.running.service import open_service
from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site
from tests.plugins.test_end_to_end import CUSTOMER, Shop

SCRIPT = Path(__file__).parent / "wordpress" / "personal-data.php"
EMAIL = "owner@shop.example"
ORDERS = 53
"""More than a page of fifty."""


def tool(site: Site, what: str) -> Any:
    return shop_processes.run(site, what, EMAIL, script=SCRIPT)


def history(pages: list[list[dict[str, Any]]]) -> list[dict[str, str]]:
    """What the copy says of each change of points, by the names it gives."""
    items = [item for page in pages for item in page if item["group_id"] == "belong-entries"]
    return [{fact["name"]: fact["value"] for fact in item["data"]} for item in items]


async def run_the_job(home: Home) -> int:
    """What the scheduler does every five minutes."""
    service = await open_service(load_settings(home.environment))
    try:
        return await erase_asked(service.pipeline)
    finally:
        await service.close()


def test_a_copy_has_the_whole_history_and_who_is_erased_is_known_nowhere(
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
            orders = {str(order) for order in shop.run("make", str(ORDERS))}
            shop.until_lifetime(40 * ORDERS)
            pages = tool(site, "export")
            told = history(pages)
            assert len(pages) == 2
            assert {one["Order"] for one in told} == orders
            assert len(told) == ORDERS
            assert all(one["Why"] and one["When"] and one["Points"] == "40" for one in told)
            assert serving.stop().code == 0
        [page] = tool(site, "export")
        [missing, *newest] = history([page])
        assert "is missing here" in missing["Missing"]
        assert 0 < len(newest) < ORDERS
        assert tool(site, "erase")["items_removed"] is True
        with home.serving():
            shop.run("send-now")
            assert shop.run("drain", CUSTOMER) == [None, []]
        assert asyncio.run(run_the_job(home)) == 1
        with home.serving():
            assert history(tool(site, "export")) == []
            assert tool(site, "erase")["items_removed"] is False
            assert shop.run("drain", CUSTOMER) == [None, []]
        asyncio.run(run_the_job(home))
    home.must("verify")
