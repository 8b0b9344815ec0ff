"""Closing the books: every local day that is over, each programme for itself, however many processes try.

First the day is shut, under the lock that every append shares: from then on entries go to the next open day. What was
booked cannot change any more, so it is added up afterwards, without keeping anybody waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial

from tortoise.exceptions import IntegrityError

from connector.storage.atomic import atomic, consistent_read
from connector.storage.books import (
    BookState,
    DaySums,
    close_through,
    digest_of_day,
    last_closing,
    load_book_states,
    matured_between,
    outstanding_by_age,
    owed_and_ended,
    save_closings,
    sums_by_day,
)
from connector.storage.database import Database
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.books import FIRST_ROOT, Closing, DayEnd, Liability, close_day, value_per_point
from loyalty_engine.days import DAY, local_day, start_of_day
from loyalty_engine.programme.model import Programme, Rulebook

DAYS_AT_ONCE = 100


async def close_books(database: Database, now: datetime) -> Mapping[int, int]:
    """Close every day that is over and not closed yet. Returns how many days by programme."""
    closed: dict[int, int] = {}
    for state in await load_book_states(database.reading()):
        yesterday = local_day(now, state.timezone) - DAY
        if _first_day(state) <= yesterday:
            await atomic(database, partial(close_through, number=state.number, day=yesterday))
        closed[state.number] = await _write_closings(database, state.number, now)
    return closed


async def _write_closings(database: Database, number: int, now: datetime) -> int:
    """Add up the days that are shut and have no closing yet, a few at a time."""
    total = 0
    while closings := await consistent_read(database, partial(_next_closings, number=number, now=now)):
        try:
            await atomic(database, partial(save_closings, closings=closings))
        except IntegrityError:
            # Another process closed the same days; ours said the same.
            continue
        total += len(closings)
    return total


async def _next_closings(session: Session, number: int, now: datetime) -> list[Closing]:
    state = next(state for state in await load_book_states(session) if state.number == number)
    before = await last_closing(session, number)
    first = _first_day(state) if before is None else before.book_date + DAY
    if state.closed_through is None or first > state.closed_through:
        return []
    last = min(state.closed_through, first + (DAYS_AT_ONCE - 1) * DAY)
    sums = await sums_by_day(session, number, first, last)
    rules = (await load_programmes(session))[number].rulebook
    closings: list[Closing] = []
    for days in range((last - first).days + 1):
        day = first + days * DAY
        before = await _close_one(session, state, day, before, sums.get(day, DaySums()), rules, now)
        closings.append(before)
    return closings


async def _close_one(
    session: Session, state: BookState, day: date, before: Closing | None, sums: DaySums, rules: Rulebook, now: datetime
) -> Closing:
    begins_at, ends_at = start_of_day(day, state.timezone), start_of_day(day + DAY, state.timezone)
    end = DayEnd(
        programme_number=state.number,
        book_date=day,
        opening=before.closing if before else 0,
        previous_root=before.root if before else FIRST_ROOT,
        matured=await matured_between(session, state.number, day, begins_at, ends_at),
        entries_digest=await digest_of_day(session, state.number, day, sums.shards),
        value_per_point=value_per_point(_in_force_until(rules, ends_at)),
        closed_at=now,
    )
    return close_day(end, sums.movements)


def _in_force_until(rules: Rulebook, ends_at: datetime) -> Programme:
    """The version in force at the last moment of a day."""
    return rules.in_force(ends_at - timedelta(microseconds=1))


async def liability(session: Session, number: int, now: datetime) -> Liability:
    """What is owed to the members of a programme now."""
    rules = (await load_programmes(session))[number].rulebook
    programme = rules.in_force(now)
    # While a programme stands still, nothing that lived when the pause began has ended.
    lives_at = rules.paused_at or now
    owed, ended = await owed_and_ended(session, number, lives_at)
    ages = await outstanding_by_age(session, number, now, lives_at)
    return Liability(now, programme.base_currency, value_per_point(programme), tuple(ages), owed, ended)


def _first_day(state: BookState) -> date:
    return local_day(state.created_at, state.timezone)
