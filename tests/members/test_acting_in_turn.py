"""Whoever acts on a member has the member's turn, so that a crowd on one member leaves the connections to others."""

from __future__ import annotations

import asyncio

from connector.people.act import Acting, act
from connector.redeeming.redemptions import unchanged
from loyalty_engine.decision import Decision
from tests.connector.ending import BY_STORE, shop_of

CROWD = 5


async def test_acts_on_one_member_follow_each_other_in_the_order_in_which_they_came(prepared_database_url: str) -> None:
    async with shop_of(prepared_database_url, BY_STORE) as shop:
        turns = shop.front.database.turns
        order: list[int] = []
        had: list[frozenset[str]] = []

        async def one(n: int) -> None:
            async def command(acting: Acting) -> Decision:
                order.append(n)
                had.append(turns.names)
                await asyncio.sleep(0)
                return unchanged(acting)

            await act(shop.front.pipeline, shop.front.programme, shop.member, command)

        await asyncio.gather(*(one(n) for n in range(CROWD)))
        assert order == list(range(CROWD))
        assert had == [frozenset({shop.member})] * CROWD
        assert turns.names == frozenset()
