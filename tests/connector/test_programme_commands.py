"""Publish, correct, pause: immutable versions, previews that post nothing, and differences that are entries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from connector.errors import ConfigProblem, Permanent
from connector.ingest.pipeline import decide_work, decide_works, drain
from connector.programmes import corrections
from connector.programmes.corrections import Effect, correction_of, effect_of, go_on, go_on_with_all
from connector.programmes.figures import count_figures
from connector.programmes.shop_facts import shop_facts
from connector.storage.atomic import atomic
from connector.storage.corrections import begin_correction, latest_correction
from connector.storage.programmes import (
    latest_document,
    load_programmes,
    pause,
    publish_version,
    resume,
)
from connector.storage.reported import reported_kinds
from connector.storage.session import Session
from connector.verify import verify
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import Pause
from tests.builders import DOCUMENT, KEYS, NOW, OPENED, Shopfront, shopfront
from tests.payloads.stories import SoldLine, Story
from tests.payloads.woocommerce_bodies import webhook_order

DAY = timedelta(days=1)
FIRST, SECOND = NOW - 3 * DAY, NOW - 2 * DAY


def earning(rate: str) -> dict[str, Any]:
    """The usual programme at another rate."""
    return {**DOCUMENT, "points": {"earn": {"rates": {"EUR": rate}, "pending_days": 14}}}


def order(order_id: int, customer: int, net: int, paid_at: datetime) -> bytes:
    """A paid order of one line."""
    body = webhook_order(Story((SoldLine(11, 1, net),), customer=customer, order_id=order_id))
    return json.dumps(body | {"date_paid_gmt": f"{paid_at:%Y-%m-%dT%H:%M:%S}"}).encode()


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    """Customers 7 and 8 with orders of 20 and 30 euros, a day apart."""
    async with shopfront(prepared_database_url) as found:
        await found.receive("order.updated", order(1, 7, 2000, FIRST))
        await found.receive("order.updated", order(2, 8, 3000, SECOND))
        yield found


async def publish(front: Shopfront, document: Mapping[str, Any], begins: datetime | None = None) -> int:
    return await atomic(
        front.database,
        lambda session: publish_version(session, front.programme, document, begins, front.clock(), "tester"),
    )


async def corrected(
    front: Shopfront, interval: tuple[datetime, datetime], wrong: int = 1, right: int = 2, apply: bool = False
) -> Effect:
    found = Effect()
    after: tuple[int, str] | None = corrections.FIRST
    while after is not None:
        page = await atomic(front.database, partial(page_of, front, (wrong, right), interval, after))
        found.sources += page.sources
        found.unknown += page.unknown
        found.redated += page.redated
        found.members |= page.members
        after = page.after
    if apply:
        expected = (found.sources, len(found.members), sum(found.members.values()))

        async def begin(session: Session) -> None:
            books = (await load_programmes(session, lock=True))[front.programme]
            correction = correction_of(books, wrong, right, interval, front.clock())
            await begin_correction(session, front.programme, correction, expected, front.clock(), "tester")

        await atomic(front.database, begin)
        await go_on_with_all(front.pipeline)
        done = await latest_correction(front.database.reading(), front.programme)
        assert done is not None and done.done_at is not None
        assert (done.sources, done.members, done.points) == expected
    return found


async def page_of(
    front: Shopfront,
    versions: tuple[int, int],
    interval: tuple[datetime, datetime],
    after: tuple[int, str],
    session: Session,
) -> Effect:
    books = (await load_programmes(session, lock=True))[front.programme]
    correction = correction_of(books, *versions, interval, front.clock())
    return await effect_of(session, books, correction, after, front.clock())


# --- publish ----------------------------------------------------------------------------------------------------------


async def test_a_new_version_leaves_what_was_earned_before(front: Shopfront) -> None:
    assert await publish(front, earning("2")) == 2
    await front.receive("order.updated", order(1, 7, 2500, FIRST))
    assert await front.points() == {"7": 25, "8": 30}
    assert (await latest_document(front.database.reading(), front.programme))["points"]["earn"]["rates"] == {"EUR": "2"}


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(microseconds=1), DAY])
async def test_a_version_may_take_effect_now_or_later(front: Shopfront, offset: timedelta) -> None:
    assert await publish(front, earning("2"), front.clock() + offset) == 2
    rulebook = (await load_programmes(front.database.reading()))[front.programme].rulebook
    assert rulebook.versions[-1].effective_from == front.clock() + offset
    assert rulebook.in_force(front.clock() + offset).version == 2
    assert rulebook.in_force(front.clock() + offset - timedelta(microseconds=1)).version == 1


@pytest.mark.parametrize(
    ("document", "begins", "sentence"),
    [
        (earning("2"), NOW - timedelta(microseconds=1), "never in the past"),
        ({**DOCUMENT, "colour": 1}, None, "colour: is not known"),
        ({**DOCUMENT, "programme": {**DOCUMENT["programme"], "timezone": "Asia/Tokyo"}}, None, "cannot change"),
    ],
)
async def test_a_version_that_is_refused_leaves_everything_as_it_was(
    front: Shopfront, document: dict[str, Any], begins: datetime | None, sentence: str
) -> None:
    with pytest.raises((ConfigProblem, ProgrammeError), match=sentence):
        await publish(front, document, begins)
    assert await front.number("SELECT count(*) FROM programme_version") == 1


async def test_a_version_planned_for_later_is_replaced_from_its_own_time_on(front: Shopfront) -> None:
    later = NOW + 10 * DAY
    await publish(front, earning("2"), later)
    with pytest.raises(ConfigProblem, match="Version 2 takes effect at"):
        await publish(front, earning("3"), later - timedelta(microseconds=1))
    assert await publish(front, earning("3"), later) == 3
    rulebook = (await load_programmes(front.database.reading()))[front.programme].rulebook
    assert [rulebook.in_force(later - DAY).version, rulebook.in_force(later).version] == [1, 3]


# --- correct ----------------------------------------------------------------------------------------------------------


async def test_a_preview_says_what_a_correction_would_post_and_posts_nothing(front: Shopfront) -> None:
    await publish(front, earning("3"))
    before = await front.entries()
    effect = await corrected(front, (FIRST, SECOND + DAY))
    assert (effect.sources, sorted(effect.members.values())) == (2, [40, 60])
    await drain(front.pipeline)
    assert await front.entries() == before
    assert await front.number("SELECT count(*) FROM programme_correction") == 0


@pytest.mark.parametrize(
    ("interval", "points"),
    [
        ((FIRST, SECOND), {"7": 60, "8": 30}),
        ((FIRST, SECOND + timedelta(microseconds=1)), {"7": 60, "8": 90}),
        ((FIRST + timedelta(microseconds=1), SECOND), {"7": 20, "8": 30}),
    ],
)
async def test_a_correction_posts_the_difference_of_exactly_its_interval(
    front: Shopfront, interval: tuple[datetime, datetime], points: dict[str, int]
) -> None:
    await publish(front, earning("3"))
    effect = await corrected(front, interval, apply=True)
    await drain(front.pipeline)
    assert await front.points() == points
    assert sum(effect.members.values()) == sum(points.values()) - 50
    # Deciding again what was corrected posts nothing.
    await front.receive("order.updated", order(1, 7, 2000, FIRST))
    assert await front.points() == points


async def test_a_correction_downwards_claws_back_and_can_be_corrected_itself(front: Shopfront) -> None:
    await publish(front, earning("0.5"))
    await publish(front, earning("4"))
    await corrected(front, (FIRST, SECOND), apply=True)
    await drain(front.pipeline)
    assert (await front.entries()).count(("clawback", -10, f"woocommerce:{front.connection.number}:order:1")) == 1
    await corrected(front, (FIRST, SECOND), wrong=2, right=3, apply=True)
    await drain(front.pipeline)
    assert await front.points() == {"7": 80, "8": 30}


@pytest.mark.parametrize(
    ("interval", "wrong", "right", "sentence"),
    [
        ((FIRST, SECOND), 1, 9, "no version 9"),
        ((FIRST, SECOND), 9, 1, "no version 9"),
        ((FIRST, SECOND), 1, 1, "cannot correct itself"),
        ((SECOND, SECOND), 1, 2, "ends before it begins"),
        ((SECOND, NOW + timedelta(microseconds=1)), 1, 2, "Only the past"),
    ],
)
async def test_a_correction_that_makes_no_sense_is_refused(
    front: Shopfront, interval: tuple[datetime, datetime], wrong: int, right: int, sentence: str
) -> None:
    await publish(front, earning("3"))
    with pytest.raises(ConfigProblem, match=sentence):
        await corrected(front, interval, wrong, right, apply=True)
    assert await front.number("SELECT count(*) FROM programme_correction") == 0


async def test_an_interval_is_corrected_once(front: Shopfront) -> None:
    await publish(front, earning("3"))
    await corrected(front, (FIRST, SECOND), apply=True)
    with pytest.raises(ConfigProblem, match="correct version 2 there"):
        await corrected(front, (FIRST + DAY / 2, NOW), apply=True)
    with pytest.raises(ConfigProblem, match="from 2026-11-18 12:00 UTC already"):
        await corrected(front, (FIRST - DAY, NOW), apply=True)
    await corrected(front, (SECOND, NOW), apply=True)
    assert await front.number("SELECT count(*) FROM programme_correction") == 2


async def test_a_correction_goes_member_by_member_and_is_taken_up_where_it_was_killed(
    front: Shopfront, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is a transaction with its place in it, so that a process may end between any two."""
    monkeypatch.setattr(corrections, "BATCH", 1)
    for n in range(3, 8):
        await front.receive("order.updated", order(n, n, 1000, FIRST))
    await front.receive("order.updated", order(9, 3, 1000, FIRST))
    await publish(front, earning("3"))
    interval, expected = (FIRST, SECOND + DAY), (8, 7, 220)

    async def begin(session: Session) -> None:
        books = (await load_programmes(session, lock=True))[front.programme]
        correction = correction_of(books, 1, 2, interval, front.clock())
        await begin_correction(session, front.programme, correction, expected, front.clock(), "tester")

    await atomic(front.database, begin)
    first = await go_on(front.pipeline, front.programme)
    assert first is not None and first.done_at is None and 0 < first.members < 7
    at_first = sum((await front.points()).values())
    assert at_first == 110 + first.points
    # What is told meanwhile is decided under the corrected version at once, and only once.
    await front.receive("order.updated", order(10, 12, 500, FIRST))
    assert (await front.points())["12"] == 15
    assert await go_on_with_all(front.pipeline) > 1
    assert await go_on(front.pipeline, front.programme) is None
    assert sum((await front.points()).values()) == 330 + 15
    done = await latest_correction(front.database.reading(), front.programme)
    assert done is not None and done.done_at is not None and done.left == 0
    assert done.points == 220
    assert await go_on_with_all(front.pipeline) == 0
    assert (await verify(front.database, KEYS, now=front.clock)).differences == []


