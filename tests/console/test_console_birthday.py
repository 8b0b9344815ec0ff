"""A member's birthday is set on their page, by whoever helps members; and a programme that pays for none that can be
known says so.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from connector import clock
from connector.access.auth import READ_PROGRAMME, create_api_key
from connector.console.words import TABLES
from connector.people.birthdays import birthdays_on
from connector.programmes.drafting import look
from connector.storage.atomic import atomic
from connector.storage.birthdays import born_on
from connector.storage.connections import end_connection, set_setting
from connector.storage.people import load_people
from connector.storage.programmes import load_programmes, publish_version
from connector.storage.session import Session
from loyalty_engine.complaints import WARNINGS
from loyalty_engine.texts import LANGUAGES
from tests.builders import DOCUMENT, KEYS
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_member_acts import sent
from tests.console.visiting import member_of, page_of, signed_in

EN = TABLES["en"]
PAYS: dict[str, Any] = {
    **DOCUMENT,
    "points": {**DOCUMENT["points"], "actions": {"birthday": {"points": 20, "per": "year", "set_days_before": 30}}},
}
NOTICE = EN["editor.no-birthdays"]


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return plugin


async def birthday(service: Outside) -> str:
    member = (await member_of(service)).replace("-", "")
    people = await load_people(service.service.database.reading(), KEYS, [member])
    return people[member].birthday if member in people else ""


async def is_found(service: Outside, day: date) -> bool:
    number = service.connections["woocommerce"].programme_number
    found = await born_on(service.service.database.reading(), number, birthdays_on(day), clock.utc_now(), (-1, ""), 10)
    return bool(found)


async def test_whoever_helps_members_sets_a_birthday_and_corrects_it(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin, role="support"), await member_of(service)
    path, page = f"/console/members/{member}/birthday", f"/console/members/{member}?part=person"
    said = (await page_of(browser, page)).said
    assert EN["deed.birthday-help"] in said and "November" in said
    first = await sent(browser, path, day="21", month="11")
    assert (first.status_code, first.headers["location"]) == (303, f"{page}&said=birthday-set")
    assert await birthday(service) == "11-21" and await is_found(service, date(2026, 11, 21))
    html = (await browser.get(page)).text
    assert '<option value="21" selected>21</option>' in html and '<option value="11" selected>November</option>' in html
    assert (await sent(browser, path, day="29", month="02")).headers["location"].endswith("said=birthday-set")
    assert await birthday(service) == "02-29" and await is_found(service, date(2027, 2, 28))
    assert not await is_found(service, date(2026, 11, 21))
    again = await sent(browser, path, day="29", month="02")
    assert again.headers["location"].endswith("said=birthday-same")
    audit = (await page_of(browser, f"/console/members/{member}?part=audit")).said
    assert audit.count(EN["act.birthday"]) == 2 and "asked by mail" in audit
    deeds = await service.rows("SELECT through, numbers_text FROM audit WHERE act = 'birthday'")
    assert [json.loads(row["numbers_text"]) for row in deeds] == [{"corrects": True}] * 2
    assert {row["through"] for row in deeds} == {"store:1"}


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"day": "31", "month": "02"}, "no-such-day"),
        ({"day": "", "month": "02"}, "no-such-day"),
        ({"day": "1", "month": "2"}, "no-such-day"),
        ({"day": "21", "month": "1990-11"}, "no-such-day"),
        ({"day": "21", "month": "11\n"}, "no-such-day"),
        ({"day": "21", "month": "11", "reason": " "}, "reason-missing"),
    ],
)
async def test_what_is_no_day_or_has_no_reason_changes_nothing_and_stays_typed(
    service: Outside, plugin: Plugin, fields: dict[str, str], refusal: str
) -> None:
    browser, member = await signed_in(service, plugin), await member_of(service)
    answer = await sent(browser, f"/console/members/{member}/birthday", **fields)
    if "1990" in fields["month"]:
        # A year is read and not kept, as from a shop.
        assert answer.status_code == 303 and await birthday(service) == "11-21"
        return
    assert answer.status_code == 409 and EN[f"refusal.{refusal}"] in answer.text
    assert f'<option value="{fields["month"]}" selected>' in answer.text or refusal == "no-such-day"
    assert await birthday(service) == ""


async def test_who_only_reads_sets_none(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin, role="read-only"), await member_of(service)
    assert EN["deed.birthday-help"] not in (await page_of(browser, f"/console/members/{member}?part=person")).said
    assert (await sent(browser, f"/console/members/{member}/birthday", day="21", month="11")).status_code == 403
    assert await birthday(service) == ""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_form_is_there_in_every_language(service: Outside, plugin: Plugin, language: str) -> None:
    browser, words = await signed_in(service, plugin, language=language.replace("_", "-")), TABLES[language]
    said = (await page_of(browser, f"/console/members/{await member_of(service)}?part=person")).said
    assert all(words[f"deed.{key}"] in said for key in ("birthday", "day", "month", "birthday-help"))


# --- what cannot be paid ----------------------------------------------------------------------------------------------


async def pays(service: Outside) -> None:
    number, now = service.connections["woocommerce"].programme_number, clock.utc_now()
    await atomic(
        service.service.database, lambda session: publish_version(session, number, PAYS, None, now, "operator")
    )


async def test_rules_for_birthdays_that_nobody_can_get_are_told_until_one_can_be_known(
    service: Outside, plugin: Plugin
) -> None:
    browser = await signed_in(service, plugin)
    assert NOTICE not in (await page_of(browser, "/console/programme")).said, "it pays for none"
    await pays(service)
    assert NOTICE in (await page_of(browser, "/console/programme")).said
    assert EN["todo.birthdays.one"] in (await page_of(browser, "/console/home")).said
    path = f"/console/members/{await member_of(service)}/birthday"
    await sent(browser, path, day="21", month="11")
    assert NOTICE not in (await page_of(browser, "/console/programme")).said
    assert EN["todo.birthdays.one"] not in (await page_of(browser, "/console/home")).said


async def test_the_api_and_drafts_warn_of_it_until_one_can_be_known(service: Outside, plugin: Plugin) -> None:
    """Defect seen: the console alone said so."""
    number, database = service.connections["woocommerce"].programme_number, service.service.database

    async def made(session: Session) -> str:
        return await create_api_key(session, number, "desk", clock.utc_now(), frozenset({READ_PROGRAMME}))

    key = {"Authorization": f"Bearer {await atomic(database, made)}"}

    async def told() -> list[tuple[list[str], set[str]]]:
        """(rules, sentences) as the route and as a draft tell them."""
        by_route = (await service.http.get("/v1/programme", headers=key)).json()["warnings"]
        books = (await load_programmes(database.reading()))[number]
        draft = await look(database.reading(), books, json.dumps(PAYS), "en", clock.utc_now())
        both = (
            [(one["path"], one["code"], one["sentence"]) for one in by_route],
            [(one.path, one.code, one.sentence) for one in draft.warnings],
        )
        mine = [[one for one in warned if one[1] == "birthdays-unknown"] for warned in both]
        return [([one[0] for one in warned], {one[2] for one in warned}) for warned in mine]

    warned = (["rules.birthday"], {WARNINGS["birthdays-unknown"]})
    assert await told() == [([], set()), warned], "what holds pays for none"
    await pays(service)
    assert await told() == [warned, warned]
    browser = await signed_in(service, plugin)
    await sent(browser, f"/console/members/{await member_of(service)}/birthday", day="21", month="11")
    assert await told() == [([], set())] * 2


@pytest.mark.parametrize(("platform", "name"), [("woocommerce", "birthday_meta"), ("shopify", "birthday_metafield")])
async def test_a_shop_that_names_a_field_is_enough_while_it_is_connected(
    service: Outside, plugin: Plugin, platform: str, name: str
) -> None:
    await pays(service)
    browser, shop = await signed_in(service, plugin), service.connections[platform]
    other = service.connections["shopify" if platform == "woocommerce" else "woocommerce"]
    link = 'href="/console/connection{}"'
    assert link.format("") in (await browser.get("/console/programme")).text, "of several shops none is meant"

    async def settings(value: str) -> None:
        await atomic(service.service.database, lambda session: set_setting(session, shop.number, name, value))

    await settings("facts.birth_date")
    assert NOTICE not in (await page_of(browser, "/console/programme")).said
    await settings("")
    assert NOTICE in (await page_of(browser, "/console/programme")).said
    if platform == "woocommerce":
        await atomic(service.service.database, lambda session: end_connection(session, other.number, clock.utc_now()))
        assert link.format(f"/{shop.public_id}#settings") in (await browser.get("/console/programme")).text
