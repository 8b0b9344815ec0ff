"""Programmes and their immutable versions."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connector.errors import NoStart, Permanent
from connector.storage.kept import EVERYONE
from connector.storage.mail_settings import MailSettings, read_settings
from connector.storage.marks import NOBODY
from connector.storage.models import Programme as ProgrammeRow
from connector.storage.models import ProgrammeCorrection, ProgrammePause, ProgrammeStop, ProgrammeVersion
from connector.storage.redemptions import move_open_ends
from connector.storage.session import Session
from loyalty_engine.days import local_day
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import (
    Correction,
    Pause,
    Programme,
    Rulebook,
    Stop,
    canonical_json,
    parse_programme,
    read_document,
    written_out,
)

AHEAD_MAX = timedelta(days=400)
"""How far ahead a version can be planned: until it begins, no other can begin before it."""


@dataclass(frozen=True, slots=True)
class ProgrammeBooks:
    """What a decision needs of a programme. ``closed_through``: last closed day of its books. to_announce: versions
    that members are still to be told of, if they hold. mails: which of them go out.
    """

    number: int
    timezone: str
    starts_at: datetime
    closed_through: date | None
    rulebook: Rulebook
    to_announce: frozenset[int] = frozenset()
    mails: MailSettings = MailSettings()

    @property
    def is_paused(self) -> bool:
        """Whether facts are only kept for now."""
        return self.rulebook.paused_at is not None

    def day(self, now: datetime) -> date:
        """The local day of the programme."""
        return local_day(now, self.timezone)


async def create_programme(session: Session, document: Mapping[str, Any], starts_at: datetime, now: datetime) -> int:
    """A new programme, its first version in force from ``starts_at``. Raises ProgrammeError. Returns its number."""
    document = written_out(document)
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
    session: Session,
    number: int,
    document: Mapping[str, Any],
    effective_from: datetime | None,
    now: datetime,
    actor: str,
    reason: str = "",
    *,
    tells: bool = False,
    person: str = "",
    through: str = "",
) -> int:
    """Add a version in force from ``effective_from``; None: as soon as possible. Earlier orders keep theirs. tells:
    members hear of it (``announcing``). person, through: of ``people.actors.Actor``. Members are looked at when it
    begins (``marks``).

    Returns its number. Raises ProgrammeError for the document, NoStart for a time that is not possible.
    """
    document = written_out(document)
    await hold_versions(session, number)
    latest = await _newest(session, number)
    if latest is None:
        raise Permanent(f"There is no programme {number}.")
    begins = beginning_of(latest.version, latest.effective_from, effective_from, now)
    version = await _last_number(session, number) + 1
    programme = parse_programme(document, version, begins)
    refuse_other_books(parsed(latest), programme)
    made = await _insert_version(session, number, version, document, begins, now, actor, reason, tells=tells)
    made.person, made.through, made.marks_after = person, through, NOBODY
    await made.save(using_db=session.client, update_fields=["person", "through", "marks_after"])
    return version


def refuse_other_books(before: Programme, programme: Programme) -> None:
    """Books and spending go by the days of one zone, in one currency. Raises ProgrammeError."""
    for key, old, new in (
        ("timezone", before.timezone, programme.timezone),
        ("currency", before.base_currency, programme.base_currency),
    ):
        if old != new:
            raise ProgrammeError(f"programme.{key}", "cannot-change", before=old)


def beginning_of(latest: int, latest_from: datetime, wanted: datetime | None, now: datetime) -> datetime:
    """When the version after ``latest`` takes effect; wanted None: as soon as possible. Raises NoStart."""
    if wanted is not None and wanted < now:
        raise NoStart(
            "past",
            "A version takes effect now or later, never in the past. To change what was earned before, publish it and "
            "then correct it: belong programme correct.",
        )
    if wanted is not None and wanted > now + AHEAD_MAX:
        raise NoStart(
            "far",
            f"A version takes effect within {AHEAD_MAX.days} days: whatever is planned later can be published later.",
            days=AHEAD_MAX.days,
        )
    if wanted is not None and wanted < latest_from:
        raise NoStart(
            "planned",
            f"Version {latest} takes effect at {latest_from:%Y-%m-%d %H:%M} UTC: name that time, and "
            "yours replaces it, or a later one.",
            version=latest,
            at=latest_from,
        )
    return wanted or max(now, latest_from)


async def hold_versions(session: Session, number: int) -> None:
    """None of them is withdrawn until the transaction ends."""
    if session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme WHERE number = $1 FOR SHARE", number)


async def stop_others(session: Session, number: int) -> None:
    """Nobody decides anything of this programme until the transaction ends; what is being decided ends first. Whoever
    pauses or resumes reads the moment after this, so that no decision is younger and sees less.
    """
    if session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme WHERE number = $1 FOR UPDATE", number)


async def pause(
    session: Session, number: int, now: datetime, actor: str, reason: str = "", *, person: str = "", through: str = ""
) -> None:
    """From now on facts are kept and nothing is decided. person, through: of ``people.actors.Actor``. Raises Permanent
    if that is so already.
    """
    paused_at = (await _books(session, number)).rulebook.paused_at
    if paused_at is not None:
        raise Permanent(f"Programme {number} is paused since {paused_at:%Y-%m-%d %H:%M} UTC.")
    session.changed.add(EVERYONE)
    await ProgrammePause.create(
        using_db=session.client,
        programme_number=number,
        begins_at=now,
        actor=actor,
        reason=reason or None,
        person=person,
        through=through,
    )


async def resume(
    session: Session, number: int, now: datetime, actor: str, reason: str = "", *, person: str = "", through: str = ""
) -> datetime:
    """End the pause; what waited is decided. What was to end later than it began ends later by its length: points when
    they are looked at next (``loyalty_engine.pauses``), which jobs have them be (``marks``); reservations and what no
    store keeps at once.

    Returns when it began. Raises Permanent if there is none.
    """
    books = await _books(session, number)
    paused_at = books.rulebook.paused_at
    if paused_at is None:
        raise Permanent(f"Programme {number} is not paused.")
    session.changed.add(EVERYONE)
    lasting = ProgrammePause.filter(programme_number=number, ends_at=None).using_db(session.client)
    who = {"resumed_by": actor, "resumed_person": person, "resumed_through": through}
    await lasting.update(ends_at=now, resume_reason=reason or None, marks_after=NOBODY, **who)
    await move_open_ends(session, number, books.timezone, paused_at, now)
    return paused_at


async def _books(session: Session, number: int) -> ProgrammeBooks:
    books = (await load_programmes(session, lock=True)).get(number)
    if books is None:
        raise Permanent(f"There is no programme {number}.")
    return books


async def _newest(session: Session, number: int) -> ProgrammeVersion | None:
    """Of those that were not withdrawn."""
    rows = ProgrammeVersion.filter(programme_number=number, withdrawn_at=None).using_db(session.client)
    return await rows.order_by("-version").first()


async def _last_number(session: Session, number: int) -> int:
    """Also of a version that was withdrawn: no other is ever called like it."""
    return await session.number("SELECT max(version) FROM programme_version WHERE programme_number = $1", number)


async def _insert_version(
    session: Session,
    number: int,
    version: int,
    document: Mapping[str, Any],
    effective_from: datetime,
    now: datetime,
    actor: str,
    reason: str = "",
    *,
    tells: bool = False,
) -> ProgrammeVersion:
    return await ProgrammeVersion.create(
        using_db=session.client,
        programme_number=number,
        version=version,
        effective_from=effective_from,
        document=canonical_json(document),
        created_at=now,
        actor=actor,
        tells=tells,
        reason=reason or None,
    )


async def note_announced(session: Session, number: int, version: int, now: datetime) -> None:
    """Everybody whom this version concerns has a notice of it."""
    rows = ProgrammeVersion.filter(programme_number=number, version=version).using_db(session.client)
    await rows.update(announced_at=now)


async def zone_of(session: Session, number: int) -> str:
    """The zone by whose days a programme goes."""
    row = await session.one("SELECT timezone FROM programme WHERE number = $1", number)
    return "UTC" if row is None else str(row["timezone"])


async def load_programmes(session: Session, lock: bool = False) -> dict[int, ProgrammeBooks]:
    """Every programme by number; versions that were withdrawn count for nothing. ``lock``: keep the books' last closed
    day, and the versions, from moving until the transaction ends.
    """
    if lock and session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme ORDER BY number FOR SHARE")
    programmes = await ProgrammeRow.all().using_db(session.client)
    standing = ProgrammeVersion.filter(withdrawn_at=None).using_db(session.client)
    versions = await standing.order_by("programme_number", "version")
    corrections = await ProgrammeCorrection.all().using_db(session.client).order_by("id")
    pauses = await ProgrammePause.all().using_db(session.client).order_by("begins_at")
    rules: dict[int, list[Programme]] = defaultdict(list)
    for version in versions:
        rules[version.programme_number].append(parsed(version))
    stops = await _stops(session, [each for found in rules.values() for each in found])
    return {
        row.number: ProgrammeBooks(
            row.number,
            row.timezone,
            row.starts_at,
            row.closed_through,
            Rulebook(
                tuple(rules[row.number]),
                tuple(_correction(one) for one in corrections if one.programme_number == row.number),
                tuple(stops[row.number]),
                tuple(Pause(one.begins_at, one.ends_at) for one in pauses if one.programme_number == row.number),
            ),
            frozenset(
                one.version
                for one in versions
                if one.programme_number == row.number and one.tells and one.announced_at is None
            ),
            read_settings(row.mails_text),
        )
        for row in programmes
    }


async def _stops(session: Session, versions: Iterable[Programme]) -> dict[int, list[Stop]]:
    """By programme number; most programmes have no cap over all members and need not ask."""
    found: dict[int, list[Stop]] = defaultdict(list)
    if any(version.programme_caps for version in versions):
        for row in await ProgrammeStop.all().using_db(session.client).order_by("id"):
            found[row.programme_number].append(Stop(row.cap_id, row.window_key, row.stopped_at))
    return found


async def stop(session: Session, number: int, reached: Stop) -> bool:
    """Note that a cap over all members is reached. Returns whether that is news."""
    _, is_new = await ProgrammeStop.get_or_create(
        defaults={"stopped_at": reached.stopped_at},
        using_db=session.client,
        programme_number=number,
        cap_id=reached.cap_id,
        window_key=reached.window_key,
    )
    return is_new


def _correction(row: ProgrammeCorrection) -> Correction:
    return Correction(row.wrong_version, row.right_version, row.paid_from, row.paid_until)


async def latest_document(session: Session, number: int) -> dict[str, Any]:
    """The document of the newest version that was not withdrawn, to edit."""
    row = await _newest(session, number)
    return read_document(row.document, "json") if row else {}


async def document_of_version(session: Session, number: int, version: int) -> dict[str, Any] | None:
    """The document of one version, as it was published; None if there is no such version."""
    row = await ProgrammeVersion.get_or_none(programme_number=number, version=version, using_db=session.client)
    return read_document(row.document, "json") if row else None


_cache: dict[int, tuple[str, Programme]] = {}


def parsed(row: ProgrammeVersion) -> Programme:
    """A version as rules go by it."""
    # Versions never change, but tests open many databases in one process: the document tells them apart.
    signature = f"{row.version}:{row.effective_from.isoformat()}:{row.document}"
    cached = _cache.get(row.id)
    if cached is None or cached[0] != signature:
        cached = (signature, parse_programme(read_document(row.document, "json"), row.version, row.effective_from))
        _cache[row.id] = cached
    return cached[1]
