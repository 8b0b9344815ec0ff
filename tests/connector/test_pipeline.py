"""From a kept delivery to the ledger: what each kind of news leaves behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.ingest.pipeline import apply_deliveries, decide_work, drain
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.storage.shards import object_shard
from connector.storage.work import leave_work
from tests.builders import Shopfront, shopfront
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story
from tests.second_connection import run_apart


@pytest.fixture
async def woo(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url) as made:
        yield made


@pytest.fixture
async def shopify(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, platform="shopify") as made:
        yield made


def order(customer: int | None, net: int = 1000, minute: int = 0, **changes: Any) -> bytes:
    """WooCommerce's order 7, changed ``minute`` minutes after it was placed."""
    story = Story((SoldLine(1, 1, net),), order_id=7, customer=customer, currency=changes.pop("currency", "EUR"))
    body = woocommerce_bodies.webhook_order(story)
    return json.dumps({**body, "date_modified_gmt": f"2026-11-21T22:{minute:02d}:00", **changes}).encode()


def source_ref_of(front: Shopfront) -> str:
    return f"woocommerce:{front.connection.number}:order:7"


async def test_an_order_that_moves_takes_its_points_along(woo: Shopfront) -> None:
    ref = source_ref_of(woo)
    await woo.receive("order.created", order(1))
    await woo.receive("order.updated", order(2, minute=1))
    assert await woo.points() == {"1": 0, "2": 10}
    assert sorted(await woo.entries()) == [("clawback", -10, ref), ("earn", 10, ref), ("earn", 10, ref)]
    await woo.receive("order.updated", order(1, minute=2))
    assert await woo.points() == {"1": 10, "2": 0}


async def test_an_order_that_moves_twice_before_anyone_decides_counts_once(woo: Shopfront) -> None:
    for minute, customer in enumerate((1, 2, 3)):
        await woo.keep(woo.delivery("order.updated", order(customer, minute=minute)))
        await apply_deliveries(woo.pipeline)
    await drain(woo.pipeline)
    assert await woo.points() == {"1": 0, "2": 0, "3": 10}
    assert await woo.entries() == [("earn", 10, source_ref_of(woo))]


async def test_a_guests_order_waits_and_is_claimed_when_the_shop_names_a_customer(woo: Shopfront) -> None:
    await woo.receive("order.created", order(None))
    assert (await woo.points(), await woo.entries()) == ({}, [])
    rows = await woo.rows("SELECT member_id, address_hash FROM source_fact")
    assert rows[0]["member_id"] is None
    assert "@" not in rows[0]["address_hash"]
    await woo.receive("order.updated", order(4, minute=1))
    assert await woo.points() == {"4": 10}
    await woo.receive("order.updated", order(None, minute=2))
    assert await woo.points() == {"4": 0}, "a withdrawn claim is a move"


async def test_nothing_that_identifies_a_shopper_is_stored_in_the_clear(woo: Shopfront) -> None:
    await woo.receive("order.created", order(None))
    for table, column in (("source_fact", "fact"), ("delivery_body", "body")):
        for row in await woo.rows(f"SELECT {column} AS stored FROM {table}"):
            assert b"ada" not in bytes(row["stored"]).lower()


async def test_a_deleted_customer_is_told_nothing_more_and_keeps_a_ledger(woo: Shopfront) -> None:
    await woo.receive("order.created", order(5))
    assert await woo.number("SELECT count(*) FROM push") == 1
    await woo.receive("customer.deleted", b'{"id": 5}')
    assert await woo.number("SELECT count(*) FROM push") == 0
    assert await woo.number("SELECT count(*) FROM identity WHERE gone_at_us IS NOT NULL") == 1
    assert await woo.points() == {"5": 10}
    woo.clock.forward(minutes=1)
    await woo.receive("order.updated", order(5, net=2000, minute=1))
    assert await woo.points() == {"5": 20}
    assert await woo.number("SELECT count(*) FROM push") == 0


