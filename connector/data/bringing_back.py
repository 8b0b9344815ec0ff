"""``belong restore``: a backup becomes the database of this installation, whole or not at all.

Nothing of it is seen under the database's name before it was checked and its epoch raised: if the machine stops in the
middle, there is no database, and the restore is run again. Whoever was erased since is erased again at the start
that follows (``data.reapplying``), which every way to open the database goes through.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from connector.crypto import Keys
from connector.data.backing_up import seen
from connector.data.backup_manifest import BackupManifest, measured, on_disk, read_manifest
from connector.data.exporting import key_check
from connector.errors import ConfigProblem, Permanent
from connector.storage.database import close_database, dialect_of, open_database, sqlite_path
from connector.storage.engines.copies import change_sqlite, empty_postgresql, restore_postgresql, sqlite_leftovers
from connector.storage.instance import told_anew
from connector.storage.ledger_root import LedgerRoot
from connector.storage.schema_names import known_migrations


async def bring_back(url: str, keys: Keys, file: Path, now: datetime) -> BackupManifest:
    """Make the database from a backup. The caller holds the right to write (``writer_lock``).

    Raises Permanent or ConfigProblem, and then there is no database as before: for a database that exists, a newer
    schema, another kind of database, another master key, and any byte that is not what was backed up.
    """
    manifest = read_manifest(file)
    _must_fit(url, keys, file, manifest)
    if manifest.database == "sqlite":
        await _bring_back_file(url, file, manifest, now)
    else:
        await _bring_back_dump(url, file, manifest, now)
    return manifest


def _must_fit(url: str, keys: Keys, file: Path, manifest: BackupManifest) -> None:
    if manifest.database != dialect_of(url):
        raise Permanent(
            f"{file} is a backup of {manifest.database}, and DATABASE_URL names another kind of database. Restore it "
            "to its own kind; belong move goes from SQLite to PostgreSQL."
        )
    unknown = [name for name in manifest.migrations if name not in known_migrations()]
    if unknown:
        raise Permanent(f"{file} was written by a newer Belong (schema {unknown[-1]}): restore it with that version.")
    if manifest.key_check != key_check(keys):
        raise ConfigProblem(
            f"{file} was written with another master key: put your copy of that key in the place of this one's."
        )


def _must_be(file: Path, manifest: BackupManifest, size: int, digest: str) -> None:
    if (size, digest) != (manifest.bytes, manifest.sha256):
        raise Permanent(
            f"{file} is damaged: it has {size} bytes with SHA-256 {digest[:12]}..., and the backup had "
            f"{manifest.bytes} with {manifest.sha256[:12]}..."
        )


async def _bring_back_file(url: str, file: Path, manifest: BackupManifest, now: datetime) -> None:
    path = sqlite_path(url)
    there = sqlite_leftovers(url)
    if there:
        raise Permanent(f"There is a database at {there[0]} already: move it (and {path.name}-wal, -shm) away first.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = path.with_name(f"{path.name}.restoring")
    try:
        _must_be(file, manifest, *await asyncio.to_thread(measured, file, coming))
        await asyncio.to_thread(change_sqlite, coming, told_anew(manifest.epoch, now))
        await _must_hold(f"sqlite://{coming.resolve().as_posix()}", manifest)
        on_disk(coming)
        coming.rename(path)
        on_disk(path.parent)
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            coming.with_name(coming.name + end).unlink(missing_ok=True)


async def _bring_back_dump(url: str, file: Path, manifest: BackupManifest, now: datetime) -> None:
    _must_be(file, manifest, *await asyncio.to_thread(measured, file))
    database = await open_database(url, pool_size=1)
    try:
        sql = (
            "SELECT count(*) FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('information_schema', 'pg_catalog')"
        )
        if await database.reading().number(sql):
            raise Permanent("The database that DATABASE_URL names has tables already: make an empty one and name that.")
    finally:
        await close_database(database)
    await restore_postgresql(url, file, told_anew(manifest.epoch, now))
    try:
        await _must_hold(url, manifest)
    except Permanent:
        # It was empty, we made all of it, and nobody was served from it.
        await empty_postgresql(url)
        raise


async def _must_hold(url: str, manifest: BackupManifest) -> None:
    database = await open_database(url, read_only=dialect_of(url) == "sqlite", pool_size=1)
    try:
        migrations, _, root = await seen(database.reading())
    finally:
        await close_database(database)
    if migrations != manifest.migrations or root != LedgerRoot(manifest.entries, manifest.ledger_root):
        raise Permanent("What came out of the backup is not the ledger that went in: do not use this database.")
