"""A member's numbers are kept in memory and never older than something that their shopper has seen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from connector import clock
from connector.access.auth import MINT_TOKENS, READ_MEMBERS, create_api_key
from connector.data.erasure import erase
from connector.people.actors import SYSTEM
from connector.routes.numbers import Member, Numbers
from connector.running.hearing import Hearing
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.kept import EVERYONE, Answer, Kept
from connector.storage.programmes import pause, resume
from tests.builders import NOW, opened
from tests.connector.outside import Outside, order_body, outside
from tests.databases import Databases

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "rewards": [{"id": "five", "kind": "amount", "points": 100, "value": "5.00"}],
}
CART = {"currency": "EUR", "lines": [{"product_id": "1", "quantity": 1, "net_minor": 2599}]}
LATER = 5.0


@dataclass
class Shop:
    """Customer 7 has 300 points. token: theirs."""

    outside: Outside
    token: str
    member_id: str

    async def me(self, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.token}", **headers}
        return await self.outside.http.get("/v1/me", headers=given)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex}
        answer = await self.outside.http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    async def order(self, number: int, minor: int) -> None:
        await self.outside.deliver("woocommerce", order_body("woocommerce", number, minor, 7))
        await self.outside.work()

    @property
    def database(self) -> Database:
        return self.outside.service.database

    @property
    def programme(self) -> int:
        return self.outside.connections["woocommerce"].programme_number


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop_at(prepared_database_url, tmp_path) as shop:
        yield shop


@pytest.fixture
async def pair(databases: Databases, tmp_path: Path) -> AsyncIterator[tuple[Shop, Numbers, Hearing]]:
    """A shop, and what another process of the same database keeps and hears."""
    with databases.prepared("postgresql") as url:
        async with shop_at(url, tmp_path) as shop, opened(url) as database:
            async with heard(database) as hearing:
                assert hearing is not None
                yield shop, Numbers(database), hearing


@asynccontextmanager
async def shop_at(url: str, home: Path) -> AsyncIterator[Shop]:
    async with outside(url, home, DOCUMENT) as service:
        await service.deliver("woocommerce", order_body("woocommerce", 1, 30_000, 7))
        await service.work()
        scopes = frozenset({MINT_TOKENS, READ_MEMBERS})
        number = service.connections["woocommerce"].programme_number
        key = await atomic(
            service.service.database, lambda session: create_api_key(session, number, "server", NOW, scopes)
        )
        scopes_of_token = ["read", "examine", "redeem", "choose"]
        body = {"connection": service.connections["woocommerce"].public_id, "customer": "7", "scopes": scopes_of_token}
        minted = await service.http.post("/v1/shopper-tokens", json=body, headers={"Authorization": f"Bearer {key}"})
        async with heard(service.service.database):
            yield Shop(service, minted.json()["token"], uuid.UUID(minted.json()["member"]).hex)


@asynccontextmanager
async def heard(database: Database) -> AsyncIterator[Hearing | None]:
    """As ``belong serve`` does it on PostgreSQL; until it is sure that it hears, nothing begins."""
    if database.dialect == "sqlite":
        yield None
        return
    hearing = Hearing(database)
    task = asyncio.create_task(hearing.run())
    await until(hearing.is_sure)
    try:
        yield hearing
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LATER):
        while not is_so():
            await asyncio.sleep(0.01)


async def counted(database: Database, work: Callable[[], Awaitable[Any]], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements the reading connection runs meanwhile."""
    ran = 0
    kind = type(database.reader)
    real = kind.execute_query_dict

    async def counting(self: Any, *values: Any) -> Any:
        nonlocal ran
        ran += self is database.reader
        return await real(self, *values)

    with monkeypatch.context() as patched:
        patched.setattr(kind, "execute_query_dict", counting)
        await work()
    return ran