async def test_a_customer_deleted_before_anyone_knew_them_is_never_enrolled(woo: Shopfront) -> None:
    await woo.receive("customer.deleted", b'{"id": 5}')
    assert await woo.number("SELECT count(*) FROM member") == 0


@pytest.mark.parametrize("first", ["order", "deletion"])
async def test_an_order_and_its_customers_deletion_in_one_batch_are_as_good_as_in_two(
    woo: Shopfront, first: str
) -> None:
    news = [woo.delivery("order.created", order(5)), woo.delivery("customer.deleted", b'{"id":5}')]
    await woo.keep(*(news if first == "order" else reversed(news)))
    await drain(woo.pipeline)
    assert await woo.points() == {"5": 10}
    assert await woo.number("SELECT count(*) FROM push") == 0, "nobody is left to be told"


async def test_a_registered_customer_is_a_member_with_a_balance_to_show_at_once(woo: Shopfront) -> None:
    await woo.receive("customer.created", b'{"id": 6, "email": "ada@example.test"}')
    assert await woo.points() == {"6": 0}
    assert await woo.number("SELECT count(*) FROM push WHERE customer_ref = '6' AND state = 0") == 1


async def test_a_refund_of_an_unknown_order_is_kept_and_makes_us_read_the_order(shopify: Shopfront) -> None:
    refund = PaidBack(31, 400, ((1, 1, 400, 0),))
    story = Story((SoldLine(1, 2, 1000),), order_id=8, customer=3, refunds=(refund,))
    raw = json.dumps(shopify_bodies.webhook_refund(story, refund)).encode()
    await shopify.receive("refunds/create", raw)
    assert (await shopify.entries(), await shopify.points()) == ([], {})
    assert await shopify.rows(
        "SELECT shard, connection_number, object_id, programme_number, reason FROM read_wish"
    ) == [
        {
            "shard": object_shard(shopify.connection.number, "order", "8"),
            "connection_number": shopify.connection.number,
            "object_id": "8",
            "programme_number": shopify.programme,
            "reason": "refund-of-unknown-order",
        }
    ]
    bought = Story(story.lines, order_id=8, customer=3)
    body = shopify_bodies.webhook_order(bought) | {"updated_at": shopify_bodies.webhook_order(bought)["created_at"]}
    await shopify.receive("orders/create", json.dumps(body).encode())
    assert await shopify.points() == {"3": 6}


async def test_woocommerce_refunds_that_name_no_lines_make_us_read_the_order_once(woo: Shopfront) -> None:
    refunds = [{"id": 31, "reason": "", "total": "-4.00"}]
    await woo.receive("order.updated", order(1, refunds=refunds))
    assert await woo.points() == {"1": 6}
    assert await woo.rows("SELECT object_id, reason, mark FROM read_wish") == [
        {"object_id": "7", "reason": "refund-lines-unknown", "mark": 1}
    ]


async def test_an_order_in_a_currency_without_a_rate_earns_nothing_and_says_so(woo: Shopfront) -> None:
    await woo.receive("order.created", order(1, currency="USD"))
    assert (await woo.entries(), await woo.points()) == ([], {"1": 0})
    rows = await woo.rows("SELECT source_ref, kind, body_text FROM reason")
    assert [(row["source_ref"], row["kind"]) for row in rows] == [(source_ref_of(woo), "currency-without-rate")]
    assert json.loads(rows[0]["body_text"])["currency"] == "USD"
    await woo.receive("order.updated", order(1, minute=1))
    assert await woo.points() == {"1": 10}
    assert await woo.number("SELECT count(*) FROM reason") == 0


async def test_the_same_state_told_twice_leaves_no_entry_and_no_push(woo: Shopfront) -> None:
    await woo.receive("order.created", order(1))
    before = await woo.rows("SELECT * FROM push")
    woo.clock.forward(minutes=5)
    await woo.receive("order.updated", order(1))
    assert await woo.entries() == [("earn", 10, source_ref_of(woo))]
    assert await woo.rows("SELECT * FROM push") == before


