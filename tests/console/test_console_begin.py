"""The guided first set-up: what it says of the shop, what it proposes, and that nothing but a draft comes of it."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people.actors import by_console
from connector.programmes.drafting import read_typed
from connector.programmes.figures import count_figures
from connector.programmes.files import template, template_names
from connector.programmes.publishing import publish
from connector.storage.atomic import atomic
from connector.storage.audit import Act
from connector.storage.drafts import DRAFTS_MAX, create_draft
from connector.storage.figures import load_figures
from connector.storage.programmes import load_programmes, pause
from connector.storage.session import Session
from loyalty_engine.programme import parse_programme
from loyalty_engine.programme.resolve import ShopFacts, resolve
from loyalty_engine.texts import TAGS
from tests.builders import DOCUMENT
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin
from tests.console.visiting import HOSTILE, form_of, page_of, signed_in

SAID = TABLES["en"]
BEGIN = "/console/programme/begin"
ANSWERS = {"asked": "yes", "name": "Beans", "back": "3", "tiers": "2", "kind-amount": "yes", "welcome": "yes"}


def number_of(service: Outside) -> int:
    return service.connections["woocommerce"].programme_number


async def past(service: Outside, orders: int = 60) -> None:
    """A shop with a past, not live yet: orders of 10, 20, 30, ... by half as many customers."""
    database, number, now = service.service.database, number_of(service), clock.utc_now()
    await atomic(database, lambda session: pause(session, number, now, "Ada", "until we go live"))
    for n in range(orders):
        at = (now - timedelta(days=300 - n)).strftime("%Y-%m-%dT%H:%M:%S")
        dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
        body = {**json.loads(order_body("woocommerce", 100 + n, 1000 * (n + 1), 1 + n // 2)), **dates}
        assert (await service.deliver("woocommerce", json.dumps(body).encode())).status_code == 200
    await service.work()
    await count_figures(database, number, "Europe/Berlin", now)


async def test_a_shop_sees_its_own_percentiles_before_it_is_live(service: Outside, plugin: Plugin) -> None:
    await past(service)
    read = await page_of(await signed_in(service, plugin, role="read-only"), BEGIN)
    assert SAID["begin.rests-on"].format(orders=60, people=30, days=301) in read.said
    for share, order, year in ((25, "150", "310"), (50, "300", "590"), (80, "480", "950"), (95, "570", "1,150")):
        row = read.said[read.said.index(SAID["begin.share-row"].format(share=share)) :]
        assert f"€{order}.00" in row[:200] and f"€{year}.00" in row[:200], (share, row[:200])
    assert SAID["begin.too-few"].partition("{")[0] not in read.said
    assert SAID["begin.proposed"] not in read.said and SAID["begin.count"] not in read.said


async def test_too_few_orders_are_said_to_be_too_few(service: Outside, plugin: Plugin) -> None:
    await past(service, 3)
    browser = await signed_in(service, plugin)
    for path in (BEGIN, f"{BEGIN}?{httpx.QueryParams(ANSWERS)}"):
        read = await page_of(browser, path)
        assert SAID["begin.too-few"].format(least=30, usual="€50.00") in read.said
    assert SAID["begin.usual"].format(money="€50.00") in read.said


@pytest.mark.parametrize("language", list(TAGS))
async def test_answers_make_a_proposal_in_words(service: Outside, plugin: Plugin, language: str) -> None:
    await past(service)
    said = TABLES[language]
    browser = await signed_in(service, plugin, role="read-only", language=TAGS[language])
    read = await page_of(browser, f"{BEGIN}?{httpx.QueryParams(ANSWERS)}")
    assert said["begin.proposed"] in read.said and said["begin.not-you"] in read.said
    assert said["begin.all-rules"] in read.said


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"name": " "}, "no-name"),
        ({"name": "x" * 101}, "too-long"),
        ({"one": "bean"}, "both-names"),
        ({"own": "0.4"}, "no-share"),
        ({"own": "20.01"}, "no-share"),
        ({"own": "1.234"}, "no-share"),
        ({"own": "٣"}, "no-share"),
        ({"own": "1e1"}, "no-share"),
        ({"back": "x"}, "no-share"),
        ({"tiers": "4"}, "no-tiers"),
        ({"tiers": "²"}, "no-tiers"),
        ({"kind-amount": "", "kind-store_credit": "no"}, "no-kinds"),
    ],
)
async def test_what_cannot_be_meant_is_asked_again(
    service: Outside, plugin: Plugin, wrong: dict[str, str], problem: str
) -> None:
    browser = await signed_in(service, plugin, role="manager")
    sent = ANSWERS | wrong
    read = await page_of(browser, f"{BEGIN}?{httpx.QueryParams(sent)}")
    assert SAID[f"begin.{problem}"] in read.said and SAID["begin.proposed"] not in read.said
    form = {"form": form_of((await browser.get(BEGIN)).text), "once": once_of(await browser.get(BEGIN)), **sent}
    for deed in ("try", "draft"):
        answer = await browser.post(f"{BEGIN}/{deed}", data=form)
        assert answer.status_code == 422 and SAID[f"begin.{problem}"] in answer.text
    assert await service.number("SELECT count(*) FROM programme_draft") == 0


def once_of(answer: httpx.Response) -> str:
    found = re.search(r'name="once" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


async def sent(browser: httpx.AsyncClient, deed: str, **changed: str) -> httpx.Response:
    """What the page's own form sends."""
    answers = ANSWERS | changed
    html = (await browser.get(f"{BEGIN}?{httpx.QueryParams(answers)}")).text
    form = re.search(rf'<form[^>]*action="{BEGIN}/{deed}.*?</form>', html, re.DOTALL)
    assert form is not None, html
    fields = {name: value for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[0])}
    unescaped = {
        key: value.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"') for key, value in fields.items()
    }
    unescaped = {key: value.replace("&#39;", "'").replace("&amp;", "&") for key, value in unescaped.items()}
    first = await browser.post(f"{BEGIN}/{deed}", data=unescaped)
    if deed == "draft":
        # A double click, or a reload.
        again = await browser.post(f"{BEGIN}/{deed}", data=unescaped)
        assert again.headers["location"] == first.headers["location"]
    return first


