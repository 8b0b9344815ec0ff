"""What people of a shop see and do in its administration: only their own shop's, within the programme's limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.routes import store_desk
from connector.storage.atomic import atomic
from connector.storage.connections import set_setting
from connector.storage.session import Session
from connector.verify import verify
from tests.builders import KEYS
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of

OTHER = bytes(range(50, 82))
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 300, "second_person_above": 100},
}
DEED = {"customer": "7", "points": 10, "reason": "parcel came late", "actor": "Ada", "key": "wp-admin-000001"}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, DOCUMENT) as found:
        await found.deliver("woocommerce", order_body("woocommerce", 5123, 5000, 7))
        await found.work()
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    return await plugin_of(service)


async def told(plugin: Plugin, purpose: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await plugin.call(purpose, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def adjustments(service: Outside) -> list[int]:
    rows = await service.rows("SELECT points FROM entry WHERE kind = 'adjust' ORDER BY n")
    return [row["points"] for row in rows]


async def test_an_order_tells_its_points_and_how_they_came(plugin: Plugin) -> None:
    found = await told(plugin, "order", {"id": "5123", "language": "de"})
    assert (found["state"], found["points"], found["language"]) == ("available", 50, "de")
    (entry,) = found["entries"]
    assert (entry["kind"], entry["points"]) == ("earn", 50)
    assert "50" in entry["why"] and any("50" in step for step in entry["calculation"])
    (lot,) = found["lots"]
    assert (lot["points"], lot["left"], lot["is_available"]) == (50, 50, True)
    assert (found["why_not"], found["vouchers"]) == ([], [])


async def test_an_order_of_many_entries_tells_the_newest_and_what_all_come_to(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_desk, "ENTRIES_MAX", 2)
    body = json.loads(order_body("woocommerce", 5123, 5000, 7))
    for minute, status in enumerate(("cancelled", "completed", "cancelled", "completed")):
        changed = {**body, "status": status, "date_modified_gmt": f"2026-11-26T12:{minute:02}:00"}
        await service.deliver("woocommerce", json.dumps(changed).encode())
        await service.work()
    found = await told(plugin, "order", {"id": "5123"})
    assert ([entry["points"] for entry in found["entries"]], found["points"]) == ([50, -50], 50)


async def test_points_that_wait_say_until_when(prepared_database_url: str, tmp_path: Path) -> None:
    waits = {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 365}}}
    async with outside(prepared_database_url, tmp_path, waits) as service:
        plugin = await plugin_of(service)
        await service.deliver("woocommerce", order_body("woocommerce", 5123, 5000, 7))
        await service.work()
        found = await told(plugin, "order", {"id": "5123"})
        (lot,) = found["lots"]
        assert (found["state"], lot["is_available"]) == ("pending", False)
        assert lot["matures_at"].endswith("Z")


async def test_an_order_that_earned_nothing_says_why(service: Outside, plugin: Plugin) -> None:
    await service.deliver("woocommerce", order_body("woocommerce", 5124, 10, 7))
    await service.work()
    found = await told(plugin, "order", {"id": "5124"})
    assert (found["state"], found["points"], found["entries"]) == ("nothing", 0, [])
    assert found["why_not"] and all(found["why_not"])


async def test_of_an_order_that_nobody_told_nothing_is_known(plugin: Plugin) -> None:
    for unknown in ("999", "5123 OR 1=1", "5123'--", "%", "51_3"):
        found = await told(plugin, "order", {"id": unknown})
        assert (found["state"], found["points"], found["entries"]) == ("unknown", 0, [])


async def test_an_order_without_an_account_is_nobodys(service: Outside, plugin: Plugin) -> None:
    await service.deliver("woocommerce", order_body("woocommerce", 5125, 5000, 0))
    await service.work()
    assert (await told(plugin, "order", {"id": "5125"}))["state"] == "guest"


async def test_another_shop_of_the_programme_has_other_orders_and_customers(service: Outside, plugin: Plugin) -> None:
    other = await plugin_of(service, "shopify", OTHER)
    assert (await told(other, "order", {"id": "5123"}))["state"] == "unknown"
    found = await told(other, "member", {"customer": "7"})
    assert (found["member"], found["details"]) == (None, {})
    done = await told(other, "adjust", DEED)
    assert (done["state"], done["code"], done["available"]) == ("refused", "member-unknown", None)
    assert await adjustments(service) == []


async def test_a_member_in_the_language_asked_for(plugin: Plugin) -> None:
    found = await told(plugin, "member", {"customer": "7", "language": "de"})
    details = found["details"]
    assert (found["language"], found["may_adjust"]) == ("de", True)
    assert (details["status"], details["available"], details["pending"]) == ("active", 50, 0)
    assert [entry["points"] for entry in details["entries"]] == [50]
    english = (await told(plugin, "member", {"customer": "7"}))["details"]
    assert english["entries"][0]["why"] != details["entries"][0]["why"]


async def test_somebody_who_never_bought_is_no_member(plugin: Plugin) -> None:
    assert (await told(plugin, "member", {"customer": "4711"}))["member"] is None


async def test_points_are_given_once_with_the_name_of_who_did_it(service: Outside, plugin: Plugin) -> None:
    answers = [await told(plugin, "adjust", DEED) for _ in range(3)]
    assert [(one["state"], one["available"]) for one in answers] == [("done", 60)] * 3
    assert await adjustments(service) == [10]
    (row,) = await service.rows(
        "SELECT n.actor, a.through, a.person FROM audit a JOIN audit_note n ON n.audit_id = a.audit_id "
        "WHERE a.act = 'adjust'"
    )
    number = service.connections["woocommerce"].number
    assert (row["actor"], row["through"], row["person"]) == ("shop: Ada", f"store:{number}", "")
    assert (await verify(service.service.database, KEYS)).ok


@pytest.mark.parametrize("name", ["customer", "actor", "key"])
async def test_a_line_end_makes_no_second_name_of_anything(service: Outside, plugin: Plugin, name: str) -> None:
    answer = await plugin.call("adjust", {**DEED, name: f"{DEED[name]}\n"})
    assert (answer.status_code, await adjustments(service)) == (400, [])
    assert (await plugin.call("order", {"id": "5123\n"})).status_code == 400


async def test_clicks_at_once_are_one_deed(service: Outside, plugin: Plugin) -> None:
    await asyncio.gather(*(plugin.call("adjust", DEED) for _ in range(8)))
    assert await adjustments(service) == [10]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"points": -51}, "not-enough-points"),
        ({"points": 0}, "adjust-nothing"),
        ({"points": 301}, "adjust-above-maximum"),
        ({"points": -301}, "adjust-above-maximum"),
        ({"points": 10**12}, "adjust-above-maximum"),
        ({"points": 101}, "adjust-not-in-shop"),
        ({"reason": "   "}, "adjust-reason-missing"),
    ],
)
async def test_what_the_engine_refuses_is_refused_in_words(
    service: Outside, plugin: Plugin, changed: dict[str, Any], code: str
) -> None:
    found = await told(plugin, "adjust", {**DEED, **changed})
    assert (found["state"], found["code"], found["available"]) == ("refused", code, 50)
    assert len(found["problem"]) > 20
    assert await adjustments(service) == []


async def test_small_steps_do_not_pass_the_limit(service: Outside, plugin: Plugin) -> None:
    """Nor other names: of a shop's people nobody is proven to be another one."""
    first = await told(plugin, "adjust", {**DEED, "points": 90})
    second = await told(plugin, "adjust", {**DEED, "points": 20, "key": "wp-admin-000002", "actor": "Bea"})
    assert (first["state"], second["code"]) == ("done", "adjust-not-in-shop")
    assert await adjustments(service) == [90]


