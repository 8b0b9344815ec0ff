"""The last backup that was finished, in a file of BELONG_HOME: the command that makes backups cannot write to the
database. Its first line is the moment, its second what the console says of it.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import msgspec

from connector.data.backup_manifest import BackupManifest

NAME = "last-backup"


class NotedBackup(msgspec.Struct, frozen=True):
    """file: where it was written to. entries: of the ledger."""

    made_at: datetime
    file: str
    bytes: int
    entries: int


def note_backup(home: Path, manifest: BackupManifest, file: Path) -> None:
    """A whole backup was made."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = home / f"{NAME}.partial"
    noted = NotedBackup(manifest.made_at, str(file), manifest.bytes, manifest.entries)
    half.write_bytes(f"{manifest.made_at.isoformat()}\n".encode() + msgspec.json.encode(noted) + b"\n")
    os.replace(half, home / NAME)


def last_backup(home: Path) -> datetime | None:
    """When; None if none was noted here, or nobody can read it."""
    try:
        found = datetime.fromisoformat(_lines(home)[0].decode("ascii"))
    except (OSError, ValueError, IndexError):
        return None
    return found if found.tzinfo is not None else None


def noted_backup(home: Path) -> NotedBackup | None:
    """What is known of it; None if none was noted here, or only its moment."""
    try:
        return msgspec.json.decode(_lines(home)[1], type=NotedBackup)
    except (OSError, IndexError, msgspec.DecodeError):
        return None


def _lines(home: Path) -> list[bytes]:
    return (home / NAME).read_bytes().splitlines()
