"""The brake of reconcile: many orders that would take points at once wait for a person; what gives never does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from connector.errors import ConfigProblem, Permanent, Transient
from connector.ingest.agreement import Verdict, agreement_of, repair
from connector.ingest.comparing import brake_holds
from connector.ingest.reconcile import ReconcileReport, reconcile_all
from connector.people.actors import Actor
from connector.platforms import FETCHED_GONE, FETCHED_HISTORY, FETCHED_ORDER, Fetched
from connector.storage.atomic import atomic
from connector.storage.audit import load_deeds
from connector.storage.findings import list_findings, prune_findings
from connector.storage.inbox import Delivery, insert_deliveries
from connector.storage.session import Session
from tests.builders import KEYS
from tests.connector.test_reconcile import Desk, opened_desk, order

KIM = Actor("kim", "command", "Kim")


@pytest.fixture
async def desk(prepared_database_url: str) -> AsyncIterator[Desk]:
    async with opened_desk(prepared_database_url) as found:
        yield found


@pytest.mark.parametrize(
    ("taking", "known", "holds"),
    [
        (19, 19, False),
        (20, 20, True),
        (21, 21, True),
        (20, 1999, True),
        (20, 2000, False),
        (21, 2000, True),
        (21, 2100, False),
        (1000, 100_000, False),
        (1001, 100_000, True),
        (0, 0, False),
    ],
)
def test_the_brake_holds_from_twenty_orders_and_above_one_percent(taking: int, known: int, holds: bool) -> None:
    assert brake_holds(taking, known) is holds


async def read_in(desk: Desk, count: int) -> None:
    """So many orders of 10 points each, known since an hour."""
    desk.shop.pages = [[order(number) for number in range(1, count + 1)]]
    await desk.read()
    desk.front.clock.forward(hours=1)


@pytest.mark.parametrize(("gone", "held", "points"), [(19, 0, 20), (20, 20, 210), (21, 21, 210)])
async def test_orders_that_are_gone(desk: Desk, gone: int, held: int, points: int) -> None:
    await read_in(desk, 21)
    desk.shop.pages = [[order(number) for number in range(1, 22 - gone)]]
    desk.shop.orders = dict.fromkeys(map(str, range(22 - gone, 22)))
    assert await desk.read(full=True) == ReconcileReport(21 - gone, gone, gone, held)
    while await desk.grant_wishes():
        pass
    assert await desk.front.points_of("7") == points


@pytest.mark.parametrize(("others", "held", "points"), [(1980, 0, 100), (1979, 20, 200)])
async def test_one_percent_exactly_is_believed(desk: Desk, others: int, held: int, points: int) -> None:
    """Amounts that are smaller without any later date, found among the changes."""
    await read_in(desk, 20)
    await atomic(desk.front.database, lambda session: fill_up(session, others))
    less = [replace(order(number, net=500), read_started_at=desk.front.clock()) for number in range(1, 21)]
    desk.shop.pages, desk.shop.orders = [less], {each.key.object_id: each for each in less}
    assert await desk.read() == ReconcileReport(20, 0, 20, held)
    while await desk.grant_wishes():
        pass
    assert await desk.front.points_of("7") == points


async def fill_up(session: Session, count: int) -> None:
    """So many further orders that are known."""
    row = (await session.rows("SELECT * FROM source_fact WHERE kind = 'order' LIMIT 1"))[0]
    columns = "shard source_ref programme_number connection_number kind read_at_us updated_at_us fact"
    made = {**row, "fact": bytes(row["fact"])}
    rows = [
        tuple(f"woocommerce:1:order:9{n:05d}" if name == "source_ref" else made[name] for name in columns.split())
        for n in range(count)
    ]
    await session.insert("source_fact", columns, rows)


def cancelled(number: int) -> Fetched:
    """The same order, cancelled later, by the shop's own date."""
    made = order(number)
    body = msgspec.json.decode(made.body)
    later = datetime.fromisoformat(body["order"]["date_modified_gmt"]) + timedelta(minutes=5)
    body["order"] |= {"status": "cancelled", "date_modified_gmt": later.isoformat()}
    return Fetched(made.key, msgspec.json.encode(body), made.read_started_at + timedelta(hours=1), made.updated_at)


