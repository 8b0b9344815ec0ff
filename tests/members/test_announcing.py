"""Members hear in time that a programme or a code of theirs ends: once, and only those whom it concerns."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.delivering.announcing import announce
from connector.delivering.notices import Telling, tell_due
from connector.storage.atomic import atomic
from connector.storage.programmes import pause, publish_version, resume
from tests.builders import DOCUMENT
from tests.connector.ending import ENDING, PUBLIC, Shop, shop_of
from tests.connector.rewarding import RewardShop, reward_shop
from tests.payloads.stories import SoldLine, Story
from tests.payloads.woocommerce_bodies import webhook_order
from tests.storage.verify_world import change

WINDING: dict[str, Any] = {**ENDING, "wind_down": {"earn_until": "2026-12-01", "redeem_until": "2027-01-15"}}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url) as made:
        yield made


async def publish(shop: Shop, document: dict[str, Any], begins: datetime | None = None, *, tells: bool = False) -> int:
    front = shop.front
    return await atomic(
        front.database,
        lambda session: publish_version(
            session, front.programme, document, begins, front.clock(), "operator", tells=tells
        ),
    )


def earning(rate: str, **more: Any) -> dict[str, Any]:
    """The usual programme at another rate."""
    points = {**ENDING["points"], "earn": {**ENDING["points"]["earn"], "rates": {"EUR": rate}}}
    return {**ENDING, "points": points, **more}


def last_mail(shop: Shop) -> str:
    message = email.message_from_bytes(shop.server.kept[-1][1], policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    # What stands in the address that stops mails is random, and may look like any number.
    return re.sub(r"https?://\S+", "", str(body.get_content()))


async def tell(shop: Shop) -> list[str]:
    """Titles of the mails that go out now."""
    before = len(shop.server.kept)
    while await tell_due(Telling(shop.front.pipeline, shop.mailer, PUBLIC)):
        pass
    return [raw.decode().split("Subject: ")[1].split("\r\n")[0] for _, raw in shop.server.kept[before:]]


async def notices(shop: Shop | RewardShop) -> list[str]:
    rows = await shop.front.rows(
        "SELECT kind FROM notice WHERE kind IN ('wind-down', 'voucher-expiring', 'programme-changed')"
    )
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


async def test_an_end_that_is_taken_back_is_not_told_and_one_that_comes_again_is(shop: Shop) -> None:
    await publish(shop, WINDING)
    assert await announce(shop.front.pipeline) == 1
    shop.front.clock.forward(hours=1)
    await publish(shop, ENDING)
    assert (await tell(shop), await notices(shop)) == ([], [])
    assert await announce(shop.front.pipeline) == 0
    shop.front.clock.forward(hours=1)
    await publish(shop, WINDING)
    assert await announce(shop.front.pipeline) == 1
    assert len(await tell(shop)) == 1


async def test_an_end_that_is_moved_is_told_with_its_new_day_alone(shop: Shop) -> None:
    await publish(shop, WINDING)
    assert await announce(shop.front.pipeline) == 1
    shop.front.clock.forward(hours=1)
    await publish(shop, {**WINDING, "wind_down": {**WINDING["wind_down"], "redeem_until": "2027-02-15"}})
    assert await announce(shop.front.pipeline) == 1
    assert len(await tell(shop)) == 1
    assert "14. Februar 2027" in last_mail(shop)


async def test_a_version_is_told_of_only_where_whoever_published_it_says_so(shop: Shop) -> None:
    await publish(shop, earning("2"))
    assert (await announce(shop.front.pipeline), await notices(shop)) == (0, [])


async def test_a_version_tells_what_changes_once_and_nothing_else(shop: Shop) -> None:
    later = shop.front.clock() + timedelta(days=20)
    await publish(shop, earning("2"), later, tells=True)
    assert await announce(shop.front.pipeline) == 1
    assert await announce(shop.front.pipeline) == 0
    assert len(await tell(shop)) == 1
    said = last_mail(shop)
    assert "Die Regeln ändern sich" in said
    (new,) = [line for line in said.splitlines() if line.startswith("Neu: ")]
    (gone,) = [line for line in said.splitlines() if line.startswith("Nicht mehr: ")]
    assert new.startswith("Neu: 2 ") and gone.startswith("Nicht mehr: 1 ")
    shop.front.clock.forward(days=30)
    assert await announce(shop.front.pipeline) == 0
    (row,) = await shop.front.rows("SELECT announced_at FROM programme_version WHERE version = 2")
    assert row["announced_at"] is not None


async def test_whoever_comes_after_a_change_knows_no_other_rules(shop: Shop) -> None:
    shop.front.clock.forward(hours=1)
    await publish(shop, earning("2"), tells=True)
    shop.front.clock.forward(hours=1)
    story = Story((SoldLine(1, 1, 1000),), order_id=50, customer=8)
    await shop.front.receive("order.updated", json.dumps(webhook_order(story)).encode())
    assert await shop.front.points_of("8") > 0
    assert await announce(shop.front.pipeline) == 1
    (row,) = await shop.front.rows("SELECT member_id FROM notice WHERE kind = 'programme-changed'")
    assert row["member_id"] == shop.member


async def test_whoever_has_history_but_no_points_is_told_and_whoever_left_is_not(shop: Shop) -> None:
    await shop.buys(1, status="cancelled")
    assert await shop.front.points_of("7") == 0
    await publish(shop, earning("2"), shop.front.clock() + timedelta(days=5), tells=True)
    await change(shop.front, "UPDATE member SET status = 'left'")
    assert (await announce(shop.front.pipeline), await notices(shop)) == (0, [])
    await change(shop.front, "UPDATE member SET status = 'active'")
    assert await announce(shop.front.pipeline) == 1


@pytest.mark.parametrize("is_announced", [False, True])
async def test_a_version_that_was_replaced_before_it_began_is_never_told(shop: Shop, is_announced: bool) -> None:
    later = shop.front.clock() + timedelta(days=20)
    await publish(shop, earning("2"), later, tells=True)
    if is_announced:
        assert await announce(shop.front.pipeline) == 1
    await publish(shop, earning("3"), later)
    assert await announce(shop.front.pipeline) == 0
    assert (await tell(shop), await notices(shop)) == ([], [])


async def test_a_slip_that_was_put_right_at_once_is_not_taken_for_known(shop: Shop) -> None:
    shop.front.clock.forward(days=2)
    await publish(shop, earning("20"), tells=True)
    shop.front.clock.forward(hours=1)
    await publish(shop, earning("2"), tells=True)
    assert await announce(shop.front.pipeline) == 1
    assert len(await tell(shop)) == 1
    said = last_mail(shop)
    assert "Neu: 2 " in said and "Nicht mehr: 1 " in said and "20" not in said.replace("2026", "")


@pytest.mark.parametrize(
    "unseen",
    [
        {"rules": [{"id": "trial", "factor": 2, "dry_run": True}]},
        {"budget": {"gross_margin": "0.4"}},
    ],
)
async def test_what_members_cannot_read_is_not_told(shop: Shop, unseen: dict[str, Any]) -> None:
    shop.front.clock.forward(hours=1)
    await publish(shop, {**ENDING, **unseen}, tells=True)
    assert (await announce(shop.front.pipeline), await notices(shop)) == (0, [])


async def test_a_paused_programme_tells_of_a_change_when_it_goes_on(shop: Shop) -> None:
    front = shop.front
    front.clock.forward(hours=1)
    await publish(shop, earning("2"), tells=True)
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 0
    front.clock.forward(days=40)
    await atomic(front.database, lambda session: resume(session, front.programme, front.clock(), "operator"))
    assert await announce(front.pipeline) == 1
