"""What a dry run reads of a shop's past keeps nobody from writing: it asks nothing of the books."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connector.storage.backfills import RunState
from connector.storage.database import sqlite_path
from tests.databases import Databases
from tests.journeys.test_backfill import STANDING, begin, past, read, run_of
from tests.journeys.world import simulated, world


@dataclass
class Reading:
    """A platform whose pages are read as always; kept_out: how often meanwhile nobody else could have written."""

    platform: Any
    path: Path
    times: int = 0
    kept_out: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.platform, name)

    def normalise(self, *what: Any) -> Any:
        self.times += 1
        with closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                self.kept_out += 1
        return self.platform.normalise(*what)


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
async def test_a_dry_run_reads_its_pages_while_others_can_write(
    databases: Databases, tmp_path: Path, platform: str
) -> None:
    with databases.prepared("sqlite") as url:
        async with world(url, tmp_path, simulated(), hooked=False, document=STANDING) as told:
            past(told, platform)
            shops = told.service.shops
            reading = Reading(shops.platforms[platform], sqlite_path(url))
            platforms: Mapping[str, Any] = {**shops.platforms, platform: reading}
            await begin(told, platform, is_dry=True)
            await read(told, replace(told.service.backfiller, shops=replace(shops, platforms=platforms)))
            run = await run_of(told, platform)
    assert (run.state, run.read, run.new) == (RunState.DONE, 130, 130)
    assert reading.times >= 130 and reading.kept_out == 0
