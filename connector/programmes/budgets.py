"""Caps over all members: they are no lock on every member, but a look at the sum; once it is reached, earning stops.

What was earned between two looks is the overshoot: at most what all members earn in LOOK.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from connector.ingest.pipeline import Pipeline
from connector.storage.atomic import atomic, consistent_read
from connector.storage.earned import earned_since
from connector.storage.programmes import ProgrammeBooks, load_programmes, stop
from connector.storage.session import Session
from loyalty_engine.earning.caps import window_key
from loyalty_engine.programme import Stop
from loyalty_engine.programme.model import Cap, Window

LOOK = timedelta(minutes=5)
"""How often somebody looks."""


async def watch_budgets(pipeline: Pipeline) -> int:
    """Stop what falls under a cap over all members that is reached in its present window. Returns how many stopped."""
    now = pipeline.now()

    async def look(session: Session) -> list[tuple[int, Stop]]:
        programmes = await load_programmes(session)
        return [
            (books.number, reached) for books in programmes.values() for reached in await _reached(session, books, now)
        ]

    total = 0
    for number, reached in await consistent_read(pipeline.database, look):
        total += await _stop(pipeline, number, reached)
    return total


def stopped_caps(books: ProgrammeBooks, now: datetime) -> tuple[Cap, ...]:
    """Caps over all members that were found reached and whose window lasts."""
    reached, today = {(each.cap_id, each.window_key) for each in books.rulebook.stops}, books.day(now)
    caps = books.rulebook.in_force(now).programme_caps
    return tuple(cap for cap in caps if (cap.cap_id, window_key(cap, today, None)) in reached)


async def _stop(pipeline: Pipeline, number: int, reached: Stop) -> bool:
    return await atomic(pipeline.database, lambda session: stop(session, number, reached))


async def _reached(session: Session, books: ProgrammeBooks, now: datetime) -> list[Stop]:
    stopped = stopped_caps(books, now)
    found: list[Stop] = []
    today = books.day(now)
    for cap in books.rulebook.in_force(now).programme_caps:
        key = window_key(cap, today, None)
        if cap in stopped:
            continue
        points, times = await earned_since(session, books.number, first_day(cap.window, today), cap.triggers)
        if (cap.points is not None and points >= cap.points) or (cap.times is not None and times >= cap.times):
            found.append(Stop(cap.cap_id, key, now))
    return found


def first_day(window: Window, today: date) -> date | None:
    """The first day of the window that ``today`` falls into; None if it never began."""
    if window is Window.DAY:
        return today
    if window is Window.WEEK:
        return today - timedelta(days=today.weekday())
    if window is Window.MONTH:
        return today.replace(day=1)
    if window is Window.QUARTER:
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return today.replace(month=1, day=1) if window is Window.YEAR else None
