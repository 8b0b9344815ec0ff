"""Whoever waited for a member decides about the member as they are now, not as they were when the waiting began."""

from __future__ import annotations

import asyncio

import pytest

from connector.storage.atomic import atomic
from connector.storage.ledger_load import load_members
from connector.storage.merges import set_member_status
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus
from tests.connector.rewarding import RewardShop, reward_shop

WAITING_SECONDS = 0.3


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
