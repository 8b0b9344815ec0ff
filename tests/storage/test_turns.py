"""Turns: a crowd that wants one member holds one connection, and whoever wants another does not wait for it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from connector.storage.atomic import atomic, drain
from connector.storage.database import Database
from connector.storage.session import Session
from connector.storage.turns import Turns
from tests.builders import opened

POOL = 3
CROWD = 12
SECONDS = 10
"""For what never happens where something is wrong."""

SHARDS = itertools.count(1000)
"""Numbers that no row has."""


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    async with opened(prepared_database_url, pool_size=POOL) as made:
        yield made


def writing(said: list[str], word: str, until: asyncio.Event | None = None) -> Callable[[Session], Awaitable[None]]:
    """A transaction that writes, may wait for something, and says its word."""

    async def body(session: Session) -> None:
        await session.run(f"INSERT INTO shard_slot (shard, kind) VALUES ({next(SHARDS)}, 'work')")
        if until is not None:
            await until.wait()
        said.append(word)

    return body


async def test_another_write_does_not_wait_for_the_crowd_of_one_member(database: Database) -> None:
    said: list[str] = []
    go_on = asyncio.Event()
    crowd = [asyncio.create_task(atomic(database, writing(said, "first", go_on), turn="one"))]
    await asyncio.sleep(0.05)
    crowd += [asyncio.create_task(atomic(database, writing(said, f"n{n}"), turn="one")) for n in range(CROWD)]
    await asyncio.sleep(0.05)
    other = asyncio.create_task(atomic(database, writing(said, "other")))
    try:
        if database.dialect == "postgresql":
            # Its connection was free all the time.
            await asyncio.wait_for(asyncio.shield(other), SECONDS)
            assert said == ["other"]
    finally:
        go_on.set()
    await asyncio.wait_for(asyncio.gather(other, *crowd), SECONDS)
    # An embedded database has one writer: it waits for the one who was there before, and for no other of the crowd.
    assert said.index("other") <= 1
    assert [word for word in said if word != "other"] == ["first", *(f"n{n}" for n in range(CROWD))]
    assert database.turns.names == frozenset()


async def test_who_is_gone_keeps_the_turn_until_the_transaction_ends(database: Database) -> None:
    said: list[str] = []
    go_on = asyncio.Event()
    gone = asyncio.create_task(atomic(database, writing(said, "gone", go_on), turn="one"))
    await asyncio.sleep(0.05)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    next_one = asyncio.create_task(atomic(database, writing(said, "next"), turn="one"))
    await asyncio.sleep(0.05)
    had, names = list(said), set(database.turns.names)
    go_on.set()
    assert (had, names) == ([], {"one"})
    await asyncio.wait_for(next_one, SECONDS)
    assert said == ["gone", "next"]
    await drain()
    assert database.turns.names == frozenset()


async def test_who_is_cancelled_while_waiting_begins_nothing(database: Database) -> None:
    said: list[str] = []
    go_on = asyncio.Event()
    first = asyncio.create_task(atomic(database, writing(said, "first", go_on), turn="one"))
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(atomic(database, writing(said, "waiting"), turn="one"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    go_on.set()
    results = await asyncio.wait_for(asyncio.gather(first, waiting, return_exceptions=True), SECONDS)
    await drain()
    assert isinstance(results[1], asyncio.CancelledError)
    assert (said, database.turns.names) == (["first"], frozenset())


async def test_a_turn_that_is_not_waited_for_any_more_is_the_next_ones() -> None:
    turns = Turns()
    end = await turns.take("one")
    gone, there = asyncio.create_task(turns.take("one")), asyncio.create_task(turns.take("one"))
    await asyncio.sleep(0)
    gone.cancel()
    end()
    (await asyncio.wait_for(there, SECONDS))()
    assert turns.names == frozenset()


async def test_turns_of_other_names_are_had_at_once() -> None:
    turns = Turns()
    ends = [await turns.take("one"), await turns.take("other")]
    assert turns.names == {"one", "other"}
    for end in ends:
        end()
    assert turns.names == frozenset()
