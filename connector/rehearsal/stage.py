"""A test shop that is open: its database as a file that nobody else sees, and the real pipeline on its own clock."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import httpx

from connector.access.auth import ProgrammeScope
from connector.api_client import ApiClient
from connector.crypto import Keys
from connector.delivering.notices import Telling
from connector.delivering.outbox import Outbox
from connector.delivering.vouchers import Placing
from connector.ingest.pipeline import Pipeline
from connector.platforms import Platform
from connector.registry import PLATFORMS
from connector.rehearsal.shop import ListingMailer, made_up
from connector.rehearsal.state import PROGRAMME, State
from connector.shops import Shops
from connector.storage.atomic import drain
from connector.storage.database import Database, close_database, open_database
from connector.storage.migrate import migrate
from connector.storage.schema_names import known_migrations

KEYS = Keys(hashlib.sha256(b"what is in a test shop is made up").digest())
"""Of every test shop: nothing in one is a secret, and the master key may change meanwhile."""
SCOPE = ProgrammeScope(PROGRAMME, frozenset())
"""Of whoever looks at a test shop: there is one programme in it, and its database is no other's."""
PUBLIC_URL = "https://test.invalid"
_ENDINGS = ("", "-wal", "-shm")


@dataclass(slots=True)
class Stage:
    """An open test shop. What is done to it shows in its database and in ``state``."""

    database: Database
    state: State
    pipeline: Pipeline
    placing: Placing
    telling: Telling

    @property
    def now(self) -> datetime:
        """The test's moment."""
        return self.state.now


def on_stage(database: Database, state: State, http: httpx.AsyncClient) -> Stage:
    """Wire the real parts with a made-up shop and a clock that stands."""

    def now() -> datetime:
        return state.now

    platforms: dict[str, Platform] = {state.platform: made_up(state, PLATFORMS[state.platform].voucher_kinds)}
    pipeline = Pipeline(database, KEYS, platforms, now)
    shops = Shops(database, KEYS, platforms, ApiClient(http, now=now), PUBLIC_URL)
    telling = Telling(pipeline, ListingMailer(state), PUBLIC_URL)
    return Stage(database, state, pipeline, Placing(pipeline, Outbox(database, shops, now)), telling)


@asynccontextmanager
async def opened(body: bytes, state: State, folder: Path) -> AsyncIterator[Stage]:
    """The test shop that these bytes are. They stay as they are: ``kept`` gives those of afterwards."""
    path = folder / "test-shop.sqlite3"
    _forget(path)
    path.write_bytes(zlib.decompress(body))
    url = f"sqlite:///{path}"
    if not _is_newest(path):
        await migrate(url)
    database = await open_database(url, passing=True)
    try:
        async with httpx.AsyncClient(transport=httpx.MockTransport(_nobody), trust_env=False) as http:
            yield on_stage(database, state, http)
    finally:
        await drain()
        await close_database(database)
        _forget(path)


def kept(stage: Stage) -> bytes:
    """The whole database as bytes."""
    assert stage.database.here is not None
    return zlib.compress(stage.database.here.serialize(), 6)


@cache
def empty(folder: Path) -> bytes:
    """A test shop's database with nothing in it; the first one takes seconds. Not to be called on an event loop."""
    path = folder / "empty.sqlite3"
    _forget(path)
    asyncio.run(migrate(f"sqlite:///{path}"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # It has hundreds of tables and few rows.
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA page_size = 1024", "VACUUM"):
            connection.execute(statement)
        body = connection.serialize()
    _forget(path)
    return zlib.compress(body, 9)


def _is_newest(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM tortoise_migrations")} == known_migrations()


def _forget(path: Path) -> None:
    for ending in _ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("a test shop calls nobody", request=request)