async def test_a_key_stands_for_one_deed(service: Outside, plugin: Plugin) -> None:
    await told(plugin, "adjust", DEED)
    again = await told(plugin, "adjust", {**DEED, "points": 20})
    assert (again["state"], again["code"]) == ("refused", "key-used-for-something-else")
    assert await adjustments(service) == [10]


@pytest.mark.parametrize(
    "changed",
    [
        {"points": 10**13},
        {"points": 1.5},
        {"points": "10"},
        {"reason": ""},
        {"actor": ""},
        {"actor": "A\nda"},
        {"key": "short"},
        {"customer": ""},
        {"more": 1},
    ],
)
async def test_what_is_no_deed_is_not_read(service: Outside, plugin: Plugin, changed: dict[str, Any]) -> None:
    assert (await plugin.call("adjust", {**DEED, **changed})).status_code == 400
    assert await adjustments(service) == []


async def test_the_operator_may_switch_it_off(service: Outside, plugin: Plugin) -> None:
    async def switch(session: Session) -> None:
        await set_setting(session, service.connections["woocommerce"].number, "plugin_adjusts", "no")

    await atomic(service.service.database, switch)
    service.service.targets.forget()
    found = await told(plugin, "adjust", DEED)
    assert (found["state"], found["code"]) == ("refused", "adjusting-switched-off")
    seen = await told(plugin, "member", {"customer": "7"})
    assert (seen["may_adjust"], seen["details"]["available"]) == (False, 50)
    assert await adjustments(service) == []
