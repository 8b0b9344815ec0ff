"""The last check of all books: who began it, how far it is, and what it found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.storage.console_models import BooksCheck
from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Session

ONLY = 1
DEAD_AFTER = timedelta(minutes=3)
"""Whoever checks says so again and again; after so long without a word nobody does."""


@dataclass(frozen=True, slots=True)
class Check:
    """done, total: members, facts and identities. report: as ``belong verify --json``; None until it ended."""

    started_at: datetime
    alive_at: datetime
    ended_at: datetime | None
    by_whom: str
    done: int
    total: int
    report: dict[str, Any] | None
    problem: str | None

    def is_running(self, now: datetime) -> bool:
        """Whether somebody is at it."""
        return self.ended_at is None and now - self.alive_at < DEAD_AFTER

    def state(self, programme_number: int, now: datetime) -> str:
        """What it says of one programme: ``balanced``, ``differ``, ``checking``, ``broke-off``, or ``unknown``: of one
        that was made before differences were told by programme.
        """
        if self.is_running(now):
            return "checking"
        found = self._by_programme
        if found is None:
            return "broke-off" if self.report is None else "unknown"
        return "differ" if found.get(str(programme_number)) or self.nobodys else "balanced"

    def differences_of(self, programme_number: int) -> list[dict[str, Any]]:
        """Those of one programme that are listed; of each one some are, however many others have."""
        listed: list[dict[str, Any]] = self.report["differences"] if self.report else []
        return [one for one in listed if one.get("programme") == programme_number]

    @property
    def nobodys(self) -> int:
        """Differences of which nobody can tell whose they are: perhaps anybody's."""
        return (self._by_programme or {}).get("", 0)

    @property
    def _by_programme(self) -> dict[str, int] | None:
        # What a version before this one found did not say whose it is. The next night's check does.
        return self.report.get("difference_programmes") if self.report else None


async def last_check(session: Session) -> Check | None:
    """The last check; None before the first."""
    row = await BooksCheck.get_or_none(id=ONLY, using_db=session.client)
    if row is None:
        return None
    return Check(
        instant(row.started_at_us),
        instant(row.alive_at_us),
        instant_or_none(row.ended_at_us),
        row.by_whom,
        row.done,
        row.total,
        json.loads(row.report_text) if row.report_text else None,
        row.problem,
    )


async def begin_check(session: Session, by_whom: str, now: datetime) -> bool:
    """Whether the check is ours: nobody else is at one. Another at the same moment raises IntegrityError, or finds that
    ours has begun.
    """
    at = micros(now)
    begun = {"started_at_us": at, "alive_at_us": at, "ended_at_us": None, "by_whom": by_whom[:200]}
    begun |= {"done": 0, "total": 0, "report_text": None, "problem": None}
    last = await last_check(session)
    if last is None:
        await BooksCheck.create(id=ONLY, using_db=session.client, **begun)
        return True
    if last.is_running(now):
        return False
    mine = BooksCheck.filter(id=ONLY, started_at_us=micros(last.started_at), alive_at_us=micros(last.alive_at))
    return await mine.using_db(session.client).update(**begun) == 1


async def note_progress(session: Session, started_at: datetime, seen: tuple[int, ...], now: datetime) -> bool:
    """It goes on. seen: (done, total). False if somebody took it for dead and began another."""
    mine = BooksCheck.filter(id=ONLY, started_at_us=micros(started_at)).using_db(session.client)
    return await mine.update(done=seen[0], total=seen[1], alive_at_us=micros(now)) == 1


async def end_check(
    session: Session, started_at: datetime, report_text: str | None, problem: str | None, now: datetime
) -> None:
    """What it found, or why it broke off."""
    mine = BooksCheck.filter(id=ONLY, started_at_us=micros(started_at)).using_db(session.client)
    await mine.update(ended_at_us=micros(now), alive_at_us=micros(now), report_text=report_text, problem=problem)
