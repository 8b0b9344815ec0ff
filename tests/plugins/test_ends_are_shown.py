"""A real service and a real WordPress, without mail: points end of a member who has looked, and of nobody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connector.clock import utc_now
from connector.crypto import load_keys
from connector.ingest.pipeline import Pipeline
from connector.programmes.passing_time import pass_time
from tests.builders import opened
from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "ends-stories.php"
SECONDS = 60
RULES = """
schema = 2

[programme]
name = "Tea"
timezone = "shop"
currency = "shop"

[points.earn]
per_unit = 1
pending_days = 0

[points.expiry]
mode = "calendar"
on = ["{end:%m-%d}"]
remind_days = [30, 7]
"""
"""A reminder of what is earned now is due at once."""
SOON = "after that day they end."


def look(site: Site) -> str:
    return str(shop_processes.run(site, "look", script=STORIES))


def until_read(site: Site, words: str) -> None:
    """Drain as cron would, only sooner, until customer 1 has these words pushed; nobody looks at the page."""
    ends, shown = time.monotonic() + SECONDS, ""
    while time.monotonic() < ends:
        shown = str(shop_processes.run(site, "drain", "1")[0])
        if words in shown:
            return
    raise AssertionError(f"never {words!r}, but {shown}")


def kinds_after(home: Home, url: str, days: int) -> list[str]:
    """Kinds of all entries once so many days have gone by, and with them the job that writes off what has ended."""

    async def later() -> list[str]:
        then = utc_now() + timedelta(days=days)
        async with opened(url) as database:
            pipeline = Pipeline(database, load_keys(home.folder / "master.key"), {}, lambda: then)
            while await pass_time(pipeline):
                pass
            rows = await database.reading().rows("SELECT kind FROM entry ORDER BY n")
        return [str(row["kind"]) for row in rows]

    return asyncio.run(later())


@pytest.mark.parametrize("looks", [True, False])
def test_points_end_only_of_a_member_who_looked(
    tmp_path: Path, database_url: str, installed: Callable[[str], Site], looks: bool
) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    code = home.pairing_code("--name", "Tea")
    document = tmp_path / "rules.toml"
    document.write_text(RULES.format(end=utc_now() + timedelta(days=20)), encoding="utf-8")
    home.must("programme", "publish", str(document), "--reason", "What ends")
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        with home.serving():
            shop_processes.run(site, "pair", code)
            shop_processes.run(site, "make", "1")
            until_read(site, "'warned': False")
            if looks:
                assert SOON in look(site)
                # The page of a moment later adds nothing: it was told, or is about to be.
                assert SOON in look(site)
            shop_processes.run(site, "queue", script=STORIES)
            if looks:
                until_read(site, "'warned': True")
        ended = kinds_after(home, database_url, 40)
    assert ended == (["earn", "expire"] if looks else ["earn"])
