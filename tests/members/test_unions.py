"""Customers whom Shopify made one: their members become one, whatever else is heard, in whichever order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.data.erasure import erase
from connector.ingest.pipeline import apply_deliveries, drain
from connector.people.membership import set_status
from connector.people.unions import unite_customers
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, put_back
from connector.verify import verify
from loyalty_engine.member import MemberStatus
from tests.builders import MIA, Shopfront, shopfront
from tests.payloads import shopify_bodies
from tests.payloads.stories import SoldLine, Story


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, platform="shopify") as made:
        yield made


def order(number: int, customer: int) -> bytes:
    story = Story((SoldLine(1, 1, 1000),), order_id=number, customer=customer)
    return json.dumps(shopify_bodies.webhook_order(story)).encode()


def union(gone: Any = 8, kept: Any = 7, status: str = "success") -> bytes:
    return json.dumps(
        {
            "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept}",
            "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{gone}",
            "admin_graphql_api_job_id": None,
            "status": status,
            "errors": [],
        }
    ).encode()


async def told(front: Shopfront, *news: tuple[str, bytes]) -> None:
    for topic, body in news:
        await front.receive(topic, body)
    while await unite_customers(front.pipeline):
        await drain(front.pipeline)


async def owners(front: Shopfront) -> dict[str, int]:
    """Points by customer, whoever the customer is by now."""
    rows = await front.rows(
        "SELECT i.customer_ref, b.points FROM identity i JOIN balance b ON b.member_id = i.member_id"
    )
    return {row["customer_ref"]: row["points"] for row in rows}


async def assert_clean(front: Shopfront) -> None:
    report = await verify(front.pipeline.database, front.pipeline.keys)
    assert report.ok, report.as_text()


SEVEN, EIGHT = ("orders/create", order(1, 7)), ("orders/create", order(2, 8))
GONE = ("customers/delete", b'{"id": 8}')
MERGED = ("customers/merge", union())


@pytest.mark.parametrize("news", [(MERGED, GONE), (GONE, MERGED), (MERGED,), (MERGED, MERGED)])
async def test_the_merge_and_the_deletion_come_in_any_order(front: Shopfront, news: Any) -> None:
    await told(front, SEVEN, EIGHT, *news)
    assert await owners(front) == {"7": 20, "8": 20}
    assert await front.number("SELECT count(*) FROM merge WHERE state = 1 AND cause = 'shop'") == 1
    pushed = await front.rows("SELECT customer_ref FROM push")
    assert [row["customer_ref"] for row in pushed] == ["7"], "nobody is left to be told under the other one"
    await told(front, ("orders/create", order(3, 8)))
    assert (await owners(front))["7"] == 30, "late news of the one who is gone is the survivor's"
    await assert_clean(front)


@pytest.mark.parametrize("status", ["failed", "requested", "in_progress"])
async def test_what_is_no_merge_yet_changes_nothing(front: Shopfront, status: str) -> None:
    await told(front, SEVEN, EIGHT, ("customers/merge", union(status=status)))
    assert await owners(front) == {"7": 10, "8": 10}
    assert await front.number("SELECT count(*) FROM customer_union") == 0


@pytest.mark.parametrize("body", [union(status="perhaps"), union(gone=7), union(gone="x"), b'{"status": "success"}'])
async def test_what_nobody_understands_is_set_aside_and_merges_nobody(front: Shopfront, body: bytes) -> None:
    await told(front, SEVEN, EIGHT, ("customers/merge", body))
    assert await owners(front) == {"7": 10, "8": 10}
    assert await front.number("SELECT count(*) FROM delivery WHERE state = 2") == 1


async def test_a_customer_whom_nobody_knew_is_the_others_member(front: Shopfront) -> None:
    await told(front, EIGHT, MERGED)
    await told(front, SEVEN)
    assert await owners(front) == {"7": 20, "8": 20}
    assert await front.number("SELECT count(*) FROM member") == 1
    await assert_clean(front)


async def test_a_block_is_not_shaken_off_and_the_refusal_is_seen_and_tried_again(front: Shopfront) -> None:
    await told(front, SEVEN, EIGHT)
    [row] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    await set_status(front.pipeline, front.programme, row["member_id"], MemberStatus.BLOCKED, MIA, "abuse")
    await told(front, MERGED)
    assert await owners(front) == {"7": 10, "8": 10}
    report = await verify(front.pipeline.database, front.pipeline.keys)
    assert [matter.code for matter in report.attention] == ["members-not-merged"]
    await set_status(front.pipeline, front.programme, row["member_id"], MemberStatus.ACTIVE, MIA, "a mistake")
    assert await atomic(front.pipeline.database, lambda session: put_back(session, Range("union"), front.clock())) == 1
    await told(front)
    assert await owners(front) == {"7": 20, "8": 20}


async def test_whoever_was_erased_does_not_come_back(front: Shopfront) -> None:
    await told(front, SEVEN, EIGHT)
    [row] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    await erase(front.pipeline, front.programme, row["member_id"], MIA)
    await told(front, MERGED)
    assert await front.number("SELECT count(*) FROM merge") == 0
    assert (await owners(front))["7"] == 10
    assert await apply_deliveries(front.pipeline) == 0