async def test_one_draft_comes_of_it_and_nothing_else(service: Outside, plugin: Plugin) -> None:
    await past(service)
    browser = await signed_in(service, plugin, role="manager")
    made = await sent(browser, "draft", name=HOSTILE, one="bean", many="beans", own="2,5", referral="yes")
    assert made.status_code == 303 and "said=draft-begun" in made.headers["location"]
    (draft,) = await service.rows("SELECT name, document_text, base_version FROM programme_draft")
    document = json.loads(draft["document_text"])
    assert (draft["name"], draft["base_version"], document["programme"]["name"]) == (HOSTILE, 1, HOSTILE)
    assert document["programme"]["points_name"] == {"en": ["bean", "beans"]}
    assert [tier["id"] for tier in document["tiers"]] == ["member", "silver", "gold"]
    assert [tier["qualify"]["spend_12m"] for tier in document["tiers"][1:]] == [950.0, 1200.0]
    assert document["referral"]["min_order"] == 300 and "actions" not in document["points"]
    assert (await browser.get(made.headers["location"])).text.count(SAID["editor.is-usable"]) == 1
    books = (await load_programmes(service.service.database.reading()))[number_of(service)]
    assert books.is_paused and len(books.rulebook.versions) == 1
    assert await service.number("SELECT count(*) FROM entry") == 0
    sql = f"SELECT count(*) FROM programme_deed WHERE act = '{Act.DRAFT_BEGIN.value}'"
    assert await service.number(sql) == 1, "sent twice, begun and noted once"


@pytest.mark.parametrize("name", template_names())
async def test_what_nobody_was_asked_about_stays(service: Outside, plugin: Plugin, name: str) -> None:
    """Badges, levels, who may adjust; and the answers make a document that can be used."""
    held = resolve(template(name), ShopFacts("Europe/Berlin", "EUR")).document
    if name != "circle":
        held["adjust"] = {"max": 77}
    await publish(
        service.service.database, number_of(service), held, None, by_console("ada@example.org", "Ada"), "", tells=False
    )
    await sent(await signed_in(service, plugin, role="manager"), "draft", name=name)
    (draft,) = await service.rows("SELECT document_text FROM programme_draft")
    document = read_typed(draft["document_text"])
    assert document.get("adjust", {"max": 300}) == held.get("adjust", {"max": 300})
    assert parse_programme(document, 3, clock.utc_now()).adjust.maximum == (300 if name == "circle" else 77)
    assert [one["id"] for one in document.get("badges", [])] == [one["id"] for one in held.get("badges", [])]


