"""Test mode in the console: a test shop on a clock of its own, from which nothing reaches a real point."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.programmes.drafting import pretty
from connector.rehearsal.state import State
from connector.running.pruning import KEEP_TESTS, forget_old_keys
from connector.storage.atomic import atomic
from connector.storage.drafts import create_draft
from connector.storage.test_shops import create_test_shop, prune_test_shops, save_test_shop
from tests.builders import DOCUMENT, NOW
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import PUBLIC, form_of, signed_in

RULES: dict[str, Any] = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 14},
        "expiry": {"mode": "fixed", "months": 12, "remind_days": [30, 7]},
        "actions": {"birthday": {"points": 25, "per": "year"}, "review": {"points": 10}},
    },
    "rewards": [{"id": "five", "kind": "amount", "points": 50, "value": "5.00", "name": {"en": "Five off"}}],
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend_12m": 200}},
    ],
}


@dataclass
class Desk:
    service: Outside
    plugin: Plugin
    browser: httpx.AsyncClient

    async def send(self, path: str, browser: httpx.AsyncClient | None = None, /, **fields: str) -> httpx.Response:
        browser = browser or self.browser
        form = form_of((await browser.get("/console/connection")).text)
        return await browser.post(f"/console/test/{path}", data={"form": form, "once": str(uuid.uuid4()), **fields})

    async def begin(self, origin: str = "version") -> None:
        answer = await self.send("begin", origin=origin)
        assert answer.status_code == 303, answer.text

    async def do(self, deed: str, **fields: str) -> httpx.Response:
        return await self.send("deeds", deed=deed, **fields)

    async def state(self) -> State:
        found = await self.service.service.test_shops.find(self.programme)
        assert found is not None
        return found[1]

    async def revision(self) -> str:
        found = re.search(r'name="revision" value="(\d+)"', await self.page())
        assert found is not None
        return found[1]

    async def move(self, by: str) -> None:
        """Until the clock is there."""
        assert (await self.send("clock", by=by)).status_code == 303
        for _ in range(600):
            if (await self.state()).move is None:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the clock is still on its way")

    async def end(self, revision: str) -> httpx.Response:
        return await self.send("end", revision=revision)

    async def page(self, path: str = "") -> str:
        answer = await self.browser.get(f"/console/test{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    @property
    def programme(self) -> int:
        return self.service.connections["woocommerce"].programme_number

    async def draft(self, **changes: Any) -> str:
        draft_id, document = str(uuid.uuid4()), {**RULES, **changes}
        await atomic(
            self.service.service.database,
            lambda session: create_draft(
                session, self.programme, draft_id, "Double", pretty(document), 1, "ada", clock.utc_now()
            ),
        )
        return draft_id


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
        plugin = await plugin_of(service)
        yield Desk(service, plugin, await signed_in(service, plugin, role="manager"))


def read(html: str) -> str:
    """What somebody reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("</style>")[2]))


async def everything(service: Outside) -> dict[str, list[str]]:
    """Every row of every table, but for the test shops and who is signed in."""
    database = service.service.database
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if database.dialect == "sqlite"
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    names = [row["name"] for row in await service.rows(sql)]
    left_out = {"test_shop", "console_session", "console_hand_over", "shop_token"}
    return {
        name: sorted(repr(row) for row in await service.rows(f'SELECT * FROM "{name}"'))
        for name in names
        if name not in left_out and not name.startswith("sqlite_")
    }


async def test_a_test_shows_in_seconds_what_a_year_brings_and_touches_nothing_real(desk: Desk) -> None:
    assert "Begin the test" in await desk.page()
    await desk.send("begin", origin="version")
    before = await everything(desk.service)
    page = read(await desk.page())
    assert "Test: nothing here is real" in page and "Has points that end soon" in page and "Dana" in page
    assert (await desk.send("clock", by="next")).headers["location"].endswith("said=test-moved")
    for deed in (
        {"deed": "order", "shopper": "2", "amount": "150", "paid": "yes"},
        {"deed": "activity", "shopper": "2", "kind": "review"},
        {"deed": "join", "name": "Eve", "birthday": "12-24"},
    ):
        answer = await desk.send("deeds", **deed)
        assert answer.status_code == 303, read(answer.text)
    await desk.move("year")
    page = read(await desk.page())
    assert "Points ended" in page and "Gold" in page and "your birthday" in page
    assert await everything(desk.service) == before


