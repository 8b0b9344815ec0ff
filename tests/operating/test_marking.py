"""Publishing leaves members alone: the jobs have them looked at when the version begins, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.people.actors import Actor
from connector.programmes.passing_time import mark_members, pass_time
from connector.programmes.publishing import publish
from connector.snapshot.views import load_views
from connector.storage import marks
from connector.storage.atomic import atomic
from connector.storage.instants import micros
from connector.storage.marks import left_after_pause, mark_next, unfinished_marks
from connector.storage.programmes import create_programme, pause, publish_version, resume, stop_others
from connector.storage.session import Session
from connector.verify.run import verify
from tests.builders import DOCUMENT, KEYS, Shopfront, shopfront
from tests.operating.test_previewing import NEW, OLD, SPENT, buys
from tests.storage.plans import plan_of
from tests.storage.test_sqlite_plans import statements_of

IDA = Actor("ida", "command", "Ida")
ENDING: dict[str, Any] = {**OLD, "points": {**OLD["points"], "expiry": {"mode": "inactivity", "days": 300}}}


@pytest.fixture
async def front(prepared_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shopfront]:
    monkeypatch.setattr(marks, "BATCH", 2)
    async with shopfront(prepared_database_url, document=OLD) as made:
        for customer, euros in SPENT.items():
            await buys(made, customer, euros)
        yield made


async def dues(front: Shopfront) -> list[tuple[int, int | None, int | None]]:
    rows = await front.rows("SELECT shard, next_review_at_us, next_change_at_us FROM balance ORDER BY shard, member_id")
    return [(row["shard"], row["next_review_at_us"], row["next_change_at_us"]) for row in rows]


async def published(front: Shopfront, document: Any, hours: int = 1) -> int:
    """A version that begins soon. Returns when, in microseconds."""
    begins = front.clock() + timedelta(hours=hours)
    made = await publish(
        front.database, front.programme, document, begins.isoformat(), IDA, "", tells=False, now=front.clock()
    )
    return micros(made.effective_from)


async def test_publishing_writes_to_no_member_and_the_job_marks_them_all(front: Shopfront) -> None:
    before = await dues(front)
    begins = await published(front, NEW)
    assert await dues(front) == before
    await mark_members(front.database)
    assert [(review, change) for _, review, change in await dues(front)] == [(begins, one[2]) for one in before]
    assert await unfinished_marks(front.database.reading()) == []


async def test_whoever_stops_half_way_goes_on_there(front: Shopfront) -> None:
    begins, session = await published(front, NEW), front.database.reading()
    (one,) = await unfinished_marks(session)
    at = front.clock() + timedelta(hours=1)
    going = await atomic(front.database, lambda acting: mark_next(acting, one, at, ends_move=False))
    assert going is not None and await unfinished_marks(session) == [going]
    assert [review == begins for _, review, _ in await dues(front)] == [True, True, False, False, False, False]
    # Somebody else who is at the same place does no harm, and does not go back.
    assert await atomic(front.database, lambda acting: mark_next(acting, one, at, ends_move=False)) is None
    assert await unfinished_marks(session) == [going]
    await mark_members(front.database)
    assert all(review == begins for _, review, _ in await dues(front))


async def test_another_end_of_points_has_their_ends_looked_at_too(front: Shopfront) -> None:
    begins = await published(front, ENDING)
    await mark_members(front.database)
    assert {change for *_, change in await dues(front)} == {None}, "these points never end"
    later = {**ENDING, "points": {**ENDING["points"], "expiry": {"mode": "inactivity", "days": 200}}}
    front.clock.moment += timedelta(hours=2)
    for customer in SPENT:
        await buys(front, customer + 20, 10)
    again = await published(front, later)
    await mark_members(front.database)
    found = [change for *_, change in await dues(front) if change is not None]
    assert begins < again and found == [again] * len(SPENT)


async def test_only_members_of_the_programme_are_marked(front: Shopfront) -> None:
    now = front.clock()
    other = await atomic(front.database, lambda acting: create_programme(acting, DOCUMENT, now, now))
    before = await dues(front)
    await atomic(
        front.database,
        lambda acting: publish_version(acting, other, NEW | {"programme": DOCUMENT["programme"]}, None, now, "Ida"),
    )
    await mark_members(front.database)
    assert await dues(front) == before and await unfinished_marks(front.database.reading()) == []


async def paused_for(front: Shopfront, days: int) -> int:
    """A pause that ends now. Returns when, in microseconds."""
    begun = front.clock()

    async def went_on(session: Session) -> None:
        await stop_others(session, front.programme)
        await resume(session, front.programme, front.clock(), "ida")

    await atomic(front.database, lambda session: pause(session, front.programme, begun, "ida"))
    front.clock.moment += timedelta(days=days)
    await atomic(front.database, went_on)
    return micros(front.clock())


async def ends_shown(front: Shopfront) -> set[datetime | None]:
    """When points should end, as it is reckoned for whoever asks."""
    rows = await front.rows("SELECT shard, member_id FROM member ORDER BY shard, member_id")
    views = await load_views(front.database.reading(), [(row["shard"], row["member_id"]) for row in rows])
    return {lot.nominal_at for view in views.values() for lot in view.lots}


@pytest.fixture
async def ending(prepared_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shopfront]:
    monkeypatch.setattr(marks, "BATCH", 2)
    async with shopfront(prepared_database_url, document=ENDING) as made:
        for customer, euros in SPENT.items():
            await buys(made, customer, euros)
        yield made


async def test_going_on_writes_to_no_member_and_the_job_marks_all_with_points_that_end(ending: Shopfront) -> None:
    before, session = await dues(ending), ending.database.reading()
    over = await paused_for(ending, 10)
    assert await dues(ending) == before
    assert await left_after_pause(session, ending.programme) == len(SPENT)
    await mark_members(ending.database)
    assert [(review, change) for _, review, change in await dues(ending)] == [(one[1], over) for one in before]
    assert await unfinished_marks(session) == []
    assert await left_after_pause(session, ending.programme) == len(SPENT), "marked, and not looked at yet"
    while await pass_time(ending.pipeline):
        pass
    assert await left_after_pause(session, ending.programme) == 0
    assert all(change is not None and change > over for *_, change in await dues(ending))


async def test_balances_are_right_between_two_steps_and_after_a_crash_there(ending: Shopfront) -> None:
    session, (was,) = ending.database.reading(), await ends_shown(ending)
    assert was is not None
    over = await paused_for(ending, 10)
    wanted = {was + timedelta(days=10)}
    assert await ends_shown(ending) == wanted, "nobody is marked"
    (one,) = await unfinished_marks(session)
    assert one.ended_at is not None
    at = one.ended_at
    going = await atomic(ending.database, lambda acting: mark_next(acting, one, at, ends_move=True))
    assert going is not None and await unfinished_marks(session) == [going]
    assert [change == over for *_, change in await dues(ending)] == [True, True, False, False, False, False]
    assert await left_after_pause(session, ending.programme) == len(SPENT)
    assert await ends_shown(ending) == wanted, "two are marked"
    # Whoever is at the same place does no harm, and does not go back; the process ends here, and the next goes on.
    assert await atomic(ending.database, lambda acting: mark_next(acting, one, at, ends_move=True)) is None
    while await pass_time(ending.pipeline):
        pass
    assert await unfinished_marks(session) == [] and await left_after_pause(session, ending.programme) == 0
    assert await ends_shown(ending) == wanted
    assert list((await verify(ending.database, KEYS, now=ending.clock)).differences) == []


async def test_a_pause_that_begins_before_all_are_marked_counts_too(ending: Shopfront) -> None:
    (was,) = await ends_shown(ending)
    assert was is not None
    await paused_for(ending, 10)
    await paused_for(ending, 5)
    assert len(await unfinished_marks(ending.database.reading())) == 2
    while await pass_time(ending.pipeline):
        pass
    assert await unfinished_marks(ending.database.reading()) == []
    assert await ends_shown(ending) == {was + timedelta(days=15)}


async def test_who_is_left_after_a_pause_is_found_by_when_they_are_due(
    ending: Shopfront, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen: each look at the programme's page read the balances of all members."""
    await paused_for(ending, 10)
    await mark_members(ending.database)
    seen = statements_of(monkeypatch)
    assert await left_after_pause(ending.database.reading(), ending.programme) == len(SPENT)
    ((sql, values),) = [(sql, values) for sql, values in seen.items() if "balance" in sql]
    plan = await plan_of(ending.database.url, sql, values)
    # PostgreSQL knows how many have which moment, and takes the shards or the whole index.
    by_index = "(shard=? AND next_change_at_us=?)" if ending.database.dialect == "sqlite" else "Index Cond"
    assert "balance_next_change" in plan and by_index in plan, plan
