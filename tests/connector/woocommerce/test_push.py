"""Pushing snapshots into customer meta, and keeping the shop's webhooks alive."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from connector.api_client import ANSWER_BYTES_MAX
from connector.errors import ConfigProblem, Permanent, Transient
from connector.platforms import PushState, SnapshotPush
from connector.woocommerce.push import UNCLEAR_MAX
from connector.woocommerce.subscriptions import TOPICS
from tests.connector.calls import json_answer
from tests.connector.woocommerce.fake_shop import WEBHOOK_SECRET, FakeShop

HOOKS = "https://belong.example/hooks/woocommerce/0b7f1a52-6f2d-4b6e-8f55-6a4a9d5f1c11"


def push(customer: int | str, counter: int = 5) -> SnapshotPush:
    body = json.dumps({"schema": 1, "version": [1, counter], "name": 'Ada "the first" & Söhne \\ \u2028'})
    return SnapshotPush(str(customer), body, (1, counter))


def shop_with(*customers: int) -> FakeShop:
    return FakeShop(customers={number: {} for number in customers})


async def states(shop: FakeShop, *pushes: SnapshotPush) -> list[PushState]:
    return [result.state for result in await shop.client().push_snapshots(pushes)]


async def test_a_hundred_snapshots_go_in_one_request() -> None:
    shop = shop_with(*range(1, 101))
    assert set(await states(shop, *(push(number) for number in range(1, 101)))) == {PushState.ACCEPTED}
    assert len(shop.asked) == 1
    assert shop.customers[7] == {"belong_snapshot": push(7).body}


async def test_a_missing_customer_is_gone_and_the_others_are_written() -> None:
    shop = shop_with(1, 3)
    found = await states(shop, push(1), push(2), push(3), push("x"), push("9" * 30))
    accepted, gone, refused = PushState.ACCEPTED, PushState.GONE, PushState.REFUSED
    assert found == [accepted, gone, accepted, refused, refused]


async def test_a_key_that_the_shop_drops_in_silence_is_noticed() -> None:
    shop = shop_with(1)
    shop.drops_meta = True
    [result] = await shop.client().push_snapshots([push(1)])
    assert (result.state, result.reason) == (
        PushState.REFUSED,
        "the shop silently dropped the meta key belong_snapshot",
    )


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ({"code": "wc_user_invalid_id"}, PushState.GONE),
        ({"code": "woocommerce_rest_invalid_id", "data": {"status": 400}}, PushState.GONE),
        ({"code": "other", "data": {"status": 404}}, PushState.GONE),
        ({"code": "other", "data": {"status": 500}}, PushState.RETRY),
        ({"code": "other", "data": {"status": 429}}, PushState.RETRY),
        ({"code": "other", "data": []}, PushState.REFUSED),
        ({"code": "rest_invalid_param", "data": {"status": 400}}, PushState.REFUSED),
        ({}, PushState.REFUSED),
    ],
)
async def test_each_error_of_one_customer_has_its_meaning(error: dict[str, Any], state: PushState) -> None:
    shop = FakeShop(hook=lambda request: json_answer({"update": [{"id": 0, "error": error}]}))
    assert await states(shop, push(1)) == [state]


@pytest.mark.parametrize(
    ("echo", "state"),
    [
        ([{"key": "belong_snapshot", "value": push(1).body}], PushState.ACCEPTED),
        ([{"key": "belong_snapshot", "value": json.loads(push(1).body)}], PushState.ACCEPTED),
        (
            [{"key": "belong_snapshot", "value": "old"}, {"key": "belong_snapshot", "value": push(1).body}],
            PushState.ACCEPTED,
        ),
        ([{"key": "belong_snapshot", "value": push(1).body.replace("\\", "")}], PushState.REFUSED),
        ([{"key": "belong_snapshot", "value": None}], PushState.REFUSED),
        ([{"key": "other", "value": push(1).body}], PushState.REFUSED),
        ([], PushState.REFUSED),
    ],
)
async def test_the_echo_of_a_write_is_looked_at(echo: list[dict[str, Any]], state: PushState) -> None:
    shop = FakeShop(hook=lambda request: json_answer({"update": [{"id": 1, "meta_data": echo}]}))
    assert await states(shop, push(1)) == [state]


async def test_a_batch_that_the_shop_finds_too_large_is_halved() -> None:
    shop = shop_with(*range(1, 11))
    shop.batch_max = 3
    assert set(await states(shop, *(push(number) for number in range(1, 11)))) == {PushState.ACCEPTED}
    shop.batch_max = 0
    assert await states(shop, push(1)) == [PushState.REFUSED]


async def test_refusals_of_the_whole_batch_reach_the_caller() -> None:
    read_only = {"code": "woocommerce_rest_authentication_error", "data": {"status": 401}}
    for answer, kind in (
        (json_answer(read_only, 401), ConfigProblem),
        (json_answer({}, 503), Transient),
        (json_answer({"code": "internal_server_error", "data": {"status": 500}}), Transient),
        (json_answer({"code": "rest_invalid_param"}, 400), Permanent),
    ):
        with pytest.raises(kind):
            await states(FakeShop(hook=lambda request, answer=answer: answer), push(1))  # type: ignore[misc]


def silent_about(*customers: int) -> FakeShop:
    """A shop that takes all snapshots, and whose answers leave these customers out."""
    shop = shop_with(*range(1, 101))

    def hook(request: httpx.Request) -> httpx.Response | None:
        told = [shop.updated(update) for update in json.loads(request.content)["update"]]
        shop.asked.append((request.method, request.url.path, {}))
        return json_answer({"update": [echo for echo in told if echo["id"] not in customers]})

    shop.hook = hook
    return shop


async def test_those_a_shop_does_not_answer_for_are_put_off_and_the_others_known() -> None:
    shop = silent_about(3, 50, 97)
    found = await states(shop, *(push(number) for number in range(1, 101)))
    assert [at + 1 for at, state in enumerate(found) if state is PushState.RETRY] == [3, 50, 97]
    assert set(found) == {PushState.ACCEPTED, PushState.RETRY}
    removed = await shop.client().remove_snapshots([str(number) for number in range(1, 101)])
    assert [at + 1 for at, result in enumerate(removed) if result.state is PushState.RETRY] == [3, 50, 97]
    assert {result.state for result in removed} == {PushState.ACCEPTED, PushState.RETRY}


async def test_an_answer_that_is_too_large_is_no_refusal() -> None:
    huge = httpx.Response(200, content=b'{"padding": "' + b"x" * ANSWER_BYTES_MAX + b'"}')
    shop = FakeShop(hook=lambda request: huge)
    [result] = await shop.client().push_snapshots([push(1)])
    assert (result.state, "more than" in result.reason) == (PushState.RETRY, True)
    [result] = await shop.client().remove_snapshots(["1"])
    assert result.state is PushState.RETRY


async def test_an_answer_that_is_too_large_for_many_is_asked_for_in_parts() -> None:
    shop = shop_with(*range(1, 101))

    def hook(request: httpx.Request) -> httpx.Response | None:
        many = len(json.loads(request.content)["update"]) > 30
        return httpx.Response(200, content=b" " * (ANSWER_BYTES_MAX + 1)) if many else None

    shop.hook = hook
    assert set(await states(shop, *(push(number) for number in range(1, 101)))) == {PushState.ACCEPTED}


async def test_a_shop_that_never_answers_clearly_is_not_asked_for_each_customer() -> None:
    shop = silent_about(*range(1, 101))
    assert set(await states(shop, *(push(number) for number in range(1, 101)))) == {PushState.RETRY}
    assert UNCLEAR_MAX <= len(shop.asked) < 2 * UNCLEAR_MAX


async def test_nothing_is_asked_for_nothing_and_never_more_than_100() -> None:
    shop = FakeShop()
    assert await states(shop) == []
    assert shop.asked == []
    with pytest.raises(ValueError, match="at most 100"):
        await states(shop, *(push(number) for number in range(101)))


def webhook(number: int, topic: str, url: str | None = None, status: str = "active") -> dict[str, Any]:
    return {"id": number, "topic": topic, "delivery_url": url or f"{HOOKS}/{topic}", "status": status}


async def test_missing_webhooks_are_created_with_our_own_secret() -> None:
    shop = FakeShop()
    assert await shop.client().ensure_webhooks(HOOKS) == [f"created the webhook for {topic}" for topic in TOPICS]
    assert shop.webhooks[0] == {
        "id": 901,
        "name": "Belong order.created",
        "topic": "order.created",
        "delivery_url": f"{HOOKS}/order.created",
        "secret": WEBHOOK_SECRET.decode(),
        "status": "active",
    }
    assert await shop.client().ensure_webhooks(HOOKS + "/") == []


async def test_broken_moved_and_doubled_webhooks_are_replaced_and_foreign_ones_spared() -> None:
    foreign = [webhook(number, "order.created", f"https://other.example/{number}") for number in range(100, 230)]
    shop = FakeShop(
        webhooks=[
            *foreign,
            webhook(1, TOPICS[0], status="disabled"),
            webhook(2, TOPICS[1], HOOKS.replace("belong.", "old.") + f"/{TOPICS[1]}"),
            webhook(3, TOPICS[2]),
            webhook(4, TOPICS[2]),
            *(webhook(10 + number, topic) for number, topic in enumerate(TOPICS[3:])),
        ]
    )
    repaired = await shop.client().ensure_webhooks(HOOKS)
    assert repaired == [
        "created the webhook for order.created",
        "removed a switched-off (disabled) webhook for order.created",
        "created the webhook for order.updated",
        "removed a misdirected webhook for order.updated",
        "removed a duplicate webhook for order.deleted",
    ]
    assert {row["id"] for row in foreign} <= {row["id"] for row in shop.webhooks}
    ours = [row for row in shop.webhooks if row["delivery_url"].startswith(HOOKS)]
    assert sorted(row["topic"] for row in ours) == sorted(TOPICS)
    assert all(row["status"] == "active" for row in ours)


async def test_where_the_plugin_is_our_webhooks_go_and_foreign_ones_are_spared() -> None:
    foreign = webhook(100, "order.created", "https://other.example/100")
    shop = FakeShop(webhooks=[foreign, webhook(1, TOPICS[0]), webhook(2, "coupon.created"), webhook(3, TOPICS[1])])
    client = shop.client(reach="push")
    assert len(await client.ensure_webhooks(HOOKS)) == 3
    assert shop.webhooks == [foreign]
    assert await client.ensure_webhooks(HOOKS) == []


async def test_a_webhook_that_the_shop_refuses_is_the_merchants_to_mend() -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        refusal = {"code": "woocommerce_rest_shop_webhook_invalid_topic"}
        return json_answer(refusal, 400) if request.method == "POST" else None

    with pytest.raises(ConfigProblem, match="invalid_topic"):
        await FakeShop(hook=refuse).client().ensure_webhooks(HOOKS)


async def test_without_the_plugin_the_programme_has_no_place_and_the_reason_says_so() -> None:
    shop = FakeShop()
    result = await shop.client().push_programme("{}")
    assert (result.state, result.reason) == (PushState.REFUSED, "the Belong plugin is not active in the shop")
