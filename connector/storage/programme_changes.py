"""What was done to a programme: by whom, when and why. Read from the rows that were written by doing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.storage.models import ProgrammeCorrection, ProgrammePause, ProgrammeVersion
from connector.storage.session import Session
from loyalty_engine.programme import read_document


@dataclass(frozen=True, slots=True)
class Change:
    """One act. act: ``publish``, ``wind-down`` (a version that is the first to end the programme), ``withdraw`` (a
    version that had not begun), ``correct``, ``pause`` or ``resume``. about: its versions and moments. reason: as
    written, empty where nobody said. person, through: who is proven to have done it, and how; empty of what was done
    before that was kept.
    """

    at: datetime
    act: str
    actor: str
    reason: str
    about: Mapping[str, Any] = field(default_factory=dict)
    person: str = ""
    through: str = ""


async def changes_of(session: Session, number: int) -> list[Change]:
    """Every change of a programme, oldest first."""
    found = [*await _versions(session, number), *await _corrections(session, number), *await _pauses(session, number)]
    return sorted(found, key=lambda change: change.at)


async def _versions(session: Session, number: int) -> list[Change]:
    rows = await ProgrammeVersion.filter(programme_number=number).using_db(session.client).order_by("version")
    found, was_ending = [], False
    for row in rows:
        ends = read_document(row.document, "json").get("wind_down") is not None
        act = "wind-down" if ends and not was_ending else "publish"
        about = {"version": row.version, "effective_from": row.effective_from}
        found.append(Change(row.created_at, act, row.actor, row.reason or "", about, row.person, row.through))
        if row.withdrawn_at is not None:
            found.append(_withdrawn(row))
        else:
            was_ending = ends
    return found


def _withdrawn(row: ProgrammeVersion) -> Change:
    about = {"version": row.version, "effective_from": row.effective_from}
    who = (row.withdrawn_person, row.withdrawn_through)
    assert row.withdrawn_at is not None
    return Change(row.withdrawn_at, "withdraw", row.withdrawn_by or "", row.withdrawn_reason or "", about, *who)


async def _corrections(session: Session, number: int) -> list[Change]:
    rows = await ProgrammeCorrection.filter(programme_number=number).using_db(session.client).order_by("id")
    return [
        Change(
            row.decided_at,
            "correct",
            row.actor,
            row.reason or "",
            {
                "wrong": row.wrong_version,
                "right": row.right_version,
                "paid_from": row.paid_from,
                "paid_until": row.paid_until,
            },
            row.person,
            row.through,
        )
        for row in rows
    ]


async def _pauses(session: Session, number: int) -> list[Change]:
    found = []
    for row in await ProgrammePause.filter(programme_number=number).using_db(session.client).order_by("begins_at"):
        found.append(Change(row.begins_at, "pause", row.actor, row.reason or "", {}, row.person, row.through))
        if row.ends_at is not None:
            who = (row.resumed_person, row.resumed_through)
            found.append(Change(row.ends_at, "resume", row.resumed_by or "", row.resume_reason or "", {}, *who))
    return found
