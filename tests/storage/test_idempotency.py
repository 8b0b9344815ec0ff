"""Keys: one answer for one key and body, whoever asks again and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.storage.atomic import atomic
from connector.storage.atomic import drain as drain_transactions
from connector.storage.database import Database, close_database, open_database
from connector.storage.idempotency import (
    KEPT_FOR,
    UNDER_WAY_FOR,
    Kept,
    KeyState,
    KeyUse,
    forget_key,
    keep_answer,
    prune_keys,
    use_key,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
USE = KeyUse(1, "redeem:ab", "key-1", "hash-1")


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url, pool_size=8)
    yield opened
    await drain_transactions()
    await close_database(opened)


async def used(database: Database, use: KeyUse = USE, now: datetime = NOW) -> Kept:
    return await atomic(database, lambda session: use_key(session, use, now))


async def test_the_first_answer_is_given_to_every_repetition(database: Database) -> None:
    assert (await used(database)).state is KeyState.NEW
    await atomic(database, lambda session: keep_answer(session, USE, 201, "made"))
    for _ in range(2):
        assert await used(database) == Kept(KeyState.ANSWERED, 201, "made")


async def test_another_body_under_the_same_key_is_an_error(database: Database) -> None:
    await used(database)
    other = replace(USE, request_hash="hash-2")
    assert (await used(database, other)).state is KeyState.OTHER_BODY
    await atomic(database, lambda session: keep_answer(session, USE, 201, "made"))
    assert (await used(database, other)).state is KeyState.OTHER_BODY


async def test_keys_of_others_are_other_keys(database: Database) -> None:
    await used(database)
    for other in (replace(USE, scope="redeem:cd"), replace(USE, programme_number=2), replace(USE, key="key-2")):
        assert (await used(database, other)).state is KeyState.NEW


async def test_of_many_at_once_one_goes_on(database: Database) -> None:
    states = [kept.state for kept in await asyncio.gather(*[used(database) for _ in range(20)])]
    assert states.count(KeyState.NEW) == 1
    assert states.count(KeyState.UNDER_WAY) == 19


async def test_a_key_whose_process_died_is_free_after_a_while_for_one(database: Database) -> None:
    await used(database)
    assert (await used(database, now=NOW + UNDER_WAY_FOR - MICROSECOND)).state is KeyState.UNDER_WAY
    late = NOW + UNDER_WAY_FOR
    states = [kept.state for kept in await asyncio.gather(*[used(database, now=late) for _ in range(5)])]
    assert states.count(KeyState.NEW) == 1


async def test_a_key_whose_request_was_refused_may_try_again(database: Database) -> None:
    await used(database)
    await atomic(database, lambda session: forget_key(session, USE))
    assert (await used(database)).state is KeyState.NEW


async def test_an_answer_is_never_forgotten_by_a_request_that_lost_its_key(database: Database) -> None:
    await used(database)
    await atomic(database, lambda session: keep_answer(session, USE, 201, "made"))
    await atomic(database, lambda session: forget_key(session, USE))
    assert (await used(database)).state is KeyState.ANSWERED


async def test_answers_are_kept_for_a_day(database: Database) -> None:
    await used(database)
    await atomic(database, lambda session: keep_answer(session, USE, 201, "made"))
    early, late = NOW + KEPT_FOR - MICROSECOND, NOW + KEPT_FOR
    assert await atomic(database, lambda session: prune_keys(session, early)) == 0
    assert await atomic(database, lambda session: prune_keys(session, late)) == 1
    assert (await used(database)).state is KeyState.NEW
