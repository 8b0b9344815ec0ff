"""Shopify asks about people without a membership: guests, and customers who never joined."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.shopify import oauth as admin
from connector.verify import verify
from tests.builders import DOCUMENT, KEYS
from tests.shopify.app.installed import SHOP, World, world

GUEST, OTHER = "guest@example.test", "other@example.test"


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path) as found:
        yield found


def said(**more: Any) -> bytes:
    return json.dumps({"shop_id": 954889, "shop_domain": SHOP, **more}).encode()


async def two_guests(w: World) -> tuple[int, int]:
    """The order of somebody who asks, and that of somebody else."""
    await w.joined()
    orders = [w.shop.place_order(None, w.basket(), address).id for address in (GUEST, OTHER)]
    await w.work()
    assert await w.number("SELECT count(*) FROM source_fact WHERE address_hash IS NOT NULL") == 2
    return orders[0], orders[1]


async def kept(w: World, order: int) -> dict[str, Any]:
    [row] = await w.service.rows("SELECT * FROM source_fact WHERE source_ref LIKE $1", f"%:order:{order}")
    return dict(row)


async def bodies(w: World, order: int) -> int:
    return await w.number(
        "SELECT count(*) FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
        "WHERE d.object_kind = 'order' AND d.object_id = $1",
        str(order),
    )


def person(order: int, *, by: str, orders: str) -> dict[str, Any]:
    """As Shopify names a guest: by the orders alone, by an address alone, or by both."""
    customer = {"id": None, "email": GUEST.upper() if by != "orders" else None, "phone": None}
    return {"customer": customer, orders: [order] if by != "address" else []}


@pytest.mark.parametrize("by", ["orders", "address", "both"])
async def test_a_guest_gets_what_is_kept_of_the_orders(w: World, by: str) -> None:
    order, other = await two_guests(w)
    body = said(**person(order, by=by, orders="orders_requested"), data_request={"id": 7})
    assert await w.ask("customers/data_request", body) == 200
    assert await w.answered() == 1
    headers = {"Authorization": f"Bearer {admin.id_token(w.shop)}"}
    page = (await w.browser.get("/console/privacy", headers=headers)).text
    [row] = await w.service.rows("SELECT * FROM shop_privacy")
    assert row["done"] == "ready" and GUEST not in repr(dict(row)).lower()
    assert f"/console/privacy/{row['request_id']}" in page and "without an account" in page
    told = (await w.browser.get(f"/console/privacy/{row['request_id']}", headers=headers)).json()
    assert [one["source"].rsplit(":", 1)[1] for one in told["without_membership"]] == [str(order)]
    assert told["without_membership"][0]["fact"]["order"]["total_minor"] > 0 and str(other) not in json.dumps(told)


@pytest.mark.parametrize("by", ["orders", "address", "both"])
async def test_a_guest_is_forgotten_and_late_news_bring_nobody_back(w: World, by: str) -> None:
    order, other = await two_guests(w)
    before, beside = await kept(w, order), await kept(w, other)
    assert await bodies(w, order) > 0
    body = said(**person(order, by=by, orders="orders_to_redact"))
    for _ in range(2):
        assert await w.ask("customers/redact", body) == 200
    assert (await w.answered(), await w.answered()) == (1, 0)
    [row] = await w.service.rows("SELECT done, customer_ref, address_hash, orders_text FROM shop_privacy")
    assert dict(row) == {"done": "erased", "customer_ref": None, "address_hash": None, "orders_text": None}
    after = await kept(w, order)
    assert after["address_hash"] is None and after["customer_ref"].startswith("erased:")
    assert before["address_hash"].encode() in bytes(before["fact"])
    assert before["address_hash"].encode() not in bytes(after["fact"])
    assert await bodies(w, order) == 0
    assert await kept(w, other) == beside and await bodies(w, other) > 0
    w.shop.complete(order)
    w.shop.place_order(None, w.basket(), GUEST)
    await w.work()
    rows = await w.service.rows("SELECT address_hash FROM source_fact WHERE kind = 'order'")
    assert [row["address_hash"] for row in rows if row["address_hash"]] == [beside["address_hash"]]
    assert await bodies(w, order) == 0
    assert await w.number("SELECT count(*) FROM entry") == 0
    assert (await verify(w.service.service.database, KEYS)).differences == []


async def test_two_guests_who_ask_at_once_are_both_heard(w: World) -> None:
    """Neither has a number; what is open of the one is not what is open of the other."""
    first, second = await two_guests(w)
    for order in (first, second):
        assert await w.ask("customers/redact", said(customer=None, orders_to_redact=[order])) == 200
    assert await w.answered() == 2
    assert await w.number("SELECT count(*) FROM source_fact WHERE address_hash IS NOT NULL") == 0


async def test_what_a_member_ordered_is_not_erased_by_naming_the_order(w: World) -> None:
    await w.joined()
    order = w.order(w.customer())
    await w.work()
    before = await kept(w, order)
    assert await w.ask("customers/redact", said(customer=None, orders_to_redact=[order])) == 200
    assert await w.answered() == 1
    assert await kept(w, order) == before


async def test_a_member_who_also_ordered_as_a_guest_is_told_and_forgotten_whole(w: World) -> None:
    await w.joined()
    customer = w.customer()
    w.order(customer)
    as_guest = w.shop.place_order(None, w.basket(), GUEST).id
    await w.work()
    who = {"id": customer, "email": "mia@example.test"}
    body = said(customer=who, orders_requested=[as_guest], data_request={"id": 7})
    assert await w.ask("customers/data_request", body) == 200
    await w.answered()
    [row] = await w.service.rows("SELECT request_id FROM shop_privacy")
    headers = {"Authorization": f"Bearer {admin.id_token(w.shop)}"}
    told = (await w.browser.get(f"/console/privacy/{row['request_id']}", headers=headers)).json()
    assert told["memberships"][0]["ledger"]
    assert str(as_guest) in json.dumps(told["without_membership"])
    assert await w.ask("customers/redact", said(customer=who, orders_to_redact=[as_guest])) == 200
    await w.answered()
    facts = await w.service.rows("SELECT customer_ref, address_hash FROM source_fact")
    assert all(one["address_hash"] is None and one["customer_ref"].startswith("erased:") for one in facts)
    await w.work()
    assert (await verify(w.service.service.database, KEYS)).differences == []
    assert await w.number("SELECT count(*) FROM shop_privacy WHERE customer_ref IS NOT NULL OR orders_text <> ''") == 0


async def test_a_customer_who_never_joined_is_told_and_forgotten(prepared_database_url: str, tmp_path: Path) -> None:
    general = {**DOCUMENT["programme"], "timezone": "shop", "currency": "shop", "enrolment": "consent"}
    async with world(prepared_database_url, tmp_path, more={"programme": general}) as w:
        await w.joined()
        customer = w.customer()
        order = w.order(customer)
        await w.work()
        assert await w.number("SELECT count(*) FROM member") == 0
        who = {"id": customer, "email": "mia@example.test"}
        assert await w.ask("customers/data_request", said(customer=who, data_request={"id": 7})) == 200
        assert await w.answered() == 1
        [row] = await w.service.rows("SELECT request_id, done FROM shop_privacy")
        assert row["done"] == "ready"
        assert await w.ask("customers/redact", said(customer=who, orders_to_redact=[order])) == 200
        assert await w.answered() == 1
        w.shop.complete(order)
        w.shop.verify_address(customer)
        await w.work()
        for table in ("identity", "source_fact", "shop_privacy"):
            rows = repr([dict(row) for row in await w.service.rows(f"SELECT * FROM {table}")])
            assert str(customer) not in rows, table
        assert (await verify(w.service.service.database, KEYS)).differences == []
