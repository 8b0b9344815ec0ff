"""Reading a WooCommerce shop: whole orders, every change once or more, never less, and what its errors mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.woocommerce import orders as reading
from tests.connector.calls import START, json_answer, page_answer
from tests.connector.woocommerce.fake_shop import KEY, NO_ROUTE, ORDER_GONE, SECRET, FakeShop, order

SINCE = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def at(seconds: int) -> str:
    return (SINCE + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


async def changed(shop: FakeShop, since: datetime = SINCE) -> list[list[int]]:
    client = shop.client()
    return [[int(found.key.object_id) for found in part] async for part in client.orders_changed_since(since)]


async def test_an_order_is_read_with_its_refunds() -> None:
    shop = FakeShop([order(5, refunds=2, total="10.00")])
    found = await shop.client().read_order("5")
    assert found is not None
    body = json.loads(found.body)
    assert body["order"] == shop.orders[0]
    assert [refund["id"] for refund in body["refunds"]] == [500, 501]
    assert found.updated_at == SINCE
    assert (found.key.kind, found.key.object_id, found.read_started_at) == ("order", "5", START)


async def test_an_order_without_refunds_costs_one_request() -> None:
    shop = FakeShop([order(5)])
    found = await shop.client().read_order("5")
    assert found is not None and json.loads(found.body)["refunds"] == []
    assert [path for _, path, _ in shop.asked] == ["orders/5"]


async def test_more_than_a_hundred_refunds_are_all_read() -> None:
    found = await FakeShop([order(5, refunds=230)]).client().read_order("5")
    assert found is not None and len(json.loads(found.body)["refunds"]) == 230


async def test_a_refund_made_between_the_two_reads_is_noticed() -> None:
    shop = FakeShop([order(5, refunds=1)])
    seen: list[str] = []

    def refund_in_between(request: httpx.Request) -> None:
        seen.append(request.url.path)
        if request.url.path.endswith("/refunds") and len(seen) == 2:
            shop.orders = [order(5, refunds=2)]

    shop.hook = refund_in_between
    found = await shop.client().read_order("5")
    assert found is not None
    body = json.loads(found.body)
    assert len(body["order"]["refunds"]) == len(body["refunds"]) == 2


async def test_a_deleted_order_is_none_and_one_in_the_bin_is_not() -> None:
    shop = FakeShop([order(5, status="trash")])
    assert await shop.client().read_order("6") is None
    found = await shop.client().read_order("5")
    assert found is not None and json.loads(found.body)["order"]["status"] == "trash"
    assert await shop.client().read_order("5/refunds") is None


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer(NO_ROUTE, 404), ConfigProblem, "REST API is not there"),
        (json_answer({"code": "other"}, 404), ConfigProblem, "REST API is not there"),
        (httpx.Response(404, content=b"Not Found"), ConfigProblem, "REST API is not there"),
        (page_answer(404), ConfigProblem, "REST API is not there"),
        (json_answer({"code": "woocommerce_rest_cannot_view"}, 401), ConfigProblem, "refuses our API key"),
        (page_answer(401), ConfigProblem, "firewall or a password page"),
        (page_answer(403), ConfigProblem, "firewall"),
        (page_answer(503), Transient, "trouble"),
        (page_answer(200), Transient, "web page instead of data"),
        (json_answer({"code": "rest_invalid_param"}, 400), Permanent, "rest_invalid_param"),
        (json_answer({"id": "x"}), Transient, "unknown shape"),
        (httpx.Response(200, content=b"<br />Notice: x\n{}"), Transient, "warnings before"),
    ],
)
async def test_a_broken_shop_is_never_taken_for_a_deleted_order(
    answer: httpx.Response, kind: type[ConnectorError], words: str
) -> None:
    shop = FakeShop(
        hook=lambda request: httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
    )
    with pytest.raises(kind, match=words) as caught:
        await shop.client().read_order("5")
    assert KEY not in caught.value.detail and SECRET not in caught.value.detail


async def test_changed_orders_come_oldest_first_with_the_bin_in_between() -> None:
    shop = FakeShop([order(3, at(30)), order(1, at(0)), order(2, at(20), status="trash"), order(9, at(-1))])
    assert await changed(shop) == [[1, 2], [3]]


async def test_dates_are_asked_for_as_naive_utc_a_second_early() -> None:
    shop = FakeShop()
    await changed(shop, datetime.fromisoformat("2026-11-20T11:00:00.9+01:00"))
    assert {(query["status"], query["modified_after"]) for _, _, query in shop.asked} == {
        ("any", "2026-11-20T09:59:59"),
        ("trash", "2026-11-20T09:59:59"),
    }


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_pages_full_of_one_second_lose_nothing(count: int) -> None:
    shop = FakeShop([order(number, at(5)) for number in range(1, count + 1)] + [order(999, at(6))])
    found = [number for part in await changed(shop) for number in part]
    assert found == [*range(1, count + 1), 999]


async def test_a_second_with_more_changes_than_a_url_can_exclude_is_read_by_page() -> None:
    count = reading.EXCLUDED_MAX + 350
    shop = FakeShop([order(number, at(5)) for number in range(1, count + 1)] + [order(9999, at(6))])
    found = [number for part in await changed(shop) for number in part]
    assert sorted(found) == [*range(1, count + 1), 9999]
    assert any("modified_before" in query for _, _, query in shop.asked)
    assert all(len(query.get("exclude", "")) < 6000 for _, _, query in shop.asked)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12), st.integers(2, 4))
async def test_whatever_the_seconds_every_change_is_seen_in_order(changes: list[tuple[int, bool]], size: int) -> None:
    rows = [
        order(number, at(second), status="trash" if is_binned else "completed")
        for number, (second, is_binned) in enumerate(changes, 1)
    ]
    shop = SmallPages(rows, size=size)
    found = [number for part in await changed(shop) for number in part]
    assert sorted(found) == [row["id"] for row in rows]
    seconds = [changes[number - 1][0] for number in found]
    assert seconds == sorted(seconds)


class SmallPages(FakeShop):
    """Gives at most ``size`` rows a page, so that few orders fill several pages."""

    __slots__ = ("size",)

    def __init__(self, rows: list[dict[str, Any]], size: int) -> None:
        super().__init__(rows)
        self.size = size

    def listed(self, rows: list[dict[str, Any]], query: dict[str, str]) -> httpx.Response:
        found = super().listed(rows, query)
        return json_answer(json.loads(found.content)[: self.size], headers={"X-WP-Total": found.headers["X-WP-Total"]})


async def test_orders_that_change_while_pages_are_read_are_seen_again() -> None:
    shop = FakeShop([order(number, at(number)) for number in range(1, 251)])
    asked: list[int] = []

    def change_one(request: httpx.Request) -> None:
        asked.append(1)
        if len(asked) == 3:
            shop.orders[0] = order(1, at(400), total="9.00")

    shop.hook = change_one
    found = [number for part in await changed(shop) for number in part]
    assert set(found) == set(range(1, 251))
    assert found.count(1) == 2 and found[-1] == 1


async def test_a_shop_that_ignores_the_window_does_not_catch_us_in_a_loop() -> None:
    rows = [order(number, at(-number)) for number in range(1, 201)]
    shop = FakeShop(hook=lambda request: json_answer(rows[:100]) if "status=any" in str(request.url) else None)
    with pytest.raises(Permanent, match="does not sort orders"):
        await changed(shop)


async def test_an_answer_too_large_is_asked_for_in_smaller_pages() -> None:
    shop = FakeShop([order(number, at(number)) for number in range(1, 61)])
    sizes: list[int] = []

    def limited(request: httpx.Request) -> httpx.Response | None:
        if "status=any" not in str(request.url):
            return None
        sizes.append(int(request.url.params["per_page"]))
        return httpx.Response(200, content=b"x" * (5 * 1024 * 1024 + 1)) if sizes[-1] > 25 else None

    shop.hook = limited
    assert [number for part in await changed(shop) for number in part] == [*range(1, 61)]
    assert sizes[:2] == [100, 25]


async def test_the_newest_orders_come_first_also_in_smaller_pages() -> None:
    shop = FakeShop([order(number, at(number), refunds=number % 2) for number in range(1, 61)])
    sizes: list[int] = []

    def limited(request: httpx.Request) -> httpx.Response | None:
        if "per_page" not in request.url.params or request.url.path.endswith("/refunds"):
            return None
        sizes.append(int(request.url.params["per_page"]))
        return httpx.Response(200, content=b"x" * (5 * 1024 * 1024 + 1)) if sizes[-1] > 8 else None

    shop.hook = limited
    found = [one async for one in shop.client().newest_orders(SINCE)]
    assert [int(one.key.object_id) for one in found] == [*range(60, 0, -1)]
    assert [len(json.loads(one.body)["refunds"]) for one in found] == [0, 1] * 30
    assert sizes == [64, 32, 16] + [8] * 9


async def test_no_order_is_hidden_for_its_age() -> None:
    assert await FakeShop().client().orders_visible_since() is None


@pytest.mark.parametrize("root", ["/?rest_route=/", "/index.php?rest_route=/", "/wp-json/"])
async def test_the_api_is_found_where_the_home_page_says(root: str) -> None:
    shop = FakeShop([order(5)], root=root)
    client = shop.client()
    assert await client.read_order("5") is not None
    before = len(shop.asked)
    assert await client.read_order("6") is None
    assert len(shop.asked) == before + 1


async def test_an_api_on_another_host_is_not_followed() -> None:
    link = {"link": '<https://evil.example/wp-json/>; rel="https://api.w.org/"'}
    shop = FakeShop(hook=lambda request: httpx.Response(404 if "wp-json" in str(request.url) else 200, headers=link))
    with pytest.raises(ConfigProblem, match=r"its API is at evil\.example"):
        await shop.client().read_order("5")


async def test_checking_proves_reading_and_writing() -> None:
    assert await FakeShop().client().check() == "shop.example"
    refusal = {"code": "woocommerce_rest_authentication_error", "data": {"status": 401}}
    shop = FakeShop(hook=lambda request: json_answer(refusal, 401) if request.method == "POST" else None)
    with pytest.raises(ConfigProblem, match="may only read"):
        await shop.client().check()
    with pytest.raises(ConfigProblem, match="web page instead of data"):
        await FakeShop(hook=lambda request: page_answer()).client().check()


async def test_the_orders_own_gone_code_is_the_only_one_that_counts() -> None:
    shop = FakeShop(hook=lambda request: json_answer(ORDER_GONE, 404))
    assert await shop.client().read_order("5") is None
