"""What a simulated Shopify says of its app's installation, what it does late, and what gets lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.tags import MOST_TAGS
from tests.sandbox.shops import HOOKS, Receiver, admin, ask, shelf, shopify

SUBSCRIBE = """mutation M($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) { userErrors { message } }
}"""


async def test_an_uninstalled_app_has_no_token_and_hears_of_that_alone() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["app/uninstalled"])
    async with admin(shop) as client:
        url = "https://belong.test/hooks/orders/create"
        assert (await ask(client, SUBSCRIBE, {"topic": "ORDERS_CREATE", "uri": url}))["data"] is not None
        shop.lifecycle.uninstall()
        shop.place_order(None, Basket([(shelf(shop)[0], 1)]))
        await shop.courier.drain()
        answer = await client.post("/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"})
    assert (receiver.topics, answer.status_code) == (["app/uninstalled"], 401)
    [body] = receiver.bodies("app/uninstalled")
    assert (body["domain"], body["myshopify_domain"]) == (None, None)


async def test_the_end_is_told_again_while_nobody_takes_it() -> None:
    receiver = Receiver(status=lambda request: 503)
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["app/uninstalled"])
    shop.lifecycle.uninstall()
    await shop.courier.drain()
    assert receiver.topics == ["app/uninstalled"] * 9


async def test_changed_scopes_are_told_and_hold_for_tokens_that_are_out() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["app/scopes_update"])
    async with admin(shop) as client:
        shop.lifecycle.change_scopes(["read_customers"])
        answer = await ask(client, "{ orders(first: 1) { nodes { id } } }")
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    await shop.courier.drain()
    [body] = receiver.bodies("app/scopes_update")
    assert (body["current"], "read_orders" in body["previous"]) == (["read_customers"], True)


async def test_what_the_law_asks_goes_signed_to_the_address_given() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    order = shop.place_order(ada.id, Basket([(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    receiver.got.clear()
    shop.lifecycle.ask_data(ada, f"{HOOKS}/compliance")
    shop.lifecycle.redact_customer(ada, f"{HOOKS}/compliance")
    shop.lifecycle.redact_shop(f"{HOOKS}/compliance")
    await shop.courier.drain()
    told = [(headers["x-shopify-topic"], headers["x-shopify-hmac-sha256"] == shop.hooks.sign(body))
            for _, headers, body in receiver.got]  # fmt: skip
    assert told == [("customers/data_request", True), ("customers/redact", True), ("shop/redact", True)]
    asked, forgotten, _ = receiver.bodies("compliance")
    assert asked["orders_requested"] == forgotten["orders_to_redact"] == [order.id]
    assert asked["customer"] == {"id": ada.id, "email": "ada@example.test", "phone": None}
    assert {body["shop_domain"] for body in receiver.bodies("compliance")} == {shop.shop}


@pytest.mark.parametrize("block", ["gift cards", "tags"])
async def test_customers_that_cannot_be_merged_stay_two(block: str) -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["customers/merge"])
    ada, eve = (shop.register_customer(f"{name}@example.test", name, "Byron") for name in ("ada", "eve"))
    if block == "gift cards":
        shop.gift_card_holders.add(eve.id)
    else:
        ada.tags += [f"a{number}" for number in range(MOST_TAGS)]
        eve.tags.append("vip")
    shop.merge_customers(eve.id, ada.id)
    await shop.courier.drain()
    [body] = receiver.bodies("customers/merge")
    assert (body["status"], eve.deleted, len(body["errors"])) == ("failed", False, 1)
    assert block in body["errors"][0]["message"]


async def test_everything_that_moved_money_is_a_transaction_of_its_own() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["order_transactions/create"])
    order = shop.place_order(None, Basket([(shelf(shop)[0], 2)], tender=(("gift_card", 1000),)))
    shop.refund_amount(order.id, 500)
    await shop.courier.drain()
    moved = receiver.bodies("order_transactions/create")
    assert [(one["kind"], one["gateway"]) for one in moved] == [
        ("sale", "gift_card"), ("sale", "bogus"), ("refund", "bogus"),
    ]  # fmt: skip
    assert {one["order_id"] for one in moved} == {order.id} and moved[0]["amount"] == "10.00"


async def test_accounts_are_opened_and_closed_in_webhooks_of_their_own() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.subscribe(HOOKS, ["customers/enable", "customers/disable"])
    ada = shop.register_customer("ada@example.test", "Ada", "Byron", verified=False)
    shop.verify_address(ada.id)
    shop.disable_customer(ada.id)
    await shop.courier.drain()
    assert [receiver.bodies(f"customers/{kind}")[0]["state"] for kind in ("enable", "disable")] == [
        "enabled",
        "disabled",
    ]


async def test_a_lost_answer_was_done_and_only_mutations_lose_theirs() -> None:
    shop = shopify(Receiver())
    shop.lifecycle.change_scopes(["write_customers"])
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    shop.answers_lost = 1
    query = 'mutation M($id: ID!) { tagsAdd(id: $id, tags: ["gold"]) { userErrors { message } } }'
    async with admin(shop) as client:
        assert (await ask(client, "{ shop { name } }"))["data"]["shop"]["name"] == shop.name
        body = {"query": query, "variables": {"id": f"gid://shopify/Customer/{ada.id}"}}
        assert (await client.post("/admin/api/2026-10/graphql.json", json=body)).status_code == 504
    assert (ada.tags, shop.answers_lost) == (["gold"], 0)


ORDERS = """query Q($first: Int!, $after: String, $reverse: Boolean) {
  orders(first: $first, after: $after, reverse: $reverse) { nodes { id } pageInfo { hasNextPage endCursor } } }"""


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("most", "sizes"), [(None, [3, 2]), (2, [2, 2, 1]), (0, [0, 3, 2])])
async def test_pages_may_hold_less_than_was_asked_for_and_the_list_is_whole(
    most: int | None, sizes: list[int], reverse: bool
) -> None:
    shop = shopify(Receiver())
    placed = [shop.place_order(None, Basket([(shelf(shop)[0], 1)])).id for _ in range(5)]
    shop.pages_short = most
    listed = placed[::-1] if reverse else placed
    assert await _walk(shop, sizes, reverse) == [f"gid://shopify/Order/{number}" for number in listed]


@pytest.mark.parametrize("reverse", [False, True])
async def test_a_list_goes_on_behind_an_order_that_is_gone(reverse: bool) -> None:
    shop = shopify(Receiver())
    ends = [shop.place_order(None, Basket([(shelf(shop)[0], 1)])).id for _ in range(2)]
    first, last = ends[::-1] if reverse else ends
    async with admin(shop) as client:
        asked = {"first": 1, "reverse": reverse}
        page = (await ask(client, ORDERS, asked))["data"]["orders"]
        assert [node["id"] for node in page["nodes"]] == [f"gid://shopify/Order/{first}"]
        shop.delete(first)
        page = (await ask(client, ORDERS, {**asked, "after": page["pageInfo"]["endCursor"]}))["data"]["orders"]
    assert [node["id"] for node in page["nodes"]] == [f"gid://shopify/Order/{last}"]


async def _walk(shop: SimulatedShopify, sizes: list[int], reverse: bool) -> list[str]:
    found: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    async with admin(shop) as client:
        for size in sizes:
            assert page["hasNextPage"]
            asked = {"first": 3, "after": page["endCursor"], "reverse": reverse}
            told = (await ask(client, ORDERS, asked))["data"]["orders"]
            assert len(told["nodes"]) == size
            found += [node["id"] for node in told["nodes"]]
            page = told["pageInfo"]
    assert not page["hasNextPage"]
    return found


async def test_deprecated_use_is_said_in_a_header() -> None:
    shop = shopify(Receiver())
    shop.deprecated = "https://shopify.dev/api/usage/versioning"
    async with admin(shop) as client:
        answer = await client.post("/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"})
    assert answer.headers["x-shopify-api-deprecated-reason"] == shop.deprecated