async def test_who_asks_again_gets_a_304_without_a_look_into_the_database(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await shop.me()
    assert (first.status_code, first.json()["available"]) == (200, 300)
    assert first.headers["cache-control"] == "private, no-cache"
    answers: list[httpx.Response] = []

    async def again() -> None:
        answers.append(await shop.me(**{"If-None-Match": first.headers["etag"]}))
        answers.append(await shop.me())

    assert await counted(shop.database, again, monkeypatch) == 0
    assert (answers[0].status_code, answers[0].content) == (304, b"")
    assert answers[0].headers["etag"] == first.headers["etag"]
    assert (answers[1].status_code, answers[1].content) == (200, first.content)


async def test_a_posting_is_seen_at_once_and_has_another_etag(shop: Shop) -> None:
    first = await shop.me()
    await shop.order(2, 4_000)
    then = await shop.me(**{"If-None-Match": first.headers["etag"]})
    assert (then.status_code, then.json()["available"]) == (200, 340)
    assert then.headers["etag"] != first.headers["etag"]
    assert (await shop.me()).json()["available"] == 340


async def test_the_same_numbers_have_one_etag_whenever_they_are_read(shop: Shop) -> None:
    first = await shop.me()
    shop.database.kept.forget([EVERYONE])
    again = await shop.me(**{"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert again.status_code == 304


async def test_whatever_changes_the_numbers_what_is_kept_is_what_the_database_says(shop: Shop) -> None:
    seen = []

    async def look(what: str) -> None:
        kept = (await shop.me()).json()
        kept_again = (await shop.me()).json()
        shop.database.kept.forget([EVERYONE])
        read = (await shop.me()).json()
        assert {**kept, "as_of": ""} == {**kept_again, "as_of": ""} == {**read, "as_of": ""}, what
        seen.append((what, read["available"], read["held"]))

    await look("at first")
    held = (await shop.post("/v1/me/redemptions", reward="five", holds=True, cart=CART)).json()
    await look("held")
    await shop.post(f"/v1/me/redemptions/{held['redemption']}/release")
    await look("released")
    await shop.order(2, 4_000)
    await look("earned")
    await shop.post("/v1/me/redemptions", reward="five")
    await look("redeemed")
    await atomic(shop.database, lambda session: pause(session, shop.programme, clock.utc_now(), "test"))
    await look("paused")
    await atomic(shop.database, lambda session: resume(session, shop.programme, clock.utc_now(), "test"))
    await look("resumed")
    await erase(shop.outside.service.pipeline, shop.programme, shop.member_id, SYSTEM)
    await look("erased")
    assert [numbers for _, *numbers in seen[:5]] == [[300, 0], [200, 100], [300, 0], [340, 0], [240, 0]]


async def test_nobody_sees_fewer_points_after_more(shop: Shop) -> None:
    """One writer posts, and readers of one process read as fast as they can."""
    numbers = shop.outside.service.numbers
    seen: list[list[int]] = [[] for _ in range(4)]
    is_over = False

    async def read(mine: list[int], shows: bool) -> None:
        etag: bytes | None = None
        while not is_over:
            answer = await numbers.answer(shop.programme, shop.member_id, etag if shows else None)
            etag = answer.etag
            mine.append(msgspec.json.decode(answer.body, type=Member).balance)
            await asyncio.sleep(0)

    readers = [asyncio.create_task(read(mine, number % 2 == 0)) for number, mine in enumerate(seen)]
    for number in range(2, 14):
        await shop.order(number, 1_000)
    is_over = True
    await asyncio.gather(*readers)
    for mine in seen:
        assert mine == sorted(mine)
        assert mine[-1] == 420


async def test_a_token_that_is_over_is_not_believed_any_longer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await shop.me()).status_code == 200
    over = clock.utc_now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "utc_now", lambda: over)
    assert (await shop.me()).status_code == 401


async def test_another_process_knows_at_once_whoever_shows_something_newer(pair: tuple[Shop, Numbers, Hearing]) -> None:
    shop, other, _ = pair
    before = await other.answer(shop.programme, shop.member_id, None)
    await shop.order(2, 4_000)
    newer = (await shop.me()).headers["etag"].encode()
    after = await other.answer(shop.programme, shop.member_id, newer)
    assert (after.etag, before.etag == newer) == (newer, False)


async def test_another_process_hears_of_a_posting_by_itself(pair: tuple[Shop, Numbers, Hearing]) -> None:
    shop, other, _ = pair
    before = await other.answer(shop.programme, shop.member_id, None)
    assert other.database.kept.find(shop.member_id, clock.utc_now()) is before
    await shop.order(2, 4_000)
    await until(lambda: other.database.kept.find(shop.member_id, clock.utc_now()) is None)
    after = await other.answer(shop.programme, shop.member_id, None)
    assert msgspec.json.decode(after.body, type=Member).balance == 340


async def test_a_process_that_is_not_sure_to_hear_reads(pair: tuple[Shop, Numbers, Hearing]) -> None:
    shop, other, hearing = pair
    await other.answer(shop.programme, shop.member_id, None)
    hearing._proven_at = clock.monotonic_seconds() - 60
    await shop.order(2, 4_000)
    after = await other.answer(shop.programme, shop.member_id, None)
    assert msgspec.json.decode(after.body, type=Member).balance == 340


def answer(points: bytes = b"1", until: Any = None) -> Answer:
    return Answer(1, points, b'W/"1"', until)


def test_what_changes_by_itself_is_kept_no_longer() -> None:
    kept = Kept()
    with kept.reading("a") as reading:
        kept.keep(reading, answer(until=NOW + timedelta(seconds=5)))
    assert kept.find("a", NOW) is not None
    assert kept.find("a", NOW + timedelta(seconds=5)) is None


def test_what_was_read_before_a_commit_is_not_kept_after_it() -> None:
    kept = Kept()
    with kept.reading("a") as early:
        kept.writing({"a"})
        with kept.reading("a") as between:
            kept.written({"a"})
            kept.keep(between, answer())
        kept.keep(early, answer())
    assert kept.find("a", NOW) is None
    with kept.reading("a") as late:
        kept.keep(late, answer())
    assert kept.find("a", NOW) is not None


def test_the_oldest_answer_makes_room() -> None:
    kept = Kept(most=2)
    for name in ("a", "b", "c"):
        with kept.reading(name) as reading:
            kept.keep(reading, answer())
    assert [kept.find(name, NOW) is not None for name in ("a", "b", "c")] == [False, True, True]
