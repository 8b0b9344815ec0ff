"""What endpoints hear of: each thing once, in the transaction that does it, and nothing that says who a member is."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.data.erasure import erase
from connector.delivering.endpoints import Which, change, register
from connector.delivering.sending import Sender
from connector.errors import Permanent
from connector.ingest.pipeline import drain
from connector.people.adjusting import adjust_points
from connector.people.membership import give_badge, set_status, take_badge
from connector.people.merging import merge, unmerge
from connector.redeeming.redemptions import cancel
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.happenings import TOPICS
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from loyalty_engine.member import MemberStatus
from tests.builders import DOCUMENT, KEYS, MIA, NOW, OPENED
from tests.connector.rewarding import ALL, RewardShop, reward_shop

STANDING = {
    **ALL,
    "tiers": [{"id": "tea", "name": "Tea"}, {"id": "oolong", "name": "Oolong", "qualify": {"spend": 1_500}}],
    "badges": [{"id": "friend", "name": "Friend", "rule": "orders >= 900"}],
}
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Listening:
    """Customer 7 has 1,000 points; from then on one endpoint hears of everything."""

    shop: RewardShop
    sender: Sender
    which: Which

    async def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """(type, data) of everything kept, by member's number and name: no order is promised, and here time stands."""
        rows = await self.shop.front.rows("SELECT body_text FROM webhook_message ORDER BY message_id")
        found = [json.loads(row["body_text"]) for row in rows]
        assert all(set(one) == {"type", "timestamp", "data"} for one in found)
        return sorted(((one["type"], one["data"]) for one in found), key=lambda one: (one[1].get("n", 0), one[0]))

    async def topics(self) -> list[str]:
        return [topic for topic, _ in await self.heard()]


@pytest.fixture
async def listening(prepared_database_url: str) -> AsyncIterator[Listening]:
    async with reward_shop(prepared_database_url) as shop:
        sender = Sender(shop.front.database, KEYS, frozenset(), now=shop.front.clock)
        made = await register(sender, shop.front.programme, "https://hooks.example/belong", (), "", MIA)
        yield Listening(shop, sender, Which(made.endpoint.public_id, shop.front.programme, MIA))


async def test_an_order_is_told_as_its_points_and_its_refund_as_their_reversal(listening: Listening) -> None:
    member = str(uuid.UUID(listening.shop.member))
    ref = await listening.shop.order(2, 1_000)
    await listening.shop.order(2, 1_000, status="cancelled")
    common = {"member": member, "source": ref, "book_date": "2026-11-21"}
    assert await listening.heard() == [
        ("points.earned", {"n": 2, "kind": "earn", "points": 10, "balance": 1_010, **common}),
        ("points.reversed", {"n": 3, "kind": "clawback", "points": -10, "balance": 1_000, **common}),
    ]
    await listening.shop.order(2, 1_000, status="cancelled")
    assert len(await listening.heard()) == 2, "the same again is nothing new"


async def test_without_an_endpoint_or_of_what_nobody_wants_no_row_is_written(listening: Listening) -> None:
    await change(listening.sender, listening.which, ["points.expired"])
    await listening.shop.order(2, 1_000)
    assert await listening.heard() == []
    await change(listening.sender, listening.which, ["points.earned", "member.enrolled"])
    await listening.shop.order(3, 1_000, customer=9)
    assert await listening.topics() == ["member.enrolled", "points.earned"]
    with pytest.raises(Permanent, match="There are no events 'points.lost'"):
        await change(listening.sender, listening.which, ["points.lost"])


async def test_an_endpoint_hears_nothing_of_another_programme(listening: Listening) -> None:
    database = listening.shop.front.database
    other = await atomic(database, lambda s: create_programme(s, DOCUMENT, OPENED, OPENED))
    deed = Deed(listening.shop.member, other, Act.LEAVE, MIA, "", NOW)
    await atomic(database, lambda s: note_deeds(s, [deed]))
    assert await listening.heard() == []


async def test_what_is_rolled_back_is_never_told(listening: Listening) -> None:
    class Stop(Exception):
        pass

    async def body(session: Session) -> None:
        deed = Deed(listening.shop.member, listening.shop.front.programme, Act.LEAVE, MIA, "", NOW)
        await note_deeds(session, [deed])
        assert await session.number("SELECT count(*) FROM webhook_message") == 1
        raise Stop

    with pytest.raises(Stop):
        await atomic(listening.shop.front.database, body)
    assert await listening.heard() == []


