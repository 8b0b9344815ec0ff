"""Birthdays: each member's own day becomes an activity, once a year, that rules and badges may look at.

Days are the programme's local ones. The last day looked through is kept, so that days without a running process are
made up for; finding a birthday twice finds the same source.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta

from connector.ingest.pipeline import Pipeline
from connector.storage.atomic import atomic
from connector.storage.birthdays import born_on, looked_through, note_looked
from connector.storage.facts import Customer, save_facts
from connector.storage.ledger_load import MemberKey
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from connector.storage.waiting import activity_row
from connector.storage.work import leave_work
from loyalty_engine.days import start_of_day
from loyalty_engine.facts import Activity, ActivityStatus

BATCH = 500
MAX_DAYS = 60
"""How far back days are made up for: a greeting that comes later is none."""
NO_STORE = 0
"""Connection number of what belongs to a programme, but to no store."""
_FIRST: MemberKey = (-1, "")


async def find_birthdays(pipeline: Pipeline) -> int:
    """Find the birthdays of every local day that has begun since the last look. Returns how many."""

    async def read(session: Session) -> dict[int, ProgrammeBooks]:
        return await load_programmes(session)

    total = 0
    for books in (await atomic(pipeline.database, read)).values():
        total += await _of_programme(pipeline, books)
    return total


async def _of_programme(pipeline: Pipeline, books: ProgrammeBooks) -> int:
    today = books.day(pipeline.now())
    done = await atomic(pipeline.database, lambda session: looked_through(session, books.number))
    day = max(done + timedelta(days=1) if done else today, today - timedelta(days=MAX_DAYS))
    total = 0
    while day <= today:
        total += await _of_day(pipeline, books, day)
        await _note(pipeline, books.number, day)
        day += timedelta(days=1)
    return total


async def _note(pipeline: Pipeline, number: int, day: date) -> None:
    await atomic(pipeline.database, lambda session: note_looked(session, number, day))


def birthdays_on(day: date) -> tuple[str, ...]:
    """Birthdays (``MM-DD``) that are kept on a day: those of the 29th of February on the 28th in years without one."""
    key = f"{day.month:02d}-{day.day:02d}"
    return (key, "02-29") if key == "02-28" and not isleap(day.year) else (key,)


async def _of_day(pipeline: Pipeline, books: ProgrammeBooks, day: date) -> int:
    begins = start_of_day(day, books.timezone)
    programme = books.rulebook.in_force(begins)
    if all(rule.trigger != "birthday" for rule in programme.rules):
        return 0
    told_by = begins - timedelta(days=programme.birthday_guard_days)
    after, total = _FIRST, 0
    while found := await _batch(pipeline, books.number, day, (begins, told_by), after):
        after, total = found[-1], total + len(found)
    return total


async def _batch(
    pipeline: Pipeline, number: int, day: date, moments: tuple[datetime, datetime], after: MemberKey
) -> list[MemberKey]:
    begins, told_by = moments

    async def body(session: Session) -> list[MemberKey]:
        found = await born_on(session, number, birthdays_on(day), told_by, after, BATCH)
        rows = [
            activity_row(Customer(number, NO_STORE, ""), member_id, _birthday(member_id, day, begins), pipeline.now())
            for _, member_id in found
        ]
        await save_facts(session, rows)
        await leave_work(
            session,
            [(member_id, row.source_ref, number, row.shard) for (_, member_id), row in zip(found, rows, strict=True)],
        )
        return found

    return await atomic(pipeline.database, body)


def _birthday(member_id: str, day: date, begins: datetime) -> Activity:
    source_ref = f"belong:birthday:{member_id}:{day.year}"
    return Activity(source_ref, member_id, "birthday", ActivityStatus.APPROVED, begins, begins)
