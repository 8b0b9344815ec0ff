"""Codes on disk: one worker at a time, no answer that comes too late, no code issued after it was to be forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.storage.atomic import atomic
from connector.storage.atomic import drain as drain_transactions
from connector.storage.database import Database, close_database, open_database
from connector.storage.session import Session
from connector.storage.vouchers import (
    LEASE,
    KeptVoucher,
    VoucherKey,
    VoucherRow,
    claim_vouchers,
    due_stores,
    find_vouchers,
    keep_voucher,
    put_off,
    settle_voucher,
    wish_to_withdraw,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url, pool_size=8)
    yield opened
    await drain_transactions()
    await close_database(opened)


def voucher(code: str = "AAAA-1111", connection: int = 1, state: VoucherRow = VoucherRow.TO_ISSUE) -> KeptVoucher:
    return KeptVoucher(VoucherKey(connection, code), 1, "a" * 32, f"{code:0>32}", "7", state)


async def keep(database: Database, *vouchers: KeptVoucher) -> None:
    async def body(session: Session) -> None:
        for one in vouchers:
            await keep_voucher(session, one, NOW)

    await atomic(database, body)


async def claim(database: Database, now: datetime = NOW, connection: int = 1) -> list[KeptVoucher]:
    return await atomic(database, lambda session: claim_vouchers(session, connection, 10, now))


async def found(database: Database, one: KeptVoucher) -> KeptVoucher:
    return (await find_vouchers(database.reading(), [one.key]))[one.key]


async def withdraw(database: Database, one: KeptVoucher, now: datetime = NOW) -> bool:
    return await atomic(database, lambda session: wish_to_withdraw(session, [one.key], "cancelled", now))


async def settle(database: Database, one: KeptVoucher, state: VoucherRow, token: str | None = None) -> bool:
    return await atomic(database, lambda session: settle_voucher(session, one, state, token, None))


async def test_codes_are_found_in_their_own_store_only(database: Database) -> None:
    await keep(database, voucher())
    keys = [VoucherKey(1, "AAAA-1111"), VoucherKey(2, "AAAA-1111"), VoucherKey(1, "BBBB-2222")]
    assert await find_vouchers(database.reading(), keys) == {keys[0]: voucher()}
    assert await find_vouchers(database.reading(), []) == {}


async def test_keeping_a_code_again_changes_nothing(database: Database) -> None:
    await keep(database, voucher(), replace(voucher(), state=VoucherRow.PLACED, customer_ref="8"))
    assert await found(database, voucher()) == voucher()


async def test_a_code_is_worked_on_by_one_until_its_lease_ends(database: Database) -> None:
    await keep(database, voucher(), voucher("BBBB-2222"), voucher("CCCC-3333", connection=2))
    assert await due_stores(database.reading(), NOW) == [1, 2]
    claims = await asyncio.gather(*[claim(database) for _ in range(4)])
    assert sorted(one.key.code for each in claims for one in each) == ["AAAA-1111", "BBBB-2222"]
    assert await claim(database, NOW + LEASE - MICROSECOND) == []
    assert len(await claim(database, NOW + LEASE)) == 2


async def test_what_needs_no_store_is_never_due(database: Database) -> None:
    await keep(database, voucher(state=VoucherRow.PLACED))
    assert await due_stores(database.reading(), NOW) == []


async def test_what_a_store_said_is_noted(database: Database) -> None:
    await keep(database, voucher())
    [claimed] = await claim(database)
    assert await settle(database, claimed, VoucherRow.PLACED, "token")
    assert await found(database, voucher()) == replace(voucher(), state=VoucherRow.PLACED, token="token")
    assert await claim(database, NOW + 10 * LEASE) == []


async def test_a_code_that_is_to_go_stays_so_when_its_issuing_succeeds_late(database: Database) -> None:
    await keep(database, voucher())
    [claimed] = await claim(database)
    assert await withdraw(database, voucher())
    assert not await settle(database, claimed, VoucherRow.PLACED, "token")
    kept = await found(database, voucher())
    assert (kept.state, kept.token, kept.reason) == (VoucherRow.TO_WITHDRAW, "token", "cancelled")


async def test_a_code_is_not_withdrawn_while_somebody_may_be_issuing_it(database: Database) -> None:
    """A store that hears of the end first would keep the code for ever."""
    await keep(database, voucher())
    await claim(database)
    await withdraw(database, voucher(), NOW + MICROSECOND)
    assert await claim(database, NOW + LEASE - MICROSECOND) == []
    [claimed] = await claim(database, NOW + LEASE)
    assert claimed.state is VoucherRow.TO_WITHDRAW


async def test_a_long_pause_does_not_put_off_a_withdrawal(database: Database) -> None:
    await keep(database, voucher())
    [claimed] = await claim(database)
    later = NOW + timedelta(hours=6)
    await atomic(database, lambda session: put_off(session, [(claimed, 3, later, "down")]))
    assert (await found(database, voucher())).attempts == 3
    await withdraw(database, voucher())
    assert len(await claim(database, NOW + LEASE)) == 1


async def test_a_placed_code_is_withdrawn_at_once(database: Database) -> None:
    await keep(database, voucher())
    [claimed] = await claim(database)
    await settle(database, claimed, VoucherRow.PLACED, "token")
    await withdraw(database, voucher())
    [claimed] = await claim(database)
    assert (claimed.state, claimed.token, claimed.reason) == (VoucherRow.TO_WITHDRAW, "token", "cancelled")


@pytest.mark.parametrize("state", [VoucherRow.REFUSED, VoucherRow.WITHDRAWN, VoucherRow.TO_WITHDRAW])
async def test_what_is_gone_already_is_not_withdrawn_again(database: Database, state: VoucherRow) -> None:
    await keep(database, voucher(state=state))
    assert not await withdraw(database, voucher())
    assert (await found(database, voucher())).state is state


async def test_a_pause_of_somebody_who_lost_the_code_changes_nothing(database: Database) -> None:
    await keep(database, voucher())
    [claimed] = await claim(database)
    await withdraw(database, voucher())
    later = NOW + timedelta(hours=6)
    await atomic(database, lambda session: put_off(session, [(claimed, 3, later, "down")]))
    assert len(await claim(database, NOW + LEASE)) == 1
