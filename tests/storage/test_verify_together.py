"""What two members, or the order of things, give away: forged histories that agree with themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.ingest.pipeline import drain
from connector.people.adjusting import adjust_points
from connector.people.merging import merge, unmerge
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.verify.chain import START, entry_fingerprint
from tests.builders import MIA
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop
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


async def swap(shop: RewardShop, kind: str, points: int) -> int:
    """An entry took so many points from the other lot, and nothing says otherwise: its explanation was erased."""
    [entry] = await shop.front.rows("SELECT n FROM entry WHERE kind = $1 AND member_id = $2", kind, shop.member)
    n = int(entry["n"])
    old, new = 1, 2
    [row] = await shop.front.rows("SELECT lot_n FROM consumption WHERE debit_n = $1 AND member_id = $2", n, shop.member)
    if row["lot_n"] == 2:
        old, new = 2, 1
    await change(shop.front, "DELETE FROM explanation WHERE member_id = $1 AND n = $2", shop.member, n)
    await change(
        shop.front, "UPDATE consumption SET lot_n = $3 WHERE member_id = $1 AND debit_n = $2", shop.member, n, new
    )
    for lot, more in ((old, points), (new, -points)):
        await change(
            shop.front,
            "UPDATE lot SET remaining = remaining + $3 WHERE member_id = $1 AND n = $2",
            *(shop.member, lot, more),
        )
    return n


async def test_what_is_redeemed_is_taken_from_what_ends_first(shop: RewardShop) -> None:
    await shop.redeem()
    assert await found(shop) == []
    n = await swap(shop, "redeem", 500)
    assert await found(shop) == [("order-of-use", f"redemption:{await redemption(shop)}", 0, 1_000)]
    [difference] = (await checked(shop.front)).differences
    assert (difference.n, "lot 1" in difference.sentence) == (n, True)


async def redemption(shop: RewardShop) -> str:
    [row] = await shop.front.rows("SELECT redemption_id FROM redemption")
    return str(row["redemption_id"])


async def test_what_came_later_is_no_part_of_the_order_then(shop: RewardShop) -> None:
    await shop.redeem()
    await shop.order(4, 20_000)
    await shop.redeem(key="k2")
    await shop.redeem(key="k3")
    await shop.order(1, 100_000, status="cancelled")
    assert await found(shop) == []


async def test_points_that_are_set_aside_are_passed_over(shop: RewardShop) -> None:
    held = await shop.redeem(cart=a_cart(), holds=True)
    await shop.redeem(key="k2")
    await shop.redeem("mug", "k3")
    assert (held["state"], await found(shop)) == ("held", [])


async def test_a_clawback_takes_from_its_own_source_first(shop: RewardShop) -> None:
    await shop.order(2, 60_000, status="cancelled")
    assert await found(shop) == []
    await swap(shop, "clawback", 600)
    assert ("order-of-use", f"woocommerce:{shop.front.connection.number}:order:2", 0, 600) in await found(shop)
    assert {code for code, *_ in await found(shop)} == {"order-of-use"}
