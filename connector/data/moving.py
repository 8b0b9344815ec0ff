"""``belong move``: a whole installation from SQLite to PostgreSQL, every row of every table (ADR 0022).

The service is stopped meanwhile. Rows go over page by page, each page with the note of how far it is in one
transaction, so that a move that was stopped goes on where it was. Before the new database is opened for services,
every row is read again from both sides and compared.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from tortoise.exceptions import BaseORMException

from connector.crypto import Keys
from connector.data.exporting import Progress
from connector.errors import ConfigProblem, Permanent
from connector.storage import moves, whole_tables
from connector.storage.atomic import atomic, consistent_read, is_outage
from connector.storage.database import Database, close_database, dialect_of, open_database, sqlite_path
from connector.storage.instance import created_at, ensure_instance
from connector.storage.ledger_root import LedgerRoot, ledger_root
from connector.storage.migrate import migrate
from connector.storage.moves import Move, Part
from connector.storage.schema_names import applied_migrations
from connector.storage.session import Session
from connector.storage.whole_tables import PostgresRows, Table, Values

NOT_MOVED = frozenset({"database_move", "id_sequence", "move_part", "tortoise_migrations"})
"""Of each database itself; the numbers of ``id_sequence`` become those of a sequence."""
FILLED_BY_SCHEMA = frozenset({"shard_slot"})
"""Migrations put the same rows into every database: they are compared and not brought."""
LAST = "instance"
"""With it a database is an installation."""
EMPTY_ONE = "Make an empty database and name that."


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved. began_at: when the first try of this move began: since then no service could run."""

    rows: int
    ledger: LedgerRoot
    began_at: datetime
    other: str


@dataclass(slots=True)
class _Move:
    source: Database
    target: Database
    progress: Progress | None
    now: Callable[[], datetime]
    here: dict[str, Table] = field(default_factory=dict)
    there: dict[str, Table] = field(default_factory=dict)
    total: int = 0
    done: int = 0

    def advance(self, rows: int) -> None:
        self.done += rows
        if rows and self.progress is not None:
            self.progress(self.done, self.total)

    def names(self) -> list[str]:
        moved = [name for name in self.here if name not in NOT_MOVED and name != LAST]
        return [*moved, LAST]


def described(url: str) -> str:
    """A database in words, without its password."""
    if dialect_of(url) == "sqlite":
        return str(sqlite_path(url))
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


async def move(
    source_url: str, target_url: str, keys: Keys, now: Callable[[], datetime], progress: Progress | None = None
) -> Moved:
    """Move everything, or go on where an earlier try stopped. The caller holds the right to write to the source.

    Raises ConfigProblem or Permanent with a sentence, before anything is written: for a source that is no SQLite
    installation of this master key, a target that is no empty PostgreSQL database (unless it holds a part of this very
    move), and a move that is over. A difference found at the end leaves both databases closed, and is Permanent.
    """
    _must_be_kinds(source_url, target_url)
    source = await _open_source(source_url, keys, now())
    try:
        target = await open_database(target_url, pool_size=2)
        try:
            it = _Move(source, target, progress, now)
            began = await _begin(it, source_url, target_url)
            await _bring_all(it)
            await _compare_all(it)
            return await _end(it, began)
        finally:
            await close_database(target)
    finally:
        await close_database(source)


async def cancel(source_url: str, keys: Keys, now: datetime) -> str:
    """Give a move up that did not end, so that services start on the source again. Returns where it went.

    Raises ConfigProblem if there is none, or it ended.
    """
    source = await _open_source(source_url, keys, now)
    try:
        return await atomic(source, _given_up)
    finally:
        await close_database(source)


async def _given_up(session: Session) -> str:
    found = await moves.find_move(session, leaves=True)
    if found is None:
        raise ConfigProblem("No move was begun here.")
    if found.ended_at is not None:
        raise ConfigProblem(f"The move to {found.other} ended; what happened since is only there.")
    await moves.forget_move(session, found.move_id)
    return found.other


def _must_be_kinds(source_url: str, target_url: str) -> None:
    if dialect_of(target_url) != "postgresql" or dialect_of(source_url) != "sqlite":
        raise ConfigProblem(
            "belong move goes from SQLite, which DATABASE_URL names, to PostgreSQL, which --to names. Between two "
            "databases of one kind: belong backup and belong restore."
        )
    if not sqlite_path(source_url).exists():
        raise ConfigProblem(f"There is no database at {sqlite_path(source_url)}.")


async def _open_source(url: str, keys: Keys, now: datetime) -> Database:
    await migrate(url)
    source = await open_database(url)
    try:
        if await created_at(source.reading()) is None:
            raise ConfigProblem("Nothing was ever done here: set DATABASE_URL to the new database and start there.")
        # There is one, so this only opens what proves the key.
        await atomic(source, lambda session: ensure_instance(session, keys, now))
    except BaseException:
        await close_database(source)
        raise
    return source


async def _begin(it: _Move, source_url: str, target_url: str) -> datetime:
    """Close both databases for services, or find them closed by an earlier try. Returns when the first one was."""
    ours = await moves.find_move(it.source.reading(), leaves=True)
    theirs = await _arriving(it.target.reading())
    if theirs is None:
        if ours is not None and ours.ended_at is not None:
            raise ConfigProblem(str(await moves.closed_because(it.source.reading())))
        await _must_be_empty(it.target.reading())
        await migrate(target_url)
    elif ours is None or theirs.move_id != ours.move_id:
        raise ConfigProblem(f"{described(target_url)} holds a part of another move. {EMPTY_ONE}")
    elif theirs.ended_at is not None and ours.ended_at is not None:
        raise ConfigProblem(f"This move is over: set DATABASE_URL to {ours.other}.")
    else:
        await migrate(target_url)
    now = it.now()
    move_id = str(uuid.uuid4()) if ours is None else ours.move_id
    if ours is None:
        there = described(target_url)
        await atomic(it.source, lambda session: moves.note_move(session, move_id, leaves=True, other=there, now=now))
    if theirs is None:
        here = described(source_url)
        await atomic(it.target, lambda session: moves.note_move(session, move_id, leaves=False, other=here, now=now))
    await _look_at_both(it)
    return now if ours is None else ours.began_at


