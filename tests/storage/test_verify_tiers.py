"""`belong verify` and the tier in a source's terms: what came later was not known when they were written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.programmes.passing_time import review_due
from connector.verify.contexts import context_seal
from tests.builders import NOW, Shopfront, shopfront
from tests.connector.test_programme_commands import order, publish
from tests.connector.test_withdrawing import climbing
from tests.storage.verify_world import change, checked

HOUR = timedelta(hours=1)
BEGINS = NOW + 24 * HOUR


async def buys(front: Shopfront, order_id: int, paid_at: datetime) -> None:
    """For 20 euros."""
    await front.receive("order.updated", order(order_id, 7, 2000, paid_at))


async def tiers(front: Shopfront) -> dict[str, str | None]:
    """By the number of the order."""
    rows = await front.rows("SELECT source_ref, tier FROM context")
    return {row["source_ref"].rpartition(":")[2]: row["tier"] for row in rows}


async def differences(front: Shopfront) -> list[tuple[str, str, Any, Any]]:
    """(class, number of the order, expected, found)."""
    found = (await checked(front)).differences
    return [(one.code, (one.source_ref or "").rpartition(":")[2], one.expected, one.found) for one in found]


async def say(front: Shopfront, order_id: int, tier: str | None) -> None:
    """Write another tier into an order's terms, sealed as if we had."""
    (row,) = await front.rows("SELECT * FROM context WHERE source_ref LIKE $1", f"%:order:{order_id}")
    seal = context_seal(row["member_id"], {**row, "tier": tier})
    sql = "UPDATE context SET tier = $1, seal = $2 WHERE source_ref = $3"
    await change(front, sql, tier, seal, row["source_ref"])


@pytest.mark.parametrize("is_reviewed_first", [True, False])
async def test_first_tiers_leave_what_was_decided_without_any(
    prepared_database_url: str, is_reviewed_first: bool
) -> None:
    """Defect seen: everybody's first tier is dated back to enrolment, and was expected in the terms of all before."""
    async with shopfront(prepared_database_url) as front:
        await buys(front, 1, NOW - HOUR)
        await publish(front, climbing(50), BEGINS)
        await buys(front, 2, BEGINS - HOUR)
        await buys(front, 3, BEGINS + HOUR)
        assert await differences(front) == []
        front.clock.moment = BEGINS + 2 * HOUR
        if is_reviewed_first:
            assert await review_due(front.pipeline) == 1
        await buys(front, 4, BEGINS - HOUR)
        front.clock.forward(hours=1)
        await buys(front, 5, front.clock())
        rows = await front.rows("SELECT tier, cause FROM tier_change ORDER BY n")
        assert [(row["tier"], row["cause"]) for row in rows] == [("member", "joined"), ("gold", "reached")]
        late = "member" if is_reviewed_first else None
        assert await tiers(front) == {"1": None, "2": None, "3": "member", "4": late, "5": "gold"}
        assert await differences(front) == []
        await say(front, 1, "gold")
        await say(front, 4, "gold")
        await say(front, 5, "member")
        assert sorted(await differences(front)) == [
            ("context-wrong", "1", None, "gold"),
            ("context-wrong", "4", None, "gold"),
            ("context-wrong", "5", "gold", "member"),
        ]


async def test_an_order_dated_ahead_has_the_tier_that_was_known(prepared_database_url: str) -> None:
    """Defect seen: a tier reached between the decision and the date of payment was expected in its terms."""
    async with shopfront(prepared_database_url, document=climbing(50)) as front:
        await buys(front, 1, NOW - HOUR)
        await buys(front, 2, NOW + 5 * HOUR)
        front.clock.forward(hours=1)
        await buys(front, 3, front.clock())
        front.clock.forward(hours=1)
        await buys(front, 4, NOW + 5 * HOUR)
        assert await tiers(front) == {"1": "member", "2": "member", "3": "member", "4": "gold"}
        assert await differences(front) == []
        await say(front, 2, None)
        await say(front, 3, None)
        await say(front, 4, "member")
        found = sorted(await differences(front), key=lambda one: one[1])
        assert [one[1:] for one in found] == [("2", "member", None), ("3", "member", None), ("4", "gold", "member")]
