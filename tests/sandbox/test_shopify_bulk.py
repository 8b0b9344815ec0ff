"""Bulk operations: their states, their refusals, and a result that holds what the pages would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.bulk import AT_ONCE, INTERNAL
from tests.sandbox.shops import HOOKS, Receiver, StillClock, admin, ask, shelf, shopify

RUN = (
    "mutation Run($query: String!, $grouped: Boolean!) { bulkOperationRunQuery(query: $query, groupObjects: $grouped) "
    "{ bulkOperation { id status } userErrors { field message code } } }"
)
FIELDS = "id status errorCode url partialDataUrl objectCount rootObjectCount fileSize completedAt"
STATE = f"query State($id: ID!) {{ bulkOperation(id: $id) {{ {FIELDS} }} }}"
ORDERS = (
    "{ orders { edges { node { id name lineItems { edges { node { __typename id quantity } } } "
    "shippingLines { edges { node { __typename title } } } } } } }"
)


@dataclass
class World:
    """A shop, its clock, and who asks it."""

    clock: StillClock = field(default_factory=StillClock)
    receiver: Receiver = field(default_factory=Receiver)
    scopes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self.shop: SimulatedShopify = shopify(self.receiver, self.clock)
        self.client: httpx.AsyncClient = admin(self.shop, self.shop.issue_token(self.scopes))

    def place(self, lines: int = 2) -> int:
        items = [(shelf(self.shop)[number % 5], 1) for number in range(lines)]
        return self.shop.place_order(None, Basket(items, shipping_minor=490)).id

    async def run(self, query: str = ORDERS, grouped: bool = True) -> dict[str, Any]:
        answer = await ask(self.client, RUN, {"query": query, "grouped": grouped})
        found: dict[str, Any] = answer["data"]["bulkOperationRunQuery"]
        return found

    async def state(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = (await ask(self.client, STATE, {"id": id_}))["data"]["bulkOperation"]
        return found

    async def ended(self, **how: Any) -> dict[str, Any]:
        """What an operation is in the end."""
        id_ = (await self.run(**how))["bulkOperation"]["id"]
        self.clock.forward(seconds=2)
        return await self.state(id_)

    async def lines(self, url: str) -> list[dict[str, Any]]:
        answer = await self.client.get(url)
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.text.splitlines()]


async def test_the_result_holds_every_order_and_its_parts_behind_it() -> None:
    world = World()
    ids = [world.place(lines) for lines in (1, 3, 2)]
    state = await world.ended()
    lines = await world.lines(state["url"])
    assert [line["id"] for line in lines if "__parentId" not in line] == [f"gid://shopify/Order/{id_}" for id_ in ids]
    parents = [line.get("__parentId") or line["id"] for line in lines]
    assert parents == sorted(parents, key=[f"gid://shopify/Order/{id_}" for id_ in ids].index)
    kinds = [line["__typename"] for line in lines if "__parentId" in line]
    assert (kinds.count("LineItem"), kinds.count("ShippingLine")) == (6, 3)
    assert all("lineItems" not in line and "shippingLines" not in line for line in lines)
    assert (state["objectCount"], state["rootObjectCount"]) == (str(len(lines)), "3")
    assert state["fileSize"] == str(len((await world.client.get(state["url"])).content))


async def test_without_grouping_parts_may_stand_far_behind_their_order() -> None:
    world = World()
    first, second = world.place(), world.place()
    lines = await world.lines((await world.ended(grouped=False))["url"])
    assert [line["id"].rpartition("/")[2] for line in lines[:2]] == [str(first), str(second)]
    assert lines[2]["__parentId"].endswith(str(first))


async def test_an_order_with_more_lines_than_a_page_is_whole() -> None:
    world = World()
    world.place(260)
    assert len(await world.lines((await world.ended())["url"])) == 262


async def test_an_operation_goes_from_created_over_running_to_completed_and_tells_it_once() -> None:
    world = World()
    world.shop.subscribe(HOOKS, ["bulk_operations/finish"])
    world.place()
    made = (await world.run())["bulkOperation"]
    assert made["status"] == "CREATED"
    world.clock.forward(seconds=1)
    running = await world.state(made["id"])
    assert (running["status"], running["url"], running["completedAt"]) == ("RUNNING", None, None)
    world.clock.forward(seconds=1)
    assert (await world.state(made["id"]))["status"] == (await world.state(made["id"]))["status"] == "COMPLETED"
    await world.shop.courier.drain()
    [told] = world.receiver.bodies("bulk_operations/finish")
    assert (told["admin_graphql_api_id"], told["status"], told["error_code"]) == (made["id"], "completed", None)


async def test_the_newest_operation_is_listed_first() -> None:
    world = World()
    first = (await world.run())["bulkOperation"]["id"]
    world.clock.forward(seconds=1)
    second = (await world.run())["bulkOperation"]["id"]
    answer = await ask(world.client, "{ bulkOperations(first: 5) { nodes { id type query } } }")
    assert [node["id"] for node in answer["data"]["bulkOperations"]["nodes"]] == [second, first]


async def test_an_operation_that_finds_nothing_has_no_result() -> None:
    state = await World().ended()
    assert (state["status"], state["url"], state["objectCount"]) == ("COMPLETED", None, "0")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ shop { name } }", "at least one connection"),
        ("{ orders { nodes { id } } }", "`edges` and `node`"),
        ("{ orders { edges { node { name lineItems { edges { node { id } } } } } } }", "without an alias"),
        ("{ orders { edges { node { id: name lineItems { edges { node { id } } } } } } }", "without an alias"),
        (
            "{ orders { edges { node { id refunds { refundLineItems { edges { node { id } } } } } } } }",
            "connection field within a list",
        ),
        (
            "{ orders { edges { node { id lineItems { edges { node { id product { id collections { edges { node "
            "{ id } } } } } } } } } } }",
            "nesting depth",
        ),
        ('{ node(id: "gid://shopify/Order/1") { id } }', "top level"),
        ("query Q($q: String) { orders(query: $q) { edges { node { id } } } }", "without variables"),
        ("{ orders { edges { node { nothingLikeThis } } } }", "Invalid bulk query"),
        ("{ orders {", "Invalid bulk query"),
        ("mutation { bulkOperationCancel(id: 1) { userErrors { message } } }", "one query"),
        (ORDERS + "#" * 65_535, "too long"),
    ],
)
async def test_a_query_that_shopify_does_not_run_in_bulk_is_refused_and_nothing_starts(query: str, why: str) -> None:
    world = World()
    answer = await world.run(query)
    [error] = answer["userErrors"]
    assert (answer["bulkOperation"], error["field"], error["code"]) == (None, ["query"], "INVALID")
    assert why in error["message"]
    assert world.shop.bulk.operations == {}


async def test_the_sixth_at_once_is_refused_and_names_the_five() -> None:
    world = World()
    ids = [(await world.run())["bulkOperation"]["id"] for _ in range(AT_ONCE)]
    answer = await world.run()
    [error] = answer["userErrors"]
    assert (answer["bulkOperation"], error["field"], error["code"]) == (None, None, "OPERATION_IN_PROGRESS")
    assert all(id_ in error["message"] for id_ in ids)
    assert len(world.shop.bulk.operations) == AT_ONCE
    world.clock.forward(seconds=2)
    assert (await world.run())["userErrors"] == []


async def test_one_that_fails_leaves_the_part_that_it_had_read() -> None:
    world = World()
    for _ in range(4):
        world.place()
    world.shop.bulk.fail_next(INTERNAL, 3)
    state = await world.ended()
    assert (state["status"], state["errorCode"], state["url"]) == ("FAILED", INTERNAL, None)
    assert len(await world.lines(state["partialDataUrl"])) == 3


async def test_one_that_is_cancelled_stops_and_has_no_result() -> None:
    world = World()
    world.place()
    id_ = (await world.run())["bulkOperation"]["id"]
    cancel = "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }"
    answer = await ask(world.client, cancel, {"id": id_})
    assert answer["data"]["bulkOperationCancel"] == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    world.clock.forward(seconds=1)
    state = await world.state(id_)
    assert (state["status"], state["url"], state["partialDataUrl"]) == ("CANCELED", None, None)
    refused = await ask(world.client, cancel, {"id": id_})
    assert "cannot be canceled" in refused["data"]["bulkOperationCancel"]["userErrors"][0]["message"]
    unknown = await ask(world.client, cancel, {"id": "gid://shopify/BulkOperation/1"})
    assert "does not exist" in unknown["data"]["bulkOperationCancel"]["userErrors"][0]["message"]


async def test_a_result_is_gone_after_seven_days() -> None:
    world = World()
    world.place()
    state = await world.ended()
    world.clock.forward(days=7)
    gone = await world.client.get(state["url"])
    assert (gone.status_code, b"ExpiredToken" in gone.content) == (400, True)
    later = await world.state(state["id"])
    assert (later["status"], later["url"]) == ("EXPIRED", None)


async def test_a_result_is_shown_by_its_signature_alone_and_from_any_byte() -> None:
    world = World()
    world.place()
    url = (await world.ended())["url"]
    whole = (await world.client.get(url)).content
    rest = await world.client.get(url, headers={"Range": "bytes=10-"})
    assert (rest.status_code, rest.content) == (206, whole[10:])
    assert rest.headers["content-range"] == f"bytes 10-{len(whole) - 1}/{len(whole)}"
    assert (await world.client.get(url, headers={"Range": f"bytes={len(whole)}-"})).status_code == 416
    assert (await world.client.get(url + "0")).status_code == 403
    assert (await world.client.get(url.replace("bulk-", "bulk-1"))).status_code == 404


async def test_an_operation_sees_no_more_than_whoever_started_it() -> None:
    world = World(scopes=("read_orders",))
    old = world.place()
    world.clock.forward(days=61)
    new = world.place()
    lines = await world.lines((await world.ended())["url"])
    assert {line["id"].rpartition("/")[2] for line in lines if "__parentId" not in line} == {str(new)} != {str(old)}
    denied = await world.ended(query="{ orders { edges { node { id customer { id } } } } }")
    assert (denied["status"], denied["errorCode"], denied["partialDataUrl"]) == ("FAILED", "ACCESS_DENIED", None)
