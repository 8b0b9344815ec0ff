"""The console's pages, from a store's orders to what is read: each number, why, and never another programme's."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import astuple

import pytest

from connector import clock
from connector.console.words import TABLES
from connector.resting import MISSES
from connector.storage.atomic import atomic
from connector.storage.connections import (
    create_connection,
    end_connection,
    set_problem,
)
from connector.storage.guests import prove
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.storage.shards import member_shard, object_shard
from connector.storage.vouchers import VoucherKey
from connector.woocommerce import plugin_zip
from loyalty_engine.codes import folded_code
from loyalty_engine.texts import TAGS
from tests.builders import DOCUMENT, KEYS, OPENED
from tests.connector.outside import Outside, client_of, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.connector.test_store_batches import send
from tests.console.reading import Reader
from tests.console.visiting import (
    HOSTILE,
    called,
    form_of,
    member_of,
    page_of,
    plugin_of_other,
    signed_in,
)


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
    await service.work()
    return plugin


async def test_an_order_says_what_it_moved_and_why(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    read = await page_of(browser, "/console/orders/5123")
    (row,) = await service.rows("SELECT points FROM entry")
    assert f"In all: {row['points']} points" in read.said
    assert "Programme version 1" in read.said
    number = service.connections["woocommerce"].number
    assert (await page_of(browser, f"/console/orders/woocommerce:{number}:order:5123")).said == read.said


async def test_a_member_has_numbers_lots_entries_and_orders(service: Outside, plugin: Plugin) -> None:
    await called(service, HOSTILE)
    browser = await signed_in(service, plugin)
    member = await member_of(service)
    read = await page_of(browser, f"/console/members/{member}")
    for key in ("member.available", "member.pending", "member.lots", "member.entries", "member.orders", "entry.more"):
        assert TABLES["en"][key] in read.said, key
    assert HOSTILE in read.said and "ada@example.test" in read.said
    opened = await browser.get("/console/customers/7")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/console/members/{member}")


async def test_older_entries_have_pages_of_their_own(service: Outside, plugin: Plugin) -> None:
    for number in range(6000, 6025):
        await service.deliver("woocommerce", order_body("woocommerce", number, 1000))
    await service.work()
    browser, member = await signed_in(service, plugin), await member_of(service)
    first = (await browser.get(f"/console/members/{member}")).text
    assert "?before=7" in first and first.count("<li value=") == 20
    older = (await browser.get(f"/console/members/{member}?before=7")).text
    assert older.count("<li value=") == 6 and TABLES["en"]["member.lots"] not in older
    for odd in ("0", "-1", "x", "9" * 40, "%00"):
        assert (await browser.get(f"/console/members/{member}?before={odd}")).status_code == 200


async def test_why_an_order_earned_nothing_is_said(service: Outside, plugin: Plugin) -> None:
    await service.deliver("woocommerce", order_body("woocommerce", 5200, 1))
    await service.work()
    assert await service.number("SELECT count(*) FROM reason") == 1
    browser = await signed_in(service, plugin, language="de")
    read = await page_of(browser, "/console/orders/5200")
    assert TABLES["de"]["order.nothing"] in read.said
    assert "Mindest" in read.said or "Punkt" in read.said


async def test_an_order_with_somebody_elses_code_says_so(service: Outside, plugin: Plugin) -> None:
    """The flag is kept with whose reward it is; whoever looks at the order must see it there."""
    store, owner = service.connections["woocommerce"], uuid.UUID(await member_of(service)).hex
    told = {"redemption": "r", "order_ref": f"woocommerce:{store.number}:order:5300"}
    key = VoucherKey(store.number, folded_code("7K3M-9QXW"))

    async def flagged(session: Session) -> None:
        columns = "shard connection_number code programme_number member_id redemption_id customer_ref state next_at_us"
        row = (key.shard, *astuple(key), store.programme_number, owner, "r", "7", 2, 0)
        await session.insert("voucher", columns, [row])
        reason = (member_shard(owner), owner, "redemption:r", "voucher-used-by-another", json.dumps(told), 1)
        await session.insert("reason", "shard member_id source_ref kind body_text decided_at_us", [reason])

    await atomic(service.service.database, flagged)
    for number, code in ((5300, "7k3m-9qxw"), (5301, "other")):
        body = json.loads(order_body("woocommerce", number, 1000, customer=8))
        body["coupon_lines"] = [{"id": 1, "code": code, "discount": "1.00"}]
        await service.deliver("woocommerce", json.dumps(body).encode())
    await service.work()
    browser = await signed_in(service, plugin)
    said = "Somebody else's order used this code."
    assert said in (await page_of(browser, "/console/orders/5300")).said
    assert said not in (await page_of(browser, "/console/orders/5301")).said


@pytest.mark.parametrize("wanted", ["7", "member", "ADA@shop.example "])
async def test_somebody_is_found_by_what_is_known_of_them(service: Outside, plugin: Plugin, wanted: str) -> None:
    await called(service, "Ada")
    browser, member = await signed_in(service, plugin), await member_of(service)
    form = form_of((await browser.get("/console/members")).text)
    if "@" in wanted:
        number = service.connections["woocommerce"].programme_number
        await _prove(service, number, uuid.UUID(member).hex, "ada@shop.example")
    asked = await browser.post(
        "/console/members", data={"form": form, "find": member if wanted == "member" else wanted}, follow_redirects=True
    )
    assert asked.status_code == 200 and f"/console/members/{member}" in asked.text and "Ada" in asked.text
    for nobody in ("8", str(uuid.uuid4()), "eve@shop.example", "\x00", "ä" * 300, " "):
        asked = await browser.post("/console/members", data={"form": form, "find": nobody}, follow_redirects=True)
        assert asked.status_code == 200 and TABLES["en"]["members.none"] in asked.text


async def _prove(service: Outside, number: int, member: str, email: str) -> None:
    address = (number, KEYS.hash_address(number, email))
    await atomic(
        service.service.database, lambda session: prove(session, {address: member}, "shop", "", clock.utc_now())
    )


async def test_read_only_sees_numbers_and_no_names(service: Outside, plugin: Plugin) -> None:
    await called(service, "Adalbert")
    member = await member_of(service)
    for role, sees in (("read-only", False), ("support", True)):
        browser = await signed_in(service, plugin, role=role)
        form = form_of((await browser.get("/console/members")).text)
        pages = [
            (await browser.get(f"/console/members/{member}")).text,
            (await browser.get("/console/orders/5123")).text,
            (await browser.post("/console/members", data={"form": form, "find": "7"}, follow_redirects=True)).text,
        ]
        for text in pages:
            assert ("Adalbert" in text) is sees
            assert sees or (member[:8] in text and "ada@example.test" not in text)


async def test_nothing_of_another_programme_is_shown(service: Outside, plugin: Plugin) -> None:
    """Somebody of another merchant's shop, who knows every id."""

    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await called(service, "Adalbert")
    await atomic(service.service.database, body)
    member, own = await member_of(service), service.connections["woocommerce"]
    other = await plugin_of_other(service)
    stranger = await signed_in(service, other)
    for path in (
        f"/console/members/{member}",
        f"/console/orders/woocommerce:{own.number}:order:5123",
        "/console/orders/5123",
        "/console/customers/7",
    ):
        answer = await stranger.get(path)
        assert answer.status_code == 404 and "Adalbert" not in answer.text, path
    form = form_of((await stranger.get("/console/members")).text)
    for wanted in ("7", member, "ada@example.test"):
        asked = await stranger.post("/console/members", data={"form": form, "find": wanted}, follow_redirects=True)
        assert TABLES["en"]["members.none"] in asked.text
    assert own.shop not in (await stranger.get("/console/connection")).text.replace("other.example", "")
    asked = await stranger.post("/console/connection/ask", data={"form": form, "connection": own.public_id})
    assert asked.status_code == 404