async def test_a_shopper_takes_a_reward_uses_it_and_sends_the_order_back(desk: Desk) -> None:
    await desk.begin()
    refused = await desk.do("redeem", shopper="4", reward="five", at="4")
    assert refused.status_code == 409 and "You still need" in read(refused.text)
    await desk.do("order", shopper="4", amount="80", at="4")
    assert "not paid" in read(await desk.page("/shoppers/4"))
    order = (await desk.state()).orders[-1].order_id
    assert (await desk.do("pay", order=order, at="4")).status_code == 303
    assert "80 pending" in read(await desk.page())
    await desk.move("month")
    assert (await desk.do("redeem", shopper="4", reward="five", at="4")).status_code == 303
    html = await desk.page("/shoppers/4")
    [redemption] = re.findall(r'name="redemption" value="([0-9a-f]{32})"', html)
    assert (await desk.do("use", shopper="4", redemption=redemption, amount="30", at="4")).status_code == 303
    assert f'value="{redemption}"' not in await desk.page("/shoppers/4")
    assert (await desk.do("refund", order=order, amount="81")).status_code == 409
    assert (await desk.do("refund", order=order, amount="40", at="4")).status_code == 303
    page = read(await desk.page("/shoppers/4"))
    assert "40.00 given back" in page and "−40" in page


