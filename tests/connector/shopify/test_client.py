"""Reading orders and webhooks of a shop, its tokens, and what its errors mean."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import msgspec
import pytest
from shopify_app import ShopifyApp

from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.platforms import Connection, Credentials
from connector.shopify.client import ShopifyClient
from connector.shopify.subscriptions import TOPICS, enum_of
from tests.connector.calls import START, api_over, json_answer
from tests.connector.shopify.fake_admin import (
    CONNECTION,
    GRANTED,
    PASTED,
    SHOP,
    TOKEN,
    FakeAdmin,
    Whole,
    cost,
    failed,
    order_node,
    page,
    refund_node,
)

CHECK = {
    "shop": {"name": "Demo Shop", "myshopifyDomain": SHOP},
    "currentAppInstallation": {
        "accessScopes": [
            {"handle": name}
            for name in ("write_orders", "read_products", "write_customers", "write_discounts", "read_customer_merge")
        ]
    },
}


async def test_checking_tells_the_shops_name() -> None:
    assert await FakeAdmin({"Check": lambda _: CHECK}).client().check() == "Demo Shop"


async def test_checking_names_missing_scopes_and_a_wrong_shop() -> None:
    few = {**CHECK, "currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}]}}
    with pytest.raises(ConfigProblem, match="read_products, read_customers, read_customer_merge, write_customers"):
        await FakeAdmin({"Check": lambda _: few}).client().check()
    other = {**CHECK, "shop": {"name": "x", "myshopifyDomain": "other.myshopify.com"}}
    with pytest.raises(ConfigProblem, match=r"another shop, other\.myshopify\.com"):
        await FakeAdmin({"Check": lambda _: other}).client().check()


def test_a_shop_name_that_cannot_be_one_is_refused_at_once() -> None:
    for name in ("evil.example", "demo.myshopify.com.evil.example", "demo.myshopify.com\n", ""):
        with pytest.raises(ConfigProblem):
            ShopifyClient(
                Connection(1, "u", 1, "shopify", name, "https://x"), PASTED, api_over(lambda _: json_answer({}))
            )


async def test_an_order_comes_back_byte_for_byte() -> None:
    node = order_node(820982911946154508, "2026-11-20T10:00:00Z")
    admin = FakeAdmin({"ReadOrder": lambda _: {"order": node}})
    found = await admin.client().read_order("820982911946154508")
    assert found is not None
    assert found.body == msgspec.json.encode(node)
    assert (found.key.kind, found.key.object_id) == ("order", "820982911946154508")
    assert found.updated_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert found.read_started_at == START
    assert admin.asked == [("ReadOrder", {"id": "gid://shopify/Order/820982911946154508"})]


@pytest.mark.parametrize("order_id", ["", "x", "5 or 1", "-5", "5/../6", "٥"])
async def test_what_is_no_id_is_no_order_and_no_question(order_id: str) -> None:
    admin = FakeAdmin()
    assert await admin.client().read_order(order_id) is None
    assert admin.asked == []


async def test_an_order_that_is_gone_is_none() -> None:
    assert await FakeAdmin({"ReadOrder": lambda _: {"order": None}}).client().read_order("5") is None


def long_order() -> dict[str, Any]:
    refunds = [refund_node(number) for number in range(1, 26)]
    refunds[3] = refund_node(4, page([{"quantity": 1}], after="r1"))
    return order_node(
        5,
        lineItems=page([{"id": "l1"}, {"id": "l2"}], after="c1"),
        shippingLines=page([{"s": 1}], after="s1"),
        refunds=refunds,
    )


def long_operations() -> dict[str, Any]:
    node = long_order()
    stamp = node["updatedAt"]
    more = {"c1": page([{"id": "l3"}], after="c2"), "c2": page([{"id": "l4"}])}
    all_refunds = [*node["refunds"], refund_node(26)]
    return {
        "ReadOrder": lambda _: {"order": long_order()},
        "OrderLineItems": lambda v: {"order": {"updatedAt": stamp, "lineItems": more[v["after"]]}},
        "OrderShippingLines": lambda _: {"order": {"updatedAt": stamp, "shippingLines": page([{"s": 1}, {"s": 2}])}},
        "OrderRefunds": lambda _: {"order": {"updatedAt": stamp, "refunds": all_refunds}},
        "RefundLineItems": lambda v: {
            "node": {"order": {"updatedAt": stamp}, "refundLineItems": page([{"quantity": 1}, {"quantity": 2}])}
        },
    }


async def test_an_order_longer_than_one_answer_is_completed() -> None:
    admin = FakeAdmin(long_operations())
    found = await admin.client().read_order("5")
    assert found is not None
    body = json.loads(found.body)
    assert [line["id"] for line in body["lineItems"]["nodes"]] == ["l1", "l2", "l3", "l4"]
    assert body["shippingLines"]["nodes"] == [{"s": 1}, {"s": 2}]
    assert len(body["refunds"]) == 26
    assert body["refunds"][3]["refundLineItems"]["nodes"] == [{"quantity": 1}, {"quantity": 2}]
    lists = [body["lineItems"], body["shippingLines"], *(refund["refundLineItems"] for refund in body["refunds"])]
    assert not any(part["pageInfo"]["hasNextPage"] for part in lists)
    assert ("RefundLineItems", {"id": "gid://shopify/Refund/4", "after": None}) in admin.asked


async def test_an_order_that_changes_while_it_is_read_is_read_again() -> None:
    operations = long_operations()
    answers = iter(["2026-11-20T10:00:01Z", "2026-11-20T10:00:01Z"])
    stamps = iter(["2026-11-20T10:00:00Z", "2026-11-20T10:00:01Z"])
    lines = page([{"id": "l1"}], after="c1")
    operations["ReadOrder"] = lambda _: {"order": order_node(5, next(stamps), lineItems=lines)}
    operations["OrderLineItems"] = lambda _: {"order": {"updatedAt": next(answers), "lineItems": page([{"id": "l2"}])}}
    admin = FakeAdmin(operations)
    found = await admin.client().read_order("5")
    assert found is not None and found.updated_at.second == 1
    assert admin.names() == ["ReadOrder", "OrderLineItems"] * 2


async def test_an_order_that_never_stands_still_is_left_for_later() -> None:
    operations = long_operations()
    operations["OrderLineItems"] = lambda _: {"order": {"updatedAt": "2099-01-01T00:00:00Z", "lineItems": page([])}}
    with pytest.raises(Transient):
        await FakeAdmin(operations).client().read_order("5")


async def test_an_order_deleted_while_it_is_read_is_gone() -> None:
    operations = long_operations()
    reads = iter([{"order": long_order()}, {"order": None}])
    operations["ReadOrder"] = lambda _: next(reads)
    operations["OrderLineItems"] = lambda _: {"order": None}
    assert await FakeAdmin(operations).client().read_order("5") is None


async def test_changed_orders_come_in_pages_asked_for_in_utc() -> None:
    pages = {None: ([1, 2], "p1"), "p1": ([], "p2"), "p2": ([3], None)}

    def orders(variables: dict[str, Any]) -> Any:
        numbers, after = pages[variables["after"]]
        return {"orders": page([order_node(number) for number in numbers], after)}

    admin = FakeAdmin({"OrdersChanged": orders})
    since = datetime(2026, 11, 20, 11, 0, 0, 999, tzinfo=timezone(timedelta(hours=1)))
    found = [[order.key.object_id for order in part] async for part in admin.client().orders_changed_since(since)]
    assert found == [["1", "2"], ["3"]]
    assert admin.asked[0][1] == {"first": 50, "after": None, "query": "updated_at:>='2026-11-20T10:00:00Z'"}


async def test_a_page_that_costs_too_much_or_is_too_large_is_halved() -> None:
    sizes: list[int] = []

    def orders(variables: dict[str, Any]) -> Any:
        sizes.append(variables["first"])
        if variables["first"] > 20:
            return Whole(failed("MAX_COST_EXCEEDED"))
        if variables["first"] > 10:
            return httpx.Response(200, content=b"x" * (5 * 1024 * 1024 + 1))
        return {"orders": page([order_node(1)])}

    admin = FakeAdmin({"OrdersChanged": orders})
    assert [len(part) async for part in admin.client().orders_changed_since(START)] == [1]
    assert sizes == [50, 25, 12, 6]


def granted(*scopes: str) -> dict[str, Any]:
    return {**CHECK, "currentAppInstallation": {"accessScopes": [{"handle": name} for name in scopes]}}


@pytest.mark.parametrize(
    ("answer", "hidden"),
    [
        (granted("read_orders"), True),
        (granted("read_orders", "read_all_orders"), False),
        ({**CHECK, "currentAppInstallation": None}, True),
    ],
)
async def test_old_orders_are_hidden_unless_the_app_may_read_all(answer: dict[str, Any], hidden: bool) -> None:
    client = FakeAdmin({"Check": lambda _: answer}).client()
    assert await client.orders_visible_since() == (START - timedelta(days=55) if hidden else None)


async def test_a_grant_is_believed_for_an_hour_and_taking_it_back_is_noticed() -> None:
    answers = [granted("read_all_orders")]
    admin = FakeAdmin({"Check": lambda _: answers[-1]})
    client = admin.client()
    assert await client.orders_visible_since() is None
    answers.append(granted("read_orders"))
    admin.time.at += 3599
    assert await client.orders_visible_since() is None
    assert admin.names() == ["Check"]
    admin.time.at += 1
    assert await client.orders_visible_since() == admin.time.now() - timedelta(days=55)
    assert admin.names() == ["Check", "Check"]


async def test_tokens_are_fetched_once_kept_and_renewed_in_time() -> None:
    admin = FakeAdmin({"Check": lambda _: CHECK}, tokens=set())
    client = admin.client(GRANTED)
    await asyncio.gather(*(client.check() for _ in range(8)))
    assert admin.grants == 1
    admin.time.at += 86399 - 61
    await client.check()
    assert admin.grants == 1
    admin.time.at += 2
    await client.check()
    assert admin.grants == 2


async def test_a_refused_token_is_fetched_anew_once() -> None:
    admin = FakeAdmin({"Check": lambda _: CHECK}, tokens=set())
    client = admin.client(GRANTED)
    await client.check()
    admin.tokens = set()
    await client.check()
    assert admin.grants == 2


async def test_clients_made_later_share_token_and_bucket() -> None:
    admin = FakeAdmin({"Check": lambda _: CHECK}, tokens=set())
    api = api_over(admin.handle, admin.time)
    for _ in range(3):
        await ShopifyClient(CONNECTION, GRANTED, api, seconds=admin.time.seconds).check()
    assert admin.grants == 1


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials((), {"access_token": "shpat_wrong00000000000"}), "refuses our access token"),
        (Credentials((), {"client_id": "app-id", "client_secret": "shpss_wrong000000"}), "client id and secret"),
        (Credentials((), {"client_id": "app-id"}), "without credentials"),
        (Credentials(), "without credentials"),
    ],
)
async def test_bad_credentials_are_the_merchants_to_mend_and_stay_hidden(credentials: Credentials, words: str) -> None:
    with pytest.raises(ConfigProblem, match=words) as caught:
        await FakeAdmin({"Check": lambda _: CHECK}).client(credentials).check()
    for secret in credentials.api.values():
        assert secret == "app-id" or secret not in str(caught.value) + caught.value.detail


async def test_our_token_request_is_the_official_librarys() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return json_answer({"access_token": "t", "scope": "", "expires_in": 86399})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        official = ShopifyApp(client_id="app-id", client_secret=GRANTED.api["client_secret"])
        official.exchange_using_client_credentials("demo", http_client=http)
    with pytest.raises(ConnectorError):
        await ShopifyClient(CONNECTION, GRANTED, api_over(answer)).check()
    theirs, ours = sent[0], sent[1]
    assert (ours.method, ours.url) == (theirs.method, theirs.url)
    assert json.loads(ours.content) == json.loads(theirs.content)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (failed("ACCESS_DENIED", requiredAccess="`read_orders` access scope."), ConfigProblem, "`read_orders`"),
        (failed("INTERNAL_SERVER_ERROR"), Transient, "trouble"),
        (failed("undefinedField"), Permanent, "does not accept"),
        ({"errors": "Not Found"}, Permanent, "does not accept"),
        ({"errors": [{"message": "x"}]}, Permanent, "does not accept"),
        ({"errors": {"query": "Required"}}, Permanent, "does not accept"),
        ({"data": {"shop": 5}}, Permanent, "unknown shape"),
        ({"data": None}, Permanent, "unknown shape"),
    ],
)
async def test_errors_of_the_api_say_what_to_do(answer: dict[str, Any], kind: type[ConnectorError], words: str) -> None:
    with pytest.raises(kind, match=words):
        await FakeAdmin({"Check": lambda _: Whole(answer)}).client().check()


async def test_a_secret_in_an_error_of_the_api_stays_hidden() -> None:
    admin = FakeAdmin({"Check": lambda _: Whole(failed("undefinedField", f"bad token {TOKEN}"))})
    with pytest.raises(Permanent) as caught:
        await admin.client().check()
    assert TOKEN not in caught.value.detail


async def test_another_version_and_deprecations_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    headers = {"X-Shopify-API-Version": "2027-01", "X-Shopify-API-Deprecated-Reason": "field x"}
    with caplog.at_level(logging.WARNING):
        await FakeAdmin({"Check": lambda _: CHECK}, headers=headers).client().check()
    assert "version 2027-01, asked was 2026-10" in caplog.text
    assert "deprecated: field x" in caplog.text


HOOKS = "https://belong.example/hooks/shopify/8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a"


def subscription(number: int, topic: str, uri: str, kind: str = "JSON") -> dict[str, Any]:
    return {"id": f"gid://shopify/WebhookSubscription/{number}", "topic": enum_of(topic), "uri": uri, "format": kind}


def webhook_admin(existing: list[dict[str, Any]], errors: list[dict[str, Any]] | None = None) -> FakeAdmin:
    return FakeAdmin(
        {
            "Subscriptions": lambda v: {
                "webhookSubscriptions": page(existing[:2], "more") if v["after"] is None else page(existing[2:])
            },
            "Subscribe": lambda _: {
                "webhookSubscriptionCreate": {"webhookSubscription": {"id": "new"}, "userErrors": errors or []}
            },
            "Unsubscribe": lambda v: {
                "webhookSubscriptionDelete": {"deletedWebhookSubscriptionId": v["id"], "userErrors": []}
            },
        }
    )


async def test_missing_webhooks_are_created_at_our_address() -> None:
    admin = webhook_admin([])
    repaired = await admin.client().ensure_webhooks(HOOKS + "/")
    assert repaired == [f"created the webhook for {topic}" for topic in TOPICS]
    created = [variables for name, variables in admin.asked if name == "Subscribe"]
    assert created[0] == {
        "topic": "ORDERS_CREATE",
        "webhookSubscription": {"uri": f"{HOOKS}/orders/create", "format": "JSON"},
    }


async def test_webhooks_that_are_right_are_left_alone() -> None:
    admin = webhook_admin([subscription(n, topic, f"{HOOKS}/{topic}") for n, topic in enumerate(TOPICS)])
    assert await admin.client().ensure_webhooks(HOOKS) == []
    assert set(admin.names()) == {"Subscriptions"}


async def test_moved_doubled_and_wrong_webhooks_are_repaired_and_foreign_ones_spared() -> None:
    existing = [subscription(n, topic, f"{HOOKS}/{topic}") for n, topic in enumerate(TOPICS[2:])]
    existing += [
        subscription(20, TOPICS[0], HOOKS.replace("belong", "old-belong") + f"/{TOPICS[0]}"),
        subscription(21, TOPICS[1], f"{HOOKS}/{TOPICS[1]}", "XML"),
        subscription(22, TOPICS[2], f"{HOOKS}/{TOPICS[2]}"),
        subscription(23, TOPICS[2], "https://other.example/hook"),
        subscription(24, TOPICS[2], "arn:aws:events:us-east-1::event-source/x"),
    ]
    admin = webhook_admin(existing)
    await admin.client().ensure_webhooks(HOOKS)
    removed = [variables["id"].rpartition("/")[2] for name, variables in admin.asked if name == "Unsubscribe"]
    created = [variables["topic"] for name, variables in admin.asked if name == "Subscribe"]
    assert (removed, created) == (["20", "21", "22"], [enum_of(TOPICS[0]), enum_of(TOPICS[1])])


async def test_an_address_that_shopify_refuses_is_the_merchants_to_mend() -> None:
    message = "Address protocol http:// is not supported"
    admin = webhook_admin([], [{"field": ["webhookSubscription", "callbackUrl"], "message": message}])
    with pytest.raises(ConfigProblem, match="protocol http://"):
        await admin.client().ensure_webhooks(HOOKS)


async def test_a_webhook_made_by_somebody_else_a_moment_ago_is_fine() -> None:
    taken = [
        {"field": ["webhookSubscription", "callbackUrl"], "message": "Address for this topic has already been taken"}
    ]
    assert len(await webhook_admin([], taken).client().ensure_webhooks(HOOKS)) == len(TOPICS)


async def test_costs_of_answers_do_not_disturb_reading() -> None:
    body = Whole({"data": CHECK, "extensions": {"cost": cost(12, 1990)}})
    admin = FakeAdmin({"Check": lambda _: body})
    client = admin.client()
    for _ in range(3):
        await client.check()
    assert admin.time.slept == []
