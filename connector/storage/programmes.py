"""Programmes and their immutable versions."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.storage.models import Programme as ProgrammeRow
from connector.storage.models import ProgrammeVersion
from connector.storage.session import Session
from loyalty_engine.programme import Programme, parse_programme


@dataclass(frozen=True, slots=True)
class ProgrammeBooks:
    """What a decision needs of a programme. ``versions`` in rising order; ``closed_through``: last closed day of its
    books.
    """

    number: int
    timezone: str
    starts_at: datetime
    closed_through: date | None
    versions: tuple[Programme, ...]


async def create_programme(session: Session, document: Mapping[str, Any], starts_at: datetime, now: datetime) -> int:
    """A new programme, its first version in force from ``starts_at``. Raises ProgrammeError. Returns its number."""
    programme = parse_programme(document, 1, starts_at)
    row = await ProgrammeRow.create(
        using_db=session.client,
        public_id=str(uuid.uuid4()),
        name=programme.name,
        timezone=programme.timezone,
        starts_at=starts_at,
        created_at=now,
    )
    await _insert_version(session, row.number, 1, document, starts_at, now, "connect")
    return int(row.number)


async def publish_version(
    session: Session, number: int, document: Mapping[str, Any], effective_from: datetime, now: datetime, actor: str
) -> int:
    """Add a version in force from ``effective_from`` (never in the past). Earlier orders keep theirs. Returns its
    number.
    """
    latest = (
        await ProgrammeVersion.filter(programme_number=number).using_db(session.client).order_by("-version").first()
    )
    version = (latest.version if latest else 0) + 1
    effective_from = max(effective_from, now, latest.effective_from if latest else now)
    parse_programme(document, version, effective_from)
    await _insert_version(session, number, version, document, effective_from, now, actor)
    return version


async def _insert_version(
    session: Session,
    number: int,
    version: int,
    document: Mapping[str, Any],
    effective_from: datetime,
    now: datetime,
    actor: str,
) -> None:
    await ProgrammeVersion.create(
        using_db=session.client,
        programme_number=number,
        version=version,
        effective_from=effective_from,
        document=json.dumps(document, sort_keys=True),
        created_at=now,
        actor=actor,
    )


async def load_programmes(session: Session, lock: bool = False) -> dict[int, ProgrammeBooks]:
    """Every programme by number. ``lock``: keep the books' last closed day from moving until the transaction ends."""
    if lock and session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme ORDER BY number FOR SHARE")
    programmes = await ProgrammeRow.all().using_db(session.client)
    versions = await ProgrammeVersion.all().using_db(session.client).order_by("programme_number", "version")
    return {
        row.number: ProgrammeBooks(
            row.number,
            row.timezone,
            row.starts_at,
            row.closed_through,
            tuple(_parsed(version) for version in versions if version.programme_number == row.number),
        )
        for row in programmes
    }


async def latest_document(session: Session, number: int) -> dict[str, Any]:
    """The newest version's document, to edit."""
    row = await ProgrammeVersion.filter(programme_number=number).using_db(session.client).order_by("-version").first()
    document: dict[str, Any] = json.loads(row.document) if row else {}
    return document


_cache: dict[int, tuple[str, Programme]] = {}


def _parsed(row: ProgrammeVersion) -> Programme:
    # Versions never change, but tests open many databases in one process: the document tells them apart.
    signature = f"{row.version}:{row.effective_from.isoformat()}:{row.document}"
    cached = _cache.get(row.id)
    if cached is None or cached[0] != signature:
        cached = (signature, parse_programme(json.loads(row.document), row.version, row.effective_from))
        _cache[row.id] = cached
    return cached[1]
