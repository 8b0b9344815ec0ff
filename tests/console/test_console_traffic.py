"""The inbox and the outbox: what came in and what waits to go out, by role, page by page, never another merchant's; and
what is put off is told now, once, however often somebody asks.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from connector import clock
from connector.console.moments import moment_text
from connector.console.traffic import mail_kind
from connector.console.words import TABLES
from connector.delivering import endpoints
from connector.people.actors import Actor
from connector.routes import console_traffic
from connector.storage.atomic import atomic
from connector.storage.inbox import DeliveryState
from connector.storage.instants import micros
from connector.storage.session import Session
from connector.storage.traffic import GOING, Place, came_in, goes_out
from loyalty_engine.explain.notices import TELLERS
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import PUBLIC, form_of, page_of, signed_in
from tests.storage.plans import plan_of

SAID = TABLES["en"]
INBOX, OUTBOX = "/console/activity/inbox", "/console/activity/outbox"
HOSTILE = "<script>alert(1)</script>\"'&"
HOOK = "https://hooks.example/secret-path"
ADA = Actor("ada@shop.example", "console", "Ada")


@dataclass
class Desk:
    service: Outside
    plugin: Plugin
    member: str

    async def browser(self, role: str = "manager") -> httpx.AsyncClient:
        return await signed_in(self.service, self.plugin, role=role)

    async def send(self, browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
        form = form_of((await browser.get(OUTBOX)).text)
        return await browser.post(OUTBOX + path, data={"form": form, **fields})

    async def change(self, sql: str, *values: Any) -> None:
        await atomic(self.service.service.database, lambda session: session.run(sql, *values))

    async def put_off(self, table: str) -> None:
        """What waits there has failed three times, and is tried again in an hour."""
        later = micros(clock.utc_now() + timedelta(hours=1))
        await self.change(
            f"UPDATE {table} SET state = 0, attempts = 3, reason = $1, next_at_us = $2", f"why {HOSTILE}", later
        )

    async def column(self, table: str, name: str) -> list[Any]:
        return [row[name] for row in await self.service.rows(f"SELECT {name} FROM {table}")]


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as service:
        plugin = await plugin_of(service)
        assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
        assert (await service.deliver("woocommerce", b'{"id": 78}')).status_code == 200
        await service.work()
        (row,) = await service.rows("SELECT member_id FROM member WHERE programme_number = 1")
        yield Desk(service, plugin, row["member_id"])


async def with_message(desk: Desk) -> str:
    """An endpoint with one message that waits; returns the message's id."""
    made = await endpoints.register(desk.service.service.sender, 1, HOOK, [], f"till {HOSTILE}", ADA)
    message, now = "msg_" + "0" * 36, micros(clock.utc_now())
    await desk.change(
        "INSERT INTO webhook_message (shard, endpoint_number, message_id, programme_number, member_id, topic, "
        "body_text, at_us, next_at_us, http_status) VALUES (0, $1, $2, 1, $3, 'points.earned', '{}', $4, $4, 503)",
        made.endpoint.number,
        message,
        desk.member,
        now,
    )
    return message


async def with_notice(desk: Desk, attempts: int) -> None:
    await desk.change(
        "INSERT INTO notice (shard, member_id, kind, notice_key, programme_number, at_us, body_text, state, attempts, "
        "next_at_us, reason) VALUES (0, $1, 'expiry', 'k', 1, 1, '{}', 0, $2, 1, 'no mailbox ada@example.test')",
        desk.member,
        attempts,
    )


async def test_what_came_in_is_listed_with_what_became_of_it(desk: Desk) -> None:
    (letter,) = await desk.service.rows("SELECT shard, id, reason FROM delivery WHERE state = 2")
    for role, sees in (("read-only", False), ("support", True)):
        browser = await desk.browser(role)
        read = await page_of(browser, INBOX)
        assert SAID["traffic.state-done"] in read.said and SAID["traffic.state-parked"] in read.said
        assert "order 5123" in read.said and (letter["reason"] in read.said) is sees
        html = (await browser.get(INBOX)).text
        (order,) = re.findall(r'href="(/console/orders/[^"]+)"', html)
        assert (await browser.get(order)).status_code == 200
        name = f"delivery:{letter['shard']}:{letter['id']}"
        assert f"/console/activity/letter?id={quote(name)}" in html


async def test_the_filters_leave_what_they_say(desk: Desk) -> None:
    browser, shop = await desk.browser(), desk.service.connections["woocommerce"]
    other = desk.service.connections["shopify"]
    done = await page_of(browser, f"{INBOX}?state=done&shop={shop.number}")
    assert "order 5123" in done.said and "78" not in done.said
    parked = await page_of(browser, f"{INBOX}?state=parked")
    assert "5123" not in parked.said and "78" in parked.said
    assert SAID["traffic.inbox-none"] in (await page_of(browser, f"{INBOX}?shop={other.number}")).said
    bad = ("state=x", "shop=99", "shop=-1", "shop=１", "after=x", "after=1_x", f"after={'9' * 17}_1", "state=%00")
    for query in bad:
        assert (await browser.get(f"{INBOX}?{query}")).status_code == 404, query
    assert (await browser.get(f"{INBOX}?after={'9' * 16}_{'9' * 18}")).status_code == 200


