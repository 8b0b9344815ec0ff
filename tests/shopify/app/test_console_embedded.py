"""The console inside of Shopify's admin: by session token alone, framed by its shop alone, in the role Shopify says."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.access.console import Role
from connector.access.rates import Buckets, Rate
from connector.console.words import TABLES
from connector.installing.visiting import scope_of
from connector.routes.console_pages import PAGES
from connector.routes.console_ways import FIRST, SIGN_IN
from connector.sandbox.shopify import oauth as admin
from connector.sandbox.shopify.grants import Staff
from connector.sandbox.shopify.session_tokens import session_token
from connector.storage.atomic import atomic
from connector.storage.shopify_apps import save_staff
from tests.connector.outside import client_of
from tests.console.visiting import form_of
from tests.shopify.app.installed import CLIENT, PUBLIC, SECRET, SHOP, World, world

MANAGER = "2"


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path) as found:
        found.shop.grants.staff[MANAGER] = Staff(2, "Bo", "Helper")
        yield found


def bearer(w: World, user: str = "1", **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {admin.id_token(w.shop, user, **claims)}"}


async def test_the_first_document_is_shown_by_the_token_in_its_address(w: World) -> None:
    opened = await w.open()
    page = await w.browser.get(opened.headers["location"])
    assert page.status_code == 200
    assert "Ada Owner" in page.text and SHOP in page.text
    assert f'name="shopify-api-key" content="{CLIENT}"' in page.text
    assert "set-cookie" not in page.headers and "set-cookie" not in opened.headers
    assert "sign-out" not in page.text
    policy = page.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors https://{SHOP} https://admin.shopify.com")
    assert "unsafe" not in policy and "*" not in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "x-frame-options" not in page.headers


async def test_after_that_a_header_is_enough_and_nothing_less_is(w: World) -> None:
    await w.joined()
    path = "/console/members"
    assert (await w.browser.get(path, headers=bearer(w))).status_code == 200
    assert (await w.browser.get(path)).status_code == 401
    wrong = [
        session_token(SHOP, CLIENT, "another-secret-that-is-long-enough-to-sign", clock.utc_now()),
        session_token(SHOP, CLIENT, SECRET, clock.utc_now() - timedelta(minutes=3)),
        session_token(SHOP, CLIENT, SECRET, clock.utc_now(), "gid://shopify/Customer/7"),
        session_token("other.myshopify.com", CLIENT, SECRET, clock.utc_now()),
        "x",
    ]
    for token in wrong:
        answer = await w.browser.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
        assert answer.headers["x-shopify-retry-invalid-session-request"] == "1"
        assert SHOP not in answer.text


async def test_a_document_without_a_good_token_goes_to_app_bridge_and_comes_back(w: World) -> None:
    await w.joined()
    answer = await w.browser.get(f"/console/members?shop={SHOP}&host=aG9zdA")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/shopify/session?")
    assert (await w.browser.get("/console/members?shop=other.myshopify.com")).status_code == 401


async def test_a_form_needs_the_header_and_its_own_token(w: World) -> None:
    await w.joined()
    headers = bearer(w)
    form = form_of((await w.browser.get("/console/connection", headers=headers)).text)
    pair = "/console/connection/pair"
    assert (await w.browser.post(f"{pair}?id_token={admin.id_token(w.shop)}", data={"form": form})).status_code == 401
    assert (await w.browser.post(pair, headers=headers, data={"form": "x" * 43})).status_code == 403
    foreign = {**headers, "Sec-Fetch-Site": "cross-site"}
    assert (await w.browser.post(pair, headers=foreign, data={"form": form})).status_code == 403
    # A later token of the same session may send it.
    done = await w.browser.post(pair, headers=bearer(w), data={"form": form})
    assert (done.status_code, "BELONG1." in done.text) == (200, True)


async def test_shopify_says_who_owns_the_account(w: World) -> None:
    await w.joined()
    query = admin.opening(w.shop, admin.id_token(w.shop, MANAGER))
    await w.browser.get(f"/shopify/app?{query}")
    assert "Bo Helper" in (await w.browser.get("/console/members", headers=bearer(w, MANAGER))).text
    form = form_of((await w.browser.get("/console/connection", headers=bearer(w))).text)
    assert form
    refused = await w.browser.post("/console/connection/pair", headers=bearer(w, MANAGER), data={"form": form})
    assert refused.status_code == 403


async def test_whom_shopify_does_not_tell_of_is_a_manager(w: World) -> None:
    await w.joined()
    page = await w.browser.get("/console/connection", headers=bearer(w, "99"))
    assert page.status_code == 200 and TABLES["en"]["role.manager"] in page.text


async def test_another_shop_of_the_same_app_sees_its_own_programme_only(w: World) -> None:
    await w.joined()
    first = await w.connection()
    assert first is not None
    page = await w.browser.get("/console/connection", headers=bearer(w))
    assert "shop.example" not in page.text and "tea.myshopify.com" not in page.text


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
async def test_each_role_may_what_it_may(w: World, role: Role) -> None:
    """Every page: refused with 403, or not; and nobody gets in without a token."""
    # Nobody opens so many pages in a minute.
    w.service.service.rates.shoppers = Buckets(Rate(1, 0))
    connection = await w.joined()
    ends = clock.utc_now() + timedelta(hours=1)
    await atomic(
        w.service.service.database, lambda session: save_staff(session, connection.number, "5", "Eve", role, ends)
    )
    for number, each in enumerate(PAGES):
        headers = bearer(w, "5")
        path = re.sub(r"\{\w+\}", "7", each.path)
        scope = await scope_of(
            w.service.service, headers["Authorization"].removeprefix("Bearer "), "en", clock.utc_now()
        )
        form = {"form": scope.form_token, "once": str(uuid.uuid4())}
        sent: dict[str, Any] = {"data": form} if each.method == "POST" else {}
        answer = await w.browser.request(each.method, path, headers=headers, **sent)
        assert (answer.status_code != 403) is role.includes(each.role), (each.method, each.path, answer.status_code)
        assert answer.status_code < 500, answer.text
        async with client_of(w.service.app, (f"203.0.113.{number}", 50000)) as stranger:
            turned_away = await stranger.request(each.method, path, **sent)
            # Whoever opens the console's first page by itself is led to where people sign in; nobody is from elsewhere.
            if (each.method, each.path) == ("GET", FIRST):
                assert turned_away.status_code == 303
                assert turned_away.headers["location"].partition("?")[0] == SIGN_IN
            else:
                assert turned_away.status_code == 401, (each.method, each.path)


async def test_whoever_guesses_tokens_is_slowed_down(w: World) -> None:
    await w.joined()
    guesser = client_of(w.service.app, ("203.0.113.7", 50000))
    wrong = {"Authorization": f"Bearer {session_token(SHOP, CLIENT, 'x' * 40, clock.utc_now())}"}
    statuses = [(await guesser.get("/console/members", headers=wrong)).status_code for _ in range(70)]
    assert set(statuses) == {401, 429}


async def test_the_shop_in_the_address_is_not_believed(w: World) -> None:
    query = admin.opening(w.shop).replace(SHOP, "other.myshopify.com")
    answer = await w.browser.get(f"/shopify/app?{query}")
    assert answer.status_code == 401
    assert await w.connection() is None
    assert PUBLIC not in answer.headers.get("location", "")