@pytest.mark.parametrize(("installed", "is_told"), [("0.0.9", True), ("99.0", False), ("", False), (HOSTILE, False)])
async def test_the_plugin_is_handed_out_and_a_shop_with_an_older_one_is_told(
    service: Outside, plugin: Plugin, installed: str, is_told: bool
) -> None:
    versions = {"plugin": installed} if installed else {}
    assert (await send(plugin, versions=versions)).status_code == 200
    browser = await signed_in(service, plugin)
    page = (await browser.get("/console/connection")).text
    told = TABLES["en"]["connection.outdated"].format(installed=installed, here=plugin_zip.build().version)
    assert (told in Reader(page).said) is is_told
    assert TABLES["en"]["connection.works"] in page and plugin_zip.build().sha256 in page
    addresses = re.findall(r'href="([^"]+)" download', page)
    assert len(addresses) == (2 if is_told else 1) and len(set(addresses)) == 1
    assert (await browser.get(addresses[0])).content == plugin_zip.build().content


async def test_what_is_wrong_with_a_connection_is_said_first(service: Outside, plugin: Plugin) -> None:
    browser, number = await signed_in(service, plugin), service.connections["woocommerce"].number
    assert TABLES["en"]["connection.works"] in (await page_of(browser, "/console/connection")).said
    now = clock.utc_now()
    await atomic(service.service.database, lambda session: set_problem(session, number, f"Renew {HOSTILE}", now))
    read = await page_of(browser, "/console/connection")
    assert TABLES["en"]["connection.broken"] in read.said and f"Renew {HOSTILE}" in read.said
    shopify = service.connections["shopify"].number
    await atomic(service.service.database, lambda session: end_connection(session, shopify, now))
    assert TABLES["en"]["connection.ended"] in (await page_of(browser, "/console/connection")).said


