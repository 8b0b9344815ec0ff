"""The clock of a test shop: it jumps from one moment at which something happens to the next, and runs the real jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.delivering.announcing import announce
from connector.delivering.notices import tell_due
from connector.delivering.outbox import push_due
from connector.delivering.vouchers import settle_vouchers
from connector.ingest.pipeline import drain
from connector.people import birthdays, referrals
from connector.people.reviewing import SWEEP
from connector.programmes import budgets, passing_time
from connector.redeeming import redemptions
from connector.redeeming.store_credits import settle_credits
from connector.redeeming.used_codes import use_codes
from connector.rehearsal.stage import Stage
from connector.rehearsal.state import PROGRAMME
from connector.storage.instants import instant, micros
from connector.storage.programmes import ProgrammeBooks, load_programmes
from loyalty_engine.days import DAY, start_of_day

A_DEED = timedelta(seconds=1)
"""So long takes whatever a shopper does, so that of two things one was first."""


async def settle(stage: Stage) -> None:
    """What waits is worked on until nothing waits: facts, codes on orders, mails, and what the shop is told."""
    while True:
        await drain(stage.pipeline)
        done = await use_codes(stage.pipeline) + await settle_vouchers(stage.placing)
        done += await settle_credits(stage.placing) + await push_due(stage.placing.outbox)
        if not done:
            return


async def deed_done(stage: Stage) -> None:
    """After a shopper's deed: it is worked on, and a second passes."""
    await settle(stage)
    if await referrals.settle_referrals(stage.pipeline):
        await settle(stage)
    stage.state.now += A_DEED


def _never() -> bool:
    return False


async def move(stage: Stage, until: datetime, *, daily: bool = True, enough: Callable[[], bool] = _never) -> None:
    """Let time pass, with every job as often as it matters. daily: False where nobody was there who could notice.
    enough: whether to stay at the moment that was reached; going on from there later is as if it had never stayed.
    """
    night = await _night_of(stage)
    while stage.now < until:
        morning = _morning(night.books, stage.now)
        found = await _next_change(stage)
        stage.state.now = min(until, found or until, morning if daily else until)
        await _changes(stage)
        if stage.now in (morning, until):
            await _one_night(stage, night)
        await settle(stage)
        if enough():
            break
    if stage.now >= until:
        await passing_time.review_unwatched(stage.pipeline)


@dataclass(frozen=True, slots=True)
class _Night:
    """What nights have to look at. has_codes: rewards are open that may end; nobody takes one while the clock moves."""

    books: ProgrammeBooks
    has_codes: bool
    birthdays: frozenset[str]


async def _night_of(stage: Stage) -> _Night:
    session = stage.database.reading()
    books = (await load_programmes(session))[PROGRAMME]
    codes = await session.number("SELECT count(*) FROM redemption WHERE redemption_state = 'issued'")
    return _Night(books, codes > 0, frozenset(one.birthday for one in stage.state.shoppers if one.birthday))


def _morning(books: ProgrammeBooks, now: datetime) -> datetime:
    """The end of the next night's work, in which everybody is looked at."""
    today = start_of_day(books.day(now), books.timezone) + SWEEP
    return today if today > now else start_of_day(books.day(now) + DAY, books.timezone) + SWEEP


async def _next_change(stage: Stage) -> datetime | None:
    at = await stage.database.reading().number(
        "SELECT min(at_us) FROM (SELECT min(next_change_at_us) AS at_us FROM balance WHERE next_change_at_us > $1 "
        "UNION ALL SELECT min(next_at_us) FROM notice WHERE state = 0 AND next_at_us > $1) AS found",
        micros(stage.now),
    )
    return instant(at) if at else None


async def _changes(stage: Stage) -> None:
    """What comes at its very moment: points mature and pay referrals, mails go out, points end."""
    while await passing_time.pass_time(stage.pipeline) + await tell_due(stage.telling):
        pass
    await referrals.settle_referrals(stage.pipeline)


async def _one_night(stage: Stage, night: _Night) -> None:
    """What a night does, where there is anything to do."""
    pipeline, programme = stage.pipeline, night.books.rulebook.in_force(stage.now)
    if night.birthdays.intersection(birthdays.birthdays_on(night.books.day(stage.now))):
        await birthdays.find_birthdays(pipeline)
        await drain(pipeline)
    if night.has_codes:
        await redemptions.expire_vouchers(pipeline)
    if programme.programme_caps:
        await budgets.watch_budgets(pipeline)
    while await passing_time.review_due(pipeline):
        pass
    if night.has_codes or programme.wind_down is not None:
        await announce(pipeline)
    await _changes(stage)


def next_birthday(birthday: str, today: date) -> date:
    """The next day on which somebody's birthday (``MM-DD``) is kept, after today."""
    day = today + DAY
    while birthday not in birthdays.birthdays_on(day):
        day += DAY
    return day