async def test_a_form_that_is_sent_twice_acts_once(desk: Desk) -> None:
    await desk.begin()
    once, orders = str(uuid.uuid4()), len((await desk.state()).orders)
    sent = {"shopper": "4", "amount": "20", "paid": "yes", "once": once}
    answers = await asyncio.gather(*(desk.do("order", **sent) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {303}
    assert len((await desk.state()).orders) == orders + 1
    now, moved = (await desk.state()).now, {"by": "week", "once": str(uuid.uuid4())}
    await asyncio.gather(*(desk.send("clock", **moved) for _ in range(2)))
    assert ((await desk.state()).now - now).days == 7


async def test_two_who_act_at_once_both_act(desk: Desk) -> None:
    await desk.begin()
    orders = len((await desk.state()).orders)
    await asyncio.gather(*(desk.do("order", shopper="4", amount="20", paid="yes") for _ in range(4)))
    numbers = [one.order_id for one in (await desk.state()).orders]
    assert len(numbers) == len(set(numbers)) == orders + 4


async def test_what_was_meant_for_a_test_that_ended_leaves_the_next_one_alone(desk: Desk) -> None:
    await desk.begin()
    shops = desk.service.service.test_shops
    old, seen = await shops.find(desk.programme), await desk.revision()
    assert old is not None
    assert (await desk.do("order", shopper="4", amount="10", paid="yes")).status_code == 303
    assert (await desk.end(seen)).headers["location"].endswith("said=test-ended"), "a deed later it is the same test"
    await desk.begin()
    new = await shops.find(desk.programme)
    assert (await desk.end(seen)).headers["location"].endswith("said=test-ended-before")
    assert (await desk.send("end")).status_code == 404
    late = old[0].revision
    assert not await atomic(
        desk.service.service.database,
        lambda session: save_test_shop(session, desk.programme, late, "{}", b"", NOW),
    )
    assert await shops.find(desk.programme) == new


async def test_two_who_begin_at_once_have_one_test(desk: Desk) -> None:
    said = await asyncio.gather(*(desk.send("begin", origin="version") for _ in range(3)))
    told = sorted(answer.headers.get("location", answer.text).rpartition("said=")[2] for answer in said)
    assert told == ["test-begun", "test-there", "test-there"]

    async def made() -> bool:
        return await atomic(
            desk.service.service.database,
            lambda session: create_test_shop(session, desk.programme, "{}", b"", NOW),
        )

    await atomic(desk.service.service.database, lambda session: prune_test_shops(session, NOW + KEEP_TESTS * 999))
    assert sorted(await asyncio.gather(*(made() for _ in range(4)))) == [False, False, False, True]


async def test_a_draft_is_tried_and_leads_to_its_own_page(desk: Desk) -> None:
    double = {**RULES["points"], "earn": {"rates": {"EUR": "2"}, "pending_days": 0}}
    draft_id = await desk.draft(points=double)
    await desk.begin()
    assert f"drafts/{draft_id}" not in await desk.page()
    await desk.do("order", shopper="4", amount="10", paid="yes")
    assert (await desk.send("change", origin=f"draft:{draft_id}")).status_code == 303
    await desk.do("order", shopper="4", amount="10", paid="yes")
    page = await desk.page()
    assert f'href="/console/programme/drafts/{draft_id}"' in page and "Compare with live" in page
    told = read(await desk.page("/shoppers/4"))
    assert "+20" in told and "+10" in told
    assert await desk.service.number("SELECT count(*) FROM programme_version") == 1


async def test_a_text_that_cannot_be_used_is_not_tried(desk: Desk) -> None:
    draft_id = await desk.draft(points={"earn": {"rates": {"EUR": "-1"}}})
    answer = await desk.send("begin", origin=f"draft:{draft_id}")
    assert answer.status_code == 409 and "cannot be tried" in read(answer.text)
    await desk.begin()
    other = await desk.draft(programme={**DOCUMENT["programme"], "currency": "USD"}, points={}, rewards=[], tiers=[])
    assert (await desk.send("change", origin=f"draft:{other}")).status_code == 409
    assert (await desk.state()).origin == "version:1"


@pytest.mark.parametrize(
    ("deed", "fields", "words"),
    [
        ("order", {"shopper": "1", "amount": "nothing"}, "no amount"),
        ("order", {"shopper": "1", "amount": "99999999999"}, "no amount"),
        ("order", {"shopper": "77", "amount": "5"}, "not there any more"),
        ("join", {"name": "  "}, "Write a name"),
        ("join", {"name": "Eve", "birthday": "31 February"}, "no birthday"),
        ("activity", {"shopper": "1", "kind": "joined"}, "not there any more"),
        ("pay", {"order": "1"}, "not waiting"),
    ],
)
async def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    desk: Desk, deed: str, fields: dict[str, str], words: str
) -> None:
    await desk.begin()
    before = await desk.state()
    answer = await desk.do(deed, **fields)
    assert answer.status_code == 409 and words in read(answer.text)
    assert await desk.state() == before


async def test_what_people_write_stays_text(desk: Desk) -> None:
    await desk.begin()
    assert (await desk.do("join", name="<script>alert(1)</script>")).status_code == 303
    for path in ("", "/shoppers/5"):
        html = await desk.page(path)
        assert "<script>alert" not in html and "&lt;script&gt;alert" in html


async def test_a_test_outlives_the_process_that_works_on_it(desk: Desk) -> None:
    await desk.begin()
    before = await desk.state()
    await desk.service.service.test_shops.close()
    assert (await desk.do("order", shopper="4", amount="20", paid="yes")).status_code == 303
    assert len((await desk.state()).orders) == len(before.orders) + 1


async def test_a_test_is_thrown_away_by_a_person_or_after_a_while(desk: Desk) -> None:
    await desk.begin()
    assert (await desk.end(await desk.revision())).status_code == 303
    assert "Begin the test" in await desk.page()
    assert (await desk.do("order", shopper="4", amount="20")).headers["location"].endswith("said=test-gone")
    await desk.begin()
    await forget_old_keys(desk.service.service)
    assert await desk.service.number("SELECT count(*) FROM test_shop") == 1
    old = int(KEEP_TESTS.total_seconds() + 60) * 1_000_000
    await atomic(
        desk.service.service.database,
        lambda session: session.run("UPDATE test_shop SET changed_at_us = changed_at_us - $1", old),
    )
    await forget_old_keys(desk.service.service)
    assert await desk.service.number("SELECT count(*) FROM test_shop") == 0


async def test_each_programme_has_its_own(desk: Desk) -> None:
    await desk.begin()
    stranger = await stranger_of(desk.service)
    row = await desk.service.rows("SELECT programme_number FROM test_shop")
    assert row == [{"programme_number": desk.programme}]
    assert stranger is not None


async def test_who_only_reads_sees_it_and_moves_nothing(desk: Desk) -> None:
    await desk.begin()
    reader = await signed_in(desk.service, desk.plugin, role="read-only")
    html = (await reader.get("/console/test")).text
    assert "Today is" in read(html) and 'action="/console/test' not in html
    assert (await desk.send("clock", reader, by="day")).status_code == 403
