"""A database as one file, and back: SQLite's online backup, and PostgreSQL's own programs (ADR 0019)."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from connector.errors import ConfigProblem
from connector.storage.database import sqlite_path, tortoise_config

_PIECE = 1024 * 1024
_SCHEMA = "public"


def copy_sqlite(source: Path, target: Path) -> None:
    """One state of ``source``, which others may be writing, as a file of its own. In one step, so that it never has
    to begin again; writers go on meanwhile. Raises ConfigProblem if there is no database or its pages do not hold.
    """
    if not source.exists():
        raise ConfigProblem(f"There is no database at {source}.")
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.execute("PRAGMA query_only = ON")
        reading.backup(writing)
        # The copy says that it has a log beside it, as its source does; it shall stand alone.
        writing.execute("PRAGMA journal_mode = DELETE")
        refuse_broken(writing, source)


def refuse_broken(database: sqlite3.Connection, named: Path) -> None:
    """Raise ConfigProblem if SQLite finds its own file broken."""
    found = [row[0] for row in database.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise ConfigProblem(f"SQLite finds {named} damaged: {'; '.join(found)}.")


def change_sqlite(path: Path, statements: Sequence[str]) -> None:
    """Check a copy and run statements in it, all or none; on disk when this returns."""
    with closing(sqlite3.connect(path)) as database:
        refuse_broken(database, path)
        with database:
            for statement in statements:
                database.execute(statement)


async def dump_postgresql(url: str, snapshot: str, target: Path) -> None:
    """The state that an exported snapshot sees, as a file of ``pg_dump``. Raises ConfigProblem with what it said."""
    program = _program("pg_dump")
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    arguments = ["--format=custom", "--no-owner", "--no-privileges"]
    dump = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        f"--snapshot={snapshot}",
        f"--file={target}",
        env=_environment(url),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with _ended(dump):
        _, said = await dump.communicate()
    _must(program, dump.returncode, said)


async def restore_postgresql(url: str, source: Path, statements: Sequence[str]) -> None:
    """Fill an empty database from a file of ``pg_dump``, then run statements, all in one transaction.

    The transaction is ended by our last word and not by the end of the input: whenever one of the three processes
    dies, the database stays empty.
    """
    reader, writer = _program("pg_restore"), _program("psql")
    read = await asyncio.create_subprocess_exec(
        reader,
        *("--file=-", "--no-owner", "--no-privileges", str(source)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    write = await asyncio.create_subprocess_exec(
        writer,
        *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"),
        env=_environment(url),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with _ended(read), _ended(write):
        assert read.stderr and write.stderr
        heard = asyncio.gather(read.stderr.read(), write.stderr.read())
        last_words = [f"SET LOCAL search_path TO {_SCHEMA};", *(f"{one};" for one in statements), "COMMIT;"]
        try:
            await _pass_on(read, write, "\n".join(last_words))
        except (BrokenPipeError, ConnectionResetError):
            # psql has ended at an error, and says below which.
            read.kill()
        read_said, write_said = await heard
        await asyncio.gather(read.wait(), write.wait())
    _must(writer, write.returncode, write_said)
    _must(reader, read.returncode, read_said)


async def empty_postgresql(url: str) -> None:
    """Take away everything that a restore made."""
    write = await asyncio.create_subprocess_exec(
        _program("psql"),
        *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
        f"--command=DROP SCHEMA {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}",
        env=_environment(url),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with _ended(write):
        _, said = await write.communicate()
    _must("psql", write.returncode, said)


async def _pass_on(read: asyncio.subprocess.Process, write: asyncio.subprocess.Process, last_words: str) -> None:
    assert read.stdout and write.stdin
    write.stdin.write(b"BEGIN;\n")
    while piece := await read.stdout.read(_PIECE):
        write.stdin.write(piece)
        await write.stdin.drain()
    if await read.wait() == 0:
        write.stdin.write(f"\n{last_words}\n".encode())
        await write.stdin.drain()
    write.stdin.close()


@asynccontextmanager
async def _ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Leave no program behind, however the block ends."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ConfigProblem(
            f"{name} is not installed here: install PostgreSQL's client programs (postgresql-client) of the server's "
            "version or newer, or run this where they are."
        )
    return found


def _must(program: str, code: int | None, said: bytes) -> None:
    if code != 0:
        raise ConfigProblem(f"{Path(program).name} failed: {' '.join(said.decode(errors='replace').split())[:500]}")


def _environment(url: str) -> dict[str, str]:
    """The database for PostgreSQL's programs: never on a command line, which everybody on a machine can read."""
    (settings,) = tortoise_config(url)["connections"].values()
    given: dict[str, Any] = settings["credentials"]
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "database"}
    return {**os.environ, **{name: str(given[key]) for name, key in named.items() if given[key] is not None}}


def sqlite_leftovers(url: str) -> list[Path]:
    """Files that make up a SQLite database, as far as there are any: the database, its log, its index."""
    path = sqlite_path(url)
    return [one for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))) if one.exists()]
