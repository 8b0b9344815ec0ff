"""The console's queues: what waits for a person's yes or no is decided once, by role, with a reason."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people import referrals
from connector.people.signs import Shown
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.storage.atomic import atomic
from connector.storage.held_awards import HeldAward, HeldState, put_held
from connector.storage.store_credits import CreditRow, KeptCredit, credit_key, keep_credit
from tests.builders import DOCUMENT
from tests.connector.community import Community
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import PUBLIC, form_of, page_of, signed_in

SAID = TABLES["en"]
TOUR = {"id": "tour", "kind": "perk", "points": 1, "name": {"en": "a tour <b>"}}
RULES: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "referral": {"referrer": 50, "friend": 30, "min_order": "10.00"},
    "rewards": [TOUR],
    "badges": [{"id": "voice", "levels": {"gold": "helpful_received >= 6"}, "name": {"en": "Good voice"}}],
}
FLAT = Shown(household="Main St. 1, Berlin", phone="+49 170 1234")
VOTES = {"mutual": 3, "received": 4}
HOSTILE = "<script>alert(1)</script>\"'&"


@dataclass
class Desk:
    service: Outside
    plugin: Plugin
    town: Community

    async def browser(self, role: str = "manager") -> httpx.AsyncClient:
        return await signed_in(self.service, self.plugin, role=role)

    async def send(self, browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
        form = form_of((await browser.get("/console/connection")).text)
        return await browser.post(f"/console/{path}", data={"form": form, **fields})

    @property
    def programme(self) -> int:
        return self.service.connections["woocommerce"].programme_number


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
        town = Community(service)
        await town.join(7, 8)
        yield Desk(service, await plugin_of(service), town)


async def referred(desk: Desk) -> str:
    """Customer 8 came with the code of 7, lives in their flat, and has ordered."""
    pipeline, (owner, friend) = desk.service.service.pipeline, (desk.town.members[7], desk.town.members[8])
    code = await referrals.own_code(pipeline, desk.programme, owner, FLAT)
    await referrals.register_friend(pipeline, desk.programme, friend, code, FLAT)
    at = (clock.utc_now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    order = {**json.loads(order_body("woocommerce", 20, 3_000, 8)), **dates, "billing": {}, "shipping": {}}
    await desk.service.deliver("woocommerce", json.dumps(order).encode())
    await desk.service.work()
    await referrals.settle_referrals(pipeline)
    return friend


async def asked_for(desk: Desk) -> str:
    """A tour that customer 7 asked for."""
    await desk.service.deliver("woocommerce", order_body("woocommerce", 21, 3_000, 7))
    await desk.service.work()
    shop, member = desk.service.connections["woocommerce"], desk.town.members[7]
    made = await redemptions.redeem(
        desk.service.service.pipeline, Wish(desk.programme, member, "tour", shop.number, "k1")
    )
    return str(made["redemption"])


async def test_a_referral_is_decided_once_with_a_reason(desk: Desk) -> None:
    friend, browser = await referred(desk), await desk.browser()
    read = await page_of(browser, "/console/referrals/waiting")
    assert SAID["sign.same-household"] in read.said and SAID["sign.same-phone"] in read.said
    bare = await desk.send(browser, "referrals/decide", friend=friend, decision="no", reason=" ")
    assert bare.status_code == 422 and SAID["queues.reason-missing"] in bare.text
    long = await desk.send(browser, "referrals/decide", friend=friend, decision="no", reason="x" * 501)
    assert long.status_code == 422 and SAID["queues.reason-long"] in long.text
    said = [
        (await desk.send(browser, "referrals/decide", friend=friend, decision="no", reason=HOSTILE)).headers["location"]
        for _ in range(2)
    ]
    assert said == [f"/console/referrals/waiting?said=queue-{how}" for how in ("decided", "gone")]
    (row,) = await desk.service.rows("SELECT referral_state, actor FROM referral")
    assert row["referral_state"] == "refused" and "Ada" in row["actor"]
    assert await desk.service.number("SELECT count(*) FROM audit WHERE act = 'referral-refuse'") == 2, "of both"
    assert SAID["queues.none"] in (await page_of(browser, "/console/referrals/waiting")).said


async def test_a_referral_passes(desk: Desk) -> None:
    friend, browser = await referred(desk), await desk.browser()
    assert (
        await desk.send(browser, "referrals/decide", friend=friend, decision="maybe", reason="x")
    ).status_code == 404
    await desk.send(browser, "referrals/decide", friend=friend, decision="yes", reason="Twins.")
    assert await desk.service.number("SELECT count(*) FROM referral WHERE referral_state = 'review'") == 0
    assert await desk.service.number("SELECT count(*) FROM audit WHERE act = 'referral-approve'") == 2


async def test_a_perk_is_given_by_support_and_once(desk: Desk) -> None:
    redemption = uuid.UUID(await asked_for(desk)).hex
    reader = await desk.browser("read-only")
    assert SAID["queues.perks-yes"] not in (await page_of(reader, "/console/rewards/waiting")).said
    support = await desk.browser("support")
    read = await page_of(support, "/console/rewards/waiting")
    assert "a tour <b>" in read.said and SAID["queues.perks-yes"] in read.said
    refused = await desk.send(support, "rewards/perk", redemption=redemption, decision="no")
    assert refused.status_code == 422, "the member reads why"
    said = [
        (await desk.send(support, "rewards/perk", redemption=redemption, decision="yes")).headers["location"]
        for _ in range(2)
    ]
    assert said == [f"/console/rewards/waiting?said=queue-{how}" for how in ("decided", "gone")]
    assert await desk.service.number("SELECT count(*) FROM audit WHERE act = 'perk-give'") == 1


async def test_an_award_that_rests_on_mutual_votes_is_decided(desk: Desk) -> None:
    member, browser = await voted(desk), await desk.browser()
    read = await page_of(browser, "/console/badges/waiting")
    assert SAID["sign.votes-mutual"].format(**VOTES) in read.said and "Good voice Gold" in read.said
    keys = {"member": member, "subject": "voice", "award_key": "", "level": "gold", "decision": "no"}
    wrong = await desk.send(browser, "badges/decide", **{**keys, "subject": "other"}, reason="x")
    assert "said=queue-gone" in wrong.headers["location"]
    said = [(await desk.send(browser, "badges/decide", **keys, reason="A ring.")).headers["location"] for _ in range(2)]
    assert said == [f"/console/badges/waiting?said=queue-{how}" for how in ("decided", "gone")]
    assert await desk.service.number("SELECT count(*) FROM audit WHERE act = 'award-refuse'") == 1


async def voted(desk: Desk) -> str:
    """Customer 7 has a badge that waits."""
    member = desk.town.members[7]
    held = HeldAward(member, "voice", "", "gold", HeldState.WAITING, "votes-mutual", VOTES, clock.utc_now())
    await atomic(desk.service.service.database, lambda session: put_held(session, desk.programme, [held]))
    return member


async def unclear(desk: Desk) -> str:
    shop, redemption = desk.service.connections["shopify"].number, uuid.uuid4().hex
    credit = KeptCredit(
        credit_key(shop, redemption, "9"),
        desk.programme,
        desk.town.members[7],
        "9",
        CreditRow.GIVING_UNCLEAR,
    )
    await atomic(desk.service.service.database, lambda session: keep_credit(session, credit, clock.utc_now()))
    await atomic(
        desk.service.service.database,
        lambda session: session.run("UPDATE store_credit SET reason = $1", f"nobody knows {HOSTILE}"),
    )
    return redemption


async def test_unclear_credit_asks_for_the_shops_number(desk: Desk) -> None:
    redemption = await unclear(desk)
    for role, sees in (("read-only", False), ("support", True)):
        read = await page_of(await desk.browser(role), "/console/rewards/waiting")
        assert SAID["sign.credit-give"] in read.said and (HOSTILE in read.said) is sees
    browser = await desk.browser()
    for transaction in ("", "x", "１"):
        sent = await desk.send(
            browser, "rewards/credit", redemption=redemption, decision="yes", reason="Seen.", transaction=transaction
        )
        assert sent.status_code == 422 and SAID["queues.transaction-missing"] in sent.text
    assert await desk.service.number("SELECT count(*) FROM store_credit WHERE state = 7") == 1


async def test_nothing_of_another_programme_is_seen_or_decided(desk: Desk) -> None:
    friend, redemption, credit = await referred(desk), uuid.UUID(await asked_for(desk)).hex, await unclear(desk)
    stranger = await stranger_of(desk.service)
    for path in ("referrals", "badges", "rewards"):
        assert SAID["queues.referrals-no"] not in (read := await page_of(stranger, f"/console/{path}/waiting")).said
        assert SAID["queues.none"] in read.said and friend[:8] not in read.said
    for path, keys in (
        ("referrals/decide", {"friend": friend}),
        ("rewards/perk", {"redemption": redemption}),
        ("rewards/perk", {"redemption": "\x00"}),
        ("rewards/credit", {"redemption": credit, "transaction": "1"}),
        ("badges/decide", {"member": friend, "subject": "voice"}),
    ):
        sent = await desk.send(stranger, path, decision="yes", reason="mine", **keys)
        assert "said=queue-gone" in sent.headers["location"], path
    assert await desk.service.number("SELECT count(*) FROM referral WHERE referral_state = 'review'") == 1