async def test_who_cannot_be_decided_is_left_to_the_pipeline_and_the_correction_goes_on(
    front: Shopfront, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(front, earning("3"))
    real, tries = decide_works, list[int]()

    async def once_broken(*arguments: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("somebody's rows are odd")
        return await real(*arguments)

    monkeypatch.setattr("connector.programmes.corrections.decide_works", once_broken)

    async def begin(session: Session) -> None:
        books = (await load_programmes(session, lock=True))[front.programme]
        correction = correction_of(books, 1, 2, (FIRST, SECOND + DAY), front.clock())
        await begin_correction(session, front.programme, correction, (2, 2, 100), front.clock(), "tester")

    await atomic(front.database, begin)
    await go_on_with_all(front.pipeline)
    done = await latest_correction(front.database.reading(), front.programme)
    assert done is not None and (done.left, done.points, done.done_at is None) == (2, 0, False)
    await drain(front.pipeline)
    assert await front.points() == {"7": 60, "8": 90}


async def test_a_paused_programme_is_not_corrected_until_it_goes_on(front: Shopfront) -> None:
    await publish(front, earning("3"))

    async def begin(session: Session) -> None:
        books = (await load_programmes(session, lock=True))[front.programme]
        correction = correction_of(books, 1, 2, (FIRST, SECOND + DAY), front.clock())
        await begin_correction(session, front.programme, correction, (2, 2, 100), front.clock(), "tester")
        await pause(session, front.programme, front.clock(), "tester")

    await atomic(front.database, begin)
    assert await go_on_with_all(front.pipeline) == 0
    assert await front.points() == {"7": 20, "8": 30}
    await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "operator"))
    await go_on_with_all(front.pipeline)
    assert await front.points() == {"7": 60, "8": 90}