async def test_a_shop_that_does_not_answer_is_said_to_rest(service: Outside, plugin: Plugin) -> None:
    browser, number = await signed_in(service, plugin), service.connections["woocommerce"].number
    for _ in range(MISSES):
        await service.service.shops.rests.missed(number, f"Silent {HOSTILE}")
    read = await page_of(browser, "/console/connection")
    assert TABLES["en"]["connection.rests"] in read.said and f"Silent {HOSTILE}" in read.said
    assert TABLES["en"]["connection.broken"] in read.said


async def test_a_manager_may_have_the_shop_called_and_support_not(service: Outside, plugin: Plugin) -> None:
    own = service.connections["woocommerce"]
    await atomic(service.service.database, lambda session: _has_plugin(session, own.number))
    for role, status in (("support", 403), ("manager", 200)):
        browser = await signed_in(service, plugin, role=role)
        page = (await browser.get("/console/connection")).text
        assert (TABLES["en"]["connection.ask"] in page) is (status == 200)
        asked = await browser.post("/console/connection/ask", data={"form": form_of(page), "connection": own.public_id})
        assert asked.status_code == status
    assert TABLES["en"]["connection.silent"] in asked.text and TABLES["en"]["connection.reach-collect"] in asked.text


async def _has_plugin(session: Session, number: int) -> None:
    await session.insert(
        "store_plugin",
        "shard connection_number",
        [(object_shard(number, "plugin", ""), number)],
        "ON CONFLICT (shard, connection_number) DO NOTHING",
    )


@pytest.mark.parametrize("language", list(TABLES))
async def test_every_page_speaks_every_language(service: Outside, plugin: Plugin, language: str) -> None:
    browser = await signed_in(service, plugin, language=TAGS[language])
    member = await member_of(service)
    wanted = {
        "/console/connection": "connection.works",
        "/console/members": "members.search",
        f"/console/members/{member}": "member.entries",
        "/console/orders/5123": "order.moved",
        "/console/books/match": "books.title",
        "/console/books": "ledger.owed",
        "/console/home": "home.todo",
    }
    for path, key in wanted.items():
        read = await page_of(browser, path)
        assert read.attributes["html.lang"] == TAGS[language]
        assert TABLES[language][key] in read.said, path
        assert (
            TABLES[language]["shell.navigation"] in str(read.attributes) or TABLES[language]["shell.books"] in read.said
        )


ODD = "members/x members/%00 orders/%00 orders/x:y orders/woocommerce:99999999999:order:1 customers/%20"


@pytest.mark.parametrize("path", [*ODD.split(), "orders/" + "9" * 300, "nothing"])
async def test_what_is_not_there_is_a_page_that_says_so(service: Outside, plugin: Plugin, path: str) -> None:
    browser = await signed_in(service, plugin)
    answer = await browser.get(f"/console/{path}")
    assert answer.status_code == 404
    if path != "nothing":
        assert TABLES["en"]["missing.title"] in answer.text and "</nav>" in answer.text


async def test_an_order_that_was_not_seen_is_a_page_that_says_what_to_do(service: Outside, plugin: Plugin) -> None:
    answer = await (await signed_in(service, plugin)).get("/console/orders/5124")
    assert answer.status_code == 404
    assert TABLES["en"]["unseen.order"] in answer.text and TABLES["en"]["unseen.read"] in answer.text


async def test_nobody_who_is_not_signed_in_sees_a_page(service: Outside, plugin: Plugin) -> None:
    for path in ("connection", "members", f"members/{await member_of(service)}", "orders/5123", "books", "customers/7"):
        answer = await client_of(service.app).get(f"/console/{path}")
        assert answer.status_code == 401 and "5123" not in answer.text
