"""What two members, or the order of things, give away: forged histories that agree with themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.adjusting import adjust_points
from connector.merging import merge, unmerge
from connector.pipeline import drain
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.verify.chain import START, entry_fingerprint
from tests.builders import MIA
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.storage.verify_world import change, checked, drop_guards

ENDING = {**ALL, "points": {**ALL["points"], "expiry": {"mode": "fixed", "days": 100, "remind_days": [30]}}}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 has 1,000 points that end first, and 600 that end ten days later; customer 8 has 300 and a gift."""
    async with reward_shop(prepared_database_url, document=ENDING) as made:
        made.front.clock.forward(days=10)
        await made.order(2, 60_000)
        await made.order(3, 30_000, customer=8)
        await adjust_points(made.front.pipeline, made.front.programme, await eight(made), 50, "gift", MIA, "a cup")
        await drain(made.front.pipeline)
        await drop_guards(made.front)
        yield made


async def eight(shop: RewardShop) -> str:
    [row] = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    return str(row["member_id"])


async def merged(shop: RewardShop) -> str:
    going = await eight(shop)
    await merge(shop.front.pipeline, shop.front.programme, going, shop.member, "merchant", MIA)
    await drain(shop.front.pipeline)
    return going


async def found(shop: RewardShop) -> list[tuple[str, str | None, object, object]]:
    report = await checked(shop.front)
    return [(one.code, one.source_ref, one.expected, one.found) for one in report.differences]


async def forge_transfer(shop: RewardShop, member: str, more: int) -> None:
    """A gift that moved in is worth more, and everything of the member who has it says so, the chain too."""

    async def body(session: Session) -> None:
        entries = await session.rows("SELECT * FROM entry WHERE member_id = $1 ORDER BY n", member)
        previous, forged = START, 0
        for entry in entries:
            if entry["kind"] == "transfer" and entry["source_ref"] == "adjust:gift" and entry["points"] > 0:
                entry, forged = {**entry, "points": entry["points"] + more}, entry["n"]
            previous = entry_fingerprint(previous, member, entry)
            await session.run(
                "UPDATE entry SET points = $3, entry_hash = $4 WHERE member_id = $1 AND n = $2",
                *(member, entry["n"], entry["points"], previous),
            )
        assert forged
        await session.run(
            "UPDATE lot SET size = size + $2, remaining = remaining + $2 WHERE member_id = $1 AND n = $3",
            *(member, more, forged),
        )
        await session.run(
            "UPDATE balance SET points = points + $2, last_hash = $3 WHERE member_id = $1", member, more, previous
        )

    await atomic(shop.front.database, body)


async def test_what_arrives_with_a_merge_is_what_left(shop: RewardShop) -> None:
    going = await merged(shop)
    assert await found(shop) == []
    await forge_transfer(shop, shop.member, 450)
    assert await found(shop) == [("move", "adjust:gift", 50, 500)]
    [difference] = (await checked(shop.front)).differences
    assert difference.member_id == going


async def test_what_comes_back_when_a_merge_is_undone_is_what_went_back(shop: RewardShop) -> None:
    going = await merged(shop)
    await unmerge(shop.front.pipeline, shop.front.programme, going, MIA)
    await drain(shop.front.pipeline)
    assert await found(shop) == []
    await forge_transfer(shop, going, -10)
    assert await found(shop) == [("move", "adjust:gift", 50, 40)]


async def test_a_merge_whose_explanations_were_erased_is_not_guessed_at(shop: RewardShop) -> None:
    await merged(shop)
    await change(shop.front, "DELETE FROM explanation WHERE member_id = $1", shop.member)
    report = await checked(shop.front)
    assert (report.ok, report.erased > 0) == (True, True)
