"""A shop that has just joined chooses a programme, tries it on its own orders, and goes live; data are handed over."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from connector.access.console import Role
from connector.api_client import ApiClient
from connector.clock import monotonic_seconds
from connector.console.words import TABLES
from connector.installing import trying
from connector.installing.trying import try_out
from connector.platforms import Connection
from connector.programmes.files import template_names, template_summary
from connector.sandbox.shopify import oauth as admin
from connector.sandbox.shopify.grants import Staff
from connector.shopify.orders import PAGE_ORDERS
from connector.storage.programmes import load_programmes
from tests.console.console_people import invited, join
from tests.console.visiting import form_of
from tests.shopify.app.installed import SHOP, World, browser_of, world

SAID = TABLES["en"]


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path) as found:
        found.shop.grants.staff["2"] = Staff(2, "Bo", "Helper")
        yield found


def bearer(w: World, user: str = "1") -> dict[str, str]:
    return {"Authorization": f"Bearer {admin.id_token(w.shop, user)}"}


async def opened(w: World) -> str:
    """The first page, for an owner."""
    answer = await w.open()
    page = await w.browser.get(answer.headers["location"])
    assert page.status_code == 200, page.text
    return page.text


async def test_nothing_is_given_until_the_merchant_goes_live(w: World) -> None:
    page = await opened(w)
    assert "Choose a programme" in page and "circle" in page
    w.order(w.customer())
    await w.work()
    assert await w.number("SELECT count(*) FROM entry") == 0
    sent = {"form": form_of(page), "template": "plain-3"}
    answer = await w.browser.post("/console/start/live", headers=bearer(w), data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/start")
    await w.work()
    connection = await w.connection()
    assert connection is not None
    books = (await load_programmes(w.service.service.database.reading()))[connection.programme_number]
    assert (books.is_paused, len(books.rulebook.versions)) == (False, 2)
    assert await w.number("SELECT count(*) FROM backfill_run") == 1
    assert await w.number("SELECT count(*) FROM entry") > 0
    live = (await w.browser.get("/console/start", headers=bearer(w))).text
    assert "is live" in live and "<form" not in live
    again = await w.browser.post("/console/start/live", headers=bearer(w), data=sent)
    assert again.status_code == 422


async def test_trying_shows_the_shops_own_orders_and_writes_nothing(w: World) -> None:
    w.order(w.customer())
    w.shop.place_order(None, w.basket(), "guest@example.test")
    page = await opened(w)
    sent = {"form": form_of(page), "template": "plain-5"}
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data=sent)
    assert shown.status_code == 200, shown.text
    assert "guest" in shown.text and 'value="plain-5" selected' in shown.text
    connection = await w.connection()
    assert connection is not None
    tried = await try_out(w.service.service, connection, "plain-5", w.shop.clock())
    points = [one.points for one in tried.orders]
    assert len(points) == 2 and None in points and max(one for one in points if one is not None) > 0
    as_is = await try_out(w.service.service, connection, "", w.shop.clock())
    assert [one.name for one in as_is.orders] == [one.name for one in tried.orders]
    assert as_is.programme == "Circle"
    for table in ("entry", "member", "programme_version WHERE version > 1"):
        assert await w.number(f"SELECT count(*) FROM {table}") == 0, table


async def test_the_guide_tries_its_proposal_on_the_shops_own_orders(w: World) -> None:
    """Before anything was read of the shop: the numbers are guessed, and say so; its last orders are real."""
    w.order(w.customer())
    assert "/console/programme/begin" in await opened(w)
    answers = {"asked": "yes", "name": "Beans", "back": "3", "tiers": "0", "kind-store_credit": "yes"}
    page = await w.browser.get("/console/programme/begin", params=answers, headers=bearer(w))
    assert page.status_code == 200 and SAID["begin.proposed"] in page.text
    assert SAID["begin.kind-store_credit"] in page.text and "€50.00" in page.text
    sent = {"form": form_of(page.text), "once": str(uuid.uuid4()), **answers}
    tried = await w.browser.post("/console/programme/begin/try", headers=bearer(w), data=sent)
    assert SAID["begin.last"] in tried.text and SAID["begin.nobody"] in tried.text
    assert re.search(r'<td class="points">[1-9]', tried.text)
    for _ in range(2):
        made = await w.browser.post("/console/programme/begin/draft", headers=bearer(w), data=sent)
        assert made.headers["location"] == f"/console/programme/drafts/{sent['once']}?said=draft-begun"
    for table, count in (("entry", 0), ("programme_version WHERE version > 1", 0), ("programme_draft", 1)):
        assert await w.number(f"SELECT count(*) FROM {table}") == count, table


async def test_orders_lift_the_tier_of_those_after_them_when_tried(w: World) -> None:
    """Four orders make silver and eight make gold, whose factors the next ones have."""
    page = await opened(w)
    customer, now = w.customer(), w.shop.clock()
    for days in range(16, 0, -1):
        with w.shop.at(now - timedelta(days=days)):
            number = w.order(customer)
    connection = await w.connection()
    assert connection is not None
    tried = await try_out(w.service.service, connection, "circle", now)
    net = w.shop.truth.orders[number].lines[0].net_minor
    silver, gold = net * 125 // 10_000, net * 150 // 10_000
    assert [(one.tier["en"], one.points) for one in tried.orders] == [("Gold", gold)] * 8 + [("Silver", silver)] * 2
    plain = await try_out(w.service.service, connection, "plain-3", now)
    assert not plain.has_tiers and {one.points for one in plain.orders} == {net * 3 // 100}
    sent = {"form": form_of(page), "template": "circle"}
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data=sent)
    assert shown.text.count("<td>Silver</td>") == 2 and "these orders alone" in shown.text
    sent["template"] = "plain-3"
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data=sent)
    assert "<td></td>" not in shown.text and "these orders alone" not in shown.text


async def watched_shop(
    w: World, before: Callable[[int], Awaitable[None]] | None = None
) -> tuple[Connection, list[dict[str, Any]]]:
    """The shop, and what it is asked for pages of orders from now on. before: is waited for before each is answered."""
    pages: list[dict[str, Any]] = []
    answer = w.shop.app

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        told = await Request(scope, receive).body()
        body = json.loads(told or b"{}")
        if "orders(" in body.get("query", ""):
            pages.append(body["variables"])
            if before is not None:
                await before(len(pages))

        async def again() -> Message:
            return {"type": "http.request", "body": told}

        await answer(scope, again, send)

    connection = await w.connection()
    assert connection is not None
    shops = w.service.service.shops
    shops.api = ApiClient(httpx.AsyncClient(transport=httpx.ASGITransport(app=watched)))
    shops.forget(connection.number)
    return connection, pages


def many_orders(w: World, count: int) -> list[int]:
    """So many orders of one customer, a minute apart, oldest first."""
    customer, now = w.customer(), w.shop.clock()
    placed = []
    for minutes in range(count, 0, -1):
        with w.shop.at(now - timedelta(minutes=minutes)):
            placed.append(w.order(customer))
    return placed


async def test_of_a_shop_with_many_orders_three_pages_of_the_newest_are_asked_for(w: World) -> None:
    await opened(w)
    placed = many_orders(w, trying.READ_MAX + 30)
    # The oldest of all is what changed last.
    w.shop.complete(placed[0])
    connection, pages = await watched_shop(w)
    tried = await try_out(w.service.service, connection, "circle", w.shop.clock())
    assert len(pages) == 3
    names = [f"#{w.shop.truth.orders[number].number}" for number in placed]
    assert [one.name for one in tried.orders] == names[:-11:-1]
    assert {one.tier["en"] for one in tried.orders} == {"Gold"}


async def test_of_a_slow_shop_is_shown_what_came_in_time(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await opened(w)
    placed = many_orders(w, PAGE_ORDERS + 5)
    hanging_from = 2

    async def hang(number: int) -> None:
        if number >= hanging_from:
            await asyncio.sleep(30)

    _, pages = await watched_shop(w, hang)
    monkeypatch.setattr(trying, "READ_SECONDS", 3)
    sent = {"form": form_of(page), "template": "circle"}
    begun = monotonic_seconds()
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data=sent)
    assert 3 <= monotonic_seconds() - begun < 20 and len(pages) == 2
    names = [f"#{w.shop.truth.orders[number].number}" for number in placed]
    assert all(f'"row">{name}<' in shown.text for name in names[-10:]) and f">{names[-11]}<" not in shown.text
    hanging_from = 1
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data=sent)
    assert "The shop answers too slowly just now" in shown.text and "would have earned" not in shown.text
    assert TABLES["en"]["start.no-orders"] not in shown.text


@pytest.mark.parametrize("language", sorted(TABLES))
def test_every_template_says_in_every_language_what_it_is_for(language: str) -> None:
    told = [TABLES[language][f"template.{name}"] for name in template_names()]
    assert all(told) and len(set(told)) == len(told)
    own = [template_summary(name) for name in template_names()]
    assert (told == own) == (language == "en"), "the English words are what the command says"
    assert language == "en" or not set(told) & set(own)


async def test_a_shop_that_does_not_answer_is_told_of(w: World) -> None:
    page = await opened(w)
    w.shop.grants.tokens.clear()
    w.shop.grants.refreshes.clear()
    shown = await w.browser.post("/console/start/try", headers=bearer(w), data={"form": form_of(page)})
    assert shown.status_code == 200 and "Shopify has ended the app&#39;s session" in shown.text
    assert "would have earned" not in shown.text


async def test_a_manager_tries_and_does_not_go_live(w: World) -> None:
    await opened(w)
    query = admin.opening(w.shop, admin.id_token(w.shop, "2"))
    answer = await w.browser.get(f"/shopify/app?{query}")
    page = (await w.browser.get(answer.headers["location"])).text
    assert "The owner of the Shopify account does this." in page
    sent = {"form": form_of(page), "template": ""}
    assert (await w.browser.post("/console/start/live", headers=bearer(w, "2"), data=sent)).status_code == 403
    assert (await w.browser.post("/console/start/try", headers=bearer(w, "2"), data=sent)).status_code == 200
    unknown = {**sent, "template": "../../etc"}
    assert (await w.browser.post("/console/start/try", headers=bearer(w, "2"), data=unknown)).status_code == 404


async def test_the_file_of_whoever_asked_is_handed_over(w: World) -> None:
    await w.joined()
    customer = w.customer()
    w.order(customer)
    await w.work()
    body = {"shop_domain": SHOP, "customer": {"id": customer}, "data_request": {"id": 5}}
    assert await w.ask("customers/data_request", json.dumps(body).encode()) == 200
    before = (await w.browser.get("/console/privacy", headers=bearer(w))).text
    assert "in a minute" in before
    await w.answered()
    page = (await w.browser.get("/console/privacy", headers=bearer(w))).text
    [row] = await w.service.rows("SELECT request_id FROM shop_privacy")
    path = f"/console/privacy/{row['request_id']}"
    assert path in page and str(customer) in page
    file = await w.browser.get(path, headers=bearer(w))
    assert file.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    told = file.json()
    assert told["memberships"][0]["ledger"] and str(customer) in json.dumps(told["identities"])
    assert await w.number("SELECT count(*) FROM audit WHERE act = 'export'") == 2
    body = {"shop_domain": SHOP, "customer": {"id": customer}}
    assert await w.ask("customers/redact", json.dumps(body).encode()) == 200
    await w.answered()
    assert (await w.browser.get(path, headers=bearer(w))).status_code == 404
    assert str(customer) not in (await w.browser.get("/console/privacy", headers=bearer(w))).text


async def test_whoever_signs_in_outside_of_shopify_finds_who_asked_by_their_shop(w: World) -> None:
    """The navigation has that section in Shopify's admin alone."""
    shop = await w.joined()
    for role, is_led in ((Role.MANAGER, True), (Role.SUPPORT, False)):
        browser = browser_of(w.service)
        address = await invited(w.service, role, f"{role.value}@shop.example", shop.programme_number)
        assert (await join(browser, address)).status_code == 303
        page = (await browser.get(f"/console/connection/{shop.public_id}")).text
        assert SHOP in page and ('/console/privacy"' in page) == is_led
        assert ((await browser.get("/console/privacy")).status_code == 200) == is_led


async def test_another_programmes_requests_are_nobodys_here(w: World) -> None:
    await w.joined()
    assert (await w.browser.get("/console/privacy/" + "a" * 64, headers=bearer(w))).status_code == 404
    assert (await w.browser.get("/console/privacy/x", headers=bearer(w))).status_code == 404
