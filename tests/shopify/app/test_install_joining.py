"""A shop opens the app and has joined; it comes again, comes back, and joins by a code as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connector import clock
from connector.commands.shopify_app import rotate_app
from connector.sandbox.shopify import oauth as admin
from connector.sandbox.shopify.session_tokens import opening_query, session_token
from connector.shopify.subscriptions import TOPICS
from connector.storage.programmes import load_programmes
from tests.shopify.app.installed import CLIENT, PUBLIC, SECRET, SHOP, World, world


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path) as found:
        yield found


async def test_opening_the_app_joins_the_shop(w: World) -> None:
    answer = await w.open()
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/start?")
    frames = f"frame-ancestors https://{SHOP} https://admin.shopify.com"
    assert answer.headers["content-security-policy"].endswith(frames)
    connection = await w.connection()
    assert connection is not None and connection.api_url == f"https://{SHOP}"
    books = (await load_programmes(w.service.service.database.reading()))[connection.programme_number]
    programme = books.rulebook.in_force(clock.utc_now())
    assert (books.timezone, programme.base_currency) == ("Europe/Berlin", "EUR")
    topics = sorted(one.topic for one in w.shop.hooks.subscriptions.values())
    assert topics == sorted(TOPICS)
    assert [(one["requested_token_type"].rsplit(":", 1)[1], one.get("expiring")) for one in w.asked] == [
        ("offline-access-token", 1),
        ("online-access-token", None),
    ]
    acts = await w.service.rows("SELECT act, through FROM programme_deed")
    assert [tuple(row.values()) for row in acts] == [("store-pair", "shopify")]


async def test_nothing_that_opens_something_lies_open_in_the_database(w: World) -> None:
    await w.joined()
    tokens = [*w.shop.grants.tokens, *w.shop.grants.refreshes, SECRET]
    for table in ("shopify_app", "connection_secret", "shop_token", "shopify_installation", "connection"):
        text = repr([dict(row) for row in await w.service.rows(f"SELECT * FROM {table}")])
        assert not [token for token in tokens if token in text], table


async def test_opening_it_again_asks_for_no_other_token(w: World) -> None:
    connection = await w.joined()
    w.asked.clear()
    assert (await w.joined()) == connection
    assert [one["requested_token_type"].rsplit(":", 1)[1] for one in w.asked] == ["online-access-token"]
    assert await w.number("SELECT count(*) FROM shopify_installation") == 1


async def test_eight_openings_at_once_are_one_shop_with_a_token_that_works(w: World) -> None:
    answers = await asyncio.gather(*(w.open() for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert [one.get("expiring") for one in w.asked].count(1) == 1
    connection = await w.connection()
    assert connection is not None
    assert await (await w.service.service.shops.client(connection)).check() == "Belong Roasters"


async def test_tokens_go_on_after_an_hour(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = await w.joined()
    later = clock.utc_now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    w.shop.grants.clock = lambda: later
    w.service.service.shops.api.now = lambda: later
    w.service.service.shops.forget(connection.number)
    w.asked.clear()
    assert await (await w.service.service.shops.client(connection)).check() == "Belong Roasters"
    assert [one["grant_type"] for one in w.asked] == ["refresh_token"]


async def test_two_apps_keep_their_shops_apart(w: World) -> None:
    """A token that another app's secret signed opens nothing here, whatever it says."""
    for token in (
        session_token(SHOP, CLIENT, "another-secret-that-is-long-enough-to-sign", clock.utc_now()),
        session_token(SHOP, "another-app", SECRET, clock.utc_now()),
        session_token("other.myshopify.com", CLIENT, SECRET, clock.utc_now()),
        session_token(SHOP, CLIENT, SECRET, clock.utc_now(), "gid://shopify/Customer/7"),
        "nothing",
    ):
        answer = await w.open(token)
        assert (answer.status_code, await w.connection()) == (401, None), answer.text
        assert w.asked == []