async def _arriving(target: Session) -> Move | None:
    known = await whole_tables.postgres_tables(target)
    return await moves.find_move(target, leaves=False) if "database_move" in known else None


async def _must_be_empty(target: Session) -> None:
    """No table, or only those of a start of ours that went no further, with nothing in them."""
    named = "The database that --to names"
    others = await whole_tables.foreign_tables(target)
    if others:
        raise ConfigProblem(f"{named} has tables already ({others[0]}). {EMPTY_ONE}")
    found = await whole_tables.postgres_tables(target)
    if found and "tortoise_migrations" not in found:
        raise ConfigProblem(f"{named} has tables already ({min(found)}). {EMPTY_ONE}")
    for name in found.keys() - FILLED_BY_SCHEMA - {"tortoise_migrations"}:
        if await whole_tables.count_rows(target, name):
            raise ConfigProblem(f"{named} is an installation of Belong already. {EMPTY_ONE}")


async def _look_at_both(it: _Move) -> None:
    source, target = it.source.reading(), it.target.reading()
    it.here, it.there = await whole_tables.sqlite_tables(source), await whole_tables.postgres_tables(target)
    schemas = await applied_migrations(source), await applied_migrations(target)
    missing = (it.here.keys() ^ it.there.keys()) - {"id_sequence"}
    if schemas[0] != schemas[1] or missing:
        raise Permanent(f"The two databases have different schemas ({sorted(missing) or schemas}).")
    for name in it.names():
        # Each row goes over, and is then compared.
        it.total += 2 * await whole_tables.count_rows(source, name)


async def _bring_all(it: _Move) -> None:
    parts = await moves.load_parts(it.target.reading())
    for name in it.names():
        part = parts.get(name, Part(None, 0, False))
        it.advance(part.rows)
        if name in FILLED_BY_SCHEMA:
            it.advance(await whole_tables.count_rows(it.source.reading(), name))
        elif not part.is_whole:
            await _bring(it, it.here[name], part)


async def _bring(it: _Move, table: Table, part: Part) -> None:
    change = whole_tables.to_postgres(table, it.there[table.name])
    last, rows = part.last_key, part.rows
    while page := await whole_tables.sqlite_page(it.source.reading(), table, last):
        last, rows = whole_tables.key_of(table, page[-1]), rows + len(page)
        try:
            given = page if change is None else [change(values) for values in page]
            await atomic(it.target, _bringing(table, given, last, rows))
        except (BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            if is_outage(error):
                raise
            raise Permanent(
                f"PostgreSQL cannot keep a row of {table.name}, the last one {last} or one before it: {error}"
            ) from error
        it.advance(len(page))
    await atomic(it.target, lambda session: moves.note_part(session, table.name, last, rows, is_whole=True))


def _bringing(table: Table, given: Sequence[Values], last: Sequence[Any], rows: int) -> Callable[[Session], Any]:
    async def body(session: Session) -> None:
        part = (await moves.load_parts(session)).get(table.name)
        if part is not None and part.rows >= rows:
            # The answer to an earlier commit of this page was lost.
            return
        await session.insert(table.name, " ".join(table.columns), given)
        await moves.note_part(session, table.name, last, rows, is_whole=False)

    return body


async def _compare_all(it: _Move) -> None:
    for name in it.names():
        await consistent_read(it.target, _comparing(it, it.here[name], it.there[name]))


def _comparing(it: _Move, here: Table, there: Table) -> Callable[[Session], Any]:
    change = whole_tables.to_postgres(here, there)

    async def body(session: Session) -> None:
        rows = PostgresRows(session, there, list(here.columns), here.key)
        last: Sequence[Any] | None = None
        while page := await whole_tables.sqlite_page(it.source.reading(), here, last):
            wanted = page if change is None else [change(values) for values in page]
            if await rows.take(len(page)) != wanted:
                raise Permanent(_differs(here, whole_tables.key_of(here, page[0])))
            last = whole_tables.key_of(here, page[-1])
            it.advance(len(page))
        if await rows.take(1):
            raise Permanent(_differs(here, last))

    return body


def _differs(table: Table, key: Sequence[Any] | None) -> str:
    return (
        f"Rows of {table.name} from {key} on are not the same in both databases. Neither is open for a service: make "
        "an empty database, run belong move --cancel, and move again."
    )


async def _end(it: _Move, began: datetime) -> Moved:
    found = await moves.find_move(it.source.reading(), leaves=True)
    assert found is not None
    root = await ledger_root(it.source.reading())
    if root != await consistent_read(it.target, ledger_root):
        raise Permanent("The ledgers of the two databases are not the same: do not use the new one.")

    async def counted(session: Session) -> None:
        await whole_tables.go_on_counting(it.source.reading(), session)
        # Plans of a database that knows nothing of its tables are bad ones.
        await session.run("ANALYZE")

    await atomic(it.target, counted)
    # First here, then there: at no moment may services start on both.
    await atomic(it.source, lambda session: moves.end_move(session, found.move_id, it.now()))
    await atomic(it.target, lambda session: moves.end_move(session, found.move_id, it.now()))
    return Moved(it.total // 2, root, began, found.other)
