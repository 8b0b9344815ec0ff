"""What a backup says of itself, in a file beside it: a backup without it never became complete."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import msgspec

from connector.errors import Permanent
from connector.storage.session import Dialect

FORMAT = "belong-backup"
LAYOUT = 1
_PIECE = 1024 * 1024


class BackupManifest(msgspec.Struct, frozen=True):
    """bytes, sha256: of the backup's file. migrations: the schema, by the names of what made it.

    entries, ledger_root: of the ledger (``storage.ledger_root``). key_check: tells one master key from another.
    """

    format: str
    layout: int
    made_at: datetime
    database: Dialect
    migrations: list[str]
    epoch: int
    key_check: str
    bytes: int
    sha256: str
    entries: int
    ledger_root: str


def manifest_path(file: Path) -> Path:
    """Where the manifest of a backup is."""
    return file.with_name(f"{file.name}.manifest.json")


def read_manifest(file: Path) -> BackupManifest:
    """Raises Permanent if there is none, it cannot be read, or it is of another layout."""
    path = manifest_path(file)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=BackupManifest)
    except FileNotFoundError as error:
        raise Permanent(f"{file} is no whole backup: {path.name} is not beside it.") from error
    except (msgspec.DecodeError, OSError) as error:
        raise Permanent(f"{path} cannot be read: {error}.") from error
    if manifest.format != FORMAT or manifest.layout != LAYOUT:
        raise Permanent(f"{file} is a backup of layout {manifest.layout}; this Belong reads layout {LAYOUT}.")
    return manifest


def write_manifest(place: Path, manifest: BackupManifest) -> None:
    """Write it, on disk when this returns."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def measured(file: Path, copy_to: Path | None = None) -> tuple[int, str]:
    """Bytes and SHA-256 of a file as it is on disk; ``copy_to`` gets what was read."""
    digest, size = hashlib.sha256(), 0
    copy = None if copy_to is None else os.fdopen(os.open(copy_to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    try:
        with file.open("rb") as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                if copy is not None:
                    copy.write(piece)
        if copy is not None:
            copy.flush()
            os.fsync(copy.fileno())
    finally:
        if copy is not None:
            copy.close()
    return size, digest.hexdigest()


def on_disk(path: Path) -> None:
    """Wait until a file or folder is kept by the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
