"""Deliveries share commits, and nobody is told "kept" before theirs is durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from connector.crypto import Keys
from connector.errors import Transient
from connector.ingest.inbox import MAX_WAITING, RETRY_AFTER_SECONDS, Inbox
from connector.ingest.pipeline import drain
from connector.storage.inbox import MAX_INSERT, Delivery, body_place
from tests.builders import KEYS, NOW, Shopfront, shopfront
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story
from tests.second_connection import run_apart

COUNT = "SELECT count(*) FROM delivery"


@dataclass
class Counting:
    """An inbox that counts its commits, over a shopfront."""

    front: Shopfront
    commits: list[int] = field(default_factory=list)
    inbox: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.front.database, KEYS, lambda: self.commits.append(1))

    def delivery(self, number: int) -> Delivery:
        story = Story((SoldLine(1, 1, 1000),), order_id=number, customer=number)
        return self.front.delivery("order.created", woocommerce_bodies.webhook(story))

    def seen_from_outside(self) -> int:
        found: int = run_apart(self.front.database.url, COUNT)[0][0]
        return found


@pytest.fixture
async def counting(prepared_database_url: str) -> AsyncIterator[Counting]:
    async with shopfront(prepared_database_url) as front:
        yield Counting(front)


async def test_deliveries_that_come_together_share_a_commit(counting: Counting) -> None:
    kept = await asyncio.gather(*(counting.inbox.keep(counting.delivery(number)) for number in range(1, 101)))
    assert kept == [True] * 100
    assert (len(counting.commits), counting.seen_from_outside()) == (1, 100)


async def test_more_than_a_batch_takes_as_few_commits_as_it_can(counting: Counting) -> None:
    many = MAX_INSERT + 44
    await asyncio.gather(*(counting.inbox.keep(counting.delivery(number)) for number in range(1, many + 1)))
    assert (len(counting.commits), counting.seen_from_outside()) == (2, many)


async def test_what_arrives_during_a_commit_forms_the_next_one(counting: Counting) -> None:
    first = asyncio.create_task(counting.inbox.keep(counting.delivery(1)))
    while not counting.commits and not first.done():
        await asyncio.sleep(0)
        if counting.inbox._next == [] and counting.inbox._waiting:
            break
    await asyncio.gather(first, *(counting.inbox.keep(counting.delivery(number)) for number in range(2, 30)))
    assert (len(counting.commits), counting.seen_from_outside()) == (2, 29)


async def test_a_delivery_is_durable_the_moment_it_is_called_kept(counting: Counting) -> None:
    for number in range(1, 6):
        assert await counting.inbox.keep(counting.delivery(number)) is True
        assert counting.seen_from_outside() == number


async def test_a_repeated_delivery_is_recognised_whenever_it_comes(counting: Counting) -> None:
    one = counting.delivery(1)
    assert await asyncio.gather(*(counting.inbox.keep(one) for _ in range(5))) == [True, False, False, False, False]
    assert await counting.inbox.keep(one) is False
    await drain(counting.front.pipeline)
    assert await counting.inbox.keep(one) is False, "also long after it was worked on"
    assert counting.seen_from_outside() == 1
    assert run_apart(counting.front.database.url, "SELECT count(*) FROM delivery_body") == [(1,)]


async def test_the_same_key_at_another_shop_is_another_delivery(counting: Counting) -> None:
    one = counting.delivery(1)
    other = replace(one, connection_number=one.connection_number + 1)
    kept = await asyncio.gather(*(counting.inbox.keep(delivery) for delivery in (one, other)))
    assert kept == [True, True]


async def test_a_body_is_stored_sealed_for_its_own_place(counting: Counting) -> None:
    await counting.inbox.keep(counting.delivery(1))
    shard, number, sealed = run_apart(counting.front.database.url, "SELECT shard, id, body FROM delivery_body")[0]
    assert KEYS.open(sealed, body_place(shard, number)) == counting.delivery(1).body
    assert b"order" not in sealed


async def test_one_delivery_that_cannot_be_stored_fails_alone(counting: Counting) -> None:
    bad = replace(counting.delivery(3), connection_number=2**70)
    keeping = [counting.inbox.keep(counting.delivery(number)) for number in (1, 2)]
    keeping += [counting.inbox.keep(bad)]
    keeping += [counting.inbox.keep(counting.delivery(number)) for number in (4, 5)]
    results = await asyncio.gather(*keeping, return_exceptions=True)
    assert [result for result in results if result is True] == [True] * 4
    assert isinstance(results[2], Transient)
    assert sorted(run_apart(counting.front.database.url, "SELECT object_id FROM delivery")) == [
        ("1",),
        ("2",),
        ("4",),
        ("5",),
    ]


async def test_when_the_database_is_out_everyone_is_told_at_once_and_nothing_is_kept(counting: Counting) -> None:
    """Defect seen: each delivery of a batch was tried alone, six times, against a database that was not there."""
    seals = 0

    class Away(Keys):
        def seal(self, plain: bytes, bound_to: str) -> bytes:
            nonlocal seals
            seals += 1
            raise ConnectionResetError("the database went away")

    inbox = Inbox(counting.front.database, Away(KEYS.master), lambda: None)
    results = await asyncio.gather(
        *(inbox.keep(counting.delivery(number)) for number in range(1, 31)), return_exceptions=True
    )
    assert [type(result) for result in results] == [Transient] * 30
    assert seals <= 6, "one batch, tried again a bounded number of times"
    assert counting.seen_from_outside() == 0


async def test_when_too_many_wait_a_sender_that_retries_is_turned_away_and_told_when_to_return(
    counting: Counting,
) -> None:
    counting.inbox._waiting = MAX_WAITING
    with pytest.raises(Transient) as refused:
        await counting.inbox.keep(counting.delivery(1))
    assert refused.value.retry_after_seconds == RETRY_AFTER_SECONDS
    assert await counting.inbox.keep(counting.delivery(2), sender_retries=False) is True
    assert run_apart(counting.front.database.url, "SELECT object_id FROM delivery") == [("2",)]


async def test_a_sender_that_hangs_up_loses_nothing_and_disturbs_nobody(counting: Counting) -> None:
    keeping = [asyncio.create_task(counting.inbox.keep(counting.delivery(number))) for number in range(1, 41)]
    await asyncio.sleep(0)
    for task in keeping[::2]:
        task.cancel()
    results = await asyncio.gather(*keeping, return_exceptions=True)
    assert results[1::2] == [True] * 20
    assert all(isinstance(result, asyncio.CancelledError) for result in results[::2])
    await counting.inbox.close()
    assert counting.seen_from_outside() == 40, "a cancelled sender does not know, and the delivery is kept"
    assert counting.inbox._waiting == 0
    assert await counting.inbox.keep(counting.delivery(1)) is False


async def test_closing_waits_for_what_is_under_way(counting: Counting) -> None:
    keeping = asyncio.create_task(counting.inbox.keep(counting.delivery(1)))
    await asyncio.sleep(0)
    await counting.inbox.close()
    assert counting.seen_from_outside() == 1
    assert await keeping is True


async def test_what_is_kept_carries_when_it_was_read_and_received(counting: Counting) -> None:
    await counting.inbox.keep(counting.delivery(1))
    rows = await counting.front.rows("SELECT topic, object_kind, object_id, state, read_at_us FROM delivery")
    assert rows == [
        {
            "topic": "order.created",
            "object_kind": "order",
            "object_id": "1",
            "state": 0,
            "read_at_us": int(NOW.timestamp()) * 1_000_000,
        }
    ]
