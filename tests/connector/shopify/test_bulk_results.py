"""The result of a bulk operation, byte by byte: what it means, where it may come from, and what is no result."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from connector.api_client import ApiClient
from connector.errors import ConfigProblem, Permanent, Transient
from connector.shopify.bulk_results import RESULT_HOST, ResultGone, ResultReader

HOME = "https://demo.myshopify.com"
LINES = [
    b'{"id":"gid://shopify/Order/1","updatedAt":"2026-01-01T00:00:00Z","refunds":[]}',
    b'{"id":"gid://shopify/Order/2","updatedAt":"2026-01-01T00:00:00Z","refunds":[]}',
    b'{"__typename":"LineItem","id":"gid://shopify/LineItem/7","__parentId":"gid://shopify/Order/1"}',
    b'{"__typename":"LineItem","id":"gid://shopify/LineItem/8","__parentId":"gid://shopify/Order/2"}',
]


def reader(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> ResultReader:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 7):
            yield body[start : start + 7]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, content=parts())

    return ResultReader(ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(answer))), HOME)


async def found_in(body: bytes, size: int | None = None, start: int = 0, **how: Any) -> list[Any]:
    url = f"https://{RESULT_HOST}/x.jsonl?Signature=sssssssss"
    return [order async for order in reader(body, **how).orders(url, size, start)]


async def test_a_part_that_comes_late_makes_its_order_be_read_by_its_id() -> None:
    first, second = await found_in(b"\n".join(LINES) + b"\n")
    assert (first.order_id, first.strays, second.order_id, second.strays) == ("1", set(), "2", {"1"})
    assert json.loads(second.body)["lineItems"]["nodes"] == [{"id": "gid://shopify/LineItem/8"}]
    assert (first.end, second.end) == (len(LINES[0]) + 1, sum(map(len, LINES)) + len(LINES))


@pytest.mark.parametrize(
    ("body", "size"),
    [(LINES[0] + b"\n", 500), (LINES[0], None), (LINES[0] + b"\n" + LINES[1][:20], None), (b"", 10)],
)
async def test_an_end_that_came_too_early_is_no_end(body: bytes, size: int | None) -> None:
    with pytest.raises(Transient, match="broke off"):
        await found_in(body, size)


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"id":7}', b'{"id":"gid://shopify/Order/1"}', b"", b'{"__parentId":"gid://shopify/Order/1"}'],
)
async def test_a_line_that_makes_no_sense_is_refused(line: bytes) -> None:
    with pytest.raises(Permanent, match="unknown shape"):
        await found_in(LINES[0] + b"\n" + line + b"\n")


async def test_an_answer_that_begins_elsewhere_is_refused() -> None:
    with pytest.raises(Transient, match="begins elsewhere"):
        await found_in(b"x" * 30, 100, 50, status=206, headers={"content-range": "bytes 40-99/100"})


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        f"https://{RESULT_HOST}.evil.example/x",
        f"http://{RESULT_HOST}/x",
        f"https://user:word@{RESULT_HOST}/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:8123/x",
        "https://other.myshopify.com/x",
        "file:///etc/passwd",
        "https://[::1]/x",
        "no address",
    ],
)
async def test_no_result_is_fetched_from_anywhere_else(url: str) -> None:
    called = list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        called.append(request)
        return httpx.Response(200)

    # An exception for a shop of this machine's network must not open the way to it from here.
    api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(answer)), frozenset(["127.0.0.1:8123"]))
    with pytest.raises(ConfigProblem):
        async for _ in ResultReader(api, HOME).orders(url, None, 0):
            pass
    assert called == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_result_whose_address_leads_nowhere_any_more_is_gone(status: int) -> None:
    with pytest.raises(ResultGone):
        await found_in(b"<Error/>", status=status)


@pytest.mark.parametrize(("status", "kind"), [(302, ConfigProblem), (429, Transient), (500, Transient)])
async def test_a_result_that_cannot_be_had_now_is_not_gone(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await found_in(LINES[0], status=status, headers={"location": "https://127.0.0.1/"})


async def test_what_goes_wrong_with_a_result_never_tells_its_signature() -> None:
    with pytest.raises(Transient) as caught:
        await found_in(b"", status=503)
    assert "sssssssss" not in caught.value.detail + str(caught.value)
