"""A planned version that is withdrawn never holds; one that has begun cannot be; and it is never both."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.delivering.announcing import announce
from connector.ingest.pipeline import drain
from connector.people.actors import Actor
from connector.programmes.passing_time import mark_members, review_due
from connector.programmes.previewing import edit_of
from connector.programmes.publishing import NotBegun, withdraw
from connector.storage.atomic import atomic
from connector.storage.corrections import begin_correction
from connector.storage.ledger_load import load_members
from connector.storage.programme_changes import changes_of
from connector.storage.programmes import latest_document, load_programmes, publish_version
from connector.storage.session import Session
from connector.storage.withdrawals import TOO_LATE, withdrawn_versions
from connector.verify import verify
from loyalty_engine.errors import Refused
from loyalty_engine.programme.model import Correction
from tests.builders import KEYS, NOW, Shopfront, shopfront
from tests.connector.test_programme_commands import earning, order, publish
from tests.storage.plans import plan_of

DAY = timedelta(days=1)
BEGINS = NOW + DAY
JUST_IN_TIME = BEGINS - TOO_LATE - timedelta(microseconds=1)
IDA = Actor("ida@example.org", "command", "Ida")


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    """Customer 7 with an order; from tomorrow on orders give twice as much."""
    async with shopfront(prepared_database_url) as found:
        await found.receive("order.updated", order(1, 7, 2000, NOW - DAY))
        await publish(found, earning("2"), BEGINS)
        yield found


async def withdrawn(front: Shopfront, version: int = 2) -> NotBegun:
    return await withdraw(front.database, front.programme, version, IDA, "a mistake", front.clock)


async def refused(front: Shopfront, version: int = 2) -> str:
    with pytest.raises(Refused) as error:
        await withdrawn(front, version)
    return error.value.code


async def versions(front: Shopfront) -> list[int]:
    books = (await load_programmes(front.database.reading()))[front.programme]
    return [one.version for one in books.rulebook.versions]


async def buys(front: Shopfront, order_id: int, paid_at: datetime) -> None:
    await front.receive("order.updated", order(order_id, 7, 1000, paid_at))


async def earned(front: Shopfront, order_id: int) -> list[tuple[int, int]]:
    """(points, version) of what an order gave."""
    ref = f"{front.connection.store}:order:{order_id}"
    rows = await front.rows("SELECT points, programme_version FROM entry WHERE source_ref = $1 ORDER BY n", ref)
    return [(row["points"], row["programme_version"]) for row in rows]


async def is_sound(front: Shopfront) -> bool:
    return not (await verify(front.database, KEYS, now=front.clock)).differences


async def test_what_is_withdrawn_never_begins_and_stays_in_the_history(front: Shopfront) -> None:
    made = await withdrawn(front)
    assert (made.version, made.at, made.goes_on) == (2, NOW, 1)
    front.clock.forward(days=2)
    await buys(front, 2, front.clock())
    assert await earned(front, 2) == [(10, 1)]
    session = front.database.reading()
    (row,) = await withdrawn_versions(session, front.programme)
    assert (row.programme.version, row.programme.effective_from, row.at, row.reason) == (2, BEGINS, NOW, "a mistake")
    last = (await changes_of(session, front.programme))[-1]
    assert (last.act, last.at, last.person, last.through, last.about["version"]) == (
        "withdraw",
        NOW,
        "ida@example.org",
        "command",
        2,
    )
    assert await front.number("SELECT count(*) FROM programme_version") == 2
    assert (await latest_document(session, front.programme))["points"]["earn"]["rates"]["EUR"] == "1"
    assert await is_sound(front)


async def test_its_number_is_used_no_more_and_another_may_begin_before_it_was_to(front: Shopfront) -> None:
    await withdrawn(front)
    assert await publish(front, earning("3")) == 3
    assert await versions(front) == [1, 3]
    await buys(front, 2, NOW + timedelta(hours=1))
    assert await earned(front, 2) == [(30, 3)]
    assert await is_sound(front)


async def test_what_it_had_replaced_comes_again(front: Shopfront) -> None:
    assert await publish(front, earning("3"), BEGINS) == 3
    assert (await withdrawn(front, 3)).goes_on == 2
    front.clock.forward(days=2)
    await buys(front, 2, front.clock())
    assert await earned(front, 2) == [(20, 2)]


async def test_one_that_holds_or_held_or_is_none_is_refused_and_nothing_is_done(front: Shopfront) -> None:
    assert await refused(front, 1) == "version-began"
    assert await refused(front, 9) == "version-unknown"
    front.clock.moment = BEGINS - TOO_LATE
    await publish(front, earning("3"), NOW + 3 * DAY)
    assert await refused(front) == "version-began", "a host whose clock is ahead may decide by it"
    front.clock.moment = BEGINS
    assert await refused(front) == "version-began"
    front.clock.forward(days=3)
    assert await refused(front, 3) == "version-began"
    assert await versions(front) == [1, 2, 3]
    assert await withdrawn_versions(front.database.reading(), front.programme) == []


async def test_a_first_version_that_is_still_to_begin_is_what_holds(front: Shopfront) -> None:
    await atomic(
        front.database,
        lambda session: session.run("UPDATE programme_version SET effective_from = $1 WHERE version = 1", BEGINS),
    )
    assert await refused(front, 1) == "version-began"


async def test_twice_is_refused_and_the_first_stays(front: Shopfront) -> None:
    await withdrawn(front)
    front.clock.forward(hours=1)
    assert await refused(front) == "version-withdrawn"
    assert [one.at for one in await withdrawn_versions(front.database.reading(), front.programme)] == [NOW]


async def test_of_two_at_once_one_withdraws_it(front: Shopfront) -> None:
    found = await asyncio.gather(*(withdrawn(front) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, NotBegun) for one in found) == 1
    assert {one.code for one in found if isinstance(one, Refused)} == {"version-withdrawn"}
    assert sum(change.act == "withdraw" for change in await changes_of(front.database.reading(), front.programme)) == 1


async def test_one_that_the_past_counts_under_is_refused(front: Shopfront) -> None:
    correction = Correction(1, 2, NOW - 2 * DAY, NOW)
    await atomic(
        front.database,
        lambda session: begin_correction(session, front.programme, correction, (1, 1, 20), NOW, "tester"),
    )
    assert await refused(front) == "version-corrects"


async def test_one_that_a_shop_ahead_of_time_has_used_is_refused(front: Shopfront) -> None:
    await buys(front, 2, BEGINS + timedelta(minutes=1))
    assert await earned(front, 2) == [(20, 2)]
    assert await refused(front) == "version-used"
    assert await is_sound(front)


async def test_whoever_decides_while_it_is_withdrawn_decides_without_it(front: Shopfront) -> None:
    """Its moment passes behind our look at the clock: what is decided after that waits, and does not go by it."""
    deciding: list[asyncio.Task[None]] = []

    async def decide() -> None:
        await buys(front, 2, BEGINS)

    def looks() -> datetime:
        at = JUST_IN_TIME
        front.clock.moment = BEGINS
        deciding.append(asyncio.create_task(decide()))
        return at

    await withdraw(front.database, front.programme, 2, IDA, "a mistake", looks)
    await deciding[0]
    assert await earned(front, 2) == [(10, 1)]
    assert await versions(front) == [1] and await is_sound(front)


async def test_once_somebody_has_decided_under_it_it_is_too_late(front: Shopfront) -> None:
    front.clock.moment = BEGINS
    await buys(front, 2, BEGINS)
    assert await refused(front) == "version-began"
    assert await earned(front, 2) == [(20, 2)] and await is_sound(front)


@pytest.mark.parametrize("turn", range(4))
async def test_at_its_moment_it_is_either_withdrawn_or_holds(front: Shopfront, turn: int) -> None:
    """Orders are decided, the clock passes its beginning, and somebody withdraws it, all at once."""
    front.clock.moment = JUST_IN_TIME
    await front.keep(*(front.delivery("order.updated", order(n, 7, 1000, BEGINS), key=str(n)) for n in range(2, 6)))

    async def passes() -> None:
        for _ in range(turn):
            await asyncio.sleep(0)
        front.clock.moment = BEGINS
        await drain(front.pipeline)

    found, _ = await asyncio.gather(withdrawn(front), passes(), return_exceptions=True)
    is_gone = isinstance(found, NotBegun)
    assert is_gone or (isinstance(found, Refused) and found.code == "version-began")
    expected = [(10, 1)] if is_gone else [(20, 2)]
    assert [await earned(front, n) for n in range(2, 6)] == [expected] * 4
    assert await versions(front) == ([1] if is_gone else [1, 2]) and await is_sound(front)


def climbing(spend: int) -> dict[str, Any]:
    gold = {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend": spend}}
    return {**earning("1"), "tiers": [{"id": "member", "name": {"en": "Member"}}, gold]}


async def test_no_review_goes_by_a_version_that_is_withdrawn_meanwhile(
    prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen: a review read the programme, waited for its members, and gave a tier of a version that was gone."""
    going: list[asyncio.Task[NotBegun]] = []
    async with shopfront(prepared_database_url, document=climbing(100)) as front:

        async def late(*given: Any, **more: Any) -> Any:
            if not going:
                going.append(asyncio.create_task(withdrawn(front)))
                await asyncio.wait(going, timeout=0.5)
                front.clock.moment = BEGINS
            return await load_members(*given, **more)

        await front.receive("order.updated", order(1, 7, 2000, NOW - DAY))
        await publish(front, climbing(10), BEGINS)
        await atomic(front.database, lambda session: session.run("UPDATE balance SET next_review_at_us = 0"))
        front.clock.moment = JUST_IN_TIME
        monkeypatch.setattr("connector.programmes.passing_time.load_members", late)
        assert await review_due(front.pipeline) == 1
        (found,) = await asyncio.gather(*going, return_exceptions=True)
        assert isinstance(found, Refused) and found.code == "version-began", "it waits, and comes too late"
        tiers = await front.rows("SELECT tier, programme_version FROM tier_change ORDER BY n")
        assert [(row["tier"], row["programme_version"]) for row in tiers] == [("member", 1), ("gold", 2)]
        assert await is_sound(front)


