"""Corrections that could take what nobody may take: for lack of data, of time, or because they lead in a circle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.clock import utc_now
from connector.commands.programme import PROGRAMME_COMMANDS
from connector.errors import Permanent
from connector.ingest.pipeline import drain
from connector.storage.atomic import atomic
from connector.storage.catalogue import save_products
from connector.storage.instants import instant
from connector.storage.programmes import pause, resume
from connector.storage.work import release_work
from connector.verify import verify
from loyalty_engine.facts import Product
from tests.builders import DOCUMENT, KEYS, NOW, Shopfront, shopfront
from tests.connector.outside import outside
from tests.connector.test_programme_commands import DAY, FIRST, SECOND, corrected, earning, order, publish

BOTH = (FIRST, SECOND + DAY)
COFFEE = {"id": "coffee", "per_item": 10, "when": {"category": ["coffee"]}}
REGULARS = {"id": "regulars", "points": 5, "when": {"customer_tag": ["regular"]}}
SALE = {"earn": {"rates": {"EUR": "5"}, "exclude": ["sale_items"]}}
NO_RATE = {**DOCUMENT, "points": {}}


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    """Customers 7 and 8 with orders of 20 and 30 euros, a day apart."""
    async with shopfront(prepared_database_url) as found:
        await found.receive("order.updated", order(1, 7, 2000, FIRST))
        await found.receive("order.updated", order(2, 8, 3000, SECOND))
        yield found


async def assert_books_are_right(front: Shopfront) -> None:
    await drain(front.pipeline)
    assert (await verify(front.database, KEYS, now=front.clock)).differences == []


async def know_product(front: Shopfront) -> None:
    """The shop says what the product of every order is in."""
    product = (front.connection.number, front.programme, Product("71", categories=("coffee",)))
    await atomic(front.database, lambda session: save_products(session, [product], [], front.clock()))


# --- what nobody asked then -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {**NO_RATE, "rules": [COFFEE]},
        {**NO_RATE, "rules": [{**COFFEE, "when": {"category": {"not_in": ["tea"]}}}]},
        {**NO_RATE, "rules": [REGULARS]},
        {**DOCUMENT, "points": SALE},
    ],
)
async def test_what_cannot_be_worked_out_keeps_its_points(front: Shopfront, document: dict[str, Any]) -> None:
    """Version 2 asks what nobody asked: it would find nothing, and take everything or give it to everybody."""
    before = await front.entries()
    await publish(front, document)
    effect = await corrected(front, BOTH, apply=True)
    assert (effect.sources, effect.unknown, effect.members) == (2, 2, {})
    await front.receive("order.updated", order(1, 7, 2000, FIRST))
    assert await front.entries() == before
    await assert_books_are_right(front)


@pytest.mark.parametrize(
    "rule",
    [
        {**COFFEE, "dry_run": True},
        {**COFFEE, "from": NOW.isoformat()},
        {**COFFEE, "until": FIRST.isoformat()},
        {**REGULARS, "on": "review"},
    ],
)
async def test_a_rule_that_gives_nothing_for_an_order_asks_nothing_of_it(
    front: Shopfront, rule: dict[str, Any]
) -> None:
    await publish(front, {**earning("3"), "rules": [rule]})
    effect = await corrected(front, BOTH, apply=True)
    assert (effect.unknown, await front.points()) == (0, {"7": 60, "8": 90})
    await assert_books_are_right(front)


async def test_what_the_shop_did_not_answer_is_unknown_also_where_both_versions_ask(front: Shopfront) -> None:
    for rate in ("1", "0.5"):
        await publish(front, {**earning(rate), "rules": [COFFEE]})
    for n, customer in ((3, 9), (4, 10)):
        await front.receive("order.updated", order(n, customer, 1000, NOW))
        if n == 3:
            front.clock.forward(minutes=11)
            await drain(front.pipeline)
            await atomic(front.database, lambda session: release_work(session, [front.programme]))
            await drain(front.pipeline)
            await know_product(front)
    front.clock.forward(minutes=1)
    assert await front.points() == {"7": 20, "8": 30, "9": 5, "10": 15}
    await publish(front, {**earning("0.1"), "rules": [COFFEE]})
    effect = await corrected(front, (NOW, NOW + timedelta(minutes=1)), 3, 4, apply=True)
    assert (effect.sources, effect.unknown, await front.points()) == (2, 1, {"7": 20, "8": 30, "9": 5, "10": 11})
    await assert_books_are_right(front)


async def test_orders_told_after_a_correction_are_asked_what_it_asks(front: Shopfront) -> None:
    await publish(front, {**earning("1"), "rules": [COFFEE]})
    await corrected(front, BOTH, apply=True)

    await know_product(front)
    await front.receive("order.updated", order(3, 9, 1000, FIRST))
    assert await front.points() == {"7": 20, "8": 30, "9": 20}
    (row,) = await front.rows("SELECT programme_version, values_text FROM context WHERE source_ref LIKE '%:3'")
    assert (row["programme_version"], '"asked":["catalogue"]' in row["values_text"]) == (1, True)
    await assert_books_are_right(front)


async def test_those_that_were_left_under_a_version_can_be_corrected_by_another(front: Shopfront) -> None:
    await publish(front, {**NO_RATE, "rules": [COFFEE]})
    await publish(front, earning("4"))
    await corrected(front, BOTH, apply=True)
    await corrected(front, BOTH, 2, 3, apply=True)
    assert await front.points() == {"7": 20, "8": 30}
    front.clock.forward(minutes=1)
    effect = await corrected(front, BOTH, 1, 3, apply=True)
    assert (effect.sources, effect.unknown, await front.points()) == (2, 0, {"7": 80, "8": 120})
    await assert_books_are_right(front)


async def test_the_command_refuses_what_it_cannot_work_out_unless_it_is_told_to_keep_it(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with outside(prepared_database_url, tmp_path) as found:
        paid_at = utc_now() + timedelta(seconds=1)
        await found.deliver("woocommerce", order(1, 7, 2000, paid_at))
        await found.work()
        assert await found.number("SELECT points FROM balance WHERE points > 0") == 20
        await PROGRAMME_COMMANDS["publish"](found.service, {"programme": 1, "document": {**NO_RATE, "rules": [COFFEE]}})
        await asyncio.sleep(1.1)
        span = {"programme": 1, "wrong": 1, "right": 2, "from": (paid_at - DAY).isoformat()}
        span["until"] = utc_now().isoformat()
        shown = await PROGRAMME_COMMANDS["preview-correction"](found.service, span)
        assert (shown["sources"], shown["unknown"], shown["differences"]) == (1, 1, [])
        wanted = {**span, "expected": {"sources": 1, "members": 0, "points": 0}, "reason": "Only coffee"}
        with pytest.raises(Permanent, match=r"correction-lacks-facts \(sources 1\).*--keep-unknown"):
            await PROGRAMME_COMMANDS["correct"](found.service, wanted)
        assert await found.number("SELECT count(*) FROM programme_correction") == 0
        await PROGRAMME_COMMANDS["correct"](found.service, {**wanted, "keep_unknown": True})
        done = await PROGRAMME_COMMANDS["go-on-correcting"](found.service, {"programme": 1})
        assert (done["sources"], done["points"], done["done_at"] is None) == (1, 0, False)
        assert await found.number("SELECT points FROM balance WHERE points > 0") == 20


# --- when points become available -------------------------------------------------------------------------------------


def pending(days: int, **more: Any) -> dict[str, Any]:
    return {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": days, **more}}}


async def maturities(front: Shopfront) -> list[datetime]:
    rows = await front.rows("SELECT matures_at_us FROM lot ORDER BY matures_at_us")
    return [instant(row["matures_at_us"]) for row in rows]


@pytest.mark.parametrize(("days", "later"), [(3, 3), (30, 30)])
async def test_a_correction_moves_what_is_pending(front: Shopfront, days: int, later: int) -> None:
    await publish(front, pending(days))
    effect = await corrected(front, BOTH, apply=True)
    assert (effect.redated, effect.members) == (50, {})
    assert await maturities(front) == [FIRST + later * DAY, SECOND + later * DAY]
    assert await front.points() == {"7": 20, "8": 30}
    await assert_books_are_right(front)


@pytest.mark.parametrize("right", [pending(30), pending(0, matures_from="fulfilled")])
async def test_what_is_available_stays_so(front: Shopfront, right: dict[str, Any]) -> None:
    front.clock.forward(days=11)
    await publish(front, right)
    effect = await corrected(front, BOTH, apply=True)
    found = await maturities(front)
    assert (effect.redated, found[0]) == (30, FIRST + 14 * DAY)
    assert found[1] > front.clock()
    await assert_books_are_right(front)
    # And so it is once the version is taken back, and on the day on which it would have become available.
    await corrected(front, BOTH, 2, 1, apply=True)
    assert await maturities(front) == [FIRST + 14 * DAY, SECOND + 14 * DAY]
    front.clock.forward(days=40)
    await front.receive("order.updated", order(1, 7, 1000, FIRST))
    await assert_books_are_right(front)


async def test_points_that_a_correction_adds_wait_as_its_version_says(front: Shopfront) -> None:
    front.clock.forward(days=20)
    await publish(front, {**pending(30), "points": {"earn": {"rates": {"EUR": "3"}, "pending_days": 30}}})
    await corrected(front, BOTH, apply=True)
    assert await front.points() == {"7": 60, "8": 90}
    assert await maturities(front) == [
        FIRST + 14 * DAY,
        SECOND + 14 * DAY,
        FIRST + 30 * DAY,
        SECOND + 30 * DAY,
    ]
    await assert_books_are_right(front)


# --- circles ----------------------------------------------------------------------------------------------------------


async def test_a_correction_can_be_taken_back_and_made_again(front: Shopfront) -> None:
    for rate in ("2", "3"):
        await publish(front, earning(rate))
    for wrong, right, points in [(1, 2, 40), (2, 3, 60), (3, 1, 20), (1, 2, 40), (2, 1, 20), (1, 3, 60)]:
        await corrected(front, BOTH, wrong, right, apply=True)
        front.clock.forward(minutes=1)
        assert (await front.points())["7"] == points
        await assert_books_are_right(front)
    assert await front.number("SELECT count(*) FROM correction_run WHERE done_at IS NOT NULL") == 6
    # What is told now is decided by the same path.
    await front.receive("order.updated", order(3, 9, 1000, FIRST))
    assert (await front.points())["9"] == 30
    await assert_books_are_right(front)


# --- pauses -----------------------------------------------------------------------------------------------------------


async def stand_still(front: Shopfront, days: int) -> None:
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "tester"))
    front.clock.forward(days=days)


async def go_on_again(front: Shopfront) -> None:
    await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "tester"))
    await drain(front.pipeline)


async def test_what_was_paid_inside_a_pause_is_corrected_like_everything_else(front: Shopfront) -> None:
    await stand_still(front, 4)
    await front.receive("order.updated", order(3, 9, 1000, NOW + DAY))
    assert await front.points() == {"7": 20, "8": 30, "9": 0}
    await go_on_again(front)
    await publish(front, earning("3"))
    effect = await corrected(front, (NOW, NOW + 4 * DAY), apply=True)
    assert (effect.sources, await front.points()) == (1, {"7": 20, "8": 30, "9": 30})
    await assert_books_are_right(front)


ENDING = {"expiry": {"mode": "fixed", "months": 12}}


async def test_points_of_a_correction_end_where_those_of_their_order_do_after_a_pause(
    prepared_database_url: str,
) -> None:
    ending = {**DOCUMENT, "points": {**DOCUMENT["points"], **ENDING}}
    async with shopfront(prepared_database_url, document=ending) as front:
        await front.receive("order.updated", order(1, 7, 2000, FIRST))
        await stand_still(front, 10)
        await go_on_again(front)
        await publish(front, {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "3"}, "pending_days": 14}, **ENDING}})
        await corrected(front, (FIRST, FIRST + DAY), apply=True)
        assert await front.points() == {"7": 60}
        rows = await front.rows("SELECT nominal_at_us FROM lot")
        assert len(rows) == 2 and len({row["nominal_at_us"] for row in rows}) == 1
        await assert_books_are_right(front)
