"""A real WordPress: who comes by a friend's link is remembered, and a real service hears by whose code they came."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser import shop
from tests.builders import opened
from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

STORIES = Path(__file__).parent / "wordpress" / "invited-stories.php"
SECONDS = 60
RULES = """
schema = 2

[programme]
name = "Tea"
timezone = "shop"
currency = "shop"
enrolment = "consent"

[points.earn]
per_unit = 1
pending_days = 0

[referral]
referrer = 100
friend = 50
"""
CODE = re.compile(r'<code translate="no">([0-9A-Z]{8})</code>')
ASKED = "Were you invited?"


def chosen(site: Site, user: int, choice: str, code: str = "", *cookie: str) -> Any:
    return shop_processes.run(site, "choose", str(user), choice, code, *cookie, script=STORIES)


def until_read(site: Site, user: int, found: Callable[[str], bool]) -> str:
    """Drain as cron would, only sooner, until this customer's page is so."""
    ends, page = time.monotonic() + SECONDS, ""
    while time.monotonic() < ends:
        shop_processes.run(site, "drain", str(user))
        page = str(shop_processes.run(site, "page", str(user), script=STORIES))
        if found(page):
            return page
    raise AssertionError(f"never so, but {page}")


def referrals(url: str) -> list[tuple[str, str]]:
    async def read() -> list[tuple[str, str]]:
        async with opened(url) as database:
            rows = await database.reading().rows("SELECT code, referral_state FROM referral ORDER BY registered_at_us")
        return [(row["code"], row["referral_state"]) for row in rows]

    return asyncio.run(read())


def test_who_joins_by_a_link_or_enters_its_code_has_come_by_it(
    tmp_path: Path, database_url: str, installed: Callable[[str], Site]
) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    home = Home.at_one_address(tmp_path / "home", DATABASE_URL=database_url)
    pairing = home.pairing_code("--name", "Tea")
    document = tmp_path / "rules.toml"
    document.write_text(RULES, encoding="utf-8")
    home.must("programme", "publish", str(document), "--reason", "Friends")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving():
        shop_processes.run(site, "pair", pairing)
        ben, eva = (int(shop_processes.run(site, "customer", name, script=STORIES)) for name in ("ben", "eva"))
        until_read(site, 1, lambda page: ">Take part</button>" in page)
        assert chosen(site, 1, "join")[0] == 200
        until_read(site, 1, lambda page: "Get my code" in page)
        assert chosen(site, 1, "code")[0] == 200
        [code] = CODE.findall(until_read(site, 1, lambda page: CODE.search(page) is not None))
        # Ben joins in the browser that has opened the link.
        assert chosen(site, ben, "join", code, code)[1].startswith("Welcome!")
        assert referrals(database_url) == [(code, "registered")]
        page = until_read(site, ben, lambda page: "Get my code" in page)
        assert ASKED not in page
        # Eva has no link, and types what she was told.
        assert chosen(site, eva, "join")[0] == 200
        until_read(site, eva, lambda page: ASKED in page)
        assert chosen(site, eva, "invited", "NOBODYS1") == [
            409,
            "Nobody has this code. Please compare it letter by letter.",
        ]
        typed = f" {code.lower()[:4]}-{code.lower()[4:]} "
        for _ in range(2):
            assert chosen(site, eva, "invited", typed) == [
                200,
                "Thank you! You get your points once your first order counts.",
            ]
        until_read(site, eva, lambda page: ASKED not in page)
        assert chosen(site, 1, "invited", code)[1].startswith("This is your own code.")
    home.must("verify")
    assert referrals(database_url)[:2] == [(code, "registered")] * 2


async def test_a_link_is_remembered_by_the_shop_alone_and_shows_the_page_that_it_names(
    installed: Callable[[str], Site],
) -> None:
    if sites.is_real():
        pytest.skip("the double is enough for this")
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with shop.opened(site, is_connected=True) as running:
            shop_processes.run(site, "front", "rules", script=STORIES)

            async def get(path: str, cookie: str = "") -> httpx.Response:
                headers = {"Cookie": cookie} if cookie else {}
                answer = await running.http.get(path, headers=headers)
                running.http.cookies.clear()
                return answer

            plain, linked = await get("/"), await get("/?belong=adatea23")
            assert _page(plain) == _page(linked) and "page-id-" in _page(plain)
            assert "set-cookie" not in plain.headers
            [cookie] = linked.headers.get_list("set-cookie")
            value, *rest = cookie.split("; ")
            assert value == "belong_invited=ADATEA23"
            assert {"path=/", "HttpOnly", "SameSite=Lax"} <= set(rest)
            assert "Max-Age=2592000" in rest
            assert "no-cache" in linked.headers["cache-control"] and "no-cache" not in plain.headers.get(
                "cache-control", ""
            )
            assert "set-cookie" not in (await get("/", value)).headers, "other pages are as they were"
            for hostile in ("points2", "%22%3E%3Cscript%3E", "A" * 3000, "ADATEA2%0A"):
                answer = await get(f"/?belong={hostile}")
                assert (answer.status_code, "set-cookie" in answer.headers) == (200, False), hostile
            # Whose pushed snapshot takes no code is told nothing.
            kim = running.cookies["kim"]
            assert not [
                one for one in (await get("/?belong=ADATEA23", kim)).headers.get_list("set-cookie") if "invited" in one
            ]


def _page(answer: httpx.Response) -> str:
    """Which of the shop's pages it is."""
    return str(re.findall(r'<body class="([^"]*)"', answer.text)[0])