async def test_a_name_that_is_no_number_is_for_those_who_may_see_people(desk: Desk) -> None:
    await desk.change("UPDATE delivery SET object_id = $1 WHERE object_id = '78'", "ada@example.test")
    for role, sees in (("read-only", False), ("support", True)):
        read = await page_of(await desk.browser(role), INBOX)
        assert ("ada@example.test" in read.said) is sees


async def test_every_delivery_stands_on_one_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one moment, too, and of every shop and state."""
    for number in range(200, 207):
        await desk.service.deliver("woocommerce", order_body("woocommerce", number, 1000))
        await desk.service.deliver("shopify", order_body("shopify", number, 1000))
    await desk.change("UPDATE delivery SET received_at_us = 1000 WHERE object_id <> '78'")
    session = desk.service.service.database.reading()
    shops = [one.number for one in desk.service.connections.values()]
    found, place = [], None
    while rows := await came_in(session, shops, list(DeliveryState), place, 3):
        found += rows
        place = rows[-1].place
    assert [one.id for one in found] == [
        row["id"] for row in await desk.service.rows("SELECT id FROM delivery ORDER BY received_at_us DESC, id DESC")
    ]
    assert len(found) == 16 and {one.state for one in found} >= {DeliveryState.WAITING, DeliveryState.PARKED}
    monkeypatch.setattr(console_traffic, "ROWS", 4)
    browser, address, seen = await desk.browser(), INBOX, 0
    while address:
        html = (await browser.get(address)).text
        seen += html.count('<p class="head">')
        further = re.findall(r'href="([^"]+)" rel="next"', html)
        address = further[0].replace("&amp;", "&") if further else ""
    assert seen == 16


async def test_every_waiting_thing_stands_on_one_page(desk: Desk) -> None:
    await desk.change("DELETE FROM push")
    shops = sorted(one.number for one in desk.service.connections.values())
    wanted = []
    for place in range(24):
        number, member, ref = shops[place % 2], f"{place // 6:032x}", f"c:{place}"
        at = 1000 + place % 3
        await desk.change(
            "INSERT INTO push (shard, member_id, connection_number, customer_ref, programme_number, next_at_us) "
            "VALUES (0, $1, $2, $3, 1, $4)",
            *(member, number, ref, at),
        )
        wanted.append((at, number, (member, ref)))
    session, found, behind = desk.service.service.database.reading(), [], None
    while rows := await goes_out(session, "push", shops, behind, 5):
        found += rows
        behind = rows[-1].place
    assert len(found) == 24 and {(one.place.at_us, one.source, one.key) for one in found} == set(wanted)
    assert [one.next_at for one in found] == sorted(one.next_at for one in found)


async def test_a_push_that_is_put_off_goes_out_now_and_once(desk: Desk) -> None:
    await desk.put_off("push")
    for role, may, sees in (("read-only", False, False), ("support", True, True)):
        read = await page_of(await desk.browser(role), OUTBOX)
        assert SAID["traffic.attempts"].format(count=3) in read.said and desk.member[:8] in read.said
        assert (SAID["traffic.push-now"] in read.said) is may and (HOSTILE in read.said) is sees
    browser, before = await desk.browser("support"), await desk.column("push", "wanted")
    answers = [await desk.send(browser, "/push", member=desk.member) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {f"{OUTBOX}?said=traffic-now"}
    assert await desk.column("push", "wanted") == [one + 1 for one in before], "once"
    assert max(await desk.column("push", "next_at_us")) <= micros(clock.utc_now() + timedelta(minutes=2))
    assert SAID["traffic.push-now"] not in (await page_of(browser, OUTBOX)).said
    await desk.change("UPDATE push SET state = 1")
    for member in (desk.member, uuid.uuid4().hex, "x", "", "\x00"):
        assert "said=traffic-gone" in (await desk.send(browser, "/push", member=member)).headers["location"]
    assert await desk.column("push", "state") == [1] * len(before)


async def test_a_shop_that_rests_says_until_when(desk: Desk) -> None:
    await desk.put_off("push")
    later = clock.utc_now() + timedelta(minutes=50)
    await desk.change(
        "UPDATE connection SET silent_since_us = 1, rests_until_us = $1, rests = 1, silent_why = 'x'", micros(later)
    )
    read = await page_of(await desk.browser(), OUTBOX)
    assert SAID["traffic.rests"] in read.said and moment_text(later, "Europe/Berlin") in read.said
    assert SAID["traffic.push-now"] not in read.said, "it would go nowhere"


async def test_a_message_that_is_put_off_is_sent_now_and_once(desk: Desk) -> None:
    message, there = await with_message(desk), f"{OUTBOX}?kind=webhook"
    await desk.put_off("webhook_message")
    for role in ("read-only", "support", "manager"):
        read = await page_of(await desk.browser(role), there)
        assert "points.earned" in read.said and f"till {HOSTILE}" in read.said and "HTTP 503" in read.said
        assert "secret-path" not in read.said
        assert (SAID["traffic.send-now"] in read.said) is (role == "manager")
    browser, (number,) = await desk.browser(), await desk.column("webhook_endpoint", "number")
    support = await desk.browser("support")
    assert (await desk.send(support, "/send", endpoint=str(number), message=message)).status_code == 403
    answers = [await desk.send(browser, "/send", endpoint=str(number), message=message) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {f"{there}&said=traffic-now"}
    assert await desk.service.number("SELECT count(*) FROM programme_deed WHERE act = 'webhook-replay'") == 1
    await desk.change("UPDATE webhook_message SET state = 1")
    wrong = ((str(number), message), (str(number), "msg_1"), ("99", message), ("x", message), (str(number), "\x00"))
    for endpoint, one in wrong:
        sent = await desk.send(browser, "/send", endpoint=endpoint, message=one)
        assert "said=traffic-gone" in sent.headers["location"]
    assert await desk.column("webhook_message", "state") == [1], "what was taken is not sent again"


async def test_a_stopped_endpoint_is_told_and_offers_nothing(desk: Desk) -> None:
    await with_message(desk)
    await desk.put_off("webhook_message")
    await desk.change("UPDATE webhook_endpoint SET disabled_at_us = 1, problem = 'x'")
    read = await page_of(await desk.browser(), f"{OUTBOX}?kind=webhook")
    assert SAID["traffic.stopped"] in read.said and SAID["traffic.send-now"] not in read.said


async def test_a_notice_that_fails_leads_to_its_letter(desk: Desk) -> None:
    await with_notice(desk, 4)
    there = f"{OUTBOX}?kind=notice"
    for role, sees in (("read-only", False), ("support", True)):
        read = await page_of(await desk.browser(role), there)
        assert SAID["mail-kind.expiry"] in read.said and ("ada@example.test" in read.said) is sees
        assert SAID["traffic.to-letter"] not in read.said
    await desk.change("UPDATE notice SET attempts = 5")
    assert SAID["traffic.to-letter"] in (await page_of(await desk.browser(), there)).said


def test_every_kind_of_notice_has_words() -> None:
    for language in TABLES:
        assert [kind for kind in TELLERS if mail_kind(kind, language) == kind] == []


async def test_nothing_of_another_merchant_is_seen_or_sent(desk: Desk) -> None:
    message = await with_message(desk)
    await with_notice(desk, 1)
    for table in ("push", "webhook_message", "notice"):
        await desk.put_off(table)
    before = json.dumps([await desk.column(t, "next_at_us") for t in ("push", "webhook_message", "notice")])
    stranger, (number,) = await stranger_of(desk.service), await desk.column("webhook_endpoint", "number")
    assert SAID["traffic.inbox-none"] in (await page_of(stranger, INBOX)).said
    shop = desk.service.connections["woocommerce"].number
    assert (await stranger.get(f"{INBOX}?shop={shop}")).status_code == 404
    for kind in GOING:
        assert SAID["traffic.outbox-none"] in (await page_of(stranger, f"{OUTBOX}?kind={kind}")).said
    for path, fields in (
        ("/push", {"member": desk.member}),
        ("/send", {"endpoint": str(number), "message": message}),
    ):
        assert "said=traffic-gone" in (await desk.send(stranger, path, **fields)).headers["location"]
    after = json.dumps([await desk.column(t, "next_at_us") for t in ("push", "webhook_message", "notice")])
    assert after == before


async def test_what_cannot_be_read_is_not_found(desk: Desk) -> None:
    browser = await desk.browser()
    for query in ("kind=x", "kind=credit", "after=x", "after=1_2_", f"after={'9' * 17}_1_x", "after=1_1_%00"):
        assert (await browser.get(f"{OUTBOX}?{query}")).status_code == 404, query
    for kind in GOING:
        for after in (f"{'9' * 16}_{'9' * 9}_x", "1_1_a%0Ab%0Ac%0Ad", "1_1_a%0Ab"):
            assert (await browser.get(f"{OUTBOX}?kind={kind}&after={after}")).status_code == 200


async def test_each_stretch_is_read_by_its_index(
    desk: Desk, prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much a shop has sent, a page reads a page: no row is sorted, and none is passed over."""
    seen: dict[str, tuple[Any, ...]] = {}
    rows = Session.rows

    async def watched(session: Session, sql: str, *values: Any) -> Any:
        seen.setdefault(sql, values)
        return await rows(session, sql, *values)

    session = desk.service.service.database.reading()
    monkeypatch.setattr(Session, "rows", watched)
    await came_in(session, [1], [DeliveryState.DONE], (5, 5), 10)
    for kind, key in (("push", ("m", "c")), ("webhook", ("x",)), ("notice", ("m", "k", "n"))):
        await goes_out(session, kind, [1], Place(5, 1, key), 10)
    monkeypatch.undo()
    assert len(seen) == 4
    for sql, values in seen.items():
        plan = await plan_of(prepared_database_url, sql, values)
        assert re.search("delivery_listed|push_due|webhook_message_due|notice_listed", plan), (sql, plan)
        assert not re.search("TEMP B-TREE|Sort", plan), (sql, plan)
