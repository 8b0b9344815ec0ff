"""A version that has not begun is withdrawn: it never holds. Its row stays, with when, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import micros
from connector.storage.marks import NOBODY
from connector.storage.models import ProgrammeCorrection, ProgrammeVersion
from connector.storage.previews import forget_previews
from connector.storage.programmes import load_programmes, parsed
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.programme import Programme, Rulebook

TOO_LATE = timedelta(minutes=1)
"""So long before its beginning a version stays: a host whose clock is ahead may decide under it by then."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A version that never begins. at: when it was withdrawn; by, reason: as they were written."""

    programme: Programme
    at: datetime
    by: str
    reason: str


async def withdraw_version(
    session: Session,
    number: int,
    version: int,
    now: datetime,
    actor: str,
    reason: str,
    *,
    person: str = "",
    through: str = "",
) -> Programme:
    """From now on it is as if it had never been planned. person, through: of ``people.actors.Actor``. Returns what
    holds from when it was to begin.

    The caller has the programme for itself (``stop_others``), or somebody might decide under it meanwhile. Raises
    Refused ``version-unknown``, ``version-withdrawn``, ``version-began``, ``version-corrects`` or ``version-used``.
    """
    row = await ProgrammeVersion.get_or_none(programme_number=number, version=version, using_db=session.client)
    books = (await load_programmes(session)).get(number)
    if row is None or books is None:
        raise Refused("version-unknown")
    if row.withdrawn_at is not None:
        raise Refused("version-withdrawn")
    if row.effective_from <= now + TOO_LATE or books.rulebook.in_force(now).version == version:
        raise Refused("version-began", {"from": row.effective_from.isoformat()})
    if (
        await ProgrammeCorrection.filter(programme_number=number, right_version=version)
        .using_db(session.client)
        .first()
    ):
        raise Refused("version-corrects")
    if await _is_used(session, number, version, row.effective_from):
        raise Refused("version-used")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now, actor, reason
    row.withdrawn_person, row.withdrawn_through = person, through
    row.marks_after = None
    names = ["at", "by", "reason", "person", "through"]
    await row.save(using_db=session.client, update_fields=["marks_after", *(f"withdrawn_{name}" for name in names)])
    # What else is planned begins after another version than its members were marked for.
    planned = ProgrammeVersion.filter(programme_number=number, withdrawn_at=None, effective_from__gt=now)
    await planned.using_db(session.client).update(marks_after=NOBODY)
    await forget_previews(session, number)
    return without(books.rulebook, version).in_force(row.effective_from)


def without(rulebook: Rulebook, version: int) -> Rulebook:
    """As it is once a version is withdrawn."""
    return Rulebook(
        tuple(one for one in rulebook.versions if one.version != version),
        rulebook.corrections,
        rulebook.stops,
        rulebook.pauses,
    )


async def _is_used(session: Session, number: int, version: int, begins: datetime) -> bool:
    """Whether something was decided under it before it began: a shop whose clock is ahead dates orders so. All others
    wait for this: of what was decided it reads no more than what is dated later than that.
    """
    row = await session.one(
        f"SELECT 1 AS found FROM context c{session.by_index('context_ahead')} CROSS JOIN member m "
        "WHERE c.programme_version = $1 AND c.paid_at_us >= $2 AND c.paid_at_us > c.decided_at_us "
        "AND m.shard = c.shard AND m.member_id = c.member_id AND m.programme_number = $3 LIMIT 1",
        version,
        micros(begins),
        number,
    )
    return row is not None


async def withdrawn_versions(session: Session, number: int) -> Sequence[Withdrawal]:
    """Of one programme, in their order."""
    rows = ProgrammeVersion.filter(programme_number=number, withdrawn_at__isnull=False).using_db(session.client)
    return [one for row in await rows.order_by("version") if (one := _withdrawal(row))]


async def withdrawn_and_told(session: Session) -> dict[int, list[Withdrawal]]:
    """Those that members were to be told of and that they may not all have been told to be gone, by programme."""
    rows = ProgrammeVersion.filter(withdrawn_at__isnull=False, tells=True, announced_at=None).using_db(session.client)
    found: dict[int, list[Withdrawal]] = {}
    for row in await rows.order_by("version"):
        if one := _withdrawal(row):
            found.setdefault(row.programme_number, []).append(one)
    return found


def _withdrawal(row: ProgrammeVersion) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(parsed(row), row.withdrawn_at, row.withdrawn_by or "", row.withdrawn_reason or "")
