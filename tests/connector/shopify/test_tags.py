"""A tag that cannot be given is one customer's trouble: what the shop took of the others, and of them, is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.api_client import ApiClient
from connector.errors import ConfigProblem
from connector.platforms import Credentials, PushState, SnapshotPush
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.client import ShopifyClient
from connector.stores_show import TierTag
from tests.connector.calls import FakeTime
from tests.connector.shopify.test_with_sandbox import CONNECTION, TIERS, push
from tests.journeys.crediting import body_of

ODD = "odd"
"""Not an error but an answer in which nothing is."""


@dataclass
class Front:
    """A shop that answers some operations about one customer with an error instead. errors: by operation, its code.
    down: what it answers to AddTags where it is down; asked: how often it was asked for that.
    """

    app: ASGIApp
    about: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    down: Response | None = None
    asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await body_of(receive)
        asked: Mapping[str, Any] = json.loads(body) if scope["path"].endswith("graphql.json") else {}
        code = self.errors.get(asked.get("operationName", ""))
        self.asked += asked.get("operationName") == "AddTags"
        if self.down is not None and asked.get("operationName") == "AddTags":
            await self.down(scope, receive, send)
            return
        if code == ODD:
            await JSONResponse({"data": {}})(scope, receive, send)
            return
        if code is not None and self.about in json.dumps(asked["variables"]):
            error = {"message": "no", "extensions": {"code": code}}
            await JSONResponse({"errors": [error]})(scope, receive, send)
            return

        async def again() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


@dataclass
class Tagging:
    shop: SimulatedShopify
    front: Front
    client: ShopifyClient

    def wishes(self) -> list[SnapshotPush]:
        """A snapshot with a tag for each of three new customers, the second of whom the shop has trouble with."""
        made = [self.shop.register_customer(f"{name}@example.test", name, "Example") for name in ("ada", "ben", "cleo")]
        self.front.about = f"gid://shopify/Customer/{made[1].id}"
        return [
            SnapshotPush(one.customer_ref, one.body, one.version, None, TierTag("loyalty:gold", TIERS))
            for one in (push(customer.id, 1) for customer in made)
        ]


@pytest.fixture
def tagging() -> Tagging:
    time = FakeTime()
    shop = SimulatedShopify(now=time.now)
    front = Front(shop.app)
    api = ApiClient(httpx.AsyncClient(transport=httpx.ASGITransport(front)), sleep=time.sleep, now=time.now)
    credentials = Credentials((), {"access_token": shop.issue_token()})
    return Tagging(shop, front, ShopifyClient(CONNECTION, credentials, api, seconds=time.seconds))


@pytest.mark.parametrize(
    ("code", "state"), [("undefinedField", PushState.REFUSED), ("INTERNAL_SERVER_ERROR", PushState.RETRY)]
)
async def test_one_customers_tag_that_fails_keeps_what_the_shop_took_of_all(
    tagging: Tagging, code: str, state: PushState
) -> None:
    wishes = tagging.wishes()
    tagging.front.errors["AddTags"] = code
    results = await tagging.client.push_snapshots(wishes)
    assert [one.state for one in results] == [PushState.ACCEPTED, state, PushState.ACCEPTED]
    assert "the tag of the tier: " in results[1].reason
    customers = [tagging.shop.truth.customers[int(one.customer_ref)] for one in wishes]
    assert [one.tags for one in customers] == [["loyalty:gold"], [], ["loyalty:gold"]]
    shown = await tagging.client.read_snapshots([one.customer_ref for one in wishes])
    assert [one.token for one in results] == [one.token for one in shown] and all(one.token for one in shown)


async def test_tags_that_cannot_be_read_leave_the_snapshots_taken(tagging: Tagging) -> None:
    wishes = tagging.wishes()
    tagging.front.errors["CustomerTags"] = "INTERNAL_SERVER_ERROR"
    results = await tagging.client.push_snapshots(wishes)
    assert {one.state for one in results} == {PushState.RETRY} and all(one.token for one in results)
    del tagging.front.errors["CustomerTags"]
    assert {one.state for one in await tagging.client.push_snapshots(wishes)} == {PushState.ACCEPTED}


async def test_an_answer_about_tags_that_says_nothing_is_no_refusal(tagging: Tagging) -> None:
    wishes = tagging.wishes()
    tagging.front.errors["CustomerTags"] = ODD
    results = await tagging.client.push_snapshots(wishes)
    assert {one.state for one in results} == {PushState.RETRY} and all(one.token for one in results)


async def test_a_permission_that_lacks_is_the_merchants_to_cure(tagging: Tagging) -> None:
    wishes = tagging.wishes()
    tagging.front.errors["AddTags"] = "ACCESS_DENIED"
    with pytest.raises(ConfigProblem, match="lacks a permission"):
        await tagging.client.push_snapshots(wishes)


@pytest.mark.parametrize(("headers", "seconds", "asked"), [({"retry-after": "900"}, 900, 1), ({}, None, 2)])
async def test_a_shop_that_is_down_is_not_asked_for_every_customers_tag(
    tagging: Tagging, headers: dict[str, str], seconds: int | None, asked: int
) -> None:
    """It keeps what it took, says when to come again, and nobody is to blame. One failure alone may be a customer's."""
    wishes = tagging.wishes() + tagging.wishes()
    tagging.front.down = Response("down", 503, headers)
    results = await tagging.client.push_snapshots(wishes)
    assert tagging.front.asked == asked
    assert {one.state for one in results} == {PushState.RETRY} and all(one.token for one in results)
    assert [one.outage and one.outage.retry_after_seconds for one in results] == [seconds] * 6
    tagging.front.down = None
    assert {one.state for one in await tagging.client.push_snapshots(wishes)} == {PushState.ACCEPTED}
