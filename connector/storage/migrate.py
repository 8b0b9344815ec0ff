"""Brings a database to the newest schema. Also the configuration for Tortoise's own migration commands:

``DATABASE_URL=... tortoise -c connector.storage.migrate.TORTOISE makemigrations``
"""

from __future__ import annotations

import os
from typing import Any

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

from connector.errors import ConfigProblem
from connector.storage.atomic import atomic
from connector.storage.database import close_database, dialect_of, open_database, sqlite_path, tortoise_config
from connector.storage.schema_names import applied_migrations, known_migrations
from connector.storage.session import Session

_MIGRATING = 0x62656C6F6E67
"""Any number that other programs on the same server hardly use: "belong" in ASCII."""
_LOCK_TIMEOUT_SECONDS = 30
"""Processes of the version before still work on PostgreSQL: a table that one of them keeps longer is not waited for."""


def __getattr__(name: str) -> Any:
    """``TORTOISE``, made when the commands ask for it: importing us must not fail over a wrong DATABASE_URL."""
    if name == "TORTOISE":
        return tortoise_config(os.environ.get("DATABASE_URL", "sqlite:///belong.sqlite3"))
    raise AttributeError(name)


class _InOneTransaction(MigrationExecutor):
    """Tortoise's own runner commits each migration, and then, apart from it, the note that it ran: whoever is stopped
    between the two has a schema that no start can go on from. Here everything runs in the caller's transaction.
    """

    async def run(self) -> None:
        # Before anything asks for the notes: PostgreSQL ends a transaction in which a table was not found.
        await self.recorder.ensure_schema(self._schema_editor())
        await self.migrate()

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        return super()._schema_editor(atomic=False, collect_sql=collect_sql)


async def migrate(url: str) -> None:
    """Create or upgrade every table in one transaction: old or new, never something between. Safe to repeat.

    Raises ConfigProblem if the database was written by a newer version.
    """
    if dialect_of(url) == "sqlite":
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    apps = tortoise_config(url)["apps"]

    async def upgrade(session: Session) -> None:
        await _wait_for_others(session)
        await _InOneTransaction(session.client, apps).run()
        await _refuse_newer(session)

    database = await open_database(url, pool_size=1)
    try:
        await atomic(database, upgrade)
    finally:
        await close_database(database)


async def _wait_for_others(session: Session) -> None:
    """Processes that start together wait for one another. SQLite has one writing process anyway."""
    if session.dialect == "postgresql":
        await session.rows("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
        await session.run(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_SECONDS}s'")


async def _refuse_newer(session: Session) -> None:
    unknown = [name for name in await applied_migrations(session) if name not in known_migrations()]
    if unknown:
        raise ConfigProblem(
            f"This database was written by a newer Belong (schema {unknown[-1]}): start that version, or restore a "
            "backup from before the upgrade."
        )
