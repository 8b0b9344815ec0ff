"""Programmes and their immutable versions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.storage.models import Programme as ProgrammeRow
from connector.storage.models import ProgrammeCorrection, ProgrammePause, ProgrammeVersion
from connector.storage.session import Session
from loyalty_engine.days import local_day
from loyalty_engine.programme import (
    Correction,
    Programme,
    Rulebook,
    canonical_json,
    parse_programme,
    read_document,
)


@dataclass(frozen=True, slots=True)
class ProgrammeBooks:
    """What a decision needs of a programme. ``closed_through``: last closed day of its books. ``paused_at``: since when
    nothing is decided; None while it runs. ``pauses``: every [begin, end) that is over.
    """

    number: int
    timezone: str
    starts_at: datetime
    closed_through: date | None
    rulebook: Rulebook
    paused_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def is_paused(self) -> bool:
        """Whether facts are only kept for now."""
        return self.paused_at is not None

    def day(self, now: datetime) -> date:
        """The local day of the programme."""
        return local_day(now, self.timezone)


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
    latest = await _newest(session, number)
    version = (latest.version if latest else 0) + 1
    effective_from = max(effective_from, now, latest.effective_from if latest else now)
    parse_programme(document, version, effective_from)
    await _insert_version(session, number, version, document, effective_from, now, actor)
    return version


async def _newest(session: Session, number: int) -> ProgrammeVersion | None:
    rows = ProgrammeVersion.filter(programme_number=number).using_db(session.client)
    return await rows.order_by("-version").first()


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
        document=canonical_json(document),
        created_at=now,
        actor=actor,
    )


async def load_programmes(session: Session, lock: bool = False) -> dict[int, ProgrammeBooks]:
    """Every programme by number. ``lock``: keep the books' last closed day from moving until the transaction ends."""
    if lock and session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme ORDER BY number FOR SHARE")
    programmes = await ProgrammeRow.all().using_db(session.client)
    versions = await ProgrammeVersion.all().using_db(session.client).order_by("programme_number", "version")
    corrections = await ProgrammeCorrection.all().using_db(session.client).order_by("id")
    pauses = await ProgrammePause.all().using_db(session.client).order_by("begins_at")
    return {
        row.number: ProgrammeBooks(
            row.number,
            row.timezone,
            row.starts_at,
            row.closed_through,
            Rulebook(
                tuple(_parsed(version) for version in versions if version.programme_number == row.number),
                tuple(_correction(one) for one in corrections if one.programme_number == row.number),
            ),
            *_pauses([pause for pause in pauses if pause.programme_number == row.number]),
        )
        for row in programmes
    }


def _correction(row: ProgrammeCorrection) -> Correction:
    return Correction(row.wrong_version, row.right_version, row.paid_from, row.paid_until)


def _pauses(rows: list[ProgrammePause]) -> tuple[datetime | None, tuple[tuple[datetime, datetime], ...]]:
    """Since when it is paused, if it is, and the pauses that are over."""
    lasting = [row.begins_at for row in rows if row.ends_at is None]
    over = tuple((row.begins_at, row.ends_at) for row in rows if row.ends_at is not None)
    return (lasting[0] if lasting else None), over


async def latest_document(session: Session, number: int) -> dict[str, Any]:
    """The newest version's document, to edit."""
    row = await _newest(session, number)
    return read_document(row.document, "json") if row else {}


_cache: dict[int, tuple[str, Programme]] = {}


def _parsed(row: ProgrammeVersion) -> Programme:
    # Versions never change, but tests open many databases in one process: the document tells them apart.
    signature = f"{row.version}:{row.effective_from.isoformat()}:{row.document}"
    cached = _cache.get(row.id)
    if cached is None or cached[0] != signature:
        cached = (signature, parse_programme(read_document(row.document, "json"), row.version, row.effective_from))
        _cache[row.id] = cached
    return cached[1]