async def test_replaying_every_delivery_ever_posts_nothing_and_pushes_nothing(woo: Shopfront) -> None:
    """G31."""
    story = [
        ("order.created", order(1)),
        ("order.updated", order(1, minute=1, status="cancelled")),
        ("order.updated", order(2, net=3000, minute=2)),
        ("order.updated", order(2, net=3000, minute=3, refunds=[{"id": 31, "reason": "", "total": "-4.00"}])),
        ("order.deleted", b'{"id": 7}'),
        ("customer.created", b'{"id": 9}'),
        ("order.updated", order(2, net=3000, minute=4)),
        ("customer.deleted", b'{"id": 9}'),
        ("product.updated", b'{"id": 9}'),
        ("order.updated", b"{"),
    ]
    for topic, raw in story:
        woo.clock.forward(minutes=1)
        await woo.receive(topic, raw)
    assert await woo.points() == {"1": 0, "2": 30, "9": 0}

    async def everything() -> list[list[dict[str, Any]]]:
        tables = ("entry", "lot", "consumption", "balance", "context", "push", "source_fact")
        return [await woo.rows(f"SELECT * FROM {table} ORDER BY shard") for table in tables]

    before = await everything()
    for _ in range(2):
        run_apart(woo.database.url, "UPDATE delivery SET state = 0")
        woo.clock.forward(days=1)
        await drain(woo.pipeline)
        assert await everything() == before


async def test_work_about_a_source_that_is_not_there_posts_nothing_and_is_done(woo: Shopfront) -> None:
    await woo.receive("order.created", order(1))
    member = (await woo.rows("SELECT member_id FROM member"))[0]["member_id"]

    async def leave(session: Session) -> None:
        await leave_work(session, [(member, "woocommerce:1:order:404", woo.programme, 5)])

    await atomic(woo.database, leave)
    assert await decide_work(woo.pipeline) == 1
    assert await woo.number("SELECT count(*) FROM work") == 0
    assert await woo.points() == {"1": 10}


async def test_when_nothing_waits_nothing_is_claimed(woo: Shopfront) -> None:
    assert (await apply_deliveries(woo.pipeline), await decide_work(woo.pipeline)) == (0, 0)


async def test_an_order_is_one_source_however_its_id_is_written(woo: Shopfront) -> None:
    await woo.receive("order.created", order(1, minute=5))
    for text in ('"id": "7"', '"id": "007"'):
        late = order(2, minute=1).replace(b'"id": 7', text.encode(), 1)
        assert late != order(2, minute=1)
        await woo.receive("order.updated", late)
    assert await woo.points() == {"1": 10}
    assert await woo.number("SELECT count(*) FROM source_fact WHERE kind = 'order'") == 1


async def test_an_older_state_that_arrives_late_changes_nothing(woo: Shopfront) -> None:
    await woo.receive("order.updated", order(1, net=3000, minute=5))
    woo.clock.forward(hours=1)
    await woo.receive("order.created", order(1, minute=0))
    assert await woo.entries() == [("earn", 30, source_ref_of(woo))]


async def test_of_two_states_with_one_date_the_one_received_later_counts(woo: Shopfront) -> None:
    await woo.receive("order.created", order(1, minute=5))
    woo.clock.forward(seconds=1)
    await woo.receive("order.updated", order(1, net=3000, minute=5))
    assert await woo.points() == {"1": 30}


async def test_what_we_read_ourselves_counts_over_what_was_received_before(woo: Shopfront) -> None:
    await woo.receive("order.updated", order(1, net=3000, minute=5))
    woo.clock.forward(minutes=1)
    body = b'{"order": ' + order(1, minute=0) + b', "refunds": []}'
    await woo.keep(woo.fetched("7", body))
    await drain(woo.pipeline)
    assert await woo.points() == {"1": 10}
