"""A shop that is down, slow or refuses our key: no wish to tell it is lost, and no other shop waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.api_client import ApiClient
from connector.delivering.outbox import (
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    OUTAGE_ATTEMPTS,
    PROBLEM_PAUSE,
    PUSH_SECONDS,
    Outbox,
    push_due,
)
from connector.errors import ConfigProblem, Transient, Unclear
from connector.platforms import Connection, Credentials, PushResult, PushState, ShopClient, SnapshotPush
from connector.running.run_job import PartlyFailed
from connector.running.scheduler import watch_webhooks
from connector.snapshot import load_views
from connector.storage.atomic import atomic, consistent_read
from connector.storage.connections import add_secret, set_problem
from connector.storage.push import LEASE, Outcome, PushRow, Wish, claim_wishes, settle_wishes
from connector.storage.session import Session
from tests.builders import KEYS, NOW
from tests.connector.memory_shop import MemoryPlatform, MemoryShop, as_platform
from tests.connector.outside import outside
from tests.connector.test_outbox import Telling, fails, says, second_store, telling

PROBE_SECONDS = 5


@pytest.fixture
async def told(prepared_database_url: str) -> AsyncIterator[Telling]:
    async with telling(prepared_database_url) as made:
        yield made


async def claim(told: Telling) -> list[Wish]:
    now = told.front.clock()

    async def body(session: Session) -> list[Wish]:
        return await claim_wishes(session, told.front.connection.number, 10, now, now + LEASE)

    return await atomic(told.front.database, body)


@pytest.mark.parametrize("error", [Transient("The shop cannot be reached."), KeyError("nobody thought of this")])
async def test_no_outage_is_so_long_that_a_wish_is_lost(told: Telling, error: Exception) -> None:
    await told.buy(1)

    async def down() -> None:
        raise error

    told.shop.meanwhile, healthy = down, told.shop.meanwhile
    for _ in range(4 * MAX_ATTEMPTS):
        assert await push_due(told.outbox) == 1
        assert (await told.wish())["state"] == PushRow.DUE
        told.front.clock.moment += await told.due_in()
    assert told.front.clock() - NOW > timedelta(days=5)
    told.shop.meanwhile = healthy
    assert await push_due(told.outbox) == 1
    assert told.shop.shown["1"]["pending"] == 10


async def test_after_an_outage_a_shop_may_still_put_a_member_off_more_than_once(told: Telling) -> None:
    await told.buy(1)
    told.shop.answer = fails(Transient("The shop cannot be reached."))
    for _ in range(2 * MAX_ATTEMPTS):
        await push_due(told.outbox)
        told.front.clock.moment += await told.due_in()
    assert (await told.wish())["attempts"] == OUTAGE_ATTEMPTS
    told.shop.answer = says(PushState.RETRY)
    for attempts in range(OUTAGE_ATTEMPTS + 1, MAX_ATTEMPTS):
        await push_due(told.outbox)
        wish = await told.wish()
        assert (wish["state"], wish["attempts"], await told.due_in()) == (PushRow.DUE, attempts, LONGEST_PAUSE)
        told.front.clock.moment += LONGEST_PAUSE
    await push_due(told.outbox)
    assert (await told.wish())["state"] == PushRow.GIVEN_UP


async def test_who_waits_for_a_tag_while_the_shop_is_down_is_never_given_up_and_waits_as_long_as_it_says(
    told: Telling,
) -> None:
    """The snapshot was taken, the tag was not: what the shop has is kept."""
    await told.buy(1)
    down = Transient("The shop is down.", retry_after_seconds=7200)
    told.shop.answer = lambda pushes: [PushResult(PushState.RETRY, "the tag", "7", down) for _ in pushes]
    for _ in range(2 * MAX_ATTEMPTS):
        assert await push_due(told.outbox) == 1
        assert await told.due_in() == timedelta(hours=2)
        told.front.clock.moment += await told.due_in()
    wish = await told.wish()
    assert (wish["state"], wish["attempts"], wish["reason"]) == (PushRow.DUE, OUTAGE_ATTEMPTS, "the tag")
    assert (wish["token"], wish["accepted"]) == ("7", wish["wanted"])


async def test_what_a_shop_answers_unclearly_is_tried_for_a_day_and_then_given_up(told: Telling) -> None:
    await told.buy(1)
    told.shop.answer = fails(Unclear("The answer is too large."))
    for attempts in range(1, MAX_ATTEMPTS):
        assert await push_due(told.outbox) == 1
        wish = await told.wish()
        assert (wish["state"], wish["attempts"], wish["reason"]) == (PushRow.DUE, attempts, "The answer is too large.")
        told.front.clock.moment += await told.due_in()
    assert timedelta(days=1) < told.front.clock() - NOW < timedelta(days=2)
    await push_due(told.outbox)
    assert (await told.wish())["state"] == PushRow.GIVEN_UP


class Refusing(MemoryShop):
    """A shop that does not know our key."""

    async def push_snapshots(self, pushes: Sequence[SnapshotPush]) -> list[PushResult]:
        raise ConfigProblem("Enter a new key.")

    async def ensure_webhooks(self, hook_url: str) -> list[str]:
        raise ConfigProblem("Enter a new key.")


class Locked(MemoryPlatform):
    """Shops that know only the key ``new``."""

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> ShopClient:
        return self.shops[connection.shop] if credentials.api.get("key") == "new" else Refusing()


async def test_a_secret_that_another_process_replaced_is_read_at_the_next_attempt(told: Telling) -> None:
    await told.buy(1)
    told.front.platforms["woocommerce"] = Locked(told.platform.shops)
    told.outbox = Outbox(
        told.front.database, replace(told.outbox.shops, platforms=told.front.platforms), told.front.clock
    )

    async def store(session: Session, key: str) -> None:
        await add_secret(session, KEYS, told.front.connection, "key", key, NOW)

    await atomic(told.front.database, lambda session: store(session, "old"))
    await push_due(told.outbox)
    assert await told.problem() == ("Enter a new key.", NOW)
    await atomic(told.front.database, lambda session: store(session, "new"))
    told.front.clock.moment += PROBLEM_PAUSE
    assert await push_due(told.outbox) == 1
    assert (await told.wish())["state"] == PushRow.DONE
    assert await told.problem() is None


async def test_a_secret_that_another_process_replaced_serves_the_watch_over_webhooks_too(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with outside(prepared_database_url, tmp_path) as found:
        service = found.service
        shops = {connection.shop: MemoryShop() for connection in found.connections.values()}
        platforms = dict.fromkeys(found.connections, as_platform(Locked(shops)))
        service.shops = replace(service.shops, platforms=platforms)
        with pytest.raises(PartlyFailed) as failed:
            await watch_webhooks(service)
        assert str(failed.value).count("Enter a new key.") == 2

        async def store(session: Session) -> None:
            for connection in found.connections.values():
                await add_secret(session, KEYS, connection, "key", "new", NOW)

        await atomic(service.database, store)
        assert await watch_webhooks(service) == "all in place"


async def test_a_shop_that_is_slow_keeps_no_other_shop_waiting(told: Telling) -> None:
    await told.buy(1)
    await second_store(told, "other.example")
    both = asyncio.Barrier(2)

    async def wait_for_the_other() -> None:
        async with asyncio.timeout(PROBE_SECONDS):
            await both.wait()

    for shop in told.platform.shops.values():
        shop.meanwhile = wait_for_the_other
    assert await push_due(told.outbox) == 2
    assert [len(shop.shown) for shop in told.platform.shops.values()] == [1, 1]


async def test_a_shop_that_hangs_holds_up_no_other_shops_next_round(told: Telling) -> None:
    await told.buy(1)
    await second_store(told, "other.example")
    answers = asyncio.Event()

    async def hang() -> None:
        await answers.wait()

    told.shop.meanwhile = hang
    assert await push_due(told.outbox, PROBE_SECONDS) == 1
    await told.buy(1)
    assert await push_due(told.outbox, PROBE_SECONDS) == 1
    other = told.platform.shops["other.example"]
    assert (len(other.calls), len(told.shop.calls), other.shown["1"]["pending"]) == (2, 1, 20)
    assert await push_due(told.outbox, 0.01) == 0
    answers.set()
    assert await push_due(told.outbox, PROBE_SECONDS) == 1
    assert (len(told.shop.calls), told.shop.shown["1"]["pending"]) == (1, 10)


async def test_what_is_under_way_at_a_shop_is_finished_at_the_end_or_cut_off(told: Telling) -> None:
    await told.buy(1)
    answers = asyncio.Event()

    async def hang() -> None:
        await answers.wait()

    told.shop.meanwhile = hang
    assert await push_due(told.outbox, 0.01) == 0
    await told.outbox.end(now=True)
    assert (told.shop.shown, (await told.wish())["state"]) == ({}, PushRow.DUE)
    told.front.clock.moment += LEASE
    assert await push_due(told.outbox, 0.01) == 0
    answers.set()
    await told.outbox.end(now=False)
    assert (told.shop.shown["1"]["pending"], (await told.wish())["state"]) == (10, PushRow.DONE)


async def test_a_push_that_would_outlive_its_lease_is_ended_and_tried_again(told: Telling) -> None:
    assert timedelta(seconds=PUSH_SECONDS) < LEASE
    await told.buy(1)
    told.outbox.push_seconds = 0.01

    async def no_end() -> None:
        await asyncio.Event().wait()

    told.shop.meanwhile = no_end
    async with asyncio.timeout(PROBE_SECONDS):
        assert await push_due(told.outbox) == 1
    wish = await told.wish()
    assert (wish["state"], wish["attempts"], wish["reason"]) == (PushRow.DUE, 1, "The shop did not answer in time.")


@pytest.mark.parametrize("state", list(PushRow))
async def test_what_comes_of_an_older_push_after_a_newer_one_was_accepted_changes_nothing(
    told: Telling, state: PushRow
) -> None:
    await told.buy(1)
    (late,) = await claim(told)
    told.front.clock.moment += LEASE
    await told.buy(1)
    await push_due(told.outbox)
    before = await told.wish()
    assert (before["state"], before["accepted"]) == (PushRow.DONE, late.wanted + 1)
    outcome = Outcome(late, state, 1, told.front.clock(), "late", "an old token")
    await atomic(told.front.database, lambda session: settle_wishes(session, [outcome]))
    assert await told.wish() == before


async def test_a_problem_is_known_since_it_began_even_if_its_sentence_changes(told: Telling) -> None:
    async def note(problem: str | None) -> None:
        now = told.front.clock()
        await atomic(
            told.front.database, lambda session: set_problem(session, told.front.connection.number, problem, now)
        )

    await note("Enter a new key.")
    told.front.clock.forward(hours=5)
    await note("Pay the bill.")
    assert await told.problem() == ("Pay the bill.", NOW)
    await note(None)
    assert await told.problem() is None
    await note("Enter a new key.")
    assert await told.problem() == ("Enter a new key.", told.front.clock())


async def test_the_parts_of_a_view_agree_whatever_is_decided_while_they_are_read(told: Telling) -> None:
    await told.buy(1)
    member = await told.wish()
    key = (member["shard"], member["member_id"])

    async def decide() -> None:
        await atomic(told.front.database, lambda session: session.run("UPDATE balance SET points = points + 7"))

    async def look(session: Session) -> int:
        first = (await load_views(session, [key]))[key[1]]
        # Somebody else does. On SQLite this would wait for ever if reading kept the writer waiting.
        await asyncio.create_task(decide())
        assert (await load_views(session, [key]))[key[1]] == first
        return int(first.balance["points"])

    async with asyncio.timeout(PROBE_SECONDS):
        assert await consistent_read(told.front.database, look) == 10
    assert await told.front.points_of("1") == 17
