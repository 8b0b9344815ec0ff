"""What every answer carries, what a body may be, and what happens to callers who ask too often."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from connector.access.auth import READ_MEMBERS, create_api_key, revoke_api_key
from connector.access.rates import ANYONE, SHOPPER, UNPROVEN, Buckets, Rate, neighbourhood
from connector.routes.guard import BODY_BYTES_MAX, LARGE_AT_ONCE, SMALL_BYTES, guarded
from connector.routes.policies import policies, undeclared
from connector.running.app import site_of
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.connector.outside import Outside, call_raw, client_of, outside

JSON = {"Content-Type": "application/json"}
NOBODY = "/v1/members/00000000-0000-0000-0000-000000000007"
"""404 to whoever may ask."""


def stopped(service: Outside) -> None:
    """No time passes for the limits, so that a slow machine counts like a fast one."""
    rates = service.service.rates
    for buckets in (rates.keys, rates.unproven, rates.anyone, rates.shoppers):
        buckets.seconds = lambda: 1000.0


async def key_of(service: Outside) -> str:
    number = service.connections["woocommerce"].programme_number
    return await atomic(
        service.service.database,
        lambda session: create_api_key(session, number, "desk", NOW, frozenset({READ_MEMBERS})),
    )


async def test_every_answer_tells_browsers_what_they_must_not_do(service: Outside) -> None:
    bearer = {"Authorization": f"Bearer {await key_of(service)}"}
    asked = [
        ("GET", "/livez", {}),
        ("GET", "/v1/members", {}),
        ("GET", "/v1/members", bearer),
        ("GET", "/no/such/page", {}),
        ("PUT", "/v1/members", {}),
        ("GET", "/link/nothing", {}),
        ("GET", "/mails/nothing", {}),
        ("GET", "/openapi.json", {}),
        ("POST", service.path("woocommerce"), {}),
        ("GET", "/hooks/", {}),
    ]
    for method, path, headers in asked:
        answer = await service.http.request(method, path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert "server" not in answer.headers, path
        assert "no-store" in answer.headers["cache-control"] or path == "/openapi.json", path
    kept = await service.deliver("woocommerce", b'{"id":1}')
    assert (kept.status_code, kept.headers["x-content-type-options"]) == (200, "nosniff")


async def test_only_pages_of_a_shop_itself_may_read_an_answer(service: Outside) -> None:
    for origin in ("https://shop.example.evil.test", "https://shop.example:8443", "http://shop.example", "null", "*"):
        answer = await service.http.get("/v1/me", headers={"Origin": origin})
        assert answer.status_code == 401 and "access-control-allow-origin" not in answer.headers
        assert (await service.http.options("/v1/me", headers={"Origin": origin})).status_code == 403
    answer = await service.http.options("/v1/me", headers={"Origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in answer.headers


async def test_every_route_and_every_raw_app_has_a_policy(service: Outside) -> None:
    site = site_of(service.service)
    assert undeclared(site.pages.routes, site.raw) == []
    served = {
        (method, route.path)
        for route in site.pages.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    raw = {(method, path) for method, path in policies() if any(path.startswith(prefix) for prefix in site.raw)}
    told = {each for each in policies() if each not in raw}
    assert told <= served, "a policy of nothing"


async def test_what_is_served_without_a_policy_is_found(service: Outside) -> None:
    async def page(request: Any) -> Any:
        raise AssertionError("never called")

    routes = [
        Route("/v1/secrets", page, methods=["GET"]),
        Route("/livez", page, methods=["DELETE"]),
        Route("/livez", page, methods=["GET"]),
        Mount("/static", Starlette()),
    ]
    assert undeclared(routes, ["/hooks/", "/fast/"]) == ["GET /v1/secrets", "DELETE /livez", "/static", "/fast/"]


async def test_a_body_that_trickles_is_refused_in_time_on_every_route(service: Outside) -> None:
    part = {"type": "http.request", "body": b'{"', "more_body": True}
    app = guarded(site_of(service.service), body_seconds=0.05)
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("POST", "/v1/events", {"webhook-signature": "v1,AAAA", **JSON}),
        ("POST", service.path("woocommerce"), JSON),
    ]
    for method, path, headers in asked:
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        sent = await call_raw(app, path, pairs, [part], method=method)
        assert (sent[0]["status"], dict(sent[0]["headers"])[b"connection"]) == (408, b"close")
    assert await service.kept() == 0


async def test_a_command_of_any_size_is_cut_off(service: Outside) -> None:
    service.service.local_token = "t" * 43
    part = {"type": "http.request", "body": b" " * 65536, "more_body": True}
    sent = await call_raw(
        service.app,
        "/local/make-key",
        [(b"authorization", b"Bearer " + b"t" * 43)],
        [part] * (BODY_BYTES_MAX // 65536 + 1),
        method="POST",
    )
    assert sent[0]["status"] == 413


async def test_few_large_bodies_are_in_memory_at_one_time() -> None:
    inside = most = 0
    release = asyncio.Event()

    async def reads(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        nonlocal inside, most
        await receive()
        inside += 1
        most = max(most, inside)
        await receive()
        inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = guarded(reads)

    async def ask() -> int:
        parts = [{"type": "http.request", "body": b"x" * (SMALL_BYTES + 1), "more_body": True}]

        async def receive() -> dict[str, Any]:
            if parts:
                return parts.pop()
            await release.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await app({"type": "http", "path": "/"}, receive, send)
        return int(sent[0]["status"])

    asking = [asyncio.create_task(ask()) for _ in range(LARGE_AT_ONCE * 3)]
    await asyncio.sleep(0.05)
    assert most == LARGE_AT_ONCE
    release.set()
    assert await asyncio.gather(*asking) == [200] * LARGE_AT_ONCE * 3


def test_a_bucket_lets_so_many_through_and_then_one_at_a_time() -> None:
    now = [100.0]
    buckets = Buckets(Rate(at_once=3, per_second=2), seconds=lambda: now[0])
    assert [buckets.take("one") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert buckets.is_full("one") and not buckets.is_full("other")
    assert buckets.take("other") == 0
    now[0] += 0.5
    assert [buckets.take("one") for _ in range(2)] == [0, 1], "a refused one counts for nothing"
    now[0] += 1000
    assert [buckets.take("one") for _ in range(4)] == [0, 0, 0, 1]


def test_as_many_names_as_anybody_likes_take_a_bounded_memory() -> None:
    buckets = Buckets(Rate(1, 1), remembered_max=100, seconds=lambda: 5.0)
    for number in range(10_000):
        buckets.take(str(number))
    assert len(buckets._full_until) == 100


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("not an address" * 10, ("not an address" * 10)[:64]),
    ],
)
def test_an_address_shares_its_limit_with_those_it_could_just_as_well_have(host: str, name: str) -> None:
    assert neighbourhood((host, 1)) == name


async def test_who_guesses_keys_is_stopped_and_keeps_nobody_else_out(service: Outside) -> None:
    stopped(service)
    key = await key_of(service)
    right = {"Authorization": f"Bearer {key}"}
    assert (await service.http.get(NOBODY, headers=right)).status_code == 404
    wrong = {"Authorization": f"Bearer {key[:-4]}AAAA"}
    codes = [(await service.http.get(NOBODY, headers=wrong)).status_code for _ in range(UNPROVEN.at_once + 5)]
    assert codes[: UNPROVEN.at_once] == [401] * UNPROVEN.at_once and codes[-1] == 429
    refused = await service.http.get(NOBODY, headers=wrong)
    assert int(refused.headers["retry-after"]) >= 1 and refused.headers["content-type"] == "application/problem+json"
    assert (await service.http.get(NOBODY, headers=right)).status_code == 404, "the owner, from the same address"
    async with client_of(service.app, ("198.51.100.7", 1)) as elsewhere:
        assert (await elsewhere.get(NOBODY, headers=wrong)).status_code == 401
    assert (await service.deliver("woocommerce", b'{"id":1}')).status_code == 200, "deliveries are not counted"


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path, BELONG_KEY_REQUESTS_PER_SECOND="1") as service:
        stopped(service)
        right = {"Authorization": f"Bearer {await key_of(service)}"}
        codes = [(await service.http.get(NOBODY, headers=right)).status_code for _ in range(13)]
        assert codes[:10] == [404] * 10 and codes[-1] == 429


async def test_what_a_key_may_not_do_counts_as_well(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path, BELONG_KEY_REQUESTS_PER_SECOND="1") as service:
        stopped(service)
        right = {"Authorization": f"Bearer {await key_of(service)}"}
        asked = [await service.http.get("/v1/dead-letters", headers=right) for _ in range(13)]
        assert [one.status_code for one in asked[:10]] == [403] * 10 and asked[-1].status_code == 429


async def test_a_key_that_was_right_and_is_over_is_counted_with_those_that_are_guessed(service: Outside) -> None:
    stopped(service)
    key = await key_of(service)
    right, rates = {"Authorization": f"Bearer {key}"}, service.service.rates
    assert (await service.http.get(NOBODY, headers=right)).status_code == 404
    assert len(rates.proven) == 1
    prefix = key.partition(".")[0]
    await atomic(service.service.database, lambda session: revoke_api_key(session, prefix, NOW))
    assert (await service.http.get(NOBODY, headers=right)).status_code == 401
    assert len(rates.proven) == 0
    codes = [(await service.http.get(NOBODY, headers=right)).status_code for _ in range(UNPROVEN.at_once)]
    assert codes[-1] == 429, "refused before the database is asked"


async def test_of_an_address_that_guesses_no_origin_is_looked_up(service: Outside) -> None:
    stopped(service)
    page = {"Origin": "https://shop.example", "Authorization": "Bearer nonsense"}
    answer = await service.http.get("/v1/me", headers=page)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example", "a page must see that it is over"
    for _ in range(UNPROVEN.at_once):
        answer = await service.http.get("/v1/me", headers=page)
    assert answer.status_code == 429 and "access-control-allow-origin" not in answer.headers


async def test_pages_for_anyone_have_a_limit_of_each_address(service: Outside) -> None:
    stopped(service)
    codes = [(await service.http.options("/v1/me")).status_code for _ in range(ANYONE.at_once + 30)]
    assert codes[0] == 403 and codes[-1] == 429
    assert SHOPPER.at_once < ANYONE.at_once
