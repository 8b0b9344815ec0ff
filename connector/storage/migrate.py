"""Brings a database to the newest schema. Also the configuration for Tortoise's own migration commands:

``DATABASE_URL=... tortoise -c connector.storage.migrate.TORTOISE makemigrations``
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from connector.storage.database import APP, dialect_of, sqlite_path, tortoise_config

_MIGRATING = 0x62656C6F6E67
"""Any number that other programs on the same server hardly use: "belong" in ASCII."""


def __getattr__(name: str) -> Any:
    """``TORTOISE``, made when the commands ask for it: importing us must not fail over a wrong DATABASE_URL."""
    if name == "TORTOISE":
        return tortoise_config(os.environ.get("DATABASE_URL", "sqlite:///belong.sqlite3"))
    raise AttributeError(name)


async def migrate(url: str) -> None:
    """Create or upgrade every table, each migration in a transaction of its own. Safe to repeat."""
    if dialect_of(url) == "sqlite":
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    async with _alone(url):
        # In a task of its own, whose variables end with it: Tortoise's commands leave their connections in them.
        await asyncio.create_task(_run(url))


async def _run(url: str) -> None:
    try:
        await run_migrations(config=tortoise_config(url), app_labels=[APP])
    finally:
        await Tortoise.close_connections()


@asynccontextmanager
async def _alone(url: str) -> AsyncIterator[None]:
    """Processes that start together wait for one another. SQLite has one writing process anyway."""
    if dialect_of(url) == "sqlite":
        yield
        return
    (settings,) = tortoise_config(url)["connections"].values()
    wanted = ("host", "port", "user", "password", "database")
    connection = await asyncpg.connect(**{name: settings["credentials"][name] for name in wanted})
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_MIGRATING})")
        yield
    finally:
        # Closing gives the lock back.
        await connection.close()
