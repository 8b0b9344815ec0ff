"""Stock: never more units than there are, and none lost, whatever ends in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from connector.storage.atomic import atomic
from connector.storage.atomic import drain as drain_transactions
from connector.storage.database import Database, close_database, open_database
from connector.storage.session import Session
from connector.storage.stock import (
    RESERVED_FOR,
    Unit,
    keep_unit,
    let_go_of_units,
    reserve_unit,
    return_due_units,
    return_unit,
    stock_taken,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url, pool_size=8)
    yield opened
    await drain_transactions()
    await close_database(opened)


def unit(number: int = 1, reward: str = "mug") -> Unit:
    return Unit(1, reward, f"{number:032x}", f"{number + 1000:032x}")


async def reserve(database: Database, one: Unit, stock: int = 3, now: datetime = NOW) -> bool:
    return await atomic(database, lambda session: reserve_unit(session, one, stock, now))


async def taken(database: Database) -> dict[str, int]:
    return await stock_taken(database.reading(), 1)


async def sweep(database: Database, now: datetime) -> int:
    return await atomic(database, lambda session: return_due_units(session, now))


async def test_units_end_at_the_stock(database: Database) -> None:
    assert [await reserve(database, unit(number)) for number in range(4)] == [True, True, True, False]
    assert await taken(database) == {"mug": 3}


async def test_the_refused_one_leaves_nothing_behind(database: Database) -> None:
    assert not await reserve(database, unit(), stock=0)
    assert await taken(database) == {"mug": 0}
    assert await sweep(database, NOW + 2 * RESERVED_FOR) == 0


async def test_asking_again_takes_no_second_unit(database: Database) -> None:
    assert [await reserve(database, unit()), await reserve(database, unit())] == [True, True]
    assert await taken(database) == {"mug": 1}


async def test_rewards_have_stocks_of_their_own(database: Database) -> None:
    await reserve(database, unit(1, "mug"), stock=1)
    assert await reserve(database, unit(2, "cup"), stock=1)
    assert await taken(database) == {"mug": 1, "cup": 1}


async def test_fifty_at_once_get_exactly_the_stock(database: Database) -> None:
    got = await asyncio.gather(*[reserve(database, unit(number), stock=7) for number in range(50)])
    assert sum(got) == 7
    assert await taken(database) == {"mug": 7}


async def test_a_unit_that_nobody_redeemed_goes_back_by_itself(database: Database) -> None:
    """The process died between the reservation and the redemption."""
    await reserve(database, unit())
    assert await sweep(database, NOW + RESERVED_FOR - MICROSECOND) == 0
    assert await sweep(database, NOW + RESERVED_FOR) == 1
    assert await sweep(database, NOW + RESERVED_FOR) == 0
    assert await taken(database) == {"mug": 0}


async def test_a_redeemed_unit_stays_taken(database: Database) -> None:
    await reserve(database, unit())
    assert await atomic(database, lambda session: keep_unit(session, unit()))
    assert await sweep(database, NOW + 10 * RESERVED_FOR) == 0
    assert await taken(database) == {"mug": 1}


async def test_a_unit_that_went_back_cannot_be_redeemed(database: Database) -> None:
    await reserve(database, unit())
    await sweep(database, NOW + RESERVED_FOR)
    assert not await atomic(database, lambda session: keep_unit(session, unit()))


async def test_a_redemption_that_ended_gives_its_unit_back_once(database: Database) -> None:
    await reserve(database, unit())

    async def redeemed_and_ended(session: Session) -> None:
        await keep_unit(session, unit())
        await let_go_of_units(session, [unit()], NOW)
        await let_go_of_units(session, [unit()], NOW)

    await atomic(database, redeemed_and_ended)
    assert await taken(database) == {"mug": 1}
    assert await sweep(database, NOW) == 1
    assert await taken(database) == {"mug": 0}


async def test_a_refused_redemption_gives_its_unit_back_at_once_and_once(database: Database) -> None:
    await reserve(database, unit())
    given = [await atomic(database, lambda session: return_unit(session, unit())) for _ in range(2)]
    assert given == [True, False]
    assert await taken(database) == {"mug": 0}