async def test_a_token_that_is_over_is_asked_for_again_in_the_admin(w: World) -> None:
    old = session_token(SHOP, CLIENT, SECRET, clock.utc_now() - timedelta(minutes=5))
    for token in (old, ""):
        answer = await w.open(token)
        assert answer.status_code == 303
        place = urlsplit(answer.headers["location"])
        assert place.path == "/shopify/session"
        told = parse_qs(place.query)
        assert told["shopify-reload"][0].startswith(f"{PUBLIC}/shopify/app?")
        assert "id_token" not in told["shopify-reload"][0]
        page = await w.browser.get(answer.headers["location"])
        assert page.status_code == 200
        assert f'name="shopify-api-key" content="{CLIENT}"' in page.text
        assert "https://cdn.shopify.com/shopifycloud/app-bridge.js" in page.headers["content-security-policy"]
    assert await w.connection() is None


@pytest.mark.parametrize(
    "reload",
    ["https://evil.example/console", "//evil.example/console", f"{PUBLIC}.evil.example/console", "javascript:x", ""],
)
async def test_the_page_between_leads_nowhere_else(w: World, reload: str) -> None:
    query = {"shop": SHOP, "client_id": CLIENT, "shopify-reload": reload}
    assert (await w.browser.get("/shopify/session", params=query)).status_code == 404


async def test_a_shop_installs_by_a_code(w: World) -> None:
    first = await w.open("", embedded=False)
    start = await w.browser.get(first.headers["location"])
    agreed = httpx.AsyncClient(transport=httpx.ASGITransport(app=w.shop.app))
    back = (await agreed.get(start.headers["location"])).headers["location"]
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{PUBLIC}/shopify/auth/callback"]
    done = await w.browser.get(back)
    assert (done.status_code, done.headers["location"]) == (303, f"https://{SHOP}/admin/apps/{CLIENT}")
    connection = await w.connection()
    assert connection is not None
    assert w.asked[0]["expiring"] == 1 and "grant_type" not in w.asked[0]
    again = await w.browser.get(back)
    assert again.status_code == 401
    into = await w.open("", embedded=False)
    assert into.headers["location"] == f"https://{SHOP}/admin/apps/{CLIENT}"


async def test_a_code_that_nobody_here_began_with_is_refused(w: World) -> None:
    first = await w.open("", embedded=False)
    start = await w.browser.get(first.headers["location"])
    agreed = httpx.AsyncClient(transport=httpx.ASGITransport(app=w.shop.app))
    back = (await agreed.get(start.headers["location"])).headers["location"]
    stranger = httpx.AsyncClient(transport=w.browser._transport, base_url=PUBLIC)
    assert (await stranger.get(back)).status_code == 401
    tampered = back.replace("state=", "state=x")
    assert (await w.browser.get(tampered)).status_code == 401
    assert w.asked == [] and await w.connection() is None


async def test_a_new_client_secret_counts_beside_the_one_before(w: World) -> None:
    await w.joined()
    service = w.service.service
    told = await rotate_app(service, {"client_id": CLIENT, "client_secret": "the-next-secret-0123456789-0123456789"})
    assert told["secrets"] == 2
    assert (await w.open(session_token(SHOP, CLIENT, SECRET, clock.utc_now()))).status_code == 303
    w.shop.client_secret = "the-next-secret-0123456789-0123456789"
    assert (await w.open()).status_code == 303
    for secret, status in ((SECRET, 200), ("the-next-secret-0123456789-0123456789", 200), ("third", 401)):
        customer = 7
        body = b'{"shop_domain":"%s","customer":{"id":%d}}' % (SHOP.encode(), customer)
        assert await w.ask("customers/redact", body, secret) == status
    await rotate_app(service, {"client_id": CLIENT, "client_secret": "the-third-secret-0123456789-0123456789"})
    assert (await w.open(session_token(SHOP, CLIENT, SECRET, clock.utc_now()))).status_code == 401
    query = opening_query(SHOP, "the-third-secret-0123456789-0123456789", clock.utc_now(), admin.id_token(w.shop))
    assert (await w.browser.get(f"/shopify/app?{query}")).status_code == 303


async def test_shopify_does_not_take_the_token_any_more(w: World) -> None:
    """It knows of a secret that we were not told yet."""
    w.shop.client_secret = "unknown-here-0123456789-0123456789-01"
    answer = await w.open(session_token(SHOP, CLIENT, SECRET, clock.utc_now()))
    assert answer.status_code == 503
    assert "client id and secret" in answer.text and SECRET not in answer.text
    assert await w.connection() is None
