"""The console's pages of badges: what there is, who holds it, and leaderboards as shoppers see them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people import boards, membership
from connector.people.actors import Actor
from connector.programmes.figures import count_figures
from connector.routes import console_badges
from connector.storage import walks
from connector.storage.atomic import atomic
from connector.storage.people import Person, save_people
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.leaderboard import counters_of
from tests.builders import DOCUMENT, KEYS
from tests.connector.community import Community
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import plugin_of
from tests.console.visiting import HOSTILE, PUBLIC, form_of, page_of, signed_in

SAID = TABLES["en"]
BADGES = [
    {"id": "hand", "rule": "manual", "name": {"en": HOSTILE, "de": "Helfende Hand"}},
    {"id": "regular", "levels": {"bronze": "orders >= 3", "gold": "orders >= 8"}, "hidden": True},
]
RULES: dict[str, Any] = {**DOCUMENT, "badges": BADGES}
ADA = Actor("ada", "console", "Ada")


class Hall:
    """A service whose customers 7 and 8 are members, and a browser for each role."""

    def __init__(self, service: Outside, town: Community) -> None:
        self.service, self.town = service, town
        self.programme = service.connections["woocommerce"].programme_number

    async def browser(self, role: str = "support", language: str = "en") -> httpx.AsyncClient:
        return await signed_in(self.service, await plugin_of(self.service), role=role, language=language)

    async def give(self, customer: int) -> str:
        """The badge by hand. Returns the member's public id."""
        member = self.town.members[customer]
        await membership.give_badge(self.service.service.pipeline, self.programme, member, "hand", ADA, "helps")
        return str(uuid.UUID(member))

    async def count(self) -> None:
        await count_figures(self.service.service.database, self.programme, "Europe/Berlin", clock.utc_now())

    async def named(self, customer: int, name: str) -> None:
        people = {self.town.members[customer]: Person(first_name=name)}
        await atomic(
            self.service.service.database,
            lambda session: save_people(session, KEYS, self.programme, people, clock.utc_now()),
        )


@pytest.fixture
async def hall(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Hall]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
        town = Community(service)
        await town.join(7, 8)
        yield Hall(service, town)


async def test_the_catalogue_says_what_is_asked_and_who_holds_it(hall: Hall) -> None:
    await hall.give(7)
    await hall.give(8)
    browser = await hall.browser("read-only")
    before = await page_of(browser, "/console/badges")
    assert HOSTILE in before.said and SAID["home.not-counted"] in before.said
    await hall.count()
    read = await page_of(browser, "/console/badges")
    assert SAID["badges.members"].format(count=2) in read.said and SAID["badges.hidden"] in read.said
    assert "Silver" not in read.said and "Gold" in read.said and SAID["home.counted"] in read.said
    assert "Helfende Hand" in (await page_of(await hall.browser("read-only", "de"), "/console/badges")).said


async def test_holders_are_listed_and_one_is_taken_away_once(hall: Hall) -> None:
    members = [await hall.give(7), await hall.give(8)]
    await hall.named(7, "Grace <b>")
    path = "/console/badges/holders/hand"
    reader = await hall.browser("read-only")
    html = (await reader.get(path)).text
    assert all(member in html for member in members) and SAID["deed.badge-take"] not in html
    assert "Grace" not in html
    browser = await hall.browser()
    assert "Grace <b>" in (await page_of(browser, path)).said
    form = form_of((await browser.get(path)).text)
    fields = {"form": form, "award_key": "", "reason": "A mistake.", "from": "holders"}
    take = f"/console/members/{members[0]}/badges/hand/take"
    assert (await reader.post(take, data={**fields, "form": form_of((await reader.get(path)).text)})).status_code == 403
    sent = [await browser.post(take, data=fields) for _ in range(2)]
    assert sent[0].headers["location"] == f"{path}?said=badge-taken"
    assert sent[1].status_code == 409 and SAID["refusal.badge-not-held"] in sent[1].text
    html = (await browser.get(path)).text
    assert members[0] not in html and members[1] in html
    assert await hall.service.number("SELECT count(*) FROM audit WHERE act = 'badge-revoke'") == 1


async def test_the_next_page_of_holders_goes_on(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [await hall.give(7), await hall.give(8)]
    monkeypatch.setattr(console_badges, "ROWS", 1)
    browser, path = await hall.browser(), "/console/badges/holders/hand"
    first = (await browser.get(path)).text
    assert [member in first for member in members] == [False, True]
    after = first.split("after=")[1].split('"')[0]
    older = (await browser.get(f"{path}?after={after}")).text
    assert [member in older for member in members] == [True, False] and "after=" not in older
    for odd in ("x", "1.2.3", "9" * 19 + "." + "f" * 32 + ".1", "%00"):
        assert (await browser.get(f"{path}?after={odd}")).status_code == 200
    pipeline, member = hall.service.service.pipeline, hall.town.members[8]
    await membership.take_badge(pipeline, hall.programme, member, "hand", "", ADA, "no")
    monkeypatch.setattr(walks, "WALK", 2)
    looked = (await browser.get(path)).text
    assert members[0] not in looked and "Looked back to" in looked
    after = looked.split("after=")[1].split('"')[0]
    assert members[0] in (await browser.get(f"{path}?after={after}")).text


async def test_a_badge_that_there_never_was_has_no_page_and_a_stranger_sees_no_holder(hall: Hall) -> None:
    member = await hall.give(7)
    browser = await hall.browser()
    for odd in ("none", "%00", "hand%2Fx"):
        assert (await browser.get(f"/console/badges/holders/{odd}")).status_code == 404
    stranger = await stranger_of(hall.service)
    assert (await stranger.get("/console/badges/holders/hand")).status_code == 404
    for path in ("/console/badges", "/console/badges/boards"):
        assert member[:8] not in (await stranger.get(path)).text and HOSTILE not in (await page_of(stranger, path)).said


async def test_a_board_is_shown_as_shoppers_see_it_and_support_learns_who_it_is(hall: Hall) -> None:
    now, member = clock.utc_now(), hall.town.members[7]
    await boards.choose(hall.service.service.pipeline, hall.programme, member, True, "Tea Fox")
    counter = counters_of("reviews_approved")[0]

    async def wrote(session: Session) -> None:
        await session.insert(
            "counter",
            "shard member_id source_ref programme_number counter counter_key day value",
            [(member_shard(member), member, "app:1:review:1", hall.programme, counter, "", now.date().isoformat(), 3)],
        )

    await atomic(hall.service.service.database, wrote)
    public = str(uuid.UUID(member))
    reader = await page_of(await hall.browser("read-only"), "/console/badges/boards")
    assert "Tea Fox" in reader.said and SAID["boards.taking-part"].format(count=1) in reader.said
    html = (await (await hall.browser("read-only")).get("/console/badges/boards")).text
    assert member not in html and public not in html
    support = (await (await hall.browser()).get("/console/badges/boards?measure=reviews_approved")).text
    assert member in support or public in support
    browser = await hall.browser()
    for query in ("measure=spend&period=x", "measure=%00&period=%00", "period=2026-13", "period=2020-W01"):
        answer = await browser.get(f"/console/badges/boards?{query}")
        assert answer.status_code == 200, query
    assert SAID["boards.nobody"] in (await browser.get("/console/badges/boards?period=2020")).text