# --- pause ------------------------------------------------------------------------------------------------------------


async def test_a_paused_programme_keeps_facts_and_decides_them_when_it_goes_on(front: Shopfront) -> None:
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "tester"))
    await front.receive("order.updated", order(3, 7, 1000, NOW - DAY))
    assert await decide_work(front.pipeline) == 0
    assert await front.points() == {"7": 20, "8": 30}
    assert await front.number("SELECT count(*) FROM work WHERE state = 0") == 1
    front.clock.forward(days=3)
    begun = await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "operator"))
    assert begun == NOW
    (row,) = await front.rows("SELECT actor, resumed_by FROM programme_pause")
    assert (row["actor"], row["resumed_by"]) == ("tester", "operator")
    await drain(front.pipeline)
    assert await front.points() == {"7": 30, "8": 30}
    books = (await load_programmes(front.database.reading()))[front.programme]
    assert (books.is_paused, books.rulebook.pauses) == (False, (Pause(NOW, NOW + 3 * DAY),))


async def test_a_programme_is_paused_once_and_resumed_once(front: Shopfront) -> None:
    with pytest.raises(Permanent, match="is not paused"):
        await atomic(front.database, lambda session: resume(session, front.programme, NOW, "operator"))
    await atomic(front.database, lambda session: pause(session, front.programme, NOW, "tester"))
    with pytest.raises(Permanent, match="is paused since 2026-11-21 12:00 UTC"):
        await atomic(front.database, lambda session: pause(session, front.programme, NOW + DAY, "tester"))
    with pytest.raises(Permanent, match="There is no programme 99"):
        await atomic(front.database, lambda session: pause(session, 99, NOW, "tester"))
    assert await front.number("SELECT count(*) FROM programme_pause") == 1


# --- what the shop gives ----------------------------------------------------------------------------------------------


async def test_a_shop_of_few_buyers_says_only_where_it_is(front: Shopfront) -> None:
    found = await shop_facts(front.database.reading(), front.programme)
    assert (found.timezone, found.currency, found.aov_minor, found.spend_percentiles) == (
        "Europe/Berlin",
        "EUR",
        None,
        {},
    )


async def test_a_shop_of_many_buyers_knows_its_average_and_percentiles(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url) as front:
        for n in range(1, 51):
            await front.keep(front.delivery("order.updated", order(n, n, n * 100, OPENED + DAY)))
        await drain(front.pipeline)
        await count_figures(front.database, front.programme, "Europe/Berlin", NOW)
        found = await shop_facts(front.database.reading(), front.programme)
        assert (found.aov_minor, found.spend_percentiles[80], found.spend_percentiles[95]) == (2550, 4000, 4800)
        assert {"orders", "spend"} <= await reported_kinds(front.database.reading(), front.programme)
