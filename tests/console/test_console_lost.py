"""Addresses of the console at which there is nothing to see: a person reads a page in words, with a way back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from starlette.routing import Match, Route
from starlette.types import Scope

from connector.access.rates import Buckets, Rate
from connector.console.words import TABLES
from connector.routes.console_pages import PAGES
from connector.routes.console_ways import PARTS_MAX
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import hurried, joined, signs_in
from tests.console.visiting import PUBLIC

SAID = TABLES["en"]
KEYS = "/console/settings/keys"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield hurried(found)
        found.service.passwords.close()


def way_back(answer: httpx.Response) -> str:
    found = re.search(r'<p><a class="button" href="([^"]+)">([^<]+)</a></p>', answer.text)
    assert found is not None
    return unescape(found[1])


async def test_an_address_that_takes_a_form_and_is_opened_says_so_with_a_way_back(service: Outside) -> None:
    owner = await joined(service)
    answer = await owner.get(f"{KEYS}/make")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert SAID["formless.title"] in answer.text and 'lang="en"' in answer.text and "Ada" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert way_back(answer) == KEYS and (await owner.get(way_back(answer))).status_code == 200
    for path, back in (
        (f"{KEYS}/bk_%3Cb%3E/revoke", KEYS),
        ("/console/sign-out", "/console/home"),
        ("/console/settings/me/second/off", "/console/settings/me/second"),
    ):
        answer = await owner.get(path)
        assert answer.status_code == 405 and "<b>" not in answer.text
        assert (await owner.get(way_back(answer), follow_redirects=True)).url.path == back
    assert await service.number("SELECT count(*) FROM console_session") == 1, "nothing was done"


async def test_after_the_session_has_ended_it_leads_to_signing_in_and_then_to_the_page(service: Outside) -> None:
    await joined(service)
    stranger = client_of(service.app)
    answer = await stranger.get(f"{KEYS}/make", headers={"Accept-Language": "de-AT"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert TABLES["de"]["formless.title"] in answer.text and "Ada" not in answer.text
    assert way_back(answer) == "/console/sign-in?to=%2Fconsole%2Fsettings%2Fkeys"
    page = await stranger.get(way_back(answer))
    assert page.status_code == 200 and f'value="{KEYS}"' in page.text
    assert (await signs_in(stranger, to=KEYS)).headers["location"] == KEYS


async def test_an_address_that_is_none_is_a_page_too_and_others_stay_as_they_were(service: Outside) -> None:
    owner = await joined(service)
    answer = await owner.get("/console/books/nothing")
    assert answer.status_code == 404 and SAID["missing.title"] in answer.text and way_back(answer) == "/console/books"
    away = await owner.get("/console/%2F%2Fevil.example/x")
    assert away.status_code == 404 and way_back(away) == "/console"
    for path in ("/v1/keys/x/revoke", "/nothing", "/consoles/x"):
        plain = await service.http.get(path)
        assert plain.headers["content-type"] == "application/problem+json" and plain.status_code in (404, 405)


async def test_every_address_of_a_form_is_a_page_when_it_is_opened(service: Outside) -> None:
    """Some look like the address of a thing that there is not."""
    service.service.rates.shoppers = Buckets(Rate(1, 0))
    owner, formless = await joined(service), 0
    for path in sorted({one.path for one in PAGES} - {one.path for one in PAGES if one.method == "GET"}):
        answer = await owner.get(re.sub(r"\{[^}]*\}", "x", path))
        assert answer.status_code in (404, 405) and answer.headers["content-type"].startswith("text/html"), path
        if answer.status_code == 405:
            formless += 1
            assert SAID["formless.title"] in answer.text and way_back(answer).startswith("/console"), path
        else:
            assert SAID["missing.title"] in answer.text, path
    assert formless > 50


async def test_an_address_as_long_as_a_head_may_be_is_no_work(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask for it: what is looked up for it does not grow with it."""
    looked, matches = [], Route.matches

    def counted(self: Route, scope: Scope) -> tuple[Match, Scope]:
        looked.append(scope["path"])
        return matches(self, scope)

    monkeypatch.setattr(Route, "matches", counted)
    assert (await service.http.get("/console/" + "a/" * 20_000)).status_code == 404
    assert 0 < len(set(looked)) <= PARTS_MAX + 1
