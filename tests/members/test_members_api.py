"""What a key may read: its own programme's members, exactly, and nothing of anybody else's."""

from __future__ import annotations

import ast
import asyncio
import inspect
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access import auth
from connector.access.auth import create_api_key, revoke_api_key
from connector.routes import health, local
from connector.storage.atomic import atomic
from connector.storage.programmes import pause, resume, stop_others
from connector.storage.session import Session
from tests.builders import NOW, found_programme
from tests.connector.outside import Outside, order_body, outside
from tests.second_connection import run_apart


@dataclass
class Desk:
    """Customer 7 of the WooCommerce shop has one order of ten euros. ``key`` reads the programme, ``other`` another."""

    outside: Outside
    key: str
    other: str
    member: str

    async def get(self, path: str, key: str | None = None, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return await self.outside.http.get(path, params=parameters or None, headers=headers)


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path) as service:
        await service.deliver("woocommerce", order_body("woocommerce"))
        await service.work()
        database = service.service.database
        number = service.connections["woocommerce"].programme_number
        other, _ = await atomic(database, lambda session: found_programme(session, "woocommerce", shop="b.example"))
        key = await atomic(database, lambda session: create_api_key(session, number, "ours", NOW))
        others = await atomic(database, lambda session: create_api_key(session, other, "theirs", NOW))
        (row,) = await service.rows("SELECT member_id FROM member")
        yield Desk(service, key, others, str(uuid.UUID(row["member_id"])))


def paths(desk: Desk) -> list[str]:
    lookup = f"/v1/members?connection={desk.outside.connections['woocommerce'].public_id}&customer=7"
    return [f"/v1/members/{desk.member}", f"/v1/members/{desk.member}/entries", lookup]


