"""The console's pages of rewards: what is offered and how it is taken, what was taken, and one redemption."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.programmes.figures import count_figures
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.routes import console_rewards
from connector.storage import walks
from connector.storage.atomic import atomic
from tests.builders import DOCUMENT
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import HOSTILE, PUBLIC, called, form_of, member_of, page_of, signed_in

SAID = TABLES["en"]
CUP = {"id": "cup", "kind": "amount", "points": 10, "value": "2.00", "name": {"en": HOSTILE, "de": "Tasse"}}
RULES: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "rewards": [
        {**CUP, "stock": 5, "per_member": 3},
        {"id": "tour", "kind": "perk", "points": 5, "name": {"en": "Tour"}},
    ],
}


@dataclass
class Till:
    """A shop with one member, who has points."""

    service: Outside
    plugin: Plugin
    member: str

    @property
    def programme(self) -> int:
        return self.service.connections["woocommerce"].programme_number

    async def take(self, key: str, reward: str = "cup") -> tuple[str, str]:
        """(redemption, code)"""
        pipeline, store = self.service.service.pipeline, self.service.connections["woocommerce"].number
        wish = Wish(self.programme, uuid.UUID(self.member).hex, reward, store, key)
        made = await redemptions.redeem(pipeline, wish)
        return str(made["redemption"]), str(made["code"])

    async def browser(self, role: str = "support", language: str = "en") -> httpx.AsyncClient:
        return await signed_in(self.service, self.plugin, role=role, language=language)

    async def send(self, browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
        form = form_of((await browser.get("/console/connection")).text)
        return await browser.post(path, data={"form": form, "once": str(uuid.uuid4()), **fields})

    def page(self, redemption: str) -> str:
        return f"/console/members/{self.member}/redemptions/{redemption}"

    async def set(self, redemption: str, state: str, reason: str = "") -> None:
        sql = "UPDATE redemption SET redemption_state = $2, reason = $3 WHERE redemption_id = $1"
        await atomic(self.service.service.database, lambda session: session.run(sql, redemption, state, reason))


@pytest.fixture
async def till(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
        plugin = await plugin_of(service)
        await service.deliver("woocommerce", order_body("woocommerce", 5123, 30_000))
        await service.work()
        await called(service, HOSTILE)
        yield Till(service, plugin, await member_of(service))


async def test_the_catalogue_counts_what_was_taken_and_used(till: Till) -> None:
    browser = await till.browser("read-only")
    before = await page_of(browser, "/console/rewards")
    assert HOSTILE in before.said and SAID["home.not-counted"] in before.said and "5 in all" in before.said
    used, _ = await till.take("k1")
    await till.take("k2")
    await till.set(used, "used")
    await count_figures(till.service.service.database, till.programme, "Europe/Berlin", clock.utc_now())
    html = (await browser.get("/console/rewards")).text
    cells = re.findall(r'<td class="amount">(.*?)</td>', html)
    assert cells[:7] == ["10 points", "3", "2", "2", "2", "50 %", "€2.00"] or cells[:7] == [
        "10 points", "3", "2", "2", "2", "50%", "€2.00"
    ], cells  # fmt: skip
    assert SAID["home.counted"] in html
    assert "Tasse" in (await page_of(await till.browser("read-only", "de"), "/console/rewards")).said


async def test_what_the_programme_has_no_more_is_still_counted(till: Till) -> None:
    redemption, _ = await till.take("k1")
    sql = "UPDATE redemption SET reward_id = 'gone' WHERE redemption_id = $1"
    await atomic(till.service.service.database, lambda session: session.run(sql, redemption))
    await count_figures(till.service.service.database, till.programme, "Europe/Berlin", clock.utc_now())
    said = (await page_of(await till.browser(), "/console/rewards")).said
    assert "gone" in said and SAID["rewards.gone"] in said


async def test_filters_leave_what_fits(till: Till) -> None:
    made = {name: (await till.take(name, "tour" if name == "tour" else "cup"))[0] for name in ("one", "two", "three")}
    made["tour"] = (await till.take("tour", "tour"))[0]
    await till.set(made["one"], "used")
    await till.set(made["two"], "cancelled", "cancelled")
    await till.set(made["three"], "cancelled", "store-refused: no such product")
    browser = await till.browser("read-only")
    for query, finds in (
        ("", {"one", "two", "three", "tour"}),
        ("?state=open", {"tour"}),
        ("?state=used", {"one"}),
        ("?state=cancelled", {"two"}),
        ("?state=failed", {"three"}),
        ("?state=expired", set()),
        ("?reward=tour", {"tour"}),
        ("?reward=tour&state=used", set()),
        ("?reward=%00&state=x&after=1.2", {"one", "two", "three", "tour"}),
    ):
        text = (await browser.get(f"/console/rewards/redemptions{query}")).text
        assert {name for name, one in made.items() if one in text} == finds, query
        assert bool(finds) or SAID["redemptions.none"] in text
        assert "ada@example" not in text and HOSTILE not in text and 'name="code"' not in text


async def test_the_next_page_goes_on_and_a_long_look_says_how_far(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [(await till.take(f"k{n}"))[0] for n in range(3)]
    monkeypatch.setattr(console_rewards, "ROWS", 2)
    browser = await till.browser()
    first = (await browser.get("/console/rewards/redemptions")).text
    assert [one in first for one in made] == [False, True, True]
    after = first.split("after=")[1].split('"')[0]
    older = (await browser.get(f"/console/rewards/redemptions?after={after}")).text
    assert [one in older for one in made] == [True, False, False] and "after=" not in older
    monkeypatch.setattr(walks, "WALK", 2)
    await till.set(made[0], "used")
    looked = (await browser.get("/console/rewards/redemptions?state=used")).text
    assert made[0] not in looked and "Looked back to" in looked
    after = looked.split("after=")[1].split('"')[0]
    assert made[0] in (await browser.get(f"/console/rewards/redemptions?state=used&after={after}")).text


async def test_a_code_leads_support_to_its_redemption_and_nobody_else(till: Till) -> None:
    redemption, code = await till.take("k1")
    browser = await till.browser()
    for typed in (code, f" {code.lower()} "):
        answer = await till.send(browser, "/console/rewards/redemptions", code=typed)
        assert answer.headers["location"] == till.page(redemption)
    for odd in ("", "x", code[:-1], HOSTILE, "\x00", "9" * 200):
        answer = await till.send(browser, "/console/rewards/redemptions", code=odd)
        assert answer.status_code == 200 and (not odd.strip() or SAID["redemptions.no-code"] in answer.text), odd
    reader = await till.browser("read-only")
    assert (await till.send(reader, "/console/rewards/redemptions", code=code)).status_code == 403
    stranger = await stranger_of(till.service)
    answer = await till.send(stranger, "/console/rewards/redemptions", code=code)
    assert answer.status_code == 200 and redemption not in answer.text
    assert (await stranger.get(till.page(redemption))).status_code == 404


async def test_one_redemption_hides_codes_and_names_from_read_only(till: Till) -> None:
    redemption, code = await till.take("k1")
    support = await page_of(await till.browser(), till.page(redemption))
    assert code in support.said and HOSTILE in support.said and SAID["redemption.kept-to-issue"] in support.said
    reader = await till.browser("read-only")
    html = (await reader.get(till.page(redemption))).text
    assert code not in html and SAID["redemption.masked"] in html and SAID["deed.cancel"] not in html
    for path in ("cancel", "again"):
        sent = await till.send(reader, f"{till.page(redemption)}/{path}", reason="x")
        assert sent.status_code == 403
    for odd in ("0" * 32, "x", redemption.upper() + "g"):
        assert (await reader.get(till.page(odd))).status_code == 404


async def test_it_is_called_off_and_made_again_once(till: Till) -> None:
    redemption, _ = await till.take("k1")
    browser, page = await till.browser(), till.page(redemption)
    early = await till.send(browser, f"{page}/again", reason="Lost.")
    assert early.status_code == 409 and SAID["refusal.redemption-open-still"] in early.text
    answer = await till.send(browser, f"{page}/cancel", reason="Asked by mail.", **{"from": redemption})
    assert answer.headers["location"] == f"{page}?said=cancelled"
    assert "Asked by mail." in (await page_of(browser, page)).said
    await till.set(redemption, "cancelled", "cancelled")
    bare = await till.send(browser, f"{page}/again", reason=" ")
    assert bare.status_code == 409 and SAID["refusal.reason-missing"] in bare.text
    once = str(uuid.uuid4())
    sent = [(await till.send(browser, f"{page}/again", reason=HOSTILE, once=once)).headers["location"] for _ in "12"]
    assert sent[0] == sent[1] and sent[0].endswith("?said=made-again") and redemption not in sent[0]
    assert await till.service.number("SELECT count(*) FROM redemption") == 2
    assert await till.service.number("SELECT count(*) FROM audit WHERE act = 'redemption-make'") == 1
    read = await page_of(browser, sent[0])
    assert HOSTILE in read.said and SAID["redemption.did-redemption-make"] in read.said


async def test_why_it_is_not_made_again_is_said_as_the_shopper_would_read_it(till: Till) -> None:
    made = [(await till.take(f"k{n}"))[0] for n in range(3)]
    await till.set(made[0], "used")
    answer = await till.send(await till.browser(), f"{till.page(made[0])}/again", reason="One more.")
    assert answer.status_code == 409 and "as often as possible" in answer.text and "One more." in answer.text
    assert await till.service.number("SELECT count(*) FROM redemption") == 3
