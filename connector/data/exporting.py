"""``belong export``: everything of one programme as open files, read from one state of the database, page by page.

The layout is described in docs/data.md. The folder appears under its name only when it is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connector.crypto import Keys
from connector.errors import Permanent
from connector.storage.atomic import consistent_read
from connector.storage.database import Database
from connector.storage.instance import load_epoch
from connector.storage.open_tables import (
    REFERENCES,
    SHARDED,
    Reference,
    Sharded,
    count_rows,
    next_page,
    open_row,
    reference_rows,
)
from connector.storage.people import open_person
from connector.storage.session import Row, Session

FORMAT = "belong-export"
LAYOUT = 2
MANIFEST = "manifest.json"
Progress = Callable[[int, int], None]
"""Called with (rows written, rows in all)."""


@dataclass(slots=True)
class Export:
    """What to export. programme: its number. with_people: with names, addresses, keyed hashes and secrets."""

    programme: int
    folder: Path
    with_people: bool = False
    progress: Progress | None = None


@dataclass(slots=True)
class _Writing:
    """One attempt: where it writes, and the files that are done, by name."""

    session: Session
    keys: Keys
    export: Export
    place: Path
    total: int = 0
    done: int = 0
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def advance(self, rows: int) -> None:
        self.done += rows
        if self.export.progress is not None:
            self.export.progress(self.done, self.total)


class _Lines:
    """A file of JSON Lines under way: counts and digests what it writes."""

    def __init__(self, writing: _Writing, name: str) -> None:
        self._writing, self._name = writing, name
        path = writing.place / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest = hashlib.sha256()
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            line = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "surrogatepass")
            self._digest.update(line)
            self._file.write(line)
            self._rows += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._writing.files[self._name] = {"rows": self._rows, "sha256": self._digest.hexdigest()}


def file_of(table: Sharded | Reference) -> str:
    """Name of a table's file inside an export."""
    return f"people/{table.name}.jsonl" if table.is_personal else f"{table.name}.jsonl"


def key_check(keys: Keys) -> str:
    """Tells one master key from another and gives nothing of it away."""
    return keys.hash_address(0, FORMAT)


async def export(database: Database, keys: Keys, wanted: Export, now: datetime) -> dict[str, Any]:
    """Write an export and return its manifest. Raises Permanent if the folder has something in it, or no programme."""
    folder = wanted.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Permanent(f"{folder} has something in it already: name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.with_name(f"{folder.name}.partial")

    async def body(session: Session) -> dict[str, Any]:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        return await _write(_Writing(session, keys, wanted, place), now)

    try:
        manifest = await consistent_read(database, body)
        if folder.exists():
            folder.rmdir()
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return manifest


async def _write(writing: _Writing, now: datetime) -> dict[str, Any]:
    session, number = writing.session, writing.export.programme
    wanted = [table for table in SHARDED if writing.export.with_people or not table.is_personal]
    for table in wanted:
        writing.total += await count_rows(session, table, number)
    await _write_references(writing)
    for table in wanted:
        await _write_sharded(writing, table)
    waiting = "SELECT count(*) FROM delivery WHERE programme_number = $1 AND state IN (0, 2)"
    manifest = {
        "format": FORMAT,
        "layout": LAYOUT,
        "programme": number,
        "made_at": now.isoformat(),
        "epoch": await load_epoch(session),
        "with_people": writing.export.with_people,
        "key_check": key_check(writing.keys),
        "messages_not_worked_on": await session.number(waiting, number),
        "files": writing.files,
    }
    with (writing.place / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return manifest


async def _write_references(writing: _Writing) -> None:
    number = writing.export.programme
    numbers: dict[str, list[int]] = {"programme_number": [number], "number": [number]}
    for table in REFERENCES:
        if table.is_personal and not writing.export.with_people:
            continue
        rows = await reference_rows(writing.session, table, numbers[table.of])
        if table.name == "programme" and not rows:
            raise Permanent(f"There is no programme {number}.")
        if table.name in ("connection", "webhook_endpoint"):
            numbers[f"{table.name.removeprefix('webhook_')}_number"] = [row["number"] for row in rows]
        if table.name == "programme_version":
            _write_documents(writing, rows)
        with _Lines(writing, file_of(table)) as lines:
            lines.write(rows)


def _write_documents(writing: _Writing, versions: Iterable[Mapping[str, Any]]) -> None:
    """Each version once more, as a document that ``belong programme publish`` reads."""
    folder = writing.place / "programme"
    folder.mkdir(mode=0o700)
    for row in versions:
        document = json.loads(row["document"], parse_float=str)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / f"version-{row['version']}.json").write_text(text, encoding="utf-8")


async def _write_sharded(writing: _Writing, table: Sharded) -> None:
    after: Row | None = None
    with _Lines(writing, file_of(table)) as lines:
        while page := await next_page(writing.session, table, writing.export.programme, after):
            after = page[-1]
            lines.write(_readable(writing.keys, table, row) for row in page)
            writing.advance(len(page))


def _readable(keys: Keys, table: Sharded, row: Row) -> dict[str, Any]:
    if table.name != "person":
        return open_row(row)
    plain = {name: value for name, value in row.items() if name != "sealed"}
    return {**open_row(plain), "person": open_person(keys, row["member_id"], bytes(row["sealed"]))}
