"""A shop that does not answer rests: it holds no place that others need, and nothing that it is owed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from connector.api_client import ApiClient, Call
from connector.delivering.outbox import push_due
from connector.delivering.removing import remove_due
from connector.errors import ConfigProblem, ConnectorError, Permanent, Resting, Transient, Unreached
from connector.resting import FIRST_REST, LONGEST_REST, MISSES, PROBE, Rests
from connector.running.metrics import depths
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.rests import Rest, load_rests
from connector.storage.session import Session
from tests.builders import KEYS, Shopfront, shopfront
from tests.connector.test_outbox import Telling, second_store, telling

Answer = Callable[[httpx.Request], httpx.Response]


def broken(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("nothing came")


def well(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={})


@dataclass
class Line:
    """One shop behind an HTTP client that answers as the test says. asked: how often it was."""

    front: Shopfront
    database: Database
    shops: Shops
    answer: Answer = well
    asked: int = 0
    errors: list[ConnectorError] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.front.connection.number

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer(request)

    async def call(self) -> ConnectorError | None:
        """One call as every part of the product makes it."""
        try:
            await self.shops.rests.let_in(self.number)
            await self.api.request(Call("GET", "https://shop.example/"))
        except ConnectorError as error:
            return error
        return None

    @property
    def api(self) -> ApiClient:
        return self.shops.api.watched(self.shops.rests.watch(self.number))

    async def rest(self) -> Rest | None:
        return (await load_rests(self.database.reading())).get(self.number)

    def another_process(self) -> Line:
        shops = Shops(self.database, KEYS, self.front.platforms, self.shops.api)
        shops.rests.jitter = lambda: 1.0
        return Line(self.front, self.database, shops)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    async with shopfront(url) as front:
        lines: list[Line] = []
        transport = httpx.MockTransport(lambda request: lines[0].handle(request))
        async with httpx.AsyncClient(transport=transport) as http:
            api = ApiClient(http, frozenset({"shop.example:443"}), now=front.clock)
            shops = Shops(front.database, KEYS, front.platforms, api)
            shops.rests.jitter = lambda: 1.0
            lines.append(Line(front, front.database, shops))
            yield lines[0]


@pytest.fixture
async def line(prepared_database_url: str) -> AsyncIterator[Line]:
    async with line_to(prepared_database_url) as made:
        yield made


async def put_to_rest(line: Line, answer: Answer = refused) -> Rest:
    line.answer = answer
    for _ in range(MISSES):
        assert isinstance(await line.call(), Unreached)
    rest = await line.rest()
    assert rest is not None
    return rest


@pytest.mark.parametrize("answer", [broken, refused, slow])
async def test_after_some_misses_in_a_row_nobody_asks_the_shop(line: Line, answer: Answer) -> None:
    line.answer = answer
    for _ in range(MISSES - 1):
        await line.call()
    assert await line.rest() is None
    await line.call()
    asked = line.asked
    found = await line.call()
    assert isinstance(found, Resting)
    assert found.retry_after_seconds == FIRST_REST.total_seconds()
    assert line.asked == asked
    assert isinstance(await line.another_process().call(), Resting), "another process leaves it alone, too"
    assert (await depths(line.database.reading()))["connection", "resting"] == 1


@pytest.mark.parametrize("status", [400, 404, 422, 401, 403, 429, 302])
async def test_what_a_shop_refuses_is_an_answer(line: Line, status: int) -> None:
    line.answer = lambda request: httpx.Response(status, headers={"location": "https://elsewhere.example"})
    for _ in range(3 * MISSES):
        assert isinstance(await line.call(), (Permanent, ConfigProblem, Transient))
    assert await line.rest() is None
    assert line.asked == 3 * MISSES


async def test_misses_count_in_a_row_only(line: Line) -> None:
    for number in range(6 * MISSES):
        line.answer = well if number % MISSES == MISSES - 1 else broken
        await line.call()
    assert await line.rest() is None


async def test_a_full_pool_of_our_own_says_nothing_of_the_shop(line: Line) -> None:
    def full(request: httpx.Request) -> httpx.Response:
        raise httpx.PoolTimeout("no connection is free")

    line.answer = full
    for _ in range(2 * MISSES):
        found = await line.call()
        assert isinstance(found, Transient)
    assert await line.rest() is None


async def test_after_the_rest_one_call_at_a_time_finds_out_and_the_rests_grow(line: Line) -> None:
    rest = await put_to_rest(line)
    before = timedelta()
    for _ in range(8):
        line.front.clock.moment = rest.until
        asked = line.asked
        other = line.another_process()
        assert await line.shops.rests.awake([line.number]) == [line.number]
        assert await other.shops.rests.awake([line.number]) == [], "somebody else has the one call"
        assert isinstance(await line.call(), Unreached)
        assert isinstance(await line.call(), Resting)
        assert line.asked == asked + 1
        found = await line.rest()
        assert found is not None
        pause = found.until - line.front.clock()
        assert pause > before or pause == LONGEST_REST
        rest, before = found, pause
    assert before == LONGEST_REST
    assert rest.since < line.front.clock()


async def test_an_answer_ends_the_rest_for_all_processes(line: Line) -> None:
    rest = await put_to_rest(line)
    other = line.another_process()
    assert await other.shops.rests.awake([line.number]) == []
    line.front.clock.moment, line.answer = rest.until, well
    assert await line.call() is None
    assert await line.rest() is None
    assert await other.shops.rests.awake([line.number]) == [line.number]
    assert await line.call() is None


async def test_whoever_had_the_one_call_and_died_leaves_it_to_others(line: Line) -> None:
    rest = await put_to_rest(line)
    line.front.clock.moment = rest.until
    assert await line.another_process().shops.rests.awake([line.number]) == [line.number]
    assert await line.shops.rests.awake([line.number]) == []
    line.front.clock.moment += PROBE
    assert await line.shops.rests.awake([line.number]) == [line.number]


async def test_a_person_who_asks_is_answered_and_wakes_the_shop(line: Line) -> None:
    await put_to_rest(line)
    line.answer = well
    await line.shops.rests.let_in(line.number, insists=True)
    await line.api.request(Call("GET", "https://shop.example/"))
    assert await line.rest() is None


async def test_a_call_that_is_given_up_as_it_hangs_counts(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.listening.HANGING_SECONDS", 0.01)
    hanging = asyncio.Event()

    async def hang(*_: object) -> None:
        await hanging.wait()

    monkeypatch.setattr(ApiClient, "_exchange", hang)
    for _ in range(MISSES):
        await line.shops.rests.let_in(line.number)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await line.api.request(Call("GET", "https://shop.example/"))
    assert isinstance(await line.call(), Resting)


# --- what it is owed --------------------------------------------------------------------------------------------------


async def rest_for(told: Telling, number: int) -> Rest:
    for _ in range(MISSES):
        await told.outbox.shops.rests.missed(number, "The shop cannot be reached.")
    return (await load_rests(told.front.database.reading()))[number]


async def test_a_resting_shop_is_pushed_nothing_its_wishes_stay_and_others_are_told(prepared_database_url: str) -> None:
    async with telling(prepared_database_url) as told:
        await told.buy(1)
        number, first = told.front.connection.number, "SELECT * FROM push WHERE connection_number = $1"
        await second_store(told, "other.example")
        before = await told.front.rows(first, number)
        rest = await rest_for(told, number)
        assert (await push_due(told.outbox), await remove_due(told.outbox)) == (1, 0)
        assert {shop: len(each.shown) for shop, each in told.platform.shops.items()} == {
            "shop.example": 0,
            "other.example": 1,
        }
        assert await told.front.rows(first, number) == before, "no attempt was made, so none counts"
        told.front.clock.moment = rest.until
        assert await push_due(told.outbox) == 1
        assert len(told.shop.shown) == 1


async def test_a_wish_that_was_claimed_meanwhile_waits_without_an_attempt(
    prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telling(prepared_database_url) as told:
        await told.buy(1)
        number = told.front.connection.number

        async def awake(rests: Rests, numbers: object) -> list[int]:
            return [number]

        rest = await rest_for(told, number)
        monkeypatch.setattr(Rests, "awake", awake)
        await push_due(told.outbox)
        wish = await told.wish()
        assert (wish["state"], wish["attempts"]) == (0, 0)
        assert await told.due_in() <= rest.until - told.front.clock()


async def late(told: Telling) -> None:
    async def body(session: Session) -> None:
        await session.run("UPDATE push SET attempts = 15, next_at_us = next_at_us + 2700000000")

    await atomic(told.front.database, body)


async def test_what_was_put_off_for_long_is_due_once_the_shop_answers(prepared_database_url: str) -> None:
    async with telling(prepared_database_url) as told:
        await told.buy(1)
        await late(told)
        number = told.front.connection.number
        rest = await rest_for(told, number)
        told.front.clock.moment = rest.until
        await told.outbox.shops.rests.let_in(number)
        await told.outbox.shops.rests.answered(number)
        assert await told.due_in() <= timedelta()
