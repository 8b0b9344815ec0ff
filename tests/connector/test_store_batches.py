"""Batches of a shop's plugin over HTTP: each item by itself, nothing of a copy, and all is kept before we say so."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from connector import clock
from connector.ingest.store_items import MAX_ITEMS, MAX_STATE_BYTES
from connector.storage.atomic import atomic
from connector.storage.connections import move_connection
from tests.connector.outside import Outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

SITE = "https://shop.example"


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    return await plugin_of(service)


def order(number: int = 5123, total: int = 4000, **changed: Any) -> dict[str, Any]:
    """The state of a paid order."""
    made = woocommerce_bodies.fetched_order(Story((SoldLine(90001, 1, total),), order_id=number, customer=7))
    made["order"] |= changed
    return made


def item(ref: str, kind: str, number: str, at: datetime | None = None, **told: Any) -> dict[str, Any]:
    return {"ref": ref, "kind": kind, "id": number, "read_at": moment(at or clock.utc_now()), **told}


def moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


async def send(plugin: Plugin, *items: Any, sent_at: datetime | None = None, **changed: Any) -> httpx.Response:
    body = {"site": SITE, "sent_at": moment(sent_at or clock.utc_now()), "items": list(items), **changed}
    return await plugin.call("batch", body)


async def states(plugin: Plugin, *items: Any, **changed: Any) -> list[tuple[str, str]]:
    answer = await send(plugin, *items, **changed)
    assert answer.status_code == 200, answer.text
    return [(each["ref"], each["state"]) for each in answer.json()["items"]]


async def points(service: Outside) -> int:
    await service.work()
    return await service.number("SELECT coalesce(sum(points), 0) FROM entry")


async def test_items_are_kept_and_worked_on_and_the_same_again_is_known(service: Outside, plugin: Plugin) -> None:
    told = item("12:3", "order", "5123", state=order())
    assert await states(plugin, told, item("13:1", "order", "5124", state=order(5124))) == [
        ("12:3", "kept"),
        ("13:1", "kept"),
    ]
    assert await points(service) == 80
    assert await states(plugin, told) == [("12:3", "known")]
    again = {**told, "ref": "12:4", "read_at": moment(clock.utc_now())}
    assert await states(plugin, again) == [("12:4", "kept")]
    assert await points(service) == 80


async def test_a_deleted_refund_needs_no_date_to_be_believed(service: Outside, plugin: Plugin) -> None:
    refund = {"id": 9, "amount": "40.00", "line_items": [], "date_created_gmt": "2026-11-22T10:00:00"}
    state = order()
    state["refunds"] = [refund]
    await states(plugin, item("1:1", "order", "5123", state=state))
    assert await points(service) == 0
    await states(plugin, item("1:2", "order", "5123", state=order()))
    assert await points(service) == 40


async def test_an_order_deleted_for_good_is_worth_nothing_until_it_is_read_later(
    service: Outside, plugin: Plugin
) -> None:
    now = clock.utc_now()
    await states(plugin, item("1:1", "order", "5123", now - timedelta(minutes=9), state=order()))
    assert await points(service) == 40
    gone = {"customer_id": 7, "status": "completed", "currency": "EUR", "total": "40.00"}
    await states(plugin, item("1:2", "order", "5123", now - timedelta(minutes=5), gone=gone))
    assert await points(service) == 0
    # A reading from before the deletion that comes late proves nothing; and nobody is asked to read the order.
    await states(plugin, item("1:3", "order", "5123", now - timedelta(minutes=7), state=order(total=4100)))
    assert await points(service) == 0
    assert await service.number("SELECT count(*) FROM read_wish") == 0
    await states(plugin, item("1:4", "order", "5123", now - timedelta(minutes=1), state=order()))
    assert await points(service) == 40


async def test_what_cannot_be_kept_is_refused_alone_and_what_cannot_be_read_is_set_aside(
    service: Outside, plugin: Plugin
) -> None:
    wrong: list[Any] = [
        {**item("r1", "order", "5123", state={}), "kind": "coupon"},
        item("r2", "order", "0", state={}),
        item("r3", "order", "5123"),
        {**item("r4", "order", "5123", state={}, gone={})},
        item("r5", "order", "5123", state={"order": {"id": 5124}}),
        item("r6", "order", "5123", state={"order": "x" * MAX_STATE_BYTES}),
        {**item("r7", "order", "5123", state={}), "read_at": "2026-11-27T12:00:00"},
        item("r8", "privacy", "7", state={"request": "export"}),
        17,
    ]
    good = item("g1", "order", "5123", state=order())
    unreadable = [
        item("u1", "order", "6000", state={"order": {"id": 6000, "total": "abc"}, "refunds": []}),
        item("u2", "review", "88", state={"status": "nice"}),
        item("u3", "customer", "9", state=["no customer"]),
    ]
    answer = (await send(plugin, *wrong, good, *unreadable)).json()["items"]
    assert [(each["ref"], each["state"]) for each in answer] == [
        *((f"r{number}", "refused") for number in range(1, 9)),
        ("", "refused"),
        ("g1", "kept"),
        ("u1", "kept"),
        ("u2", "kept"),
        ("u3", "kept"),
    ]
    assert all(each["problem"] for each in answer[:9])
    assert await points(service) == 40
    rows = await service.rows("SELECT topic, reason FROM delivery WHERE state = 2 ORDER BY topic")
    assert [row["topic"] for row in rows] == ["plugin/customer", "plugin/order", "plugin/review"]
    assert all(row["reason"] for row in rows)


@pytest.mark.parametrize(
    "site", ["https://staging.shop.example", "https://shop.example/copy", "https://shop.example:8443", "::", "shop"]
)
async def test_nothing_of_a_copy_is_kept_above_all_no_deletion(service: Outside, plugin: Plugin, site: str) -> None:
    await states(plugin, item("1:1", "order", "5123", state=order()))
    kept = await service.kept()
    answer = await send(plugin, item("1:2", "order", "5123", gone={}), site=site)
    assert (answer.status_code, answer.json()["code"]) == (409, "other-site")
    assert await service.kept() == kept
    assert await points(service) == 40


async def test_a_process_that_has_not_heard_of_a_move_looks_before_it_refuses(service: Outside, plugin: Plugin) -> None:
    assert (await send(plugin)).status_code == 200
    known = await service.service.targets.find(plugin.connection)
    assert known is not None
    # As another process does it: this one still knows the old address.
    await atomic(
        service.service.database, lambda session: move_connection(session, known.connection, "https://new.example", {})
    )
    told = item("1:1", "order", "5123", state=order())
    answer = await send(plugin, told, site="https://new.example")
    assert (answer.status_code, answer.json()["items"][0]["state"]) == (200, "kept")
    assert (await send(plugin, site=SITE)).status_code == 409


@pytest.mark.parametrize("site", ["http://shop.example", "https://SHOP.example/", "https://shop.example:443"])
async def test_the_same_place_may_be_written_otherwise(service: Outside, plugin: Plugin, site: str) -> None:
    assert (await send(plugin, site=site)).status_code == 200


async def test_too_many_items_and_what_is_no_batch_are_refused_as_a_whole(service: Outside, plugin: Plugin) -> None:
    many = [item(f"{number}:1", "order", "5123", state=order()) for number in range(MAX_ITEMS + 1)]
    assert (await send(plugin, *many)).status_code == 413
    assert (await plugin.call("batch", {"site": SITE})).status_code == 400
    assert (await plugin.call("batch", [])).status_code == 400
    assert await service.kept() == 0


@pytest.mark.parametrize("minutes", [-600, -3, 3, 600])
async def test_a_shop_whose_clock_is_wrong_is_placed_by_ours(service: Outside, plugin: Plugin, minutes: int) -> None:
    wrong = timedelta(minutes=minutes)
    before = clock.utc_now()
    shops_now = before + wrong
    told = item("1:1", "order", "5123", shops_now - timedelta(minutes=2), state=order())
    assert await states(plugin, told, sent_at=shops_now) == [("1:1", "kept")]
    [row] = await service.rows("SELECT read_at_us, received_at_us FROM delivery")
    age = timedelta(microseconds=row["received_at_us"] - row["read_at_us"])
    assert timedelta(minutes=2) <= age < timedelta(minutes=2, seconds=5)


async def test_what_was_read_after_it_was_sent_is_not_in_the_future(service: Outside, plugin: Plugin) -> None:
    await states(plugin, item("1:1", "order", "5123", clock.utc_now() + timedelta(days=1), state=order()))
    [row] = await service.rows("SELECT read_at_us, received_at_us FROM delivery")
    assert row["read_at_us"] == row["received_at_us"]


async def test_its_state_says_when_the_plugin_called_last(service: Outside, plugin: Plugin) -> None:
    assert (await plugin.call("state")).json()["last_batch_at"] is None
    await send(plugin, versions={"plugin": "0.2.0"}, queue={"depth": 3, "oldest": moment(clock.utc_now())})
    assert (await plugin.call("state")).json()["last_batch_at"] is not None
    [row] = await service.rows("SELECT queue_depth, versions_text FROM store_plugin")
    assert (row["queue_depth"], json.loads(row["versions_text"])) == (3, {"plugin": "0.2.0"})


async def test_no_webhook_can_pass_for_a_plugin(service: Outside) -> None:
    for topic in ("plugin/order", "plugin/order-gone", "plugin/customer", "plugin/privacy"):
        body = json.dumps(order()).encode()
        answer = await service.deliver("woocommerce", body, path=service.path("woocommerce", topic))
        assert answer.status_code == 404
    assert await service.kept() == 0
