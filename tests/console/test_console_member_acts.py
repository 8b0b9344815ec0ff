"""What people do to a member in the console: once, with a reason, with their role, and never to somebody else's."""

from __future__ import annotations

import uuid

import httpx
import pytest

from connector.console.words import TABLES
from connector.routes.console_pages import PAGES
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.store_settings import PLUGIN_ADJUSTS
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import HOSTILE, called, form_of, member_of, page_of, plugin_of_other, signed_in

PARTS = ("overview", "rewards", "standing", "person", "audit")


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return plugin


async def sent(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """A form of the member's page, as a browser sends it."""
    form = form_of((await browser.get("/console/members")).text)
    return await browser.post(path, data={"form": form, "once": str(uuid.uuid4()), "reason": "asked by mail", **fields})


async def balance(service: Outside) -> int:
    return await service.number("SELECT sum(points) FROM balance")


async def test_points_move_once_however_often_the_form_is_sent(service: Outside, plugin: Plugin) -> None:
    browser, member, before = await signed_in(service, plugin), await member_of(service), await balance(service)
    path, once = f"/console/members/{member}/adjust", str(uuid.uuid4())
    for _ in range(2):
        answer = await sent(browser, path, points="25", once=once)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/members/{member}?said=adjusted")
    assert await balance(service) == before + 25
    said = (await page_of(browser, f"/console/members/{member}?said=adjusted")).said
    assert TABLES["en"]["said.adjusted"] in said and "asked by mail" in said
    assert (await sent(browser, path, points="-5")).status_code == 303
    assert await balance(service) == before + 20
    again = await sent(browser, path, points="30", once=once)
    assert again.status_code == 409 and TABLES["en"]["refusal.key-used-for-something-else"] in again.text
    audit = (await page_of(browser, f"/console/members/{member}?part=audit")).said
    assert TABLES["en"]["act.adjust"] in audit and "asked by mail" in audit


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"points": "25", "reason": " "}, "reason-missing"),
        ({"points": "0"}, "adjust-nothing"),
        ({"points": "many"}, "points-not-read"),
        ({"points": "9" * 13}, "points-not-read"),
        ({"points": "-1000000"}, "other"),
    ],
)
async def test_a_refusal_is_the_same_page_with_what_was_typed(
    service: Outside, plugin: Plugin, fields: dict[str, str], refusal: str
) -> None:
    browser, before = await signed_in(service, plugin, language="de"), await balance(service)
    answer = await sent(browser, f"/console/members/{await member_of(service)}/adjust", **fields)
    assert answer.status_code == 409 and TABLES["de"]["refusal.nothing"] in answer.text
    assert refusal == "other" or TABLES["de"][f"refusal.{refusal}"] in answer.text
    assert f'value="{fields["points"]}"' in answer.text and await balance(service) == before


async def test_where_the_operator_keeps_points_from_shops_people_nobody_moves_any(
    service: Outside, plugin: Plugin
) -> None:
    browser, before = await signed_in(service, plugin), await balance(service)
    number = service.connections["woocommerce"].number

    async def off(session: Session) -> None:
        await session.run(
            "UPDATE connection SET settings = $1 WHERE number = $2", f'{{"{PLUGIN_ADJUSTS}": "no"}}', number
        )

    await atomic(service.service.database, off)
    service.service.targets.forget()
    answer = await sent(browser, f"/console/members/{await member_of(service)}/adjust", points="5")
    assert TABLES["en"]["refusal.adjusting-switched-off"] in answer.text and await balance(service) == before


async def test_somebody_is_blocked_and_brought_back(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin, role="support"), await member_of(service)
    for status in ("blocked", "active", "left"):
        answer = await sent(browser, f"/console/members/{member}/status", status=status)
        assert answer.headers["location"] == f"/console/members/{member}?part=person&said=status-set"
        text = (await browser.get(f"/console/members/{member}?part=person")).text
        assert TABLES["en"][f"status.{status}"] in text
    for odd in ("merged", "erased", "x", ""):
        assert (await sent(browser, f"/console/members/{member}/status", status=odd)).status_code == 409
    assert await service.number("SELECT count(*) FROM audit WHERE act IN ('block', 'unblock', 'leave')") == 3


async def test_tier_and_badge_that_there_are_not_are_refused_in_words(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin), await member_of(service)
    at = f"/console/members/{member}"
    for path, fields, code in (
        ("tier", {"tier": "none"}, "tier-unknown"),
        ("badges", {"badge": HOSTILE}, "badge-unknown"),
        ("badges/none/take", {"award_key": ""}, "badge-not-held"),
        (f"redemptions/{'0' * 32}/cancel", {}, "redemption-unknown"),
    ):
        answer = await sent(browser, f"{at}/{path}", **fields)
        assert answer.status_code == 409 and TABLES["en"][f"refusal.{code}"] in answer.text, path
    assert (await sent(browser, f"{at}/redemptions/x/cancel")).status_code == 404


async def test_the_shops_show_a_member_anew(service: Outside, plugin: Plugin) -> None:
    browser, member = await signed_in(service, plugin), await member_of(service)
    before = await service.number("SELECT max(wanted) FROM push")
    assert (await sent(browser, f"/console/members/{member}/push")).status_code == 303
    assert await service.number("SELECT max(wanted) FROM push") == before + 1


@pytest.mark.parametrize("part", PARTS)
async def test_every_part_escapes_names_and_hides_them_from_read_only(
    service: Outside, plugin: Plugin, part: str
) -> None:
    await called(service, HOSTILE)
    member = await member_of(service)
    support = await signed_in(service, plugin, role="support")
    await sent(support, f"/console/members/{member}/adjust", points="5", reason=HOSTILE)
    for role, sees in (("read-only", False), ("support", True)):
        browser = await signed_in(service, plugin, role=role)
        read = await page_of(browser, f"/console/members/{member}?part={part}")
        assert (HOSTILE in read.said) is (sees or part == "overview")
        text = (await browser.get(f"/console/members/{member}?part={part}")).text
        assert ("ada@example.test" in text) is sees
        assert sees or f"/console/members/{member}/" not in text
    assert (await browser.get(f"/console/members/{member}?part=../x")).status_code == 200


async def test_nobody_acts_on_a_member_of_another_programme_or_without_the_role(
    service: Outside, plugin: Plugin
) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    stranger = await signed_in(service, await plugin_of_other(service))
    reader = await signed_in(service, plugin, role="read-only")
    member, before = await member_of(service), await balance(service)
    fields = {"points": "5", "status": "blocked", "tier": "t", "badge": "b", "award_key": ""}
    noted = await service.number("SELECT count(*) FROM audit")
    deeds = [one.path for one in PAGES if one.method == "POST" and one.path.startswith("/console/members/{id}/")]
    assert len(deeds) >= 7
    for path in deeds:
        named = path.replace("{id}", member).replace("{badge}", "b").replace("{redemption}", "0" * 32)
        assert (await sent(stranger, named, **fields)).status_code == 404, path
        assert (await sent(reader, named, **fields)).status_code == 403, path
    assert await balance(service) == before
    assert await service.number("SELECT count(*) FROM audit") == noted
