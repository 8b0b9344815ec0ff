"""A past that cannot be read is said where an operator looks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector import clock
from connector.cli.main import cli
from connector.commands.local_control import opened_for_writing
from connector.config import load_settings
from connector.ingest import backfill_runs
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.backfills import claim_runs, fail_run
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, MIA


@pytest.fixture(autouse=True)
def the_log_stays_as_it_was() -> Iterator[None]:
    """Commands that run in this process set up the log of a process of their own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_past_that_cannot_be_read_is_in_the_status_until_somebody_has_it_go_on(tmp_path: Path) -> None:
    environment = {"BELONG_HOME": str(tmp_path / "home")}

    async def prepare() -> None:
        async with opened_for_writing(load_settings(environment)) as service:
            now = clock.utc_now()
            connections: list[Connection] = []

            async def body(session: Session) -> None:
                programme = await create_programme(session, DOCUMENT, now, now)
                shop = ("woocommerce", "https://shop.example", "https://shop.example")
                connections.append(await create_connection(session, programme, *shop, {}, now))

            await atomic(service.database, body)
            run = await backfill_runs.start(service.database, connections[0], None, MIA, now)
            lease = timedelta(minutes=1)
            await atomic(service.database, lambda session: claim_runs(session, "us", now, lease, is_alone=True))
            await atomic(service.database, lambda session: fail_run(session, run, "us", "The shop refuses our key."))

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(cli, list(arguments), env=environment)
        assert done.exit_code == 0, done
        return str(done.output)

    asyncio.run(prepare())
    failed = "needs you: Reading the past: failed. 0 orders read: 0 new, 0 known. ! The shop refuses our key."
    assert failed in said("status")
    assert "! The shop refuses our key." in said("backfill", "1", "--status")
    assert "Reading the past: running." in said("backfill", "1", "--resume")
    assert "needs you" not in said("status")
    assert "Reading the past: paused." in said("backfill", "1", "--pause")
    assert '"state": "paused"' in said("backfill", "1", "--status", "--json")
