"""A shop uninstalls the app, comes back, and asks that nothing is kept of it; people ask for what is kept of them."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.commands.shopify_app import add_app
from connector.ingest.pipeline import drain
from connector.sandbox.shopify import oauth as admin
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections, load_connections, load_credentials
from connector.storage.drafts import create_draft
from connector.storage.previews import Question, ask
from connector.storage.saved_segments import SavedSegment, save_segment
from connector.storage.session import Session
from connector.verify.run import verify
from loyalty_engine.programme import canonical_json
from tests.builders import DOCUMENT, KEYS
from tests.shopify.app.installed import PUBLIC, SHOP, World, world

OF_THE_CONSOLE = ("saved_segment", "programme_draft", "programme_preview")


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path) as found:
        yield found


async def member_with_points(w: World) -> tuple[int, int]:
    """A customer, and how many entries they have."""
    await w.joined()
    customer = w.customer()
    w.order(customer)
    await w.work()
    entries = await w.number("SELECT count(*) FROM entry")
    assert entries > 0
    return customer, entries


def said(**more: Any) -> bytes:
    return json.dumps({"shop_id": 954889, "shop_domain": SHOP, **more}).encode()


async def test_uninstalling_ends_tokens_and_keeps_the_ledger(w: World) -> None:
    _, entries = await member_with_points(w)
    w.shop.lifecycle.uninstall()
    await w.work()
    connection = await w.connection()
    assert connection is not None and connection.disconnected_at is not None
    found = await load_credentials(w.service.service.database.reading(), KEYS, connection)
    assert (found.webhook, dict(found.api)) == ((), {})
    assert await w.number("SELECT count(*) FROM shop_token WHERE sealed IS NOT NULL") == 0
    assert await w.number("SELECT count(*) FROM entry") == entries
    acts = await w.service.rows("SELECT act FROM programme_deed ORDER BY at_us")
    assert [row["act"] for row in acts] == ["store-pair", "store-disconnect"]
    page = await w.browser.get("/console/connection", headers={"Authorization": f"Bearer {admin.id_token(w.shop)}"})
    assert page.status_code == 401


async def test_it_comes_back_to_its_members(w: World) -> None:
    _, entries = await member_with_points(w)
    before = await w.connection()
    w.shop.lifecycle.uninstall()
    await w.work()
    after = await w.joined()
    assert before is not None
    assert (after.number, after.programme_number, after.disconnected_at) == (
        before.number,
        before.programme_number,
        None,
    )
    assert await w.number("SELECT count(*) FROM entry") == entries
    assert await w.number("SELECT count(*) FROM push WHERE wanted > accepted") > 0
    assert len(w.shop.hooks.subscriptions) > 0


async def test_a_late_word_of_an_earlier_end_ends_nothing(w: World) -> None:
    """Shopify may deliver it a day later."""
    await member_with_points(w)
    w.shop.lifecycle.uninstall()
    await w.joined()
    await w.work()
    connection = await w.connection()
    assert connection is not None and connection.disconnected_at is None
    assert [
        row["reason"] for row in await w.service.rows("SELECT reason FROM delivery WHERE topic = 'app/uninstalled'")
    ]


async def test_a_badly_signed_request_is_refused_and_does_nothing(w: World) -> None:
    for topic in ("customers/data_request", "customers/redact", "shop/redact"):
        assert await w.ask(topic, said(customer={"id": 7}), "another") == 401
    unsigned = await w.browser.post("/shopify/compliance", content=said())
    assert unsigned.status_code == 401
    assert await w.number("SELECT count(*) FROM shop_privacy") == 0


async def test_what_is_signed_and_no_request_is_refused(w: World) -> None:
    assert await w.ask("orders/create", said()) == 422
    assert await w.ask("shop/redact", b"[]") == 422
    assert await w.ask("shop/redact", json.dumps({"shop_domain": "evil.example"}).encode()) == 422


async def test_another_merchants_app_speaks_for_no_shop_but_its_own(w: World) -> None:
    """Everybody knows the secret of their own app, and may sign what they like with it."""
    customer, entries = await member_with_points(w)
    other = {
        "client_id": "another-client-id",
        "client_secret": "another-secret-0123456789abcdef0123",
        "programme": None,
    }
    await add_app(w.service.service, {**other, "document": canonical_json(DOCUMENT)})
    bodies = {
        "customers/redact": said(customer={"id": customer}, orders_to_redact=[]),
        "customers/data_request": said(customer={"id": customer}, data_request={"id": 1}),
        "shop/redact": said(),
    }
    for topic, body in bodies.items():
        assert await w.ask(topic, body, str(other["client_secret"])) == 200
    assert await w.answered() == 3
    assert [row["done"] for row in await w.service.rows("SELECT done FROM shop_privacy")] == ["unknown"] * 3
    assert await w.number("SELECT count(*) FROM erasure") == 0
    assert await w.number("SELECT count(*) FROM entry") == entries


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact"])
async def test_the_word_that_is_not_signed_makes_no_other_request_of_a_signed_one(w: World, topic: str) -> None:
    """Whoever saw somebody ask for their data could have them erased."""
    customer, _ = await member_with_points(w)
    assert await w.ask(topic, said(customer={"id": customer}, data_request={"id": 1})) == 422
    assert await w.ask("customers/data_request", said(customer={"id": customer}, orders_to_redact=[])) == 422
    assert await w.number("SELECT count(*) FROM shop_privacy") == 0


async def test_somebody_is_erased(w: World) -> None:
    customer, entries = await member_with_points(w)
    body = said(customer={"id": customer, "email": "mia@example.test", "phone": None}, orders_to_redact=[])
    for _ in range(3):
        assert await w.ask("customers/redact", body) == 200
    assert await w.number("SELECT count(*) FROM shop_privacy") == 1
    assert (await w.answered(), await w.answered()) == (1, 0)
    assert await w.number("SELECT count(*) FROM entry") == entries
    assert await w.number("SELECT count(*) FROM erasure") == 1
    for table in ("identity", "source_fact", "shop_privacy"):
        rows = repr([dict(row) for row in await w.service.rows(f"SELECT * FROM {table}")])
        assert str(customer) not in rows, table
    [row] = await w.service.rows("SELECT done FROM shop_privacy")
    assert row["done"] == "erased"
    assert await w.ask("customers/redact", body) == 200
    assert await w.answered() == 1


async def test_somebody_whom_nobody_knows_is_answered_too(w: World) -> None:
    await w.joined()
    assert await w.ask("customers/redact", said(customer={"id": 4711})) == 200
    assert await w.ask("customers/data_request", said(customer={"id": 4711}, data_request={"id": 1})) == 200
    assert await w.ask("customers/data_request", said(customer=None, data_request={"id": 2})) == 200
    assert await w.answered() == 3
    states = await w.service.rows("SELECT topic, done FROM shop_privacy ORDER BY topic, done")
    assert sorted(row["done"] for row in states) == ["erased", "unknown", "unknown"]


async def test_a_request_for_data_is_ready_and_noted(w: World) -> None:
    customer, _ = await member_with_points(w)
    body = said(customer={"id": customer}, orders_requested=[], data_request={"id": 9999})
    for _ in range(2):
        assert await w.ask("customers/data_request", body) == 200
    assert await w.answered() == 1
    [row] = await w.service.rows("SELECT done, customer_ref FROM shop_privacy")
    assert (row["done"], row["customer_ref"]) == ("ready", str(customer))
    deeds = await w.service.rows("SELECT act FROM audit WHERE act = 'export'")
    assert len(deeds) == 1


async def written_in_the_console(w: World, number: int) -> None:
    """A segment that names somebody, a draft, and a preview of it."""
    now, database = clock.utc_now(), w.service.service.database
    segment = SavedSegment(str(uuid.uuid4()), "Ada alone", {"q": "ada@example.org"}, "Ben")
    question = Question(number, DOCUMENT, None, 1, str(uuid.uuid4()))

    async def write(session: Session) -> None:
        assert await save_segment(session, number, segment, now)
        assert await create_draft(session, number, str(uuid.uuid4()), "Spring", "{}", 1, "Ben", now)
        assert await ask(session, question, now) is not None

    await atomic(database, write)
    for table in OF_THE_CONSOLE:
        assert await w.number(f"SELECT count(*) FROM {table} WHERE programme_number = {number}") == 1, table


async def test_nothing_is_kept_of_a_shop_that_left_for_good(w: World) -> None:
    await member_with_points(w)
    connection = await w.connection()
    assert connection is not None
    await written_in_the_console(w, connection.programme_number)
    w.shop.lifecycle.uninstall()
    await w.work()
    await w.days_pass()
    for _ in range(2):
        assert await w.ask("shop/redact", said()) == 200
    assert await w.answered() == 1
    number = connection.programme_number
    for table in ("entry", "member", "identity", "audit", "programme_deed", "delivery", *OF_THE_CONSOLE):
        assert await w.number(f"SELECT count(*) FROM {table} WHERE programme_number = {number}") == 0, table
    for table in ("lot", "explanation", "push", "person", "member_seal", "delivery_body"):
        assert await w.number(f"SELECT count(*) FROM {table}") == 0, table
    assert await w.number("SELECT count(*) FROM connection_secret WHERE connection_number = $1", connection.number) == 0
    assert await w.connection() is None
    report = await verify(w.service.service.database, KEYS)
    assert report.differences == []
    again = await w.joined()
    assert again.number != connection.number and again.programme_number != number


async def test_other_programmes_keep_everything(w: World) -> None:
    """The histories of others are as well guarded as before."""
    await w.service.deliver("woocommerce", b"{}")
    from tests.connector.outside import order_body

    await w.service.deliver("woocommerce", order_body("woocommerce"))
    await drain(w.service.service.pipeline)
    mine = await w.number("SELECT count(*) FROM entry")
    await member_with_points(w)
    w.shop.lifecycle.uninstall()
    await w.work()
    await w.days_pass()
    assert await w.ask("shop/redact", said()) == 200
    assert await w.answered() == 1
    assert (mine > 0, await w.number("SELECT count(*) FROM entry")) == (True, mine)
    assert await w.number("SELECT count(*) FROM programme_emptying") == 0
    session = w.service.service.database.reading()
    assert len(await load_connections(session)) == 3


async def test_a_shop_that_is_found_gone_only_now_keeps_everything_for_a_day(w: World) -> None:
    """What it refuses may be a wrong secret: its merchant sees that it has left, and can come back."""
    _, entries = await member_with_points(w)
    w.shop.lifecycle.uninstall()
    assert await w.ask("shop/redact", said()) == 200
    for _ in range(2):
        assert await w.answered() == 0
        connection = await w.connection()
        assert connection is not None and connection.disconnected_at is not None
        assert await w.number("SELECT count(*) FROM entry") == entries
    await w.days_pass()
    assert await w.answered() == 1
    assert await w.number("SELECT count(*) FROM entry") == 0


async def test_a_shop_that_is_back_keeps_everything(w: World) -> None:
    _, entries = await member_with_points(w)
    assert await w.ask("shop/redact", said()) == 200
    assert await w.answered() == 1
    assert await w.number("SELECT count(*) FROM entry") == entries
    [row] = await w.service.rows("SELECT done FROM shop_privacy")
    assert row["done"] == "installed again"


async def test_scopes_that_are_taken_back_are_a_problem_until_they_are_back(w: World) -> None:
    connection = await w.joined()
    scopes = set(w.shop.grants.scopes)
    w.shop.lifecycle.change_scopes(scopes - {"write_discounts"})
    await w.work()
    session = w.service.service.database.reading()
    assert "write_discounts" in (await blocked_connections(session))[connection.number][0]
    w.shop.lifecycle.change_scopes(scopes)
    await w.work()
    assert await blocked_connections(session) == {}


async def test_shopify_itself_asks_for_everything(w: World) -> None:
    """The simulated Shopify's own requests, through its own courier."""
    customer, _ = await member_with_points(w)
    person = w.shop.truth.customers[customer]
    address = f"{PUBLIC}/shopify/compliance"
    w.shop.lifecycle.ask_data(person, address)
    w.shop.lifecycle.redact_customer(person, address)
    w.shop.lifecycle.uninstall()
    w.shop.lifecycle.redact_shop(address)
    await w.work()
    await w.days_pass()
    assert await w.answered() == 3
    done = await w.service.rows("SELECT topic, done FROM shop_privacy ORDER BY topic")
    assert [tuple(row.values()) for row in done] == [
        ("customers/data_request", "ready"),
        ("customers/redact", "erased"),
        ("shop/redact", "emptied"),
    ]