async def test_trying_says_what_it_would_have_given_and_writes_nothing(service: Outside, plugin: Plugin) -> None:
    await past(service)
    browser = await signed_in(service, plugin, role="manager")
    answer = await sent(browser, "try")
    said = re.sub(r"\s+", " ", answer.text)
    assert answer.status_code == 200
    assert SAID["begin.rehearsed"].format(people=30, days=301) in said
    assert SAID["begin.best"] in said and "€1,190.00" in said
    assert await service.number("SELECT count(*) FROM programme_draft") == 0
    assert await service.number("SELECT count(*) FROM entry") == 0


async def test_without_a_past_trying_says_that_nothing_could_be_tried(service: Outside, plugin: Plugin) -> None:
    answer = await sent(await signed_in(service, plugin, role="owner"), "try")
    assert answer.status_code == 200 and SAID["begin.nobody"] in answer.text


async def test_a_manager_has_it_counted_now_and_not_twice(service: Outside, plugin: Plugin) -> None:
    browser, number = await signed_in(service, plugin, role="manager"), number_of(service)
    html = (await browser.get(BEGIN)).text
    assert SAID["begin.count"] in html
    said = [(await browser.post(f"{BEGIN}/count", data={"form": form_of(html)})).headers["location"] for _ in range(2)]
    assert said == [f"{BEGIN}?said=begin-counted", f"{BEGIN}?said=begin-counted-lately"]
    counted = await load_figures(service.service.database.reading(), number)
    assert counted is not None and counted.figures.bought is not None
    for role in ("read-only", "support"):
        other = await signed_in(service, plugin, role=role)
        for deed in ("count", "try", "draft"):
            assert (await other.post(f"{BEGIN}/{deed}", data={"form": form_of(html)})).status_code == 403


async def test_one_long_thing_is_worked_out_at_a_time(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="manager")
    async with service.service.counting:
        for deed in ("try", "count"):
            assert (await sent(browser, deed)).status_code == 409
    assert await load_figures(service.service.database.reading(), number_of(service)) is None
    assert (await sent(browser, "try")).status_code == 200
    assert (await sent(browser, "count")).status_code == 303


async def test_a_hundred_drafts_are_enough(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="manager")
    database, number = service.service.database, number_of(service)

    async def many(session: Session) -> None:
        for _ in range(DRAFTS_MAX):
            await create_draft(session, number, str(uuid.uuid4()), "x", "{}", 1, "Ada", clock.utc_now())

    await atomic(database, many)
    assert (await sent(browser, "draft")).headers["location"] == "/console/programme?said=drafts-full"


async def test_every_page_of_a_beginning_leads_to_the_guide(service: Outside, plugin: Plugin) -> None:
    await past(service, 1)
    browser = await signed_in(service, plugin)
    for path in ("/console/home", "/console/programme"):
        assert f'href="{BEGIN}"' in (await browser.get(path)).text
    read = await page_of(browser, BEGIN)
    assert all(SAID[f"begin.step-{key}"] in read.said for key in ("shop", "past", "rules", "balances", "live"))


async def test_a_live_programme_without_rewards_leads_there_too(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    assert "rewards" not in DOCUMENT
    html = (await browser.get("/console/home")).text
    assert SAID["home.empty"] in html and f'href="{BEGIN}"' in html
    assert SAID["begin.is-live"] in (await browser.get(BEGIN)).text


async def test_who_stands_in_no_other_admin_goes_live_on_a_page_that_there_is(service: Outside, plugin: Plugin) -> None:
    """The page of a shop that has just joined is for Shopify's admin alone."""
    browser = await signed_in(service, plugin)
    steps = (await browser.get(BEGIN)).text.partition(f'<h2 id="steps">{SAID["begin.steps"]}</h2>')[2]
    ways = re.findall(r'<a href="([^"]+)"', steps)
    assert len(ways) == 4 and ways[-1] == "/console/programme"
    assert [(await browser.get(way)).status_code for way in ways] == [200] * 4
