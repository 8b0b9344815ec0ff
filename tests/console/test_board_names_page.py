"""A name is taken off leaderboards in the console, by whoever helps members, with a reason, and it is noted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people import boards
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.leaderboard import counters_of
from loyalty_engine.texts import LANGUAGES
from tests.connector.community import Community
from tests.connector.outside import outside
from tests.console.test_console_badges import RULES, Hall
from tests.console.visiting import HOSTILE, PUBLIC, form_of, page_of

PATH = "/console/badges/boards"
SAID = TABLES["en"]


@pytest.fixture
async def hall(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
        town = Community(service)
        await town.join(7, 8)
        yield Hall(service, town)


async def shown(hall: Hall, **names: str) -> None:
    """Customers 7 and 8 on the board of this month, under these names."""
    number, now = hall.programme, clock.utc_now()
    counter = counters_of("reviews_approved")[0]

    async def wrote(session: Session) -> None:
        for customer in names:
            member = hall.town.members[int(customer[1:])]
            row = (member_shard(member), member, f"app:1:review:{customer}", number, counter, "", f"{now:%Y-%m-%d}", 3)
            columns = "shard member_id source_ref programme_number counter counter_key day value"
            await session.insert("counter", columns, [row])

    await atomic(hall.service.service.database, wrote)
    for customer, name in names.items():
        await boards.choose(hall.service.service.pipeline, number, hall.town.members[int(customer[1:])], True, name)


async def send(browser: httpx.AsyncClient, hall: Hall, name: str, reason: str) -> httpx.Response:
    form = form_of((await browser.get("/console/members")).text)
    typed = {"taken": f"{hall.town.members[7]}.{name}", "reason": reason, "of": "reviews_approved", "in": ""}
    return await browser.post(f"{PATH}/take", data={"form": form, **typed})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_support_takes_a_name_off_with_a_reason(hall: Hall, language: str) -> None:
    await shown(hall, c7="Tea Fox", c8="")
    browser, words = await hall.browser(language=language.replace("_", "-")), TABLES[language]
    read = await page_of(browser, PATH)
    assert words["boards.take"] in read.said and words["boards.take-text"] in read.said
    html = (await browser.get(PATH)).text
    choices = re.findall(r'<option value="([0-9a-f]{32}\.[^"]*)"', html)
    assert choices == [f"{hall.town.members[7]}.Tea Fox"], "pseudonyms are nobody's choice"
    answer = await send(browser, hall, "Tea Fox", HOSTILE)
    assert answer.status_code == 303 and answer.headers["location"].endswith("&said=name-taken"), answer.text
    after = await page_of(
        browser, answer.headers["location"].partition("http://loyalty.example.test")[2] or answer.headers["location"]
    )
    assert words["said.name-taken"] in after.said and "Tea Fox" not in after.said
    log = await page_of(browser, "/console/audit")
    assert words["act.board-name"] in log.said and HOSTILE in unescape(log.said) and "Tea Fox" not in log.said
    own = await page_of(browser, f"/console/members/{hall.town.members[7]}?part=audit")
    assert words["act.board-name"] in own.said


async def test_what_is_refused_keeps_what_was_typed_and_takes_nothing(hall: Hall) -> None:
    await shown(hall, c7="Tea Fox")
    browser = await hall.browser()
    for name, reason, code in (("Tea Fox", " ", "reason-missing"), ("Cat", "rude", "public-name-none")):
        answer = await send(browser, hall, name, reason)
        assert answer.status_code == 409 and SAID[f"refusal.{code}"] in unescape(answer.text), code
        assert "Tea Fox" in answer.text and f'value="{reason.strip()}"' in answer.text
    for odd in ("", "x.y", "0" * 32 + ".Tea Fox", "%00"):
        form = form_of((await browser.get("/console/members")).text)
        answer = await browser.post(f"{PATH}/take", data={"form": form, "taken": odd, "reason": "rude", "of": "spend"})
        assert answer.status_code == 409, odd
    assert await hall.service.rows("SELECT 1 FROM audit WHERE act = 'board-name'") == []


async def test_who_only_reads_takes_none(hall: Hall) -> None:
    await shown(hall, c7="Tea Fox")
    browser = await hall.browser("read-only")
    assert SAID["boards.take"] not in (await page_of(browser, PATH)).said
    assert (await send(browser, hall, "Tea Fox", "rude")).status_code == 403
    assert "Tea Fox" in (await page_of(browser, PATH)).said
