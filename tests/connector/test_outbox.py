"""The wish to tell a store survives everything, and the newest snapshot wins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from connector.api_client import ApiClient
from connector.delivering.outbox import FIRST_PAUSE, LONGEST_PAUSE, MAX_ATTEMPTS, PROBLEM_PAUSE, Outbox, push_due
from connector.delivering.rounds import Rounds
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.platforms import Connection, PushResult, PushState, SnapshotPush
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections
from connector.storage.dead_letters import Range, put_back
from connector.storage.instants import instant
from connector.storage.ledger import want_push
from connector.storage.push import LEASE, claim_wishes
from connector.storage.session import Row, Session
from tests.builders import KEYS, NOW, Shopfront, found_programme, shopfront
from tests.connector.memory_shop import Answer, MemoryPlatform, MemoryShop, as_platform, nothing
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story


@dataclass
class Telling:
    """A programme whose store is in memory, with customers who have points to be told about."""

    front: Shopfront
    shop: MemoryShop
    outbox: Outbox
    platform: MemoryPlatform

    async def buy(self, *customers: int, net: int = 1000) -> None:
        """One order of each customer."""
        for customer in customers:
            order_id = 100 * customer + await self.front.number("SELECT count(*) FROM source_fact")
            story = Story((SoldLine(1, 1, net),), order_id=order_id, customer=customer)
            await self.front.receive("order.created", woocommerce_bodies.webhook(story))

    async def wish(self, customer: int = 1) -> Row:
        rows = await self.front.rows("SELECT * FROM push WHERE customer_ref = $1", str(customer))
        assert len(rows) == 1
        return rows[0]

    async def due_in(self, customer: int = 1) -> timedelta:
        """How long a wish still waits."""
        wish = await self.wish(customer)
        return instant(wish["next_at_us"]) - self.front.clock()

    async def problem(self) -> tuple[str, datetime] | None:
        found = await blocked_connections(self.front.database.reading())
        return found.get(self.front.connection.number)


@asynccontextmanager
async def telling(url: str, jitter: Callable[[], float] = lambda: 1.0) -> AsyncIterator[Telling]:
    shop = MemoryShop()
    platform = MemoryPlatform({"shop.example": shop})
    async with shopfront(url, platforms={"woocommerce": as_platform(platform)}) as front, httpx.AsyncClient() as http:
        shops = Shops(front.database, KEYS, front.platforms, ApiClient(http, now=front.clock))
        yield Telling(front, shop, Outbox(front.database, shops, front.clock, jitter), platform)


@pytest.fixture
async def told(prepared_database_url: str) -> AsyncIterator[Telling]:
    async with telling(prepared_database_url) as made:
        yield made


def fails(error: ConnectorError) -> Answer:
    def answer(pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        raise error

    return answer


def says(state: PushState, reason: str = "because") -> Answer:
    return lambda pushes: [PushResult(state, reason) for _ in pushes]


async def test_a_store_is_told_in_batches_of_its_own_size_until_nothing_is_due(told: Telling) -> None:
    await told.buy(1, 2, 3, 4, 5, 6, 7)
    assert [await push_due(told.outbox) for _ in range(4)] == [3, 3, 1, 0]
    assert sorted(customer for call in told.shop.calls for customer in call) == list("1234567")
    assert {customer: shown["pending"] for customer, shown in told.shop.shown.items()} == dict.fromkeys("1234567", 10)


async def test_a_snapshot_carries_the_wanted_version_and_is_accepted_as_that(told: Telling) -> None:
    await told.buy(1)
    await push_due(told.outbox)
    wish = await told.wish()
    assert told.shop.shown["1"]["version"] == [1, wish["wanted"]]
    assert (wish["state"], wish["accepted"], wish["token"]) == (1, wish["wanted"], f"token of [1, {wish['wanted']}]")


async def test_a_failure_that_may_pass_backs_off_longer_each_time(told: Telling) -> None:
    await told.buy(1)
    told.shop.answer = fails(Transient("try later"))
    waits = []
    for attempt in range(1, 5):
        assert await push_due(told.outbox) == 1
        assert (await told.wish())["attempts"] == attempt
        waits.append(await told.due_in())
        assert await push_due(told.outbox) == 0
        told.front.clock.moment += waits[-1]
    assert waits == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    told.shop.answer = None
    assert await push_due(told.outbox) == 1
    assert (await told.wish())["attempts"] == 0


async def test_the_jitter_shortens_a_pause_by_at_most_half(prepared_database_url: str) -> None:
    async with telling(prepared_database_url, jitter=lambda: 0.0) as told:
        await told.buy(1)
        told.shop.answer = says(PushState.RETRY)
        await push_due(told.outbox)
        assert await told.due_in() == FIRST_PAUSE / 2
        assert (await told.wish())["reason"] == "because"


async def test_a_pause_never_grows_beyond_its_limit(told: Telling) -> None:
    await told.buy(1)
    await told.front.database.writer.execute_script(f"UPDATE push SET attempts = {MAX_ATTEMPTS - 2}")
    told.shop.answer = fails(Transient("try later"))
    await push_due(told.outbox)
    assert await told.due_in() == LONGEST_PAUSE


async def test_the_store_says_when_to_come_back_and_is_left_alone_until_then(told: Telling) -> None:
    await told.buy(1)
    told.shop.answer = fails(Transient("slow down", retry_after_seconds=45))
    await push_due(told.outbox)
    assert await told.due_in() == timedelta(seconds=45)
    await told.buy(1)
    assert await told.due_in() == timedelta(seconds=45), "a new order is no reason to come back sooner"


async def test_a_long_pause_is_cut_short_by_the_next_change(told: Telling) -> None:
    await told.buy(1)
    told.shop.answer = fails(Transient("closed for the day", retry_after_seconds=3600))
    await push_due(told.outbox)
    await told.buy(1)
    assert await told.due_in() == LEASE


async def test_after_the_last_attempt_a_push_is_given_up_where_everyone_can_see_it(
    told: Telling, caplog: pytest.LogCaptureFixture
) -> None:
    await told.buy(1)
    await told.front.database.writer.execute_script(f"UPDATE push SET attempts = {MAX_ATTEMPTS - 1}")
    told.shop.answer = says(PushState.RETRY, "still closed")
    await push_due(told.outbox)
    wish = await told.wish()
    assert (wish["state"], wish["attempts"], wish["reason"]) == (2, MAX_ATTEMPTS, "retry: still closed")
    assert "gave up telling a store about a member" in caplog.text
    told.front.clock.forward(days=30)
    assert await push_due(told.outbox) == 0


@pytest.mark.parametrize("state", [PushState.GONE, PushState.REFUSED])
async def test_what_will_never_pass_is_given_up_at_once_and_revived_by_the_next_change(
    told: Telling, state: PushState
) -> None:
    await told.buy(1)
    told.shop.answer = says(state, "no such customer")
    await push_due(told.outbox)
    assert (await told.wish())["reason"] == f"{state}: no such customer"
    assert await push_due(told.outbox) == 0
    told.shop.answer = None
    await told.buy(1)
    assert ((await told.wish())["attempts"], await told.due_in()) == (0, timedelta(0))
    assert await push_due(told.outbox) == 1
    assert told.shop.shown["1"]["pending"] == 20


@pytest.mark.parametrize(("state", "row"), [(PushState.REFUSED, 2), (PushState.RETRY, 0)])
async def test_a_snapshot_that_the_store_took_is_known_though_its_tag_failed(
    told: Telling, state: PushState, row: int
) -> None:
    await told.buy(1)
    told.shop.answer = lambda pushes: [PushResult(state, "the tag: no", "digest") for _ in pushes]
    await push_due(told.outbox)
    wish = await told.wish()
    assert (wish["state"], wish["attempts"], wish["accepted"], wish["token"]) == (row, 1, wish["wanted"], "digest")
    assert "the tag: no" in wish["reason"]


async def test_a_request_that_is_refused_as_a_whole_gives_up_its_members_only(told: Telling) -> None:
    await told.buy(1, 2, 3, 4)
    told.shop.answer = fails(Permanent("never"))
    await push_due(told.outbox)
    states = [row["state"] for row in await told.front.rows("SELECT state FROM push ORDER BY state")]
    assert states == [0, 2, 2, 2]
    assert await told.problem() is None


async def test_what_was_given_up_can_be_tried_again_on_request(told: Telling) -> None:
    await told.buy(1, 2)
    told.shop.answer = says(PushState.REFUSED)
    await push_due(told.outbox)
    told.shop.answer = None

    async def retry(session: Session) -> int:
        return await put_back(session, Range("push", told.front.programme), told.front.clock())

    assert await atomic(told.front.database, retry) == 2
    assert await push_due(told.outbox) == 2
    assert set(told.shop.shown) == {"1", "2"}


async def test_a_problem_of_the_merchant_stops_the_whole_store_and_keeps_every_wish(told: Telling) -> None:
    await told.buy(1, 2, 3, 4, 5)
    told.shop.answer = fails(ConfigProblem("Enter a new key."))
    assert await push_due(told.outbox) == 3
    assert await push_due(told.outbox) == 0, "the members of the next batch must wait as well"
    assert len(told.shop.calls) == 1
    assert await told.problem() == ("Enter a new key.", NOW)
    rows = await told.front.rows("SELECT state, attempts FROM push")
    assert [(row["state"], row["attempts"]) for row in rows] == [(0, 0)] * 5
    told.front.clock.moment += PROBLEM_PAUSE
    told.shop.answer = None
    assert [await push_due(told.outbox) for _ in range(3)] == [3, 2, 0]
    assert await told.problem() is None


@pytest.mark.parametrize("broken", ["shop.example", "other.example"])
async def test_a_defect_met_at_one_shop_keeps_no_other_shop_waiting(told: Telling, broken: str) -> None:
    await told.buy(1)
    await second_store(told, "other.example")
    healthy = ({"shop.example", "other.example"} - {broken}).pop()

    def defect(pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        raise KeyError("nobody thought of this")

    told.platform.shops[broken].answer = defect
    assert await push_due(told.outbox) == 2
    assert {shop: len(each.shown) for shop, each in told.platform.shops.items()} == {healthy: 1, broken: 0}
    rows = await told.front.rows("SELECT state, attempts, reason FROM push ORDER BY state")
    assert [(row["state"], row["attempts"]) for row in rows] == [(0, 1), (1, 0)]
    assert rows[0]["reason"] == "The push failed for a reason that nobody foresaw."


async def second_store(told: Telling, shop: str) -> None:
    """Another store with one customer of its own who has 10 points."""
    told.platform.shops[shop] = MemoryShop()

    async def found(session: Session) -> Connection:
        return (await found_programme(session, "woocommerce", shop=shop))[1]

    told.front.connection = await atomic(told.front.database, found)
    told.front.programme = told.front.connection.programme_number
    await told.buy(1)


async def test_what_grew_while_it_was_pushed_stays_due_and_the_newest_is_shown_in_the_end(told: Telling) -> None:
    await told.buy(1)

    async def another_order() -> None:
        told.shop.meanwhile = nothing
        await told.buy(1)

    told.shop.meanwhile = another_order
    assert await push_due(told.outbox) == 1
    wish = await told.wish()
    assert (wish["state"], wish["wanted"] - wish["accepted"], await told.due_in()) == (0, 1, timedelta(0))
    assert await push_due(told.outbox) == 1
    assert told.shop.shown["1"]["pending"] == 20
    assert await push_due(told.outbox) == 0


async def test_a_change_during_a_push_waits_for_its_end_so_that_no_older_snapshot_comes_last(told: Telling) -> None:
    await told.buy(1)
    seen: list[int] = []

    async def another_order_and_worker() -> None:
        told.shop.meanwhile = nothing
        await told.buy(1)
        # Of another process, which knows nothing of what this one has under way.
        seen.append(await push_due(replace(told.outbox, pushing=Rounds())))

    told.shop.meanwhile = another_order_and_worker
    await push_due(told.outbox)
    assert seen == [0], "a second worker pushed while the first was still at it"


async def test_a_failed_push_of_something_that_grew_backs_off_too(told: Telling) -> None:
    await told.buy(1)

    async def another_order() -> None:
        told.shop.meanwhile = nothing
        await told.buy(1)

    told.shop.meanwhile = another_order
    told.shop.answer = says(PushState.RETRY)
    await push_due(told.outbox)
    assert await told.due_in() == FIRST_PAUSE


async def test_a_store_that_already_shows_something_newer_counts_as_told(told: Telling) -> None:
    await told.buy(1)
    told.shop.shown["1"] = {"version": [9, 1]}
    assert await push_due(told.outbox) == 1
    wish = await told.wish()
    assert (wish["state"], wish["accepted"], wish["token"]) == (1, wish["wanted"], "token of [9, 1]")
    assert told.shop.shown["1"] == {"version": [9, 1]}


async def test_the_wishes_of_a_worker_that_died_are_taken_over_after_its_lease(told: Telling) -> None:
    await told.buy(1)
    now = told.front.clock()

    async def claim_and_die(session: Session) -> int:
        return len(await claim_wishes(session, told.front.connection.number, 10, now, now + LEASE))

    assert await atomic(told.front.database, claim_and_die) == 1
    assert await push_due(told.outbox) == 0
    told.front.clock.moment += LEASE
    assert await push_due(told.outbox) == 1
    assert (await told.wish())["state"] == 1


async def test_raising_the_wish_of_nobody_changes_nothing(told: Telling) -> None:
    await told.buy(1)
    before = await told.wish()

    async def raise_none(session: Session) -> None:
        await want_push(session, [], told.front.clock())

    await atomic(told.front.database, raise_none)
    assert await told.wish() == before
