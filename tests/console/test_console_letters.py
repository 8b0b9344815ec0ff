"""The console's pages of what was set aside: seen by role, compared with the shop, tried again once, skipped with a
reason, and never another programme's.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
import pytest

from connector import clock
from connector.console.payloads import HIDDEN, masked, pairs_of, payload_of
from connector.console.words import TABLES
from connector.errors import Transient
from connector.ingest.pipeline import apply_deliveries
from connector.platforms import Fetched, ObjectKey
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.reading import Reader
from tests.console.visiting import PUBLIC, form_of, page_of, signed_in
from tests.second_connection import run_apart

SAID = TABLES["en"]
HERE = "/console/activity"
HOSTILE = "<script>alert(1)</script>\"'&"
BROKEN: dict[str, Any] = {
    "id": 77,
    "status": {},
    "total": "10.00",
    "date_paid": "2026-11-28T10:00:00Z",
    "billing": {"first_name": HOSTILE, "email": "ada@example.test"},
}


@dataclass
class Desk:
    service: Outside
    plugin: Plugin

    async def browser(self, role: str = "manager") -> httpx.AsyncClient:
        return await signed_in(self.service, self.plugin, role=role)

    async def letter(self) -> str:
        (row,) = await self.service.rows("SELECT shard, id FROM delivery WHERE state = 2 AND object_id = '77'")
        return f"delivery:{row['shard']}:{row['id']}"

    async def states(self) -> list[int]:
        return [row["state"] for row in await self.service.rows("SELECT state FROM delivery ORDER BY received_at_us")]

    async def send(self, browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
        form = form_of((await browser.get(HERE)).text)
        return await browser.post(HERE + path, data={"form": form, **fields})


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as service:
        plugin = await plugin_of(service)
        for body in (json.dumps(BROKEN).encode(), b'{"id": 78}'):
            assert (await service.deliver("woocommerce", body)).status_code == 200
        await service.work()
        yield Desk(service, plugin)


def page(path: str, letter: str = "") -> str:
    return f"{HERE}{path}" + (f"?id={quote(letter)}" if letter else "")


async def test_each_role_sees_what_it_may(desk: Desk) -> None:
    letter = await desk.letter()
    for role, people, reasons in (
        ("read-only", False, False),
        ("support", False, True),
        ("manager", True, True),
    ):
        browser = await desk.browser(role)
        listed = await page_of(browser, HERE)
        assert f"{SAID['letters.kind-delivery']} (2)" in listed.said and "order.created 77" in listed.said
        read = await page_of(browser, page("/letter", letter))
        assert ("ada@example.test" in read.said) is people and (json.dumps(HOSTILE)[1:-1] in read.said) is people
        assert (HIDDEN in read.said) is not people and '"total": "10.00"' in read.said
        (row,) = await desk.service.rows("SELECT reason FROM delivery WHERE object_id = '77'")
        assert (row["reason"] in read.said) is reasons and (row["reason"] in listed.said) is reasons
        assert (SAID["letters.again"] in read.said) is (role == "manager")


async def test_it_is_tried_again_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    letter, browser = await desk.letter(), await desk.browser()
    first = await desk.send(browser, "/letter/replay", id=letter)
    assert (first.status_code, first.headers["location"]) == (303, f"{HERE}?kind=delivery&said=letter-again")
    again = await desk.send(browser, "/letter/replay", id=letter)
    assert again.headers["location"] == f"{HERE}?said=letter-gone"
    assert sorted(await desk.states()) == [0, 2]
    assert SAID["said.letter-gone"] in (await browser.get(again.headers["location"])).text
    deeds = await desk.service.rows("SELECT * FROM programme_deed WHERE act = 'letter-replay'")
    assert len(deeds) == 1 and "Ada" in str(dict(deeds[0]))


async def test_a_range_is_tried_again_and_a_wrong_time_is_told(desk: Desk) -> None:
    browser = await desk.browser()
    for since in ("soon", "9999-99-99T00:00", "0001-01-01T00:00"):
        wrong = await desk.send(browser, "/replay", kind="delivery", since=since)
        assert wrong.status_code == 422 and SAID["letters.bad-time"] in wrong.text and since in wrong.text
    assert await desk.states() == [2, 2]
    later = await desk.send(browser, "/replay", kind="delivery", since="2999-01-01T00:00")
    assert "said=letters-none" in later.headers["location"] and await desk.states() == [2, 2]
    # On the programme's clock, which is ahead of UTC: in UTC this would be later than the letters.
    there = clock.utc_now().astimezone(ZoneInfo("Europe/Berlin"))
    soon = f"{there + timedelta(minutes=5):%Y-%m-%dT%H:%M}"
    none = await desk.send(browser, "/replay", kind="delivery", since=soon)
    assert "said=letters-none" in none.headers["location"] and await desk.states() == [2, 2]
    ago = f"{there - timedelta(minutes=10):%Y-%m-%dT%H:%M}"
    done = await desk.send(browser, "/replay", kind="delivery", since=ago, until=soon)
    assert "said=letters-again" in done.headers["location"] and await desk.states() == [0, 0]
    for kind in ("credit", "nothing", ""):
        assert (await desk.send(browser, "/replay", kind=kind)).status_code == 404


async def test_it_is_skipped_with_a_reason_alone(desk: Desk) -> None:
    letter, browser = await desk.letter(), await desk.browser()
    for reason, told in ((" ", "letters.reason-missing"), ("x" * 501, "letters.reason-long")):
        refused = await desk.send(browser, "/letter/skip", id=letter, reason=reason)
        assert refused.status_code == 422 and SAID[told] in refused.text
    assert await desk.states() == [2, 2]
    done = await desk.send(browser, "/letter/skip", id=letter, reason=HOSTILE)
    assert "said=letter-skipped" in done.headers["location"]
    assert "said=letter-gone" in (await desk.send(browser, "/letter/skip", id=letter, reason="x")).headers["location"]
    assert (await browser.get(page("/letter", letter))).status_code == 404
    (row,) = await desk.service.rows("SELECT reason FROM delivery WHERE object_id = '77'")
    assert HOSTILE in row["reason"] and "Ada" in row["reason"]


class Shop:
    """What a shop says of one order."""

    def __init__(self, answer: Fetched | Transient | None) -> None:
        self.answer = answer

    async def read_order(self, order_id: str) -> Fetched | None:
        assert order_id == "77"
        if isinstance(self.answer, Transient):
            raise self.answer
        return self.answer


async def test_the_shop_is_asked_and_what_differs_is_marked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    letter, browser = await desk.letter(), await desk.browser()
    now = {"order": {**BROKEN, "status": "completed", "total": "12.00", "date_paid": "2026-11-28T11:00:00+01:00"}}
    moment = datetime(2026, 11, 28, tzinfo=UTC)
    answers = {
        "whole": Fetched(ObjectKey("order", "77"), json.dumps(now).encode(), moment, moment),
        "none": None,
        "away": Transient(f"Away {HOSTILE}"),
    }
    read: dict[str, str] = {}
    for name, answer in answers.items():

        async def client(*_: object, shop: Shop = Shop(answer), **__: object) -> Shop:  # noqa: B008
            return shop

        monkeypatch.setattr(type(desk.service.service.shops), "client", client)
        asked = await desk.send(browser, "/letter/ask", id=letter)
        assert asked.status_code == 200
        read[name] = Reader(asked.text).said
    assert SAID["letters.store-differs"].format(count=1) in read["whole"] and "12.00" in read["whole"]
    assert SAID["letters.store-none"] in read["none"]
    assert SAID["letters.store-trouble"] in read["away"] and HOSTILE in read["away"]
    assert await desk.states() == [2, 2], "asking changes nothing"


async def test_nothing_of_another_programme_is_seen_or_moved(desk: Desk) -> None:
    letter, stranger = await desk.letter(), await stranger_of(desk.service)
    assert SAID["letters.none"] in (await page_of(stranger, HERE)).said
    assert (await stranger.get(page("/letter", letter))).status_code == 404
    for path, status in (("/letter/ask", 404), ("/letter/replay", 303), ("/letter/skip", 303), ("/replay", 303)):
        form = {"id": letter, "reason": "x", "kind": "delivery"}
        assert (await desk.send(stranger, path, **form)).status_code == status, path
    assert await desk.states() == [2, 2]
    deeds = await desk.service.rows("SELECT * FROM programme_deed WHERE act = 'letter-replay'")
    assert deeds == []


async def test_many_have_pages_and_odd_addresses_do_no_harm(desk: Desk) -> None:
    for number in range(100, 130):
        await desk.service.deliver("woocommerce", json.dumps({"id": number}).encode())
    await desk.service.work()
    browser = await desk.browser()
    first = (await browser.get(HERE)).text
    after = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = (await page_of(browser, after)).said
    shown = [f"order.created {number}" for number in range(100, 130)]
    assert all((one in first) is not (one in second) for one in shown)
    for odd in (
        "?kind=x",
        "?kind=work&after=delivery:1:2",
        "?after=%00",
        "/letter?id=%00:1:2",
        "/letter?id=delivery:x",
    ):
        assert (await browser.get(HERE + odd)).status_code == 404, odd


async def test_points_that_are_owed_are_not_skipped(desk: Desk) -> None:
    assert (await desk.service.deliver("woocommerce", order_body("woocommerce", 90))).status_code == 200
    await apply_deliveries(desk.service.service.pipeline)
    run_apart(desk.service.service.database.url, "UPDATE work SET state = 2, reason = 'broken', attempts = 9")
    rows = await desk.service.rows("SELECT shard, member_id, source_ref FROM work WHERE state = 2 LIMIT 1")
    letter = ":".join(["work", *(str(one) for one in dict(rows[0]).values())])
    browser = await desk.browser()
    read = await page_of(browser, page("/letter", letter))
    assert SAID["letters.cure-work"] in read.said and SAID["letters.skip-button"] not in read.said
    sent = await desk.send(browser, "/letter/skip", id=letter, reason="x")
    assert "said=letter-gone" in sent.headers["location"]
    assert await desk.service.number("SELECT count(*) FROM work WHERE state = 2") > 0


def test_what_names_somebody_is_hidden_wherever_it_stands() -> None:
    told = {"id": 7, "status": "paid", "note": "for Ada", "meta_data": [{"key": "k", "value": "Ada"}], "tags": ["Ada"]}
    assert masked(told) == {
        "id": 7,
        "status": "paid",
        "note": HIDDEN,
        "meta_data": [{"key": HIDDEN, "value": HIDDEN}],
        "tags": [HIDDEN],
    }
    assert payload_of(b'{"name": "Ada', with_people=False).text == HIDDEN
    assert payload_of(b'{"name": "Ada', with_people=True).text == '{"name": "Ada'
    assert not payload_of(b"[" * 100_000, with_people=True).is_readable


def test_what_shopify_writes_in_two_ways_is_compared_as_what_it_means() -> None:
    came = {"id": 5, "total_price_set": {"shop_money": {"amount": "10.00"}}, "created_at": "2026-11-28T10:00:00Z"}
    now = {
        "id": "gid://shopify/Order/5",
        "totalPriceSet": {"shopMoney": {"amount": "10.0"}},
        "createdAt": "2026-11-28T11:00:00+01:00",
    }
    assert [(pair.name, pair.differs) for pair in pairs_of(came, now)] == [
        ("id", False),
        ("total_price_set.shop_money.amount", False),
        ("created_at", False),
    ]
    assert [pair.differs for pair in pairs_of(came, {**now, "createdAt": None})][0] is True
