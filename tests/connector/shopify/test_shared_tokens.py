"""One access token for all callers and all processes: it is asked for once, and again before it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from connector import clock
from connector.api_client import ApiClient
from connector.errors import ConfigProblem
from connector.platforms import Credentials, SharedToken
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.auth import TOKEN_PATH, TokenSource
from connector.shops import ConnectionShelf
from connector.storage.atomic import atomic
from connector.storage.migrate import migrate
from connector.storage.shop_tokens import CLAIM, claim_asking
from tests.builders import KEYS, opened
from tests.connector.calls import FakeTime

SHOP = "https://demo.myshopify.com"


class Door:
    """Counts what asks the simulated shop for tokens, and lets each wait a moment."""

    def __init__(self, shop: SimulatedShopify) -> None:
        self.shop, self.asked = shop, 0
        self.inside = httpx.AsyncClient(transport=httpx.ASGITransport(shop.app))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += request.url.path == TOKEN_PATH
        await asyncio.sleep(0.05)
        found = await self.inside.request(
            request.method, str(request.url), content=request.content, headers=request.headers
        )
        return httpx.Response(found.status_code, headers={"content-type": "application/json"}, content=found.content)


class Town:
    """A shop, the time, and as many token sources, as processes have them, as a test wants, over one database."""

    def __init__(self, shelf: ConnectionShelf, time: FakeTime) -> None:
        self.shelf, self.time = shelf, time
        self.shop = SimulatedShopify(now=time.now)
        self.door = Door(self.shop)

    def process(self, secret: str | None = None) -> TokenSource:
        api = ApiClient(
            httpx.AsyncClient(transport=httpx.MockTransport(self.door.answer)), sleep=asyncio.sleep, now=self.time.now
        )
        secrets = {"client_id": self.shop.client_id, "client_secret": secret or self.shop.client_secret}
        return TokenSource(api, SHOP, Credentials((), secrets, self.shelf), seconds=self.time.seconds)


@pytest.fixture
async def town(prepared_database_url: str) -> AsyncIterator[Town]:
    async with opened(prepared_database_url) as database:
        yield Town(ConnectionShelf(database, KEYS, 1, "digest"), FakeTime())


async def test_many_callers_in_several_processes_ask_once(town: Town) -> None:
    sources = [town.process() for _ in range(4)]
    tokens = await asyncio.gather(*(source.token() for source in sources for _ in range(25)))
    assert (len(set(tokens)), town.door.asked) == (1, 1)


async def test_the_next_one_is_asked_for_once_and_before_the_last_ends(town: Town) -> None:
    sources = [town.process() for _ in range(4)]
    [first] = set(await asyncio.gather(*(source.token() for source in sources)))
    town.time.at = 86399 - 61
    assert set(await asyncio.gather(*(source.token() for source in sources))) == {first}
    town.time.at = 86399 - 60
    assert town.shop.grants.use(first) is not None
    [second] = set(await asyncio.gather(*(source.token() for source in sources for _ in range(10))))
    assert (second != first, town.door.asked) == (True, 2)


async def test_a_refused_token_is_replaced_once_for_all(town: Town) -> None:
    sources = [town.process() for _ in range(3)]
    [first] = set(await asyncio.gather(*(source.token() for source in sources)))
    for source in sources:
        assert source.forget(first)
    [second] = set(await asyncio.gather(*(source.token() for source in sources)))
    assert (second != first, town.door.asked) == (True, 2)


async def test_who_is_refused_lets_others_ask_and_keeps_nothing(town: Town) -> None:
    with pytest.raises(ConfigProblem):
        await town.process("not the secret at all").token()
    assert await town.shelf.read() is None
    assert await town.process().token()
    assert town.door.asked == 2


async def test_whoever_died_while_asking_is_not_waited_for_longer_than_their_claim(town: Town) -> None:
    now = town.time.now()
    database = town.shelf.database
    assert await atomic(database, lambda session: claim_asking(session, 1, now)) == 1
    assert await atomic(database, lambda session: claim_asking(session, 1, now + CLAIM)) == 0
    after = now + CLAIM + timedelta(microseconds=1)
    assert await atomic(database, lambda session: claim_asking(session, 1, after)) == 2
    # Who was taken for dead ends nobody else's turn, and puts nothing in place of what they got.
    await town.shelf.give_back(1)
    assert not await town.shelf.put(SharedToken("late", after + CLAIM), 1)
    assert (await town.shelf.read(), await town.shelf.claim(after)) == (None, 0)
    await town.shelf.give_back(2)
    assert await town.shelf.claim(after) == 3


async def test_a_token_of_other_credentials_is_not_taken(town: Town) -> None:
    await town.process().token()
    other = ConnectionShelf(town.shelf.database, KEYS, 1, "another digest")
    assert await other.read() is None
    stored = await town.shelf.database.reading().rows("SELECT sealed FROM shop_token")
    assert b"shpat_" not in bytes(stored[0]["sealed"])


PROCESS = """
import asyncio, sys
from datetime import timedelta
from connector import clock
from connector.api_client import ApiClient, open_http
from connector.platforms import Credentials, SharedToken
from connector.shopify.auth import TokenSource
from connector.shops import ConnectionShelf
from tests.builders import KEYS, opened

