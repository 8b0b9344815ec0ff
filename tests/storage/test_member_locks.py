"""Whoever waited for a member decides about the member as they are now, not as they were when the waiting began."""

from __future__ import annotations

import asyncio

import pytest

from connector.storage.atomic import atomic, drain
from connector.storage.ledger_load import load_members
from connector.storage.merges import set_member_status
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus
from tests.connector.rewarding import RewardShop, reward_shop
from tests.databases import Databases

WAITING_SECONDS = 0.3
CROWD = 20
OTHERS_SECONDS = 5


async def test_a_redemption_that_waited_for_a_merge_is_refused(prepared_database_url: str) -> None:
    """Defect seen on PostgreSQL: the locked balance was read anew, the member beside it as before the wait. An order
    was decided for somebody who had merged, and its points were spent there.
    """
    async with reward_shop(prepared_database_url) as shop:
        has_lock, may_end = asyncio.Event(), asyncio.Event()
        key = (member_shard(shop.member), shop.member)

        async def merging(session: Session) -> None:
            await load_members(session, [], also=[key])
            has_lock.set()
            await may_end.wait()
            await set_member_status(session, shop.member, MemberStatus.MERGED.value, shop.front.clock())

        first = asyncio.create_task(atomic(shop.front.database, merging))
        await has_lock.wait()
        second = asyncio.create_task(shop.redeem())
        await asyncio.sleep(WAITING_SECONDS)
        assert not second.done()
        may_end.set()
        await first
        with pytest.raises(Refused, match="member-merged"):
            await second
        assert (await shop.balance(), await shop.spent()) == (1_000, [])


async def test_a_crowd_that_waits_for_one_member_leaves_connections_to_others(databases: Databases) -> None:
    """Defect seen: each redemption that waited for its member's lock held a connection, those of callers who had hung
    up too, and webhooks waited for one until the crowd was through.
    """
    with databases.prepared("postgresql") as url:
        async with reward_shop(url) as shop:
            has_lock, may_end = asyncio.Event(), asyncio.Event()

            async def busy(session: Session) -> None:
                await load_members(session, [], also=[(member_shard(shop.member), shop.member)])
                has_lock.set()
                await may_end.wait()

            holder = asyncio.create_task(atomic(shop.front.database, busy))
            await has_lock.wait()
            crowd = [asyncio.create_task(shop.redeem(key=f"crowd-{number}")) for number in range(CROWD)]
            await asyncio.sleep(WAITING_SECONDS)
            for gone in crowd[: CROWD // 2]:
                gone.cancel()
            try:
                async with asyncio.timeout(OTHERS_SECONDS):
                    assert await atomic(shop.front.database, lambda session: session.one("SELECT 1 AS one")) == {
                        "one": 1
                    }
            finally:
                may_end.set()
            await holder
            await asyncio.gather(*crowd, return_exceptions=True)
            await drain()


async def status_of(shop: RewardShop, session: Session) -> MemberStatus:
    key = (member_shard(shop.member), shop.member)
    return (await load_members(session, [], also=[key]))[shop.member].status


async def test_a_member_who_was_locked_in_vain_is_still_there(prepared_database_url: str) -> None:
    """The lock is a statement of its own; whoever is not known is left out by both."""
    async with reward_shop(prepared_database_url) as shop:
        found = await atomic(shop.front.database, lambda session: status_of(shop, session))
        assert found is MemberStatus.ACTIVE
        nobody = "0" * 32
        assert (
            await atomic(
                shop.front.database,
                lambda session: load_members(session, [], also=[(member_shard(nobody), nobody)]),
            )
            == {}
        )
