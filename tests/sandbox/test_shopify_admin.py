"""The simulated Admin API: tokens, scopes, cost, limits and errors as the real one has them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from shopify_app import ShopifyApp

from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.cost import Pricer
from tests.sandbox.shops import Receiver, StillClock, admin, ask, shelf, shopify

SET = """mutation Push($given: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $given) {
  metafields { namespace key value compareDigest } userErrors { field message code elementIndex } } }"""
SUBSCRIBE = """mutation S($topic: WebhookSubscriptionTopic!, $given: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $given) {
    webhookSubscription { id } userErrors { field message } } }"""


def summary(owner: int, value: str = "{}", **more: Any) -> dict[str, Any]:
    given = {"ownerId": f"gid://shopify/Customer/{owner}", "namespace": "$app", "key": "summary", "type": "json"}
    return {**given, "value": value, **more}


def with_orders(count: int, clock: StillClock | None = None) -> SimulatedShopify:
    clock = clock or StillClock()
    shop = shopify(Receiver(), clock)
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    for _ in range(count):
        clock.forward(minutes=1)
        shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 1)]))
    return shop


async def test_shopifys_own_library_gets_a_token_and_reads_the_shop() -> None:
    shop = with_orders(1)
    app = ShopifyApp(client_id=shop.client_id, client_secret=shop.client_secret)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=shop.app)) as client:
        granted = await app.exchange_using_client_credentials_async(shop="demo", http_client=client)
        assert granted.ok
        assert granted.access_token is not None
        answer = await app.admin_graphql_request_async(
            "query Q { shop { name myshopifyDomain currencyCode } }",
            shop="demo",
            access_token=granted.access_token.token,
            api_version="2026-10",
            http_client=client,
        )
    assert answer.ok
    assert answer.data == {
        "shop": {"name": "Belong Roasters", "myshopifyDomain": "demo.myshopify.com", "currencyCode": "EUR"}
    }


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_grant_is_refused(given: dict[str, str], error: str) -> None:
    shop = shopify(Receiver())
    right = {"client_id": shop.client_id, "client_secret": shop.client_secret, "grant_type": "client_credentials"}
    async with admin(shop) as client:
        answer = await client.post("/admin/oauth/access_token", json={**right, **given})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize("age_seconds", [0, 86400])
async def test_a_bad_or_expired_token_gets_a_401_whose_errors_are_a_string(age_seconds: int) -> None:
    clock = StillClock()
    shop = shopify(Receiver(), clock)
    token = shop.issue_token(lasts_seconds=86399) if age_seconds else "shpat_wrong"
    clock.forward(seconds=age_seconds)
    async with admin(shop, token) as client:
        answer = await client.post("/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"})
    assert answer.status_code == 401
    assert answer.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@pytest.mark.parametrize(
    ("asked", "served"),
    [("2026-10", "2026-10"), ("2026-04", "2026-04"), ("2024-01", "2026-01"), ("unstable", "unstable")],
)
async def test_an_old_version_falls_forward_to_the_oldest_supported(asked: str, served: str) -> None:
    shop = shopify(Receiver())
    async with admin(shop) as client:
        answer = await client.post(f"/admin/api/{asked}/graphql.json", json={"query": "{ shop { name } }"})
    assert answer.headers["x-shopify-api-version"] == served


async def test_exactly_the_selected_fields_come_back_with_aliases_and_fragments() -> None:
    shop = with_orders(1)
    async with admin(shop) as client:
        answer = await ask(
            client,
            """query Q { mine: orders(first: 1) { edges { node { ...Part } } } }
            fragment Part on Order { nickname: name totalPriceSet { shopMoney { amount } } __typename }""",
        )
    node = {"nickname": "#1001", "totalPriceSet": {"shopMoney": {"amount": "24.9"}}, "__typename": "Order"}
    assert answer["data"] == {"mine": {"edges": [{"node": node}]}}


async def test_pages_follow_the_cursor_by_date_of_change() -> None:
    clock = StillClock()
    shop = with_orders(5, clock)
    first = next(iter(shop.truth.orders.values()))
    clock.forward(minutes=1)
    shop.complete(first.id)
    query = """query P($after: String, $since: String!) {
      orders(first: 2, after: $after, query: $since, sortKey: UPDATED_AT) {
      nodes { name updatedAt } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after: str | None = None
    async with admin(shop) as client:
        while True:
            page = (await ask(client, query, {"after": after, "since": "updated_at:>=2026-11-21T21:56:50Z"}))["data"][
                "orders"
            ]
            seen += [node["name"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    assert seen == ["#1002", "#1003", "#1004", "#1005", "#1001"]


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ("{ shop { nme } }", "Field 'nme' doesn't exist on type 'Shop'", "undefinedField"),
        ("{ order { id } }", "Field 'order' is missing required arguments: id", "missingRequiredArguments"),
        ("{ shop(x: 1) { name } }", "Field 'shop' doesn't accept argument 'x'", "argumentNotAccepted"),
        ("query Q($a: Int) { shop { name } }", "Variable $a is declared by Q but not used", "variableNotUsed"),
        ("{ shop", "syntax error, unexpected end of file at [1, 7]", "PARSE_ERROR"),
        (
            "{ shop }",
            "Field must have selections (field 'shop' returns Shop but has no selections."
            " Did you mean 'shop { ... }'?)",
            "selectionMismatch",
        ),
        ("{ orders { nodes { id } } }", "you must provide one of first or last", "BAD_REQUEST"),
        (
            "{ orders(first: 1, last: 1) { nodes { id } } }",
            "providing both first and last is not supported",
            "BAD_REQUEST",
        ),
        ('{ orders(first: 1, after: "x") { nodes { id } } }', "Malformed cursor", "BAD_REQUEST"),
        (
            '{ order(id: "gid://shopify/Customer/1") { id } }',
            "Invalid id: gid://shopify/Customer/1",
            "RESOURCE_NOT_FOUND",
        ),
        ('{ order(id: "17") { id } }', "Invalid id: 17", "RESOURCE_NOT_FOUND"),
    ],
)
async def test_errors_are_worded_as_shopify_words_them(query: str, message: str, code: str) -> None:
    async with admin(with_orders(1)) as client:
        [error] = (await ask(client, query))["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, code)
    assert error["locations"]


async def test_a_variable_that_does_not_fit_names_the_place() -> None:
    async with admin(shopify(Receiver())) as client:
        error = (await ask(client, SET, {"given": [{"ownerId": "x", "value": "{}"}]}))["errors"][0]
    assert error["message"] == (
        "Variable $given of type [MetafieldsSetInput!]! was provided invalid value for 0.key"
        " (Expected value to not be null)"
    )
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["problems"] == [{"path": [0, "key"], "explanation": "Expected value to not be null"}]


async def test_a_missing_scope_denies_the_field_and_names_the_scope() -> None:
    shop = with_orders(1)
    async with admin(shop, shop.issue_token(["read_customers"])) as client:
        answer = await ask(client, "{ shop { name } orders(first: 1) { nodes { id } } }")
        pushed = await ask(client, SET, {"given": [summary(1)]})
    [error] = answer["errors"]
    assert error["message"] == "Access denied for orders field. Required access: `read_orders` access scope."
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_orders` access scope."
    assert pushed["errors"][0]["extensions"]["requiredAccess"] == "`write_customers` access scope."


async def test_an_empty_bucket_throttles_with_http_200_and_fills_up_again() -> None:
    clock = StillClock()
    shop = shopify(Receiver(), clock)
    shop.bucket.available = 0
    async with admin(shop) as client:
        refused = await ask(client, "{ shop { name } }")
        clock.forward(seconds=3)
        served = await ask(client, "{ shop { name } }")
    assert refused["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert refused["extensions"]["cost"] == {
        "requestedQueryCost": 1,
        "actualQueryCost": None,
        "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100},
    }
    assert served["data"] == {"shop": {"name": "Belong Roasters"}}
    assert served["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 299


RECORDED_COSTS = [
    (
        "lineItems(first: 10) { nodes { title } } shippingLines(first: 10) { nodes { title } }"
        " totalPriceSet { shopMoney { amount } }",
        13,
    ),
    ("lineItems(first: 50) { nodes { id variant { id } originalUnitPriceSet { shopMoney { amount } } } }", 17),
    (
        "lineItems(first: 5) { nodes { id product { id } taxLines { title } discountAllocations {"
        " allocatedAmountSet { shopMoney { amount } } } } }",
        15,
    ),
    *[
        (f"lineItems(first: {size}) {{ nodes {{ id }} }}", 1 + cost)
        for size, cost in ((1, 3), (2, 3), (3, 4), (5, 5), (10, 6), (20, 7), (50, 9), (100, 11), (200, 12), (250, 13))
    ],
]


@pytest.mark.parametrize(("selection", "cost"), RECORDED_COSTS)
async def test_costs_are_those_that_were_recorded(selection: str, cost: int) -> None:
    async with admin(with_orders(1)) as client:
        answer = await ask(client, f'{{ order(id: "gid://shopify/Order/1") {{ id {selection} }} }}')
    assert answer["extensions"]["cost"]["requestedQueryCost"] == cost


async def test_the_real_cost_is_what_came_back() -> None:
    async with admin(with_orders(2)) as client:
        answer = await ask(client, "{ orders(first: 100) { nodes { id } } }")
    spent = answer["extensions"]["cost"]
    assert (spent["requestedQueryCost"], spent["actualQueryCost"]) == (11, 3)


async def test_one_document_may_not_cost_more_than_a_thousand() -> None:
    wide = "orders(first: 250) { nodes { lineItems(first: 250) { nodes { id product { id } variant { id } } } } }"
    async with admin(shopify(Receiver())) as client:
        answer = await ask(client, f"{{ {wide} b: {wide} c: {wide} }}")
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


async def test_the_summary_is_stored_under_the_apps_own_namespace() -> None:
    shop = with_orders(0)
    [ada] = shop.truth.live_customers()
    async with admin(shop) as client:
        answer = (await ask(client, SET, {"given": [summary(ada.id, '{"a":1}')]}))["data"]["metafieldsSet"]
    assert answer["userErrors"] == []
    assert answer["metafields"][0]["namespace"] == "app--4711"
    assert shop.snapshot_of(ada) == '{"a":1}'


async def test_a_stale_digest_writes_nothing_at_all() -> None:
    shop = with_orders(0)
    [ada] = shop.truth.live_customers()
    bela = shop.register_customer("bela@example.test", "Bela", "Example")
    async with admin(shop) as client:
        first = (await ask(client, SET, {"given": [summary(ada.id, "1", compareDigest=None)]}))["data"]["metafieldsSet"]
        digest = first["metafields"][0]["compareDigest"]
        second = await ask(client, SET, {"given": [summary(ada.id, "2", compareDigest=digest)]})
        third = await ask(
            client,
            SET,
            {"given": [summary(ada.id, "3", compareDigest=digest), summary(bela.id, "3", compareDigest=None)]},
        )
    assert second["data"]["metafieldsSet"]["userErrors"] == []
    stale = {
        "field": ["metafields", "0"],
        "message": "The resource has been updated since it was loaded."
        " Try again with an updated `compareDigest` value.",
        "code": "STALE_OBJECT",
        "elementIndex": None,
    }
    assert third["data"]["metafieldsSet"] == {"metafields": [], "userErrors": [stale]}
    assert (shop.snapshot_of(ada), shop.snapshot_of(bela)) == ("2", None)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"ownerId": "gid://shopify/Customer/1"}, "ownerId", "INVALID_VALUE"),
        ({"value": "{"}, "value", "INVALID_VALUE"),
        ({"key": "x"}, "key", "TOO_SHORT"),
        ({"key": "x" * 65}, "key", "TOO_LONG"),
        ({"namespace": "x" * 256}, "namespace", "TOO_LONG"),
    ],
)
async def test_a_wrong_metafield_is_a_user_error(change: dict[str, str], field: str, code: str) -> None:
    shop = with_orders(0)
    [ada] = shop.truth.live_customers()
    async with admin(shop) as client:
        answer = (await ask(client, SET, {"given": [summary(ada.id, **change)]}))["data"]["metafieldsSet"]
    [error] = answer["userErrors"]
    assert (error["field"], error["code"]) == (["metafields", "0", field], code)


async def test_26_metafields_are_a_user_error_and_251_inputs_a_top_level_one() -> None:
    shop = with_orders(0)
    [ada] = shop.truth.live_customers()
    async with admin(shop) as client:
        many = await ask(client, SET, {"given": [summary(ada.id)] * 26})
        too_many = await ask(client, SET, {"given": [summary(ada.id)] * 251})
    [error] = many["data"]["metafieldsSet"]["userErrors"]
    assert many["data"]["metafieldsSet"]["metafields"] is None
    assert (error["message"], error["code"]) == (
        "Exceeded the maximum metafields input limit of 25.",
        "LESS_THAN_OR_EQUAL_TO",
    )
    [error] = too_many["errors"]
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["path"] == ["metafieldsSet", "metafields"]
    assert error["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, "callbackUrl", "Address can't be blank"),
        ({"uri": "http://belong.test"}, "callbackUrl", "Address protocol http:// is not supported"),
        ({"uri": "https://belong.test/taken"}, "callbackUrl", "Address for this topic has already been taken"),
        (
            {"uri": "https://belong.test", "format": "XML"},
            "format",
            "Format 'xml' is invalid for this webhook topic. Allowed formats: json",
        ),
        (
            {"uri": "https://belong.test", "name": "a b"},
            "name",
            "Name name field can only contain alphanumeric characters, underscores, and hyphens",
        ),
    ],
)
async def test_a_wrong_subscription_is_a_user_error_without_code(given: Any, field: str, message: str) -> None:
    async with admin(shopify(Receiver())) as client:
        await ask(client, SUBSCRIBE, {"topic": "ORDERS_CREATE", "given": {"uri": "https://belong.test/taken"}})
        answer = await ask(client, SUBSCRIBE, {"topic": "ORDERS_CREATE", "given": given})
    assert answer["data"]["webhookSubscriptionCreate"] == {
        "webhookSubscription": None,
        "userErrors": [{"field": ["webhookSubscription", field], "message": message}],
    }


async def test_an_unknown_order_is_null_and_a_deleted_one_too() -> None:
    shop = with_orders(1)
    [order] = shop.truth.live_orders()
    shop.delete(order.id)
    async with admin(shop) as client:
        answer = await ask(client, f'{{ order(id: "gid://shopify/Order/{order.id}") {{ id }} }}')
    assert answer["data"] == {"order": None}


def test_prices_of_documents_need_no_shop() -> None:
    schema = build_schema("type Query { a: A } type A { b: Int }")
    document = parse("{ a { b } }")
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert Pricer(schema, document, {}).cost(operation) == 1