async def main(url, api_url):
    async with opened(url) as database, open_http(frozenset([api_url.removeprefix("http://")])) as http:
        ahead = timedelta(seconds=int(sys.argv[6]))
        now = lambda: clock.utc_now() + ahead
        api = ApiClient(http, frozenset([api_url.removeprefix("http://")]), now=now)
        shelf = ConnectionShelf(database, KEYS, 1, "digest")
        secrets = {"client_id": sys.argv[3], "client_secret": sys.argv[4]}
        if sys.argv[5]:
            secrets["refresh_token"] = sys.argv[5]
        source = TokenSource(api, api_url, Credentials((), secrets, shelf))
        print("\\n".join(await asyncio.gather(*(source.token() for _ in range(20)))))

asyncio.run(main(*sys.argv[1:3]))
"""


@pytest.mark.parametrize("has_session", [False, True])
async def test_two_real_processes_on_postgresql_ask_a_shop_once(postgres_url: str, has_session: bool) -> None:
    await migrate(postgres_url)
    shop, asked = SimulatedShopify(now=clock.utc_now), list[str]()
    refresh = shop.grants.install() if has_session else ""

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await asyncio.sleep(0.3)
        await shop.app(scope, receive, send)

    async with served(counted) as home:
        arguments = (postgres_url, home, shop.client_id, shop.client_secret, refresh, "0")
        found = await asyncio.gather(*(_run_apart(arguments) for _ in range(2)))
    assert (len(found[0]), len(found[1]), len({*found[0], *found[1]})) == (20, 20, 1)
    assert shop.grants.use(found[0][0]) is not None
    assert asked == [TOKEN_PATH]


async def test_a_process_killed_before_it_has_the_answer_to_its_refresh_ends_no_session(postgres_url: str) -> None:
    await migrate(postgres_url)
    shop, killed = SimulatedShopify(now=clock.utc_now), list[asyncio.subprocess.Process]()
    refresh = shop.grants.install()

    async def killing(scope: Any, receive: Any, send: Any) -> None:
        await shop.app(scope, receive, _nowhere if process.returncode is None and not killed else send)
        if not killed:
            killed.append(process)
            process.kill()
            await process.wait()

    async def _nowhere(message: Any) -> None:
        pass

    async with served(killing) as home:
        arguments = (postgres_url, home, shop.client_id, shop.client_secret, refresh)
        process = await _start_apart((*arguments, "0"))
        await process.communicate()
        assert process.returncode == -9
        # Until its turn is over it may still be at it.
        found = await _run_apart((*arguments, str(int(CLAIM.total_seconds()) + 1)))
    assert len({*found}) == 1 and shop.grants.use(found[0]) is not None


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """An app on a port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="critical"))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def _run_apart(arguments: tuple[str, ...]) -> list[str]:
    process = await _start_apart(arguments)
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode().split()


async def _start_apart(arguments: tuple[str, ...]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS, *arguments),
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
