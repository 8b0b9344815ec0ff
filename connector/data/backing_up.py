"""``belong backup``: one state of the whole database as one file, checked before it gets its name.

The service goes on meanwhile. The master key and the journal of erasures are not in it: the key would open what the
backup keeps closed, and an older journal would bring people back.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from connector.crypto import Keys
from connector.data.backup_manifest import (
    FORMAT,
    LAYOUT,
    BackupManifest,
    manifest_path,
    measured,
    on_disk,
    write_manifest,
)
from connector.data.exporting import key_check
from connector.errors import Permanent
from connector.storage.atomic import consistent_read
from connector.storage.database import Database, close_database, dialect_of, open_database, sqlite_path
from connector.storage.engines.copies import copy_sqlite, dump_postgresql
from connector.storage.instance import load_epoch
from connector.storage.ledger_root import LedgerRoot, ledger_root
from connector.storage.schema_names import applied_migrations
from connector.storage.session import Session

_Seen = tuple[list[str], int, LedgerRoot]


async def back_up(url: str, keys: Keys, file: Path, now: datetime) -> BackupManifest:
    """Write ``file`` and its manifest. Either both are there at the end, or no manifest is.

    Raises Permanent if something is in their place, ConfigProblem if the database or a program cannot be used.
    """
    manifest_file = manifest_path(file)
    for taken in (file, manifest_file):
        if taken.exists():
            raise Permanent(f"{taken} is there already: name a new file.")
    partial, partial_manifest = _partial(file), _partial(manifest_file)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        migrations, epoch, root = await _copy(url, partial)
        size, digest = await asyncio.to_thread(measured, partial)
        manifest = BackupManifest(
            format=FORMAT,
            layout=LAYOUT,
            made_at=now,
            database=dialect_of(url),
            migrations=migrations,
            epoch=epoch,
            key_check=key_check(keys),
            bytes=size,
            sha256=digest,
            entries=root.entries,
            ledger_root=root.root,
        )
        on_disk(partial)
        write_manifest(partial_manifest, manifest)
        partial.rename(file)
        # Last, for it is what makes the file a backup.
        partial_manifest.rename(manifest_file)
        on_disk(file.parent)
    finally:
        for left in (partial, partial_manifest, *_beside(partial)):
            left.unlink(missing_ok=True)
    return manifest


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")


def _beside(copy: Path) -> list[Path]:
    return [copy.with_name(copy.name + end) for end in ("-journal", "-wal", "-shm")]


async def _copy(url: str, partial: Path) -> _Seen:
    if dialect_of(url) == "sqlite":
        partial.unlink(missing_ok=True)
        await asyncio.to_thread(_copy_closed, sqlite_path(url), partial)
        # What is read is the copy: the database has gone on since.
        return await _looked_at(f"sqlite://{partial.resolve().as_posix()}")
    database = await open_database(url, pool_size=2)
    try:
        return await consistent_read(database, lambda session: _dump(url, session, partial))
    finally:
        await close_database(database)


def _copy_closed(source: Path, partial: Path) -> None:
    """Nobody else may read the copy, from its first byte on."""
    partial.touch(mode=0o600)
    copy_sqlite(source, partial)


async def _dump(url: str, session: Session, partial: Path) -> _Seen:
    snapshot = await session.rows("SELECT pg_export_snapshot() AS name")
    await dump_postgresql(url, str(snapshot[0]["name"]), partial)
    return await seen(session)


async def _looked_at(url: str) -> _Seen:
    database: Database = await open_database(url, read_only=True)
    try:
        return await seen(database.reading())
    finally:
        await close_database(database)


async def seen(session: Session) -> _Seen:
    """Schema, epoch and ledger root of a database."""
    return await applied_migrations(session), await load_epoch(session), await ledger_root(session)