async def test_a_reward_is_told_from_taking_to_end_without_its_code(listening: Listening) -> None:
    shop = listening.shop
    made = await shop.redeem("mug")
    await shop.settle()
    await cancel(
        shop.front.pipeline, shop.front.programme, shop.member, made["redemption"], "cancelled", MIA, "Ada is ill."
    )
    await shop.settle()
    heard = await listening.heard()
    assert sorted(topic for topic, _ in heard) == sorted(
        ["points.spent", "reward.redeemed", "reward.issued", "points.returned", "reward.cancelled"]
    )
    told = dict(heard)
    assert told["reward.cancelled"] == {
        "member": str(uuid.UUID(shop.member)),
        "redemption": made["redemption"].replace("-", ""),
        "reward": "mug",
        "kind": "product",
        "points": 100,
        "reason": "cancelled",
    }
    whole = json.dumps(heard)
    assert made["code"] not in whole and made["code"].replace("-", "") not in whole and "ill" not in whole


async def test_a_used_code_is_told_and_once_more_when_it_is_used_again(listening: Listening) -> None:
    shop = listening.shop
    made = await shop.redeem("once")
    await shop.settle()
    await shop.order(5, 5_000, code=made["code"])
    assert (await listening.topics()).count("reward.used") == 1
    await shop.order(5, 5_000, code=made["code"], customer_note="changed")
    assert (await listening.topics()).count("reward.used") == 1


async def test_what_is_done_by_hand_is_told_without_who_did_it_and_why(listening: Listening) -> None:
    shop = listening.shop
    about = (shop.front.pipeline, shop.front.programme, shop.member)
    await adjust_points(*about, 50, uuid.uuid4().hex, MIA, "a gift for Ada")
    for status in (MemberStatus.BLOCKED, MemberStatus.ACTIVE, MemberStatus.LEFT, MemberStatus.ACTIVE):
        await set_status(*about, status, MIA, "Ada asked")
    assert sorted(await listening.topics()) == [
        "member.blocked", "member.left", "member.rejoined", "member.unblocked", "points.adjusted"
    ]  # fmt: skip
    assert "Ada" not in str(await listening.heard()) and "mia" not in str(await listening.heard())


async def test_tiers_and_badges_are_told(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=STANDING) as shop:
        sender = Sender(shop.front.database, KEYS, frozenset(), now=shop.front.clock)
        made = await register(sender, shop.front.programme, "https://hooks.example/belong", (), "", MIA)
        listening = Listening(shop, sender, Which(made.endpoint.public_id, shop.front.programme, MIA))
        await shop.order(2, 60_000)
        [data] = [data for topic, data in await listening.heard() if topic == "tier.changed"]
        assert (data["tier"], data["cause"], data["n"]) == ("oolong", "reached", 2)
        about = (shop.front.pipeline, shop.front.programme, shop.member, "friend")
        badge = await give_badge(*about, MIA, "for Ada")
        await take_badge(*about, badge.award_key, MIA, "not Ada")
        badges = [one for one in await listening.heard() if one[0].startswith("badge")]
        assert [(topic, data["n"], data["badge"]) for topic, data in badges] == [
            ("badge.earned", 1, "friend"), ("badge.revoked", 2, "friend")
        ]  # fmt: skip
        assert "Ada" not in str(await listening.heard())


async def test_a_merge_is_told_once_and_so_is_its_undoing(listening: Listening) -> None:
    shop = listening.shop
    await shop.order(2, 30_000, customer=8)
    rows = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    going = rows[0]["member_id"]
    await merge(shop.front.pipeline, shop.front.programme, going, shop.member, "merchant", MIA)
    await drain(shop.front.pipeline)
    named = {"member": str(uuid.UUID(going)), "survivor": str(uuid.UUID(shop.member))}
    assert [data for topic, data in await listening.heard() if topic == "member.merged"] == [named]
    await unmerge(shop.front.pipeline, shop.front.programme, going, MIA)
    assert [data for topic, data in await listening.heard() if topic == "member.unmerged"] == [named]
    moved = [data["points"] for topic, data in await listening.heard() if topic == "points.moved"]
    assert sum(moved) == 0 and len(moved) >= 4


async def test_of_an_erased_member_nothing_is_left_but_that_they_are_erased(listening: Listening) -> None:
    shop = listening.shop
    await shop.order(2, 30_000, customer=8)
    await shop.order(3, 1_000)
    await shop.redeem("mug")
    await erase(shop.front.pipeline, shop.front.programme, shop.member, MIA, "Ada asked")
    rows = await shop.front.rows("SELECT topic FROM webhook_message WHERE member_id = $1", shop.member)
    assert [row["topic"] for row in rows] == ["member.erased"]
    assert ("member.erased", {"member": str(uuid.UUID(shop.member))}) in await listening.heard()
    assert "points.earned" in await listening.topics(), "of others everything stays"


def test_every_event_has_a_place_in_the_documents() -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert [topic for topic in TOPICS if f"`{topic}`" not in text] == []