def assert_problem(answer: httpx.Response, status: int, title: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (answer.json()["title"], answer.headers["cache-control"]) == (title, "no-store")


async def test_without_a_valid_key_nothing_is_told(desk: Desk) -> None:
    prefix, _, secret = desk.key.partition(".")
    wrong = [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {desk.key}",
        f"Bearer  {desk.key}",
        f"Bearer {desk.key} ",
        f"Bearer {prefix}",
        f"Bearer {prefix}.",
        f"Bearer {prefix}.{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        f"Bearer {prefix}.{secret}x",
        f"Bearer bk_00000000.{secret}",
        f"Bearer \x00.{secret}",
        f"Bearer {'b' * 5000}.{secret}",
        "Bearer é.é",
    ]
    for path in paths(desk):
        for value in wrong:
            headers = [] if value is None else [(b"authorization", value.encode("latin-1"))]
            answer = await desk.outside.http.get(path, headers=headers)
            assert_problem(answer, 401, "Not signed in")
            assert answer.headers["www-authenticate"] == "Bearer"
            assert desk.member not in answer.text


async def test_a_revoked_key_opens_nothing_from_then_on(desk: Desk) -> None:
    assert (await desk.get(paths(desk)[0])).status_code == 200
    prefix = desk.key.partition(".")[0]
    database = desk.outside.service.database
    assert await atomic(database, lambda session: revoke_api_key(session, prefix, NOW)) is True
    assert_problem(await desk.get(paths(desk)[0]), 401, "Not signed in")
    assert await atomic(database, lambda session: revoke_api_key(session, prefix, NOW)) is False


async def test_an_expired_key_opens_nothing(desk: Desk) -> None:
    url = desk.outside.service.database.url
    change = "UPDATE api_key SET expires_at = '{:%Y-%m-%d %H:%M:%S+00:00}'"
    run_apart(url, change.format(clock.utc_now() + timedelta(hours=1)))
    assert (await desk.get(paths(desk)[0])).status_code == 200
    run_apart(url, change.format(clock.utc_now() - timedelta(seconds=1)))
    assert_problem(await desk.get(paths(desk)[0]), 401, "Not signed in")


async def test_a_key_without_the_scope_is_told_which_one_it_lacks(desk: Desk) -> None:
    run_apart(desk.outside.service.database.url, "UPDATE api_key SET scopes = 'something:else'")
    for path in paths(desk):
        answer = await desk.get(path)
        assert_problem(answer, 403, "Not allowed")
        assert answer.json()["detail"] == "This API key lacks the scope members:read."


async def test_a_key_of_another_programme_finds_nobody(desk: Desk) -> None:
    unknown = str(uuid.uuid4())
    for path in paths(desk):
        theirs = await desk.get(path, desk.other)
        assert_problem(theirs, 404, "No such member")
        nobodys = await desk.get(path.replace(desk.member, unknown).replace("customer=7", "customer=8"))
        assert theirs.content == nobodys.content


async def test_a_member_is_told_in_exact_numbers(desk: Desk) -> None:
    answer = await desk.get(f"/v1/members/{desk.member}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    told = answer.json()
    assert told.pop("as_of").endswith("Z")
    assert told == {
        "id": desk.member,
        "enrolled_at": "2026-06-01T00:00:00Z",
        "balance": 10,
        "available": 0 if told["pending"] else 10,
        "pending": 10 if told["pending_lots"] else 0,
        "held": 0,
        "deficit": 0,
        "lifetime": 10,
        "pending_lots": [{"points": 10, "matures_at": "2026-12-05T21:54:41Z"}] if told["pending"] else [],
        "entries": 1,
        "earns_nothing": [],
    }


async def test_why_an_order_earns_nothing_is_told(desk: Desk) -> None:
    body = order_body("woocommerce", 5124).replace(b'"EUR"', b'"JPY"').replace(b'"10.00"', b'"10"')
    await desk.outside.deliver("woocommerce", body)
    await desk.outside.work()
    (reason,) = (await desk.get(f"/v1/members/{desk.member}")).json()["earns_nothing"]
    number = desk.outside.connections["woocommerce"].number
    assert reason["source"] == f"woocommerce:{number}:order:5124"
    assert reason["reason"]


async def test_a_member_is_found_by_shop_and_customer(desk: Desk) -> None:
    connection = desk.outside.connections["woocommerce"].public_id
    answer = await desk.get("/v1/members", connection=connection, customer="7")
    assert (answer.status_code, answer.json()["id"]) == (200, desk.member)
    shopify = desk.outside.connections["shopify"].public_id
    for nobody in ({"connection": shopify, "customer": "7"}, {"connection": connection, "customer": "8"}):
        assert_problem(await desk.get("/v1/members", **nobody), 404, "No such member")


async def test_every_entry_explains_itself(desk: Desk) -> None:
    (entry,) = (await desk.get(f"/v1/members/{desk.member}/entries")).json()["entries"]
    (row,) = await desk.outside.rows("SELECT entry_hash FROM entry")
    assert (entry["id"], entry["n"], entry["kind"], entry["points"]) == (f"{desk.member}.1", 1, "earn", 10)
    assert entry["hash"] == bytes(row["entry_hash"]).hex()
    assert entry["programme_version"] == 1
    assert entry["why"] and entry["calculation"]["order"] == entry["order"]


async def many_entries(desk: Desk, number: int) -> None:
    for order in range(1, number):
        await desk.outside.deliver("woocommerce", order_body("woocommerce", 6000 + order))
    await desk.outside.work()


async def test_entries_come_in_pages_newest_first_and_none_is_missing(desk: Desk) -> None:
    await many_entries(desk, 8)
    path = f"/v1/members/{desk.member}/entries"
    seen: list[int] = []
    before: dict[str, Any] = {}
    pages = []
    while True:
        page = (await desk.get(path, limit=3, **before)).json()
        seen += [entry["n"] for entry in page["entries"]]
        pages.append(page["next_before"])
        if page["next_before"] is None:
            break
        before = {"before": page["next_before"]}
    assert (seen, pages) == ([8, 7, 6, 5, 4, 3, 2, 1], [6, 3, None])
    assert (await desk.get(path, limit=8)).json()["next_before"] is None
    assert (await desk.get(path, before=1)).json() == {"entries": [], "next_before": None}
    assert len((await desk.get(path)).json()["entries"]) == 8


BAD: list[dict[str, Any]] = [
    {"limit": value} for value in ("0", "201", "-1", "1.5", "", "all", "٣", "9" * 5000, "1e2", " 5", "\x00")
] + [{"before": value} for value in ("0", "2147483648", "-1", "x", "\x00")]


async def test_a_bad_parameter_is_named(desk: Desk) -> None:
    for parameters in BAD:
        answer = await desk.get(f"/v1/members/{desk.member}/entries", **parameters)
        assert_problem(answer, 400, "Bad parameter")
        assert answer.json()["detail"].startswith(f"{next(iter(parameters))}: ")


async def test_many_lookups_at_once_are_all_answered_after_a_pause_too(desk: Desk) -> None:
    """Defect seen: each held a connection for reading and waited for another one that nobody gave back."""
    database, number = desk.outside.service.database, desk.outside.connections["woocommerce"].programme_number

    async def body(session: Session) -> None:
        await stop_others(session, number)
        await pause(session, number, NOW, "operator")
        await resume(session, number, NOW + timedelta(hours=1), "operator")

    await atomic(database, body)
    lookup = paths(desk)[2]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(desk.get(lookup) for _ in range(30)))
    assert [answer.status_code for answer in answers] == [200] * 30


async def test_a_lookup_without_shop_or_customer_or_with_impossible_ones_is_a_bad_request(desk: Desk) -> None:
    """Defect seen: a NUL in a parameter reached PostgreSQL and came back as a 500."""
    connection = desk.outside.connections["woocommerce"].public_id
    for parameters in (
        {},
        {"connection": connection},
        {"customer": "7"},
        {"connection": connection, "customer": ""},
        {"connection": connection, "customer": "7\x00"},
        {"connection": "\x00", "customer": "7"},
        {"connection": connection, "customer": "7" * 101},
    ):
        assert_problem(await desk.get("/v1/members", **parameters), 400, "Bad parameter")


async def test_an_id_that_is_nobodys_is_404(desk: Desk) -> None:
    for name in ("1", "x" * 500, "%00", "..%2f..", "٣" * 32, "00000000-0000-0000-0000-000000000000"):
        for path in (f"/v1/members/{name}", f"/v1/members/{name}/entries"):
            assert (path, (await desk.get(path)).status_code) == (path, 404)


async def test_other_methods_are_refused(desk: Desk) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await desk.outside.http.request(method, f"/v1/members/{desk.member}")
        assert_problem(answer, 405, "Method Not Allowed")


async def test_while_the_database_does_not_answer_readers_are_asked_to_come_back(desk: Desk) -> None:
    """Defect seen: a bare 500."""
    run_apart(desk.outside.service.database.url, "ALTER TABLE api_key RENAME TO api_key_gone")
    answer = await desk.get(f"/v1/members/{desk.member}")
    assert_problem(answer, 503, "Not now")
    assert answer.headers["retry-after"] == "5"


def test_secrets_are_compared_in_constant_time() -> None:
    """Nothing that holds a digest or a token is compared with == or != where callers are told apart."""
    for module in (auth, local, health):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                words = ast.unparse(node)
                assert not any(word in words for word in ("digest", "token", "authorization", "given")), words
        assert "same(" in inspect.getsource(module)
