"""An owner makes a pairing code in the console: for their programme, for one shop, for a quarter of an hour."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from connector import clock
from connector.console.connections import Joining, connection_page
from connector.console.moments import moment_text
from connector.console.pages import Frame
from connector.console.words import TABLES
from connector.routes.plugins import WOOCOMMERCE
from connector.storage.connections import load_connections
from connector.storage.pairings import LIVES
from connector.woocommerce import plugin_zip
from loyalty_engine.texts import TAGS
from tests.connector.outside import Outside
from tests.connector.pairing_shop import PairingShop
from tests.connector.plugin_calls import Plugin
from tests.console.reading import Reader
from tests.console.visiting import PUBLIC, form_of, moved, signed_in

PAIR = "/console/connection/pair"


async def asked(browser: httpx.AsyncClient) -> httpx.Response:
    """The button is pressed."""
    page = (await browser.get("/console/connection")).text
    return await browser.post(PAIR, data={"form": form_of(page)})


def code_in(page: str) -> str:
    found = re.search(r">(BELONG1\.[^<\s]+)</textarea>", page)
    assert found is not None
    return found[1]


async def offers(service: Outside) -> int:
    return await service.number("SELECT count(*) FROM pairing")


async def test_a_shop_joins_with_a_code_of_the_console_and_no_other_does(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    code = code_in((await asked(browser)).text)
    paired = await PairingShop(service.http).pair(code)
    assert (await paired.call("state")).status_code == 200
    found = (await load_connections(service.service.database.reading()))[3]
    own = service.connections["woocommerce"].programme_number
    assert (found.shop, found.programme_number) == ("https://paired.example", own)
    assert "https://paired.example" in Reader((await browser.get("/console/connection")).text).said
    other = PairingShop(service.http, "https://other.example")
    other.paste(code)
    assert (await other.prove()).json()["code"] == "no-pairing"


async def test_a_code_of_the_console_is_over_after_a_quarter_of_an_hour(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = PairingShop(service.http)
    shop.paste(code_in((await asked(await signed_in(service, plugin))).text))
    await moved(monkeypatch, LIVES)
    assert (await shop.prove()).json()["code"] == "no-pairing"


async def test_the_code_is_shown_once_with_its_end_the_service_and_the_plugin(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    before, answer, after = clock.utc_now(), await asked(browser), clock.utc_now()
    assert answer.headers["cache-control"] == "private, no-store"
    code, read = code_in(answer.text), Reader(answer.text)
    ends = {moment_text(moment + LIVES, "Europe/Berlin") for moment in (before, after)}
    assert any(TABLES["en"]["join.until"].format(minutes=15, at=each) in read.said for each in ends)
    assert f"{TABLES['en']['join.leads']} {PUBLIC}" in read.said
    assert f'href="{WOOCOMMERCE}" download>{plugin_zip.build().name}<' in answer.text
    assert '<label for="code">' in answer.text and 'id="code"' in answer.text
    assert read.open == [] and "script" not in read.tags
    again = (await browser.get("/console/connection")).text
    assert "BELONG1." not in again and code.split(".")[2] not in again
    other = code_in((await asked(browser)).text)
    assert other != code and await offers(service) == 2


async def test_who_made_a_code_is_in_the_audit(service: Outside, plugin: Plugin) -> None:
    shop = PairingShop(service.http)
    shop.paste(code_in((await asked(await signed_in(service, plugin))).text))
    number = service.connections["woocommerce"].number
    (row,) = await service.rows("SELECT act, person, through, actor, numbers_text FROM programme_deed")
    expected = ("pairing-offer", "", f"store:{number}", "shop: Ada <b> (wp:12)", f'{{"pairing": "{shop.id}"}}')
    assert tuple(dict(row).values()) == expected


@pytest.mark.parametrize("role", ["manager", "support", "read-only"])
async def test_only_an_owner_makes_codes(service: Outside, plugin: Plugin, role: str) -> None:
    browser = await signed_in(service, plugin, role=role)
    page = (await browser.get("/console/connection")).text
    assert PAIR not in page and TABLES["en"]["join.owner"] in page and f'href="{WOOCOMMERCE}" download' in page
    refused = await asked(browser)
    assert refused.status_code == 403 and "BELONG1." not in refused.text
    assert TABLES["en"]["refused.title"] in refused.text
    assert await offers(service) == 0


@pytest.mark.parametrize("sent", [{}, {"form": ""}, {"form": "x" * 43}, {"form": "own", "from": "cross-site"}])
async def test_a_form_of_another_page_makes_no_code(service: Outside, plugin: Plugin, sent: dict[str, str]) -> None:
    browser = await signed_in(service, plugin)
    own = form_of((await browser.get("/console/connection")).text)
    form = {"form": own if sent["form"] == "own" else sent["form"]} if "form" in sent else {}
    refused = await browser.post(PAIR, data=form, headers={"Sec-Fetch-Site": sent.get("from", "same-origin")})
    assert refused.status_code == 403 and TABLES["en"]["old-form.title"] in refused.text
    assert await offers(service) == 0


@pytest.mark.parametrize("language", list(TABLES))
async def test_the_code_is_explained_in_every_language(service: Outside, plugin: Plugin, language: str) -> None:
    browser = await signed_in(service, plugin, language=TAGS[language])
    words = TABLES[language]
    first = Reader((await browser.get("/console/connection")).text).said
    made = Reader((await asked(browser)).text).said
    for key in ("title", "text", "install", "make", "button"):
        assert words[f"join.{key}"] in first, key
    for key in ("title", "made", "once", "code", "leads", "install", "look", "another"):
        assert words[f"join.{key}"] in made, key
    for said in (first, made):
        assert words["join.paste"].format(minutes=LIVES // timedelta(minutes=1)) in said


@pytest.mark.parametrize("here", [True, False])
def test_where_no_shop_is_connected_the_page_says_how_one_joins(here: bool) -> None:
    made = plugin_zip.build() if here else None
    frame = Frame("/belong", "connection", "Ada", "owner", "token")
    joining = Joining(made, WOOCOMMERCE, PUBLIC, may_offer=True)
    page = connection_page([], "Circle", 1, frame, "en", may_ask=True, joining=joining)
    read = Reader(page)
    assert TABLES["en"]["books.nothing"] in read.said and TABLES["en"]["join.text"] in read.said
    assert f'action="/belong{PAIR}"' in page and TABLES["en"]["join.button"] in read.said
    assert (TABLES["en"]["join.no-zip"] in read.said) is not here
    assert (f'href="/belong{WOOCOMMERCE}" download' in page) is here
