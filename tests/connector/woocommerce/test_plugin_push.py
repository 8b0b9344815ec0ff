"""What our plugin answers to snapshots, removals and the programme becomes what the outbox works with."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import pytest

from connector.errors import ConfigProblem
from connector.platforms import Credentials, PushState, SnapshotPush
from connector.stores_show import ShownSnapshot
from connector.woocommerce import plugin_push
from connector.woocommerce.client import WooCommerceClient
from connector.woocommerce.plugin import ITEMS_MAX, PluginApi
from tests.connector.calls import FakeTime, Handler, api_over, json_answer
from tests.connector.woocommerce.fake_shop import connection

ROOT = "https://shop.example/wp-json/"
SECRET = bytes(range(32))


def plugin(handler: Handler) -> PluginApi:
    return PluginApi(connection(rest_url=ROOT), Credentials(to_shop=(SECRET,)), api_over(handler, FakeTime()))


def push(customer: str, counter: int = 1) -> SnapshotPush:
    return SnapshotPush(customer, json.dumps({"version": [1, counter], "name": "é"}), (1, counter))


def result(customer: str, state: str = "accepted", version: Any = (1, 1), reason: str = "") -> dict[str, Any]:
    return {"customer": customer, "state": state, "reason": reason, "version": version}


def answering(*results: dict[str, Any]) -> Handler:
    return lambda request: json_answer({"results": list(results)})


async def test_each_snapshot_has_its_own_end_in_order() -> None:
    pushes = [push(str(number)) for number in range(1, 7)]
    answers = [
        result("1"),
        result("2", "obsolete", (2, 9)),
        result("3", "gone", None),
        result("4", "refused", None, "too large"),
        result("5", "later"),
        result("6", "accepted", (1, 7)),
    ]
    found = await plugin_push.push_snapshots(plugin(answering(*answers)), pushes)
    assert [one.state for one in found] == [
        PushState.ACCEPTED,
        PushState.OBSOLETE,
        PushState.GONE,
        PushState.REFUSED,
        PushState.RETRY,
        PushState.RETRY,
    ]
    assert found[0].token == hashlib.sha256(pushes[0].body.encode()).hexdigest()
    assert found[3].reason == "too large"


@pytest.mark.parametrize("answers", [[], [result("2"), result("1")], [result("1")], [result("1")] * 2])
async def test_an_answer_that_is_not_about_each_of_them_says_nothing_of_any(answers: list[dict[str, Any]]) -> None:
    found = await plugin_push.push_snapshots(plugin(answering(*answers)), [push("1"), push("2")])
    assert [one.state for one in found] == [PushState.RETRY, PushState.RETRY]
    removed = await plugin_push.remove_snapshots(plugin(answering(*answers)), ["1", "2"])
    assert [one.state for one in removed] == [PushState.RETRY, PushState.RETRY]


async def test_what_is_too_large_for_the_server_goes_in_halves() -> None:
    sizes: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)["snapshots"]
        sizes.append(len(sent))
        if len(sent) > 2 or any(one["customer"] == "5" for one in sent):
            return httpx.Response(413, text="<html>too large</html>")
        return json_answer({"results": [result(one["customer"]) for one in sent]})

    found = await plugin_push.push_snapshots(plugin(handle), [push(str(number)) for number in range(1, 6)])
    assert [one.state for one in found] == [PushState.ACCEPTED] * 4 + [PushState.REFUSED]
    assert sizes == [5, 2, 3, 1, 2, 1, 1]


async def test_more_than_a_hundred_at_once_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="at most 100"):
        await plugin_push.push_snapshots(plugin(answering()), [push("1")] * (ITEMS_MAX + 1))


async def test_what_is_shown_is_read_by_customer() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        shown = {"customer": "1", "is_there": True, "version": [1, 42], "digest": "ab"}
        empty = {"customer": "2", "is_there": True, "version": None, "digest": None}
        gone = {"customer": "3", "is_there": False, "version": None, "digest": None}
        return json_answer({"customers": [gone, empty, shown]})

    found = await plugin_push.read_snapshots(plugin(handle), ["1", "2", "3", "4"])
    nobody = ShownSnapshot(is_there=False)
    assert found == [ShownSnapshot(True, (1, 42), "ab"), ShownSnapshot(True), nobody, nobody]


@pytest.mark.parametrize(
    ("kept", "state"), [("text", PushState.ACCEPTED), ("other", PushState.REFUSED), (None, PushState.REFUSED)]
)
async def test_the_programme_is_taken_if_the_shop_keeps_it_as_it_came(kept: str | None, state: PushState) -> None:
    found = await plugin_push.push_programme(plugin(lambda request: json_answer({"programme": kept})), "text")
    assert found.state is state


async def test_a_shop_with_the_plugin_is_told_by_its_routes_and_a_copy_is_no_such_shop() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("/state"):
            return json_answer({"site": "https://staging.example", "is_other_site": True})
        return json_answer({"results": [result("1")]})

    secrets = Credentials(
        to_shop=(SECRET,), api={"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}
    )
    client = WooCommerceClient(connection(rest_url=ROOT), secrets, api_over(handle, FakeTime()))
    assert [one.state for one in await client.push_snapshots([push("1")])] == [PushState.ACCEPTED]
    assert [one.state for one in await client.remove_snapshots(["1"])] == [PushState.ACCEPTED]
    with pytest.raises(ConfigProblem, match=r"staging\.example"):
        await client.check()
    assert asked == [f"/wp-json/belong/v1/{name}" for name in ("snapshots", "removals", "state")]