async def test_whoever_withdraws_reads_no_order_that_is_not_dated_ahead(
    front: Shopfront, prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen: while everybody waited, all that was ever decided in any shop was read."""
    seen: dict[str, tuple[Any, ...]] = {}
    one = Session.one

    async def watched(session: Session, sql: str, *values: Any) -> Any:
        seen.setdefault(sql, values)
        return await one(session, sql, *values)

    monkeypatch.setattr(Session, "one", watched)
    await buys(front, 2, NOW)
    await withdrawn(front)
    ((sql, values),) = [(sql, values) for sql, values in seen.items() if "FROM context c" in sql]
    plan = await plan_of(prepared_database_url, sql, values)
    assert re.search(
        r"c USING INDEX context_ahead \(programme_version=. AND paid_at_us>|using context_ahead on ", plan
    ), plan
    assert not re.search(r"SCAN|Seq Scan", plan), plan


async def test_who_was_to_be_told_of_it_is_not(front: Shopfront) -> None:
    await atomic(
        front.database,
        lambda session: publish_version(
            session, front.programme, earning("3"), BEGINS + DAY, NOW, "tester", tells=True
        ),
    )
    assert await announce(front.pipeline) == 1
    await withdrawn(front, 3)
    assert await announce(front.pipeline) == 0
    (notice,) = await front.rows("SELECT notice_key FROM notice WHERE kind = 'programme-changed'")
    assert notice["notice_key"] == "3", "it is taken back when it would be told"


async def test_members_are_marked_for_what_is_planned_then_and_not_for_it(front: Shopfront) -> None:
    ending = earning("3")
    ending["points"]["expiry"] = {"mode": "fixed", "days": 100}
    assert await publish(front, ending, BEGINS + DAY) == 3
    assert await publish(front, ending, BEGINS + 2 * DAY) == 4
    await mark_members(front.database)
    await withdrawn(front, 3)
    rows = await front.rows("SELECT version, marks_after FROM programme_version WHERE version > 1 ORDER BY version")
    assert [(row["version"], row["marks_after"]) for row in rows] == [(2, ""), (3, None), (4, "")]
    await mark_members(front.database)
    assert await front.number("SELECT count(*) FROM programme_version WHERE marks_after IS NOT NULL") == 0
    assert await is_sound(front)


async def test_a_preview_holds_a_draft_against_what_will_hold(front: Shopfront) -> None:
    async def against() -> int:
        session = front.database.reading()
        return (await edit_of(session, front.programme, earning("5"), BEGINS + DAY, front.clock())).old.version

    assert await against() == 2
    await withdrawn(front)
    assert await against() == 1


async def test_an_end_is_published_once_whoever_withdraws_a_version_beside_it(front: Shopfront) -> None:
    """Defect seen: a version that took the end back and was withdrawn made the next one the first to end it."""
    await withdrawn(front)
    ending = {**earning("1"), "wind_down": {"earn_until": "2027-03-01", "redeem_until": "2027-04-01"}}
    assert await publish(front, ending, BEGINS) == 3
    assert await publish(front, earning("1"), BEGINS + DAY) == 4
    await withdrawn(front, 4)
    assert await publish(front, {**ending, **earning("2")}, BEGINS + DAY) == 5
    changes = await changes_of(front.database.reading(), front.programme)
    acts = {(one.about["version"], one.act) for one in changes if one.act != "withdraw"}
    assert acts >= {(3, "wind-down"), (4, "publish"), (5, "publish")}
