"""``belong import-export``: an export back into an empty installation, all of it or nothing.

What the files say is checked row by row on the way in: digests and counts against the manifest, columns and types
against the tables. Without ``apply`` the same reading happens and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from connector.crypto import Keys
from connector.data.exporting import FORMAT, LAYOUT, MANIFEST, Progress, file_of, key_check
from connector.errors import Permanent
from connector.storage.atomic import atomic
from connector.storage.connections import set_problem
from connector.storage.database import Database
from connector.storage.instance import told_anew, turn_to_present_key
from connector.storage.open_tables import (
    PAGE,
    REFERENCES,
    SHARDED,
    Reference,
    Sharded,
    WrongRow,
    closed_row,
    columns_of,
    go_on_counting,
    insert_reference,
    reference_values,
)
from connector.storage.people import seal_person
from connector.storage.session import Session

T = TypeVar("T")

MAX_LINE_BYTES = 32 * 1024 * 1024
NO_SECRETS = "The export came without secrets: give them with belong secret CONNECTION NAME."


class Manifest(msgspec.Struct, frozen=True):
    """What an export says of itself. files: rows and SHA-256, by name."""

    class File(msgspec.Struct, frozen=True):
        rows: int
        sha256: str

    format: str
    layout: int
    programme: int
    made_at: datetime
    epoch: int
    with_people: bool
    key_check: str
    messages_not_worked_on: int
    files: dict[str, File]


@dataclass(slots=True)
class Restoring:
    """An export that is to be brought in."""

    folder: Path
    manifest: Manifest
    keys: Keys
    now: datetime
    progress: Progress | None = None
    done: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, keys: Keys, now: datetime, progress: Progress | None = None) -> Self:
        """Read the manifest. Raises Permanent if this is no export, of another layout, or under another key."""
        manifest = _manifest(folder)
        if manifest.with_people and manifest.key_check != key_check(keys):
            raise Permanent(
                "The people of this export were sealed with another master key: put the key file of that "
                "installation in the place of this one's, or export again without --with-people."
            )
        return cls(folder, manifest, keys, now, progress)

    @property
    def is_other_key(self) -> bool:
        """Keyed hashes of addresses do not fit: a guest's orders will not find their member by address."""
        return self.manifest.key_check != key_check(self.keys)

    def tables(self) -> list[Sharded | Reference]:
        """What the export holds, references first."""
        every: list[Sharded | Reference] = [*REFERENCES, *SHARDED]
        return [table for table in every if self.manifest.with_people or not table.is_personal]


def _manifest(folder: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise Permanent(f"{folder} is no export: it has no {MANIFEST}.") from error
    except (msgspec.DecodeError, OSError) as error:
        raise Permanent(f"{folder / MANIFEST} cannot be read: {error}.") from error
    if manifest.format != FORMAT or manifest.layout != LAYOUT:
        raise Permanent(f"This is an export of layout {manifest.layout}; Belong reads layout {LAYOUT}.")
    return manifest


async def restore(database: Database, restoring: Restoring, *, apply: bool) -> dict[str, int]:
    """Check an export and, with ``apply``, bring it in. Returns rows by table.

    Raises Permanent, and then nothing is changed: for an installation that has a programme, and for any damage.
    """

    async def body(session: Session) -> dict[str, int]:
        restoring.rows.clear()
        restoring.done = 0
        if await session.number("SELECT count(*) FROM programme"):
            raise Permanent("This installation has a programme already: an export goes into an empty one.")
        if apply:
            await turn_to_present_key(session, restoring.keys)
        for table in restoring.tables():
            await _bring_in(session, restoring, table, apply)
        if apply:
            await _start_again(session, restoring)
        return dict(restoring.rows)

    return await atomic(database, body)


async def _bring_in(session: Session, restoring: Restoring, table: Sharded | Reference, apply: bool) -> None:
    count = 0
    if isinstance(table, Reference):
        for values in _read(restoring, table, lambda given: reference_values(table, given)):
            _must_be_of(restoring, values)
            count += 1
            if apply:
                await insert_reference(session, table, values)
    else:
        columns = await columns_of(session, table)
        names = " ".join(columns)
        for page in _pages(_read(restoring, table, _row_reader(restoring, table, columns))):
            count += len(page)
            if apply:
                await session.insert(table.name, names, page)
            _advance(restoring, len(page))
    restoring.rows[table.name] = count


def _must_be_of(restoring: Restoring, values: Mapping[str, Any]) -> None:
    if values.get("programme_number", restoring.manifest.programme) != restoring.manifest.programme:
        raise Permanent(f"The export is of programme {restoring.manifest.programme} and holds rows of another one.")


def _row_reader(restoring: Restoring, table: Sharded, columns: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    def read(given: Any) -> tuple[Any, ...]:
        if isinstance(given, dict):
            _must_be_of(restoring, given)
        if table.name == "person" and isinstance(given, dict):
            given = dict(given)
            sealed = seal_person(restoring.keys, str(given.get("member_id")), given.pop("person", None))
            row = closed_row([name for name in columns if name != "sealed"], given)
            at = columns.index("sealed")
            return (*row[:at], sealed, *row[at:])
        return closed_row(columns, given)

    return read


def _read(restoring: Restoring, table: Sharded | Reference, row: Callable[[Any], T]) -> Iterator[T]:
    """Rows of a table's file; raises Permanent at the first that is wrong, and at the end if the digest is."""
    name = file_of(table)
    said = restoring.manifest.files.get(name)
    if said is None:
        raise Permanent(f"The manifest does not name {name}: the export is not whole.")
    digest, count = hashlib.sha256(), 0
    try:
        with (restoring.folder / name).open("rb") as file:
            while line := file.readline(MAX_LINE_BYTES):
                digest.update(line)
                count += 1
                yield _parsed(name, count, line, row)
    except FileNotFoundError as error:
        raise Permanent(f"{name} is missing: the export is not whole.") from error
    if count != said.rows or digest.hexdigest() != said.sha256:
        raise Permanent(f"{name} is not what was exported: its rows or its SHA-256 differ from the manifest.")


def _parsed(name: str, number: int, line: bytes, row: Callable[[Any], T]) -> T:
    try:
        return row(json.loads(line.decode("utf-8", "surrogatepass")))
    except (WrongRow, msgspec.ValidationError, ValueError) as error:
        raise Permanent(f"{name} line {number}: {error}.") from error


def _pages(rows: Iterator[T]) -> Iterator[list[T]]:
    page: list[T] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _advance(restoring: Restoring, rows: int) -> None:
    restoring.done += rows
    if restoring.progress is not None:
        names = [file_of(table) for table in SHARDED]
        total = sum(restoring.manifest.files[name].rows for name in names if name in restoring.manifest.files)
        restoring.progress(restoring.done, total)


async def _start_again(session: Session, restoring: Restoring) -> None:
    """Stores are told everything anew, under a higher epoch; who has no secrets needs the merchant first."""
    await go_on_counting(session)
    for statement in told_anew(restoring.manifest.epoch, restoring.now):
        await session.run(statement)
    if not restoring.manifest.with_people:
        for row in await session.rows("SELECT number FROM connection"):
            await set_problem(session, row["number"], NO_SECRETS, restoring.now)
