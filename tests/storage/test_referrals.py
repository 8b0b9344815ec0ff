"""Referrals on disk: codes are found again, a friend has one referrer, chains are followed, counts are of others."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.crypto import Keys
from connector.storage.atomic import atomic
from connector.storage.atomic import drain as drain_transactions
from connector.storage.database import Database, close_database, open_database
from connector.storage.referrals import (
    LONGEST_CHAIN,
    claim_friend,
    code_of,
    completed_since,
    find_referral,
    forget_signs,
    friends_from_ips,
    note_signs,
    open_referrals,
    owner_of,
    party,
    referrals_of,
    referrers_above,
    registered_between,
    save_referral,
    waiting_for_review,
)
from connector.storage.session import Session
from loyalty_engine.referral import Party, Referral, ReferralState, Sign, referral_code

KEYS = Keys(hashlib.sha256(b"a master key for tests").digest())
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ADA, BOB, CLEO = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url, pool_size=8)
    yield opened
    await drain_transactions()
    await close_database(opened)


def a_referral(friend: str = BOB, referrer: str = ADA, **changes: Any) -> Referral:
    made = Referral(referrer, friend, "CODE1234", NOW, score=60, reasons=(Sign("same-payment", 60, {"shared": 1}),))
    return replace(made, **changes)


async def keep(database: Database, *referrals: Referral) -> None:
    async def body(session: Session) -> None:
        for referral in referrals:
            await claim_friend(session, 1, referral.friend_id, referral.referrer_id)
            await save_referral(session, 1, referral)

    await atomic(database, body)


async def test_a_member_has_one_code_and_everybody_finds_its_owner(database: Database) -> None:
    codes = await asyncio.gather(
        *[atomic(database, lambda session: code_of(session, KEYS, 1, ADA, NOW)) for _ in range(5)]
    )
    assert set(codes) == {referral_code(KEYS.voucher_key, ADA)}
    session = database.reading()
    assert await owner_of(session, 1, f" {codes[0].lower()} ") == ADA
    assert await owner_of(session, 2, codes[0]) is None
    assert await owner_of(session, 1, "NOBODYS0") is None


async def test_a_code_that_another_member_has_is_passed_over(database: Database) -> None:
    taken = referral_code(KEYS.voucher_key, ADA)

    async def body(session: Session) -> str:
        shard = await session.number(
            "SELECT shard FROM referral_code WHERE code = $1", await code_of(session, KEYS, 1, ADA, NOW)
        )
        await session.run("DELETE FROM referral_code")
        await session.run("INSERT INTO referral_code VALUES ($1, 1, $2, $3, 0)", shard, taken, BOB)
        return await code_of(session, KEYS, 1, ADA, NOW)

    assert await atomic(database, body) == referral_code(KEYS.voucher_key, ADA, attempt=1)
    assert await owner_of(database.reading(), 1, taken) == BOB


async def test_a_friend_is_brought_by_the_first_one_for_ever(database: Database) -> None:
    async def claim(referrer: str) -> bool:
        return await atomic(database, lambda session: claim_friend(session, 1, CLEO, referrer))

    won = await asyncio.gather(*[claim(referrer) for referrer in (ADA, BOB) * 5])
    assert won in ([True, False] * 5, [False, True] * 5)


async def test_the_chain_above_a_member_is_followed_and_ends(database: Database) -> None:
    members = [f"{number:032x}" for number in range(LONGEST_CHAIN + 5)]
    await keep(
        database, *[a_referral(friend, referrer) for referrer, friend in zip(members, members[1:], strict=False)]
    )
    session = database.reading()
    assert await referrers_above(session, members[3]) == (members[2], members[1], members[0])
    assert len(await referrers_above(session, members[-1])) == LONGEST_CHAIN
    assert await referrers_above(session, ADA) == ()


async def test_a_ring_does_not_go_round_for_ever(database: Database) -> None:
    await keep(database, a_referral(BOB, ADA), a_referral(ADA, BOB))
    assert await referrers_above(database.reading(), ADA) == (BOB, ADA)


async def test_a_referral_comes_back_as_it_was_kept(database: Database) -> None:
    kept = a_referral(order_ref="shopify:1:order:5", state=ReferralState.ORDERED, actor="Ada", decided_at=NOW)
    await keep(database, a_referral(), kept)
    assert await find_referral(database.reading(), 1, BOB) == kept
    assert await referrals_of(database.reading(), 1, ADA) == [kept]
    assert await find_referral(database.reading(), 2, BOB) is None
    assert await find_referral(database.reading(), 1, CLEO) is None


async def test_a_referral_that_does_not_pay_its_referrer_stays_so(database: Database) -> None:
    limit = Sign("year-limit-reached", 0, {"limit": 1, "found": 1})
    kept = a_referral(state=ReferralState.COMPLETED, decided_at=NOW, reasons=(limit,), pays_referrer=False)
    await keep(database, kept)
    assert await find_referral(database.reading(), 1, BOB) == kept


async def test_counts_are_of_other_friends_and_from_a_moment_on(database: Database) -> None:
    done: dict[str, Any] = {"state": ReferralState.COMPLETED, "decided_at": NOW}
    await keep(
        database, a_referral(BOB), a_referral(CLEO, **done), a_referral("d" * 32, registered_at=NOW - MICROSECOND)
    )
    session = database.reading()
    assert await registered_between(session, ADA, NOW, NOW + timedelta(days=400), BOB) == 1
    assert await registered_between(session, ADA, NOW - MICROSECOND, NOW + timedelta(days=400), BOB) == 2
    assert await completed_since(session, ADA, NOW) == 1
    assert await completed_since(session, ADA, NOW + MICROSECOND) == 0


async def test_friends_from_one_ip_are_counted_once_each(database: Database) -> None:
    async def come(friend: str, now: datetime = NOW) -> int:
        since = now - timedelta(days=7)
        return await atomic(database, lambda session: friends_from_ips(session, 1, {"ip"}, friend, since, now))

    assert [await come(BOB), await come(BOB), await come(CLEO), await come(ADA)] == [0, 0, 1, 2]
    assert await come("d" * 32, NOW + timedelta(days=7)) == 3
    assert await come("e" * 32, NOW + timedelta(days=7, microseconds=1)) == 1


async def test_open_referrals_are_paged_and_final_ones_left_out(database: Database) -> None:
    friends = [f"{number:032x}" for number in range(7)]
    final = [ReferralState.COMPLETED, ReferralState.REFUSED, ReferralState.VOID]
    states = [ReferralState.REGISTERED, ReferralState.ORDERED, ReferralState.REVIEW, ReferralState.REVIEW, *final]
    rows = zip(friends, states, strict=True)
    await keep(database, *[a_referral(friend, referrer=friend[::-1], state=state) for friend, state in rows])
    seen, after = [], (-1, "", "")
    while page := await open_referrals(database.reading(), after, limit=2):
        seen += [key[2] for _, key in page]
        after = page[-1][1]
    assert sorted(seen) == friends[:4]
    assert [waiting.friend_id for waiting in await waiting_for_review(database.reading(), 1)] == friends[2:4]


async def test_what_a_member_showed_is_known_until_it_is_erased(database: Database) -> None:
    async def note(session: Session) -> None:
        await note_signs(session, 1, ADA, {"ips": ["i", "j"], "devices": ["d"]}, NOW)
        await note_signs(session, 1, ADA, {"ips": ["i"]}, NOW)

    await atomic(database, note)
    known = Party(ADA, ips=frozenset({"i", "j"}), devices=frozenset({"d"}))
    assert await party(database.reading(), ADA) == known
    await atomic(database, lambda session: forget_signs(session, ADA))
    assert await party(database.reading(), ADA) == Party(ADA)
