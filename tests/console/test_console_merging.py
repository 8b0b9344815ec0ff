"""Merging, giving and erasing in the console: shown first, done once, with a reason, by whoever may."""

from __future__ import annotations

import json
import uuid

import pytest

from connector.console.words import TABLES
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_member_acts import balance, sent
from tests.console.visiting import HOSTILE, called, member_of, page_of, signed_in


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop with two members."""
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.deliver("woocommerce", order_body("woocommerce", 5124, 2000, customer=8))
    await service.work()
    return plugin


async def other_of(service: Outside) -> str:
    (row,) = await service.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    return str(uuid.UUID(row["member_id"]))


async def test_two_members_are_shown_side_by_side_and_become_one(service: Outside, plugin: Plugin) -> None:
    await called(service, HOSTILE)
    browser, member, other = await signed_in(service, plugin), await member_of(service), await other_of(service)
    before, at = await balance(service), f"/console/members/{member}"
    asked = await sent(browser, f"{at}/merge/look", other="8")
    assert asked.status_code == 200 and TABLES["en"]["merge.outlook"] in asked.text and other in asked.text
    assert "<script>alert" not in asked.text and await service.number("SELECT count(*) FROM merge") == 0
    for _ in range(2):
        done = await sent(browser, f"{at}/merge", going=other)
        assert (done.status_code, done.headers["location"]) == (303, f"{at}?said=merged")
    assert await service.number("SELECT count(*) FROM merge") == 1 and await balance(service) == before
    assert f"/console/members/{other}" in (await browser.get(f"{at}?part=person")).text
    gone = await page_of(browser, f"/console/members/{other}?part=person")
    assert TABLES["en"]["status.merged"] in gone.said and TABLES["en"]["unmerge.title"] in gone.said
    shown = await page_of(browser, f"/console/members/{other}/unmerge")
    assert TABLES["en"]["unmerge.back"] in shown.said
    back = await sent(browser, f"/console/members/{other}/unmerge")
    assert back.headers["location"] == f"/console/members/{other}?said=unmerged"
    assert TABLES["en"]["status.active"] in (await page_of(browser, f"/console/members/{other}")).said
    assert await balance(service) == before


@pytest.mark.parametrize(
    ("wanted", "code"), [("7", "merge-with-oneself"), ("9", "member-unknown"), ("eve@shop.example", "member-unknown")]
)
async def test_what_cannot_be_merged_is_said_in_words(service: Outside, plugin: Plugin, wanted: str, code: str) -> None:
    browser, member = await signed_in(service, plugin, language="es"), await member_of(service)
    asked = await sent(browser, f"/console/members/{member}/merge/look", other=wanted)
    assert TABLES["es"][f"refusal.{code}"] in asked.text
    done = await sent(browser, f"/console/members/{member}/merge", going=wanted)
    assert done.status_code == 409 and TABLES["es"][f"refusal.{code}"] in done.text
    shown = await browser.get(f"/console/members/{member}/unmerge")
    assert TABLES["es"]["refusal.not-merged"] in shown.text
    assert (await sent(browser, f"/console/members/{member}/unmerge")).status_code == 409
    assert await service.number("SELECT count(*) FROM merge") == 0


async def test_a_merge_needs_a_reason(service: Outside, plugin: Plugin) -> None:
    browser, member, other = await signed_in(service, plugin), await member_of(service), await other_of(service)
    done = await sent(browser, f"/console/members/{member}/merge", going=other, reason=" ")
    assert done.status_code == 409 and TABLES["en"]["refusal.reason-missing"] in done.text
    assert await service.number("SELECT count(*) FROM merge") == 0


async def test_everything_about_a_person_is_a_file_and_asking_is_noted(service: Outside, plugin: Plugin) -> None:
    await called(service, HOSTILE)
    browser, member = await signed_in(service, plugin, role="manager"), await member_of(service)
    refused = await sent(browser, f"/console/members/{member}/data/export", reason="")
    assert refused.status_code == 409
    answer = await sent(browser, f"/console/members/{member}/data/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="member-{member[:8]}.json"'
    assert json.loads(answer.text)["memberships"][0]["person"]["first_name"] == HOSTILE
    assert await service.number("SELECT count(*) FROM audit WHERE act = 'export'") == 1
    support = await signed_in(service, plugin, role="support")
    assert (await support.get(f"/console/members/{member}/data")).status_code == 403
    assert TABLES["en"]["data.title"] not in (await support.get(f"/console/members/{member}?part=person")).text


async def test_erasing_needs_the_owner_and_the_short_id(service: Outside, plugin: Plugin) -> None:
    await called(service, "Adalbert")
    browser, member = await signed_in(service, plugin), await member_of(service)
    path = f"/console/members/{member}/data/erase"
    manager = await signed_in(service, plugin, role="manager")
    assert (await sent(manager, path, typed=member[:8])).status_code == 403
    assert TABLES["en"]["data.erase"] not in (await manager.get(f"/console/members/{member}/data")).text
    wrong = await sent(browser, path, typed="00000000")
    assert wrong.status_code == 409 and TABLES["en"]["refusal.id-not-typed"] in wrong.text
    assert await service.number("SELECT count(*) FROM member WHERE status = 'erased'") == 0
    for _ in range(2):
        done = await sent(browser, path, typed=member[:8])
        assert (done.status_code, done.headers["location"]) == (303, f"/console/members/{member}?said=erased")
    text = (await browser.get(f"/console/members/{member}")).text
    assert "Adalbert" not in text and TABLES["en"]["status.erased"] in text