async def test_missing_and_stale_orders_are_repaired_however_many(desk: Desk) -> None:
    await read_in(desk, 25)
    desk.front.clock.forward(days=1)
    desk.shop.pages = [[cancelled(number) for number in range(1, 26)], [order(number) for number in range(101, 141)]]
    report = await desk.read()
    assert (report.read, report.held) == (65, 0)
    assert await desk.front.points_of("7") == 400
    counts = await agreement_of(desk.front.database.reading(), desk.front.connection)
    assert counts.found == {"stale": 25, "missing": 40}


async def test_an_empty_list_proves_nothing(desk: Desk) -> None:
    await read_in(desk, 25)
    desk.shop.pages, desk.shop.orders = [], {str(number): order(number) for number in range(1, 26)}
    assert await desk.read(full=True) == ReconcileReport(0, 25)
    desk.shop.orders = {str(number): Transient("busy") for number in range(1, 26)}
    assert await desk.read(full=True) == ReconcileReport(0, 25)
    assert await desk.grant_wishes() == 0
    assert await desk.front.points_of("7") == 250


async def test_few_at_a_time_do_not_slip_past_a_brake(desk: Desk) -> None:
    """A reading of changes sees only some of what is held: what it sees stays held too."""
    await read_in(desk, 30)
    desk.shop.pages = [[order(number, net=500) for number in range(1, 31)]]
    assert (await desk.read(full=True)).held == 30
    desk.shop.pages = [[order(number, net=500) for number in range(1, 6)]]
    assert (await desk.read()).held == 5
    # Nor does a reading of everything, if meanwhile only some still differ.
    desk.shop.pages = [[order(number, net=500 if number < 6 else 1000) for number in range(1, 31)]]
    assert (await desk.read(full=True)).held == 5
    assert (await desk.grant_wishes(), await desk.front.points_of("7")) == (0, 300)
    desk.shop.pages = [[order(number) for number in range(1, 31)]]
    assert await desk.read(full=True) == ReconcileReport(30, 0)
    found = await agreement_of(desk.front.database.reading(), desk.front.connection)
    assert (found.verdict, found.held) == (Verdict.MATCH, 0)


async def test_many_small_readings_do_not_pass_what_one_large_one_would_not(desk: Desk) -> None:
    """Defect seen: 19 orders at a time, each reading below the brake, all went through in an hour."""
    await read_in(desk, 60)
    for first, held, points in ((1, 0, 505), (20, 19, 505)):
        less = [
            replace(order(number, net=500), read_started_at=desk.front.clock()) for number in range(first, first + 19)
        ]
        desk.shop.pages, desk.shop.orders = [less], {each.key.object_id: each for each in less}
        assert (await desk.read()).held == held
        while await desk.grant_wishes():
            pass
        assert await desk.front.points_of("7") == points
        desk.front.clock.forward(minutes=20)


async def test_what_was_taken_two_days_ago_does_not_count_any_more(desk: Desk) -> None:
    await read_in(desk, 60)
    for first, points in ((1, 505), (20, 410)):
        less = [
            replace(order(number, net=500), read_started_at=desk.front.clock()) for number in range(first, first + 19)
        ]
        desk.shop.pages, desk.shop.orders = [less], {each.key.object_id: each for each in less}
        assert (await desk.read()).held == 0
        while await desk.grant_wishes():
            pass
        assert await desk.front.points_of("7") == points
        desk.front.clock.forward(days=1, minutes=1)


