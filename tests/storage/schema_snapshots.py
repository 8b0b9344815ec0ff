"""Databases as released schemas left them, with a small world in each, for both kinds: ``tests/storage/schemas``.

``python -m tests.storage.schema_snapshots`` adds one of the schema that this program has. Run it when a schema is
released, and never again: what is there is what merchants have.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from tests.second_connection import run_apart

FOLDER = Path(__file__).with_name("schemas")
SUMS = {
    "entries": "SELECT count(*) FROM entry",
    "points": "SELECT sum(points) FROM entry",
    "balances": "SELECT sum(points) FROM balance",
    "deficits": "SELECT sum(deficit) FROM balance",
    "lifetimes": "SELECT sum(lifetime) FROM balance",
    "left in lots": "SELECT sum(remaining) FROM lot",
    "consumed": "SELECT sum(points) FROM consumption",
    "members": "SELECT count(*) FROM member",
    "facts": "SELECT count(*) FROM source_fact",
    "closed days": "SELECT count(*) FROM book_closing",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One released schema on one kind of database. now: the moment at which its world stands."""

    schema: str
    kind: str
    now: str
    sums: dict[str, int]

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.schema}.{self.kind}.sql.gz"


def snapshots(kind: str) -> list[Snapshot]:
    """Every one of a kind of database, oldest first."""
    found = [json.loads(path.read_text()) for path in sorted(FOLDER.glob(f"*.{kind}.json"))]
    return [Snapshot(one["schema"], kind, one["now"], one["sums"]) for one in found]


def sums(url: str) -> dict[str, int]:
    """What no upgrade may change."""
    return {name: int(run_apart(url, sql)[0][0] or 0) for name, sql in SUMS.items()}


def bring_back(snapshot: Snapshot, url: str) -> None:
    """Make an empty database into what the snapshot was."""
    script = gzip.decompress(snapshot.file.read_bytes()).decode()
    if snapshot.kind == "sqlite":
        with closing(sqlite3.connect(urlsplit(url).path)) as database:
            database.executescript(script)
            database.execute("PRAGMA journal_mode = WAL")
        return
    run_script(url, script)


def run_script(url: str, script: str) -> None:
    """Many statements of PostgreSQL, in a connection of their own."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(script)
        finally:
            await connection.close()

    asyncio.run(run())


def _dump_sqlite(url: str) -> str:
    with closing(sqlite3.connect(urlsplit(url).path)) as database:
        return "\n".join(database.iterdump())


def _dump_postgres(url: str, programs: Path) -> str:
    parts = urlsplit(url)
    named = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
    }
    options = ["--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "--no-comments"]
    said = subprocess.run(
        [programs / "pg_dump", *options, f"--dbname={unquote(parts.path.lstrip('/'))}"],
        env={**os.environ, **{name: unquote(value or "") for name, value in named.items()}},
        check=True,
        capture_output=True,
        text=True,
    )
    # Words for psql, and settings that older servers do not know.
    lines = said.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("\\", "SET ", "--")) and line)


async def _make(url: str, kind: str, programs: Path) -> None:
    from tests.storage.verify_world import world

    async with world(url) as (_, front):
        now = front.clock().isoformat()
    schema = str(run_apart(url, "SELECT max(name) FROM tortoise_migrations")[0][0])
    snapshot = Snapshot(schema, kind, now, await asyncio.to_thread(sums, url))
    text = _dump_sqlite(url) if kind == "sqlite" else await asyncio.to_thread(_dump_postgres, url, programs)
    FOLDER.mkdir(exist_ok=True)
    snapshot.file.write_bytes(gzip.compress(text.encode(), mtime=0))
    about: dict[str, Any] = {"schema": schema, "now": now, "sums": snapshot.sums}
    FOLDER.joinpath(f"{schema}.{kind}.json").write_text(json.dumps(about, indent=2) + "\n")


def main() -> None:
    from connector.storage.migrate import migrate
    from tests import postgres_server
    from tests.databases import Databases, PostgresServer

    with postgres_server.running() as server, tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder), lambda: PostgresServer(server), migrate)
        for kind in ("sqlite", "postgresql"):
            with databases.prepared(kind) as url:
                asyncio.run(_make(url, kind, postgres_server.programs_folder()))


if __name__ == "__main__":
    main()
