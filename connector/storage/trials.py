"""What-ifs of drafts: one at a time for each programme, how far it is, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.storage.console_models import ProgrammeDraft
from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Session

DEAD_AFTER = timedelta(minutes=3)
"""Whoever works one out says so again and again; after so long without a word nobody does."""


@dataclass(frozen=True, slots=True)
class Trial:
    """edition: SHA-256 of the document that was tried. done, total: members. found: what came of it; None before."""

    edition: str
    started_at: datetime
    alive_at: datetime
    ended_at: datetime | None
    done: int
    total: int
    found: dict[str, Any] | None
    problem: str | None

    def is_running(self, now: datetime) -> bool:
        """Whether somebody is at it."""
        return self.ended_at is None and now - self.alive_at < DEAD_AFTER


async def last_trial(session: Session, programme_number: int, draft_id: str) -> Trial | None:
    """The last what-if of a draft; None before the first."""
    mine = ProgrammeDraft.filter(programme_number=programme_number, draft_id=draft_id)
    row = await mine.using_db(session.client).first()
    if row is None or row.trial_started_at_us is None:
        return None
    return Trial(
        str(row.trial_digest),
        instant(row.trial_started_at_us),
        instant(row.trial_alive_at_us or 0),
        instant_or_none(row.trial_ended_at_us),
        row.trial_done or 0,
        row.trial_total or 0,
        json.loads(row.trial_text) if row.trial_text else None,
        row.trial_problem,
    )


async def begin_trial(
    session: Session, programme_number: int, draft_id: str, edition: str, total: int, now: datetime
) -> bool:
    """Whether it is ours to work out: nobody is at one of this programme."""
    alive = ProgrammeDraft.filter(
        programme_number=programme_number,
        trial_started_at_us__isnull=False,
        trial_ended_at_us=None,
        trial_alive_at_us__gt=micros(now - DEAD_AFTER),
    )
    if await alive.using_db(session.client).exists():
        return False
    mine = ProgrammeDraft.filter(programme_number=programme_number, draft_id=draft_id).using_db(session.client)
    begun = await mine.update(
        trial_started_at_us=micros(now),
        trial_alive_at_us=micros(now),
        trial_ended_at_us=None,
        trial_digest=edition,
        trial_done=0,
        trial_total=total,
        trial_text=None,
        trial_problem=None,
    )
    return begun == 1


async def note_trial(session: Session, draft_id: str, started_at: datetime, done: int, now: datetime) -> None:
    """So many members are done."""
    mine = ProgrammeDraft.filter(draft_id=draft_id, trial_started_at_us=micros(started_at), trial_ended_at_us=None)
    await mine.using_db(session.client).update(trial_done=done, trial_alive_at_us=micros(now))


async def end_trial(
    session: Session, draft_id: str, started_at: datetime, found: dict[str, Any] | None, problem: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """What came of it, or why it broke off."""
    mine = ProgrammeDraft.filter(draft_id=draft_id, trial_started_at_us=micros(started_at)).using_db(session.client)
    text = None if found is None else json.dumps(found, ensure_ascii=False)
    await mine.update(trial_ended_at_us=micros(now), trial_text=text, trial_problem=problem)
