"""The console's door: who enters, what their role allows, who may frame it, and how a session ends."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.access.console import HAND_OVER_LIVES, SESSION_IDLE, SESSION_LIVES, Role
from connector.console.pages import LIVE, source_of
from connector.console.words import TABLES
from connector.routes.access import NeedsSession
from connector.routes.console_pages import PAGES
from connector.routes.policies import policies
from connector.running.pruning import forget_old_keys
from connector.storage.atomic import atomic
from connector.storage.session import Session
from tests.connector.outside import Outside, client_of, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import ADA, form_of, handed, moved, signed_in

HARMLESS = {"/console/sign-out", "/console/members"}
"""Forms that change nothing of anybody: looking for somebody is one, lest their mail address lies in a log."""
OWN = "/console/settings/me"
"""Forms below it change nothing but what is one's own."""


async def test_a_hand_over_opens_the_page_that_was_asked_for(service: Outside, plugin: Plugin) -> None:
    browser = client_of(service.app)
    entered = await browser.get(await handed(plugin, page="/console/connection"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/connection")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    opened = await browser.get("/console/connection")
    assert opened.status_code == 200
    assert "Ada &lt;b&gt; (owner)" in opened.text
    kept = await service.rows("SELECT * FROM console_session")
    token = cookie.partition("=")[2].partition(";")[0]
    assert len(kept) == 1 and token not in str(dict(kept[0]))
    assert await service.number("SELECT count(*) FROM console_hand_over") == 0


async def test_over_https_the_cookie_works_in_the_frame_of_that_shop_alone(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL="https://points.example/belong") as service:
        plugin = await plugin_of(service)
        url = (await plugin.call("handover", ADA)).json()["url"]
        entered = await service.http.get(url.removeprefix("https://points.example/belong"))
        assert entered.headers["location"] == "/belong/console/home"
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith("__Host-belong=")
        assert cookie.endswith("Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=None; Partitioned")
        name, value = cookie.partition(";")[0].split("=")
        page = await service.http.get("/console/connection", headers={"Cookie": f"{name}={value}"})
        assert 'action="/belong/console/sign-out"' in page.text


async def test_a_token_is_good_once(service: Outside, plugin: Plugin) -> None:
    url = await handed(plugin)
    assert (await service.http.head(url)).status_code == 404
    answers = await asyncio.gather(*(client_of(service.app).get(url) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303, *[410] * 7]
    assert await service.number("SELECT count(*) FROM console_session") == 1


async def test_a_token_is_good_for_a_minute(service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = await handed(plugin), await handed(plugin)
    await moved(monkeypatch, HAND_OVER_LIVES - timedelta(seconds=5))
    assert (await client_of(service.app).get(early)).status_code == 303
    await moved(monkeypatch, timedelta(seconds=6))
    answer = await client_of(service.app).get(late)
    assert (answer.status_code, "set-cookie" in answer.headers) == (410, False)


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 44, "%00" * 43, "ä" * 43, "A" * 5000])
async def test_a_forged_token_opens_nothing(service: Outside, plugin: Plugin, token: str) -> None:
    await handed(plugin)
    answer = await service.http.get(f"/console/enter/{token}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (410, False)
    stranger = await service.http.get("/console/connection", headers={"Cookie": f"belong_console={'A' * 43}"})
    assert stranger.status_code == 401


async def test_a_token_leads_into_its_own_programme_only(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    (row,) = await service.rows("SELECT programme_number, connection_number, person FROM console_session")
    own = service.connections["woocommerce"]
    assert tuple(dict(row).values()) == (own.programme_number, own.number, "wp:12")
    assert (await browser.get("/console/connection")).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"role": "god"},
        {"role": None},
        {"user": ""},
        {"name": "x" * 101},
        {"page": "/v1/members"},
        {"page": "//evil.example"},
        {"page": "/console/../v1"},
        {"page": "/console/orders\n/x"},
        {"page": "https://evil.example/console"},
        {"admin": "https://evil.example; script-src *"},
        {"admin": "javascript:alert(1)"},
        {"admin": "https://a b.example/"},
    ],
)
async def test_a_wrong_hand_over_is_refused(service: Outside, plugin: Plugin, changed: dict[str, Any]) -> None:
    answer = await plugin.call("handover", {**ADA, **changed})
    assert answer.status_code == 400, answer.text
    assert await service.number("SELECT count(*) FROM console_hand_over") == 0


@pytest.mark.parametrize(
    ("admin", "origin"),
    [
        (None, "https://shop.example"),
        ("https://admin.shop.example:8443/x/wp-admin/", "https://admin.shop.example:8443"),
        ("http://192.168.1.5/wp-admin/", "http://192.168.1.5"),
    ],
)
async def test_only_the_shops_own_pages_may_frame_it(
    service: Outside, plugin: Plugin, admin: str | None, origin: str
) -> None:
    browser = await signed_in(service, plugin, admin=admin)
    for path, status in (("/console/connection", 200), ("/console/enter/x", 410)):
        answer = await browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert answer.status_code == status
        assert "default-src 'none'" in policy and "unsafe" not in policy
        scripts = re.search(r"script-src ([^;]+);", policy)
        assert scripts and scripts[1] == source_of(LIVE)
        framed = re.search(r"frame-ancestors (.+)$", policy)
        assert framed and framed[1] == (origin if status == 200 else "http: https:")
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_anybody_may_frame_has_no_form_and_says_nothing_of_anybody(service: Outside, plugin: Plugin) -> None:
    framed = {"Accept-Language": "de-CH, en;q=0.5", "Sec-Fetch-Dest": "iframe"}
    for path in ("/console/connection", "/console/enter/x", "/console"):
        page = await client_of(service.app).get(path, headers=framed)
        assert "http: https:" in page.headers["content-security-policy"]
        assert 'lang="de"' in page.text
        assert not re.search(r"<form|<a |<input|<button|Circle|shop\.example", page.text)


async def test_signing_out_ends_the_session(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    cookies = dict(browser.cookies)
    form = form_of((await browser.get("/console/connection")).text)
    left = await browser.post("/console/sign-out", data={"form": form})
    assert (left.status_code, "Max-Age=0" in left.headers["set-cookie"]) == (200, True)
    copy = client_of(service.app)
    copy.cookies.update(cookies)
    assert (await copy.get("/console/connection")).status_code == 401


@pytest.mark.parametrize("form", [None, "", "x" * 43])
async def test_a_form_of_another_page_does_nothing(service: Outside, plugin: Plugin, form: str | None) -> None:
    browser, other = await signed_in(service, plugin), await signed_in(service, plugin)
    answer = await browser.post("/console/sign-out", data={} if form is None else {"form": form})
    assert answer.status_code == 403
    theirs = form_of((await other.get("/console/connection")).text)
    assert (await browser.post("/console/sign-out", data={"form": theirs})).status_code == 403
    own = form_of((await browser.get("/console/connection")).text)
    for site in ("cross-site", "same-site", "none"):
        sent = await browser.post("/console/sign-out", data={"form": own}, headers={"Sec-Fetch-Site": site})
        assert sent.status_code == 403
    assert await service.number("SELECT count(*) FROM console_session") == 2


async def test_a_session_ends_when_nobody_is_there(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(service, plugin)
    for _ in range(3):
        await moved(monkeypatch, SESSION_IDLE - timedelta(seconds=1))
        assert (await browser.get("/console/connection")).status_code == 200
    await moved(monkeypatch, SESSION_IDLE)
    assert (await browser.get("/console/connection")).status_code == 401
    await forget_old_keys(service.service)
    assert await service.number("SELECT count(*) FROM console_session") == 0


async def test_a_session_ends_however_busy_it_is(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(service, plugin)
    for _ in range(SESSION_LIVES // timedelta(minutes=25)):
        await moved(monkeypatch, timedelta(minutes=25))
        assert (await browser.get("/console/connection")).status_code == 200
    await moved(monkeypatch, timedelta(minutes=25))
    assert (await browser.get("/console/connection")).status_code == 401


async def test_a_shop_that_leaves_takes_its_people_along(service: Outside, plugin: Plugin) -> None:
    browser, waiting = await signed_in(service, plugin), await handed(plugin)
    assert (await plugin.call("disconnect")).status_code == 200
    assert (await browser.get("/console/connection")).status_code == 401
    assert (await client_of(service.app).get(waiting)).status_code == 410
    assert (await plugin.call("handover", ADA)).status_code == 410


async def test_what_was_written_while_a_shop_left_opens_nothing(service: Outside, plugin: Plugin) -> None:
    browser, waiting = await signed_in(service, plugin), await handed(plugin)
    number = service.connections["woocommerce"].number

    async def left(session: Session) -> None:
        await session.run("UPDATE connection SET disconnected_at = created_at WHERE number = $1", number)

    await atomic(service.service.database, left)
    assert (await browser.get("/console/connection")).status_code == 401
    assert (await client_of(service.app).get(waiting)).status_code == 410


async def test_whoever_guesses_is_slowed_down(service: Outside, plugin: Plugin) -> None:
    waiting = await handed(plugin)
    guesser = client_of(service.app, ("203.0.113.7", 50000))
    answers = [(await guesser.get("/console/enter/" + "A" * 43)).status_code for _ in range(70)]
    assert set(answers) == {410, 429} and answers[:60] == [410] * 60
    assert (await guesser.get(waiting)).status_code == 429
    assert (await client_of(service.app).get(waiting)).status_code == 303


def test_every_page_has_a_role() -> None:
    declared = {route: policy for route, policy in policies().items() if isinstance(policy, NeedsSession)}
    assert set(declared) == {(each.method, each.path) for each in PAGES}
    free = [each.path for each in PAGES if each.role is Role.READ_ONLY and each.method != "GET"]
    assert [path for path in free if path not in HARMLESS and not path.startswith(OWN)] == []


@pytest.mark.parametrize("language", list(TABLES))
async def test_the_frame_speaks_the_languages(service: Outside, plugin: Plugin, language: str) -> None:
    tags = {"zh_hans": "zh-CN", "zh_hant": "zh-TW"}
    browser = await signed_in(service, plugin, language=tags.get(language, language))
    page = (await browser.get("/console/connection")).text
    assert TABLES[language]["shell.sign-out"] in page
    assert len(page.encode()) < 100_000
