"""Calls to the plugin are signed for one purpose each, and what it answers becomes an error that says what to do."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from connector.access.signatures import check_signature
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.platforms import Connection, Credentials
from connector.woocommerce.plugin import PluginApi, ShopState
from tests.connector.calls import FakeTime, Handler, api_over, json_answer, page_answer
from tests.connector.woocommerce.fake_shop import connection

NEW, OLD = bytes(range(32)), bytes(range(32, 64))
ROOT = "https://shop.example/wp-json/"


def plugin(handler: Handler, root: str = ROOT, *secrets: bytes) -> PluginApi:
    return PluginApi(connection(rest_url=root), Credentials(to_shop=secrets or (NEW,)), api_over(handler, FakeTime()))


def refusing(status: int, code: str) -> Handler:
    return lambda request: json_answer({"code": code, "message": "m", "data": {"status": status}}, status)


@pytest.mark.parametrize(
    ("root", "url"),
    [
        (ROOT, "https://shop.example/wp-json/belong/v1/state"),
        ("https://shop.example/sub/wp-json", "https://shop.example/sub/wp-json/belong/v1/state"),
        ("https://shop.example/?rest_route=/", "https://shop.example/?rest_route=/belong/v1/state"),
    ],
)
async def test_a_call_is_signed_over_id_time_and_body(root: str, url: str) -> None:
    heard: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return json_answer({"site": "https://shop.example", "is_other_site": True, "queue": {"depth": 3}})

    api = plugin(handle, root)
    assert await api.post("state", {}, ShopState) == ShopState("https://shop.example", True)
    await api.post("state", {}, ShopState)
    first, second = heard
    assert (str(first.url), first.method, first.content) == (url, "POST", b"{}")
    assert first.headers["webhook-id"].startswith("state_")
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    message = b".".join([first.headers["webhook-id"].encode(), first.headers["webhook-timestamp"].encode(), b"{}"])
    check_signature([first.headers["webhook-signature"].removeprefix("v1,").encode()], message, [NEW])


async def test_while_the_secret_changes_it_is_signed_with_both() -> None:
    signatures: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        signatures.extend(request.headers["webhook-signature"].split(" "))
        return json_answer({})

    await plugin(handle, ROOT, NEW, OLD).post("state", {}, ShopState)
    assert len(set(signatures)) == 2


async def test_a_repeated_id_is_tried_once_more_with_another() -> None:
    ids: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        ids.append(request.headers["webhook-id"])
        return refusing(409, "belong_replayed")(request) if len(ids) == 1 else json_answer({})  # type: ignore[return-value]

    await plugin(handle).post("state", {}, ShopState)
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        (refusing(401, "belong_wrong_signature"), ConfigProblem, "does not know our signature"),
        (refusing(401, "belong_stale_timestamp"), ConfigProblem, "clock"),
        (refusing(404, "belong_not_connected"), ConfigProblem, "not connected any more"),
        (refusing(404, "rest_no_route"), ConfigProblem, "Is it active"),
        (refusing(409, "belong_replayed"), Transient, "heard this before"),
        (refusing(409, "else"), Permanent, "(else)"),
        (refusing(401, "rest_forbidden"), ConfigProblem, "refuses us"),
        (refusing(403, "rest_forbidden"), ConfigProblem, "Pair the shop again"),
        (refusing(400, "rest_invalid_json"), Permanent, "refuses"),
        (refusing(500, "internal_server_error"), Transient, ""),
        (lambda request: page_answer(401), ConfigProblem, "refuses us"),
        (lambda request: page_answer(404), ConfigProblem, "Is it active"),
        (lambda request: page_answer(), Transient, "web page"),
        (lambda request: httpx.Response(301, headers={"location": "/x"}), ConfigProblem, ""),
    ],
)
async def test_what_it_refuses_says_what_to_do(handler: Any, kind: type[ConnectorError], words: str) -> None:
    with pytest.raises(kind) as caught:
        await plugin(handler).post("state", {}, ShopState)
    assert words in str(caught.value)
    assert base64.b64encode(NEW).decode() not in f"{caught.value} {caught.value.detail}"


@pytest.mark.parametrize(
    "root", ["http://shop.example/wp-json/", "https://127.0.0.1/wp-json/", "https://localhost:8000/"]
)
async def test_no_address_inside_is_called(root: str) -> None:
    with pytest.raises(ConfigProblem):
        await plugin(lambda request: json_answer({}), root).post("state", {}, ShopState)


@pytest.mark.parametrize("settings", [{}, {"rest_url": ROOT}])
def test_a_shop_that_is_not_paired_has_no_plugin(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigProblem, match="not paired"):
        PluginApi(connection(**settings), Credentials((b"secret",)), api_over(lambda request: json_answer({})))
    assert isinstance(connection(), Connection)