async def test_who_let_an_order_go_stands_in_the_audit_of_the_member_whose_it_is(desk: Desk) -> None:
    await read_in(desk, 20)
    desk.shop.pages, desk.shop.orders = [], dict.fromkeys(map(str, range(1, 21)))
    assert (await desk.read(full=True)).held == 20
    database, connection = desk.front.database, desk.front.connection
    await repair(database, connection, None, KIM, "the shop was cleared", desk.front.clock())
    [row] = await database.reading().rows("SELECT member_id FROM identity WHERE customer_ref = '7'")
    told = await load_deeds(database.reading(), desk.front.programme, row["member_id"])
    deeds = [one for one in told if one.act != "enrol"]
    assert {(one.act, one.actor, one.reason) for one in deeds} == {("books-fix", KIM, "the shop was cleared")}
    said = {(one.details["order"], one.details["difference"]) for one in deeds}
    assert said == {(f"woocommerce:{connection.number}:order:{number}", "extra") for number in range(1, 21)}


async def test_one_order_is_let_go_and_the_others_wait(desk: Desk) -> None:
    await read_in(desk, 25)
    desk.shop.pages, desk.shop.orders = [], dict.fromkeys(map(str, range(1, 26)))
    assert (await desk.read(full=True)).held == 25
    database, now = desk.front.database, desk.front.clock()
    with pytest.raises(Permanent, match="999"):
        await repair(database, desk.front.connection, ["3", "999"], KIM, "really", now)
    assert (await desk.wishes(), await desk.front.points_of("7")) == (0, 250)
    assert await repair(database, desk.front.connection, ["3"], KIM, "it was a test", now) == ["3"]
    assert await desk.grant_wishes() == 1
    assert await desk.front.points_of("7") == 240
    found = await agreement_of(database.reading(), desk.front.connection)
    assert (found.verdict, found.held) == (Verdict.DIFFER, 24)
    (released,) = await list_findings(database.reading(), desk.front.connection.number, None, "released", 10, 0)
    assert (released.object_id, released.who, released.why) == ("3", KIM, "it was a test")
    # What a person let go, and what is held, is never forgotten.
    later = now + timedelta(days=900)
    await atomic(database, lambda session: prune_findings(session, later, later))
    assert len(await list_findings(database.reading(), desk.front.connection.number, None, None, 100, 0)) == 25


@pytest.mark.parametrize(
    ("topic", "verdict"),
    [
        (FETCHED_ORDER, Verdict.REPAIRING),
        (FETCHED_GONE, Verdict.REPAIRING),
        (FETCHED_HISTORY, Verdict.MATCH),
        ("fetched/customer", Verdict.MATCH),
    ],
)
async def test_only_orders_that_were_read_again_are_repairs(desk: Desk, topic: str, verdict: Verdict) -> None:
    """Defect seen: while a shop's past was read, its books were said to be under repair."""
    await read_in(desk, 3)
    desk.shop.pages = [[order(number) for number in range(1, 4)]]
    await desk.read(full=True)
    front, now = desk.front, desk.front.clock()
    one = Delivery(front.programme, front.connection.number, topic, "order", "77", "77", now, now, b"{}")
    await atomic(front.database, lambda session: insert_deliveries(session, [one], KEYS))
    assert (await agreement_of(front.database.reading(), front.connection)).verdict is verdict


async def test_the_first_reading_of_a_shop_finds_nothing_missing(desk: Desk) -> None:
    desk.shop.pages = [[order(number) for number in range(1, 4)]]
    assert await desk.read() == ReconcileReport(3, 0)
    found = await agreement_of(desk.front.database.reading(), desk.front.connection)
    assert (found.verdict, found.found) == (Verdict.UNKNOWN, {})


async def test_a_reading_that_broke_off_says_why(desk: Desk) -> None:
    desk.shop.pages = [ConfigProblem("Renew the key.")]
    await reconcile_all(desk.reconciler, full=True)
    found = await agreement_of(desk.front.database.reading(), desk.front.connection)
    assert found.verdict is Verdict.UNKNOWN
    assert found.window is not None and found.window.problem == "Renew the key."
