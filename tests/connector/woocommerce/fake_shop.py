"""A small shop: orders, refunds, customers and webhooks behind REST v3, with its quirks of pages and dates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec

from connector.platforms import Connection, Credentials
from connector.woocommerce.client import WooCommerceClient
from tests.connector.calls import FakeTime, api_over, json_answer

KEY, SECRET = "ck_" + "a" * 40, "cs_" + "b" * 40
WEBHOOK_SECRET = b"whsec_0123456789abcdef"
CREDENTIALS = Credentials((WEBHOOK_SECRET,), {"consumer_key": KEY, "consumer_secret": SECRET})
SHOP = "https://shop.example"
ORDER_GONE = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
NO_ROUTE = {"code": "rest_no_route", "message": "No route was found.", "data": {"status": 404}}
Hook = Callable[[httpx.Request], httpx.Response | None]


def connection(url: str = SHOP, **settings: str) -> Connection:
    return Connection(2, "0b7f1a52-6f2d-4b6e-8f55-6a4a9d5f1c11", 1, "woocommerce", url, url, settings)


def order(number: int, modified: str = "2026-11-20T10:00:00", refunds: int = 0, **more: Any) -> dict[str, Any]:
    """An order with ``refunds`` refunds; its dates are naive UTC."""
    found = [{"id": number * 100 + at, "reason": "", "total": "-1.00"} for at in range(refunds)]
    return {"id": number, "status": "processing", "date_modified_gmt": modified, "refunds": found, **more}


@dataclass(slots=True)
class FakeShop:
    """``hook`` may answer first. ``asked``: (method, path below the API, query) of each call."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    customers: dict[int, dict[str, str]] = field(default_factory=dict)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    hook: Hook = lambda request: None
    root: str = "/wp-json/"
    batch_max: int = 100
    drops_meta: bool = False
    time: FakeTime = field(default_factory=FakeTime)
    next_id: int = 900

    def client(self, url: str = SHOP, **settings: str) -> WooCommerceClient:
        host = frozenset((httpx.URL(url).netloc.decode(),)) if url.startswith("http://") else frozenset()
        api = api_over(self.handle, self.time, allow_private_hosts=host)
        return WooCommerceClient(connection(url, **settings), CREDENTIALS, api)

    def handle(self, request: httpx.Request) -> httpx.Response:
        query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        route = query.pop("rest_route", None)
        if "rest_route" in self.root:
            path = (route or "").removeprefix("/wc/v3/") if route else None
        else:
            path = request.url.path.removeprefix("/wp-json/wc/v3/") if "/wc/v3/" in request.url.path else None
        if (found := self.hook(request)) is not None:
            return found
        if path is None:
            link = {"link": f'<https://shop.example{self.root}>; rel="https://api.w.org/"', "content-type": "text/html"}
            return httpx.Response(200 if request.url.path == "/" else 404, headers=link, content=b"<html>A shop</html>")
        self.asked.append((request.method, path, query))
        return self.answer(request, path, query)

    def answer(self, request: httpx.Request, path: str, query: dict[str, str]) -> httpx.Response:
        parts = path.split("/")
        body: Any = msgspec.json.decode(request.content) if request.content else None
        if parts == ["orders"]:
            return self.listed(self.orders, query)
        if parts[0] == "orders":
            return self.one_order(int(parts[1]), parts[2:], query)
        if path == "customers/batch":
            return self.batch(body["update"])
        if parts[0] == "webhooks":
            return self.hooks(request.method, parts[1:], query, body)
        return json_answer(NO_ROUTE, 404)

    def listed(self, rows: list[dict[str, Any]], query: dict[str, str]) -> httpx.Response:
        """Offsets over what is there now; ``any`` leaves out the bin; modified bounds are strict."""
        wanted = query.get("status", "any")
        found = [row for row in rows if (row["status"] == "trash") == (wanted == "trash")]
        for name, keep in (("modified_after", datetime.__gt__), ("modified_before", datetime.__lt__)):
            if name in query:
                assert query["dates_are_gmt"] == "true" and "Z" not in query[name]
                bound = datetime.fromisoformat(query[name])
                found = [row for row in found if keep(datetime.fromisoformat(row["date_modified_gmt"]), bound)]
        if "include" in query:
            found = [row for row in found if str(row["id"]) in query["include"].split(",")]
        if "exclude" in query:
            found = [row for row in found if str(row["id"]) not in query["exclude"].split(",")]
        by_change = query.get("orderby") == "modified"
        found.sort(key=lambda row: (row["date_modified_gmt"], row["id"]) if by_change else row["id"])
        if query.get("order") == "desc":
            found.reverse()
        return page(found, query)

    def one_order(self, number: int, more: list[str], query: dict[str, str]) -> httpx.Response:
        found = next((row for row in self.orders if row["id"] == number), None)
        if found is None:
            return json_answer(ORDER_GONE, 404)
        if more == ["refunds"]:
            return page(
                [{"id": refund["id"], "amount": "1.00", "line_items": []} for refund in found["refunds"]], query
            )
        return json_answer(found)

    def batch(self, updates: list[dict[str, Any]]) -> httpx.Response:
        if len(updates) > self.batch_max:
            return json_answer({"code": "woocommerce_rest_request_entity_too_large", "data": {"status": 413}}, 413)
        return json_answer({"update": [self.updated(update) for update in updates]})

    def updated(self, update: dict[str, Any]) -> dict[str, Any]:
        number = update["id"]
        if number not in self.customers:
            error = {"code": "woocommerce_rest_invalid_id", "message": "Invalid ID.", "data": {"status": 400}}
            return {"id": number, "error": error}
        if not self.drops_meta:
            self.customers[number].update({meta["key"]: meta["value"] for meta in update["meta_data"]})
        rows = self.customers[number].items()
        return {"id": number, "meta_data": [{"id": 1, "key": key, "value": value} for key, value in rows]}

    def hooks(self, method: str, more: list[str], query: dict[str, str], body: Any) -> httpx.Response:
        if method == "POST":
            self.next_id += 1
            made = {"id": self.next_id, **body}
            self.webhooks.append(made)
            return json_answer({key: value for key, value in made.items() if key != "secret"}, 201)
        if method == "DELETE":
            assert query == {"force": "true"}
            self.webhooks = [row for row in self.webhooks if row["id"] != int(more[0])]
            return json_answer({})
        return page(sorted(self.webhooks, key=lambda row: int(row["id"])), query)


def page(rows: list[Any], query: dict[str, str]) -> httpx.Response:
    size, number = int(query.get("per_page", "10")), int(query.get("page", "1"))
    assert 1 <= size <= 100
    return json_answer(
        rows[(number - 1) * size : number * size],
        headers={"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))},
    )
