"""Members hear in time that a programme or a code of theirs ends: once, and only those whom it concerns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.announcing import announce
from connector.notices import Telling, tell_due
from connector.storage.atomic import atomic
from connector.storage.programmes import pause, publish_version, resume
from tests.builders import DOCUMENT
from tests.connector.ending import ENDING, Shop, shop_of
from tests.connector.rewarding import RewardShop, reward_shop

WINDING: dict[str, Any] = {**ENDING, "wind_down": {"earn_until": "2026-12-01", "redeem_until": "2027-01-15"}}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url) as made:
        yield made


async def publish(shop: Shop, document: dict[str, Any]) -> None:
    front = shop.front
    await atomic(
        front.database,
        lambda session: publish_version(session, front.programme, document, None, front.clock(), "operator"),
    )


async def tell(shop: Shop) -> list[str]:
    """Titles of the mails that go out now."""
    before = len(shop.server.kept)
    while await tell_due(Telling(shop.front.pipeline, shop.mailer)):
        pass
    return [raw.decode().split("Subject: ")[1].split("\r\n")[0] for _, raw in shop.server.kept[before:]]


async def notices(shop: Shop | RewardShop) -> list[str]:
    rows = await shop.front.rows("SELECT kind FROM notice WHERE kind IN ('wind-down', 'voucher-expiring')")
    return [row["kind"] for row in rows]


async def test_a_programme_that_ends_is_announced_when_published_and_before_the_last_day(shop: Shop) -> None:
    assert await announce(shop.front.pipeline) == 0
    await publish(shop, WINDING)
    assert await announce(shop.front.pipeline) == 1
    assert await announce(shop.front.pipeline) == 0
    assert len(await tell(shop)) == 1
    assert "14. Januar 2027" in shop.server.kept[-1][1].decode()
    shop.front.clock.forward(days=30)
    assert await announce(shop.front.pipeline) == 0
    shop.front.clock.forward(days=12)
    assert await announce(shop.front.pipeline) == 1
    assert len(await tell(shop)) == 1
    shop.front.clock.forward(days=20)
    assert await announce(shop.front.pipeline) == 0
    assert await notices(shop) == ["wind-down", "wind-down"]


async def test_whom_an_end_does_not_concern_is_not_told_of_it(shop: Shop) -> None:
    await shop.buys(1, status="cancelled")
    assert await shop.front.points_of("7") == 0
    await publish(shop, WINDING)
    assert (await announce(shop.front.pipeline), await notices(shop)) == (0, [])


async def test_a_paused_programme_announces_when_it_goes_on(shop: Shop) -> None:
    front = shop.front
    await publish(shop, WINDING)
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 0
    front.clock.forward(days=1)
    await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 1


async def test_a_member_is_reminded_of_a_code_once_before_it_ends(prepared_database_url: str) -> None:
    document = {
        **DOCUMENT,
        "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
        "rewards": [
            {"id": "five", "kind": "amount", "points": 100, "value": "5.00", "voucher_days": 10},
            {"id": "short", "kind": "amount", "points": 100, "value": "1.00", "voucher_days": 2},
        ],
    }
    async with reward_shop(prepared_database_url, document=document) as shop:
        made = await shop.redeem("five", "k1")
        await shop.redeem("short", "k2")
        await shop.settle()
        pipeline = shop.front.pipeline
        assert await announce(pipeline) == 0, "one ends much later, the other was made for two days"
        shop.front.clock.forward(days=6)
        assert await announce(pipeline) == 0
        shop.front.clock.forward(days=2)
        assert await announce(pipeline) == 1
        assert await announce(pipeline) == 0
        (row,) = await shop.front.rows("SELECT notice_key, body_text FROM notice WHERE kind = 'voucher-expiring'")
        assert row["notice_key"].startswith(made["redemption"])
        assert made["expires_at"] in row["body_text"]
        shop.front.clock.forward(days=5)
        assert await announce(pipeline) == 0
