"""Tokens of a session: each refresh token counts once, so one process refreshes, and keeps the pair before using it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from connector.api_client import ApiClient
from connector.errors import ConfigProblem, Transient
from connector.platforms import Credentials, SharedToken
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.auth import TOKEN_PATH, TokenSource
from connector.shops import ConnectionShelf, digest_of
from connector.storage.shop_tokens import CLAIM
from tests.builders import KEYS, opened
from tests.connector.calls import FakeTime

SHOP = "https://demo.myshopify.com"
HOUR = 3600


class Town:
    """A shop that knows us by a session, the time, and processes over one database."""

    def __init__(self, shelf: ConnectionShelf) -> None:
        self.time = FakeTime()
        self.shop = SimulatedShopify(now=self.time.now)
        self.first = self.shop.grants.install()
        self.shelf = replace(shelf, credentials=digest_of(self.secrets()))
        self.asked = list[str]()
        self.inside = httpx.AsyncClient(transport=httpx.ASGITransport(self.shop.app))
        self.on_answer: Callable[[], Awaitable[None]] | None = None

    def secrets(self, **other: str) -> dict[str, str]:
        own = {"client_id": self.shop.client_id, "client_secret": self.shop.client_secret, "refresh_token": self.first}
        return own | other

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == TOKEN_PATH
        self.asked.append(request.content.decode())
        await asyncio.sleep(0.02)
        found = await self.inside.post(str(request.url), content=request.content, headers=request.headers)
        then, self.on_answer = self.on_answer, None
        if then is not None:
            await then()
        return httpx.Response(found.status_code, headers={"content-type": "application/json"}, content=found.content)

    def process(self, shelf: ConnectionShelf | None = None, **other: str) -> TokenSource:
        api = ApiClient(
            httpx.AsyncClient(transport=httpx.MockTransport(self.answer)), sleep=asyncio.sleep, now=self.time.now
        )
        return TokenSource(
            api, SHOP, Credentials((), self.secrets(**other), shelf or self.shelf), seconds=self.time.seconds
        )

    def works(self, token: str) -> bool:
        """Whether Shopify takes it; from now on it counts as used."""
        return self.shop.grants.use(token) is not None

    async def held(self) -> SharedToken:
        found = await self.shelf.read()
        assert found is not None
        return found


@pytest.fixture
async def town(prepared_database_url: str) -> AsyncIterator[Town]:
    async with opened(prepared_database_url) as database:
        yield Town(ConnectionShelf(database, KEYS, 1, ""))


async def test_a_session_lives_on_from_hour_to_hour_and_one_process_refreshes_for_all(town: Town) -> None:
    processes = [town.process() for _ in range(4)]
    tokens = set[str]()
    for hour in range(5):
        [token] = set(await asyncio.gather(*(process.token() for process in processes for _ in range(10))))
        assert town.works(token)
        tokens.add(token)
        assert len(town.asked) == hour + 1
        town.time.at += HOUR - 59
    assert len(tokens) == 5
    assert sum(town.first in asked for asked in town.asked) == 1


async def test_after_a_restart_the_session_goes_on_from_what_was_kept(town: Town) -> None:
    town.works(await town.process().token())
    town.time.at += 80 * 24 * HOUR
    town.works(await town.process().token())
    town.time.at += 80 * 24 * HOUR
    assert town.works(await town.process().token())


async def test_an_answer_that_gets_lost_ends_no_session(town: Town) -> None:
    process = town.process()
    assert town.works(await process.token())
    for _ in range(3):
        town.time.at += HOUR
        town.shop.grants.answers_lost = 2
        for _ in range(2):
            with pytest.raises(Transient):
                await process.token()
        assert town.works(await process.token())


async def test_a_pair_that_could_not_be_kept_is_not_used(town: Town) -> None:
    class Full(ConnectionShelf):
        async def put(self, token: SharedToken, turn: int) -> bool:
            raise OSError("the disk is full")

    town.works(await town.process().token())
    kept = await town.held()
    town.time.at += HOUR
    full = Full(town.shelf.database, KEYS, 1, town.shelf.credentials)
    process = town.process(full)
    for _ in range(2):
        with pytest.raises(OSError, match="disk is full"):
            await process.token()
    assert await town.held() == kept
    assert not any(one.used for one in town.shop.grants.tokens.values())
    assert town.works(await town.process().token())


async def test_who_comes_too_late_with_an_answer_takes_what_the_other_got(town: Town) -> None:
    late, other = town.process(), town.process()
    town.works(await late.token())
    town.time.at += HOUR
    got = list[str]()

    async def meanwhile() -> None:
        town.time.at += CLAIM.total_seconds() + 1
        got.append(await other.token())
        assert town.works(got[0])

    town.on_answer = meanwhile
    assert await late.token() == got[0] == (await town.held()).token


async def test_a_question_that_reaches_shopify_after_the_next_one_ends_no_session(town: Town) -> None:
    process = town.process()
    town.works(await process.token())
    used = (await town.held()).refresh
    town.time.at += HOUR
    token = await process.token()
    # Ours from before, long given up, arrives only now: Shopify gives a pair to nobody, and ends the one we have.
    credentials = {"client_id": town.shop.client_id, "client_secret": town.shop.client_secret}
    again = {**credentials, "grant_type": "refresh_token", "refresh_token": used}
    assert town.shop.grants.answer(again)[0] == 200
    assert not town.works(token)
    assert process.forget(token)
    found = await process.token()
    assert found != token and town.works(found)


async def test_a_token_that_another_installation_replaced_is_replaced_again(town: Town) -> None:
    process = town.process()
    token = await process.token()
    assert town.works(token)
    town.shop.grants.tokens.clear()
    assert not town.works(token)
    assert process.forget(token)
    assert town.works(await process.token())


async def test_a_session_that_shopify_ended_is_said_and_nothing_is_lost(town: Town) -> None:
    process = town.process()
    town.works(await process.token())
    kept = await town.held()
    town.shop.grants.refreshes.clear()
    town.time.at += HOUR
    with pytest.raises(ConfigProblem, match="ended the app's session") as caught:
        await process.token()
    assert "shprt_" not in caught.value.detail + str(caught.value)
    assert await town.held() == kept
    assert len(town.asked) == 3


async def test_a_new_refresh_token_of_the_merchant_begins_a_new_session(town: Town) -> None:
    town.works(await town.process().token())
    town.shop.grants.refreshes.clear()
    town.first = town.shop.grants.install()
    other = replace(town.shelf, credentials=digest_of(town.secrets()))
    assert town.works(await town.process(other).token())


async def test_a_session_outlives_a_new_client_secret(town: Town) -> None:
    town.works(await town.process().token())
    town.shop.client_secret = "another-client-secret"
    assert digest_of(town.secrets()) == town.shelf.credentials
    town.time.at += HOUR
    assert town.works(await town.process().token())
    assert digest_of({"client_id": "a", "client_secret": "b"}) != digest_of({"client_id": "a", "client_secret": "c"})


async def test_a_wrong_client_secret_is_called_so_and_uses_up_no_refresh_token(town: Town) -> None:
    with pytest.raises(ConfigProblem, match="client id and secret"):
        await town.process(client_secret="not the secret").token()
    assert len(town.asked) == 1
    assert town.works(await town.process().token())


async def test_a_refresh_token_that_nobody_used_for_ninety_days_is_over(town: Town) -> None:
    town.time.at += 90 * 24 * HOUR
    with pytest.raises(ConfigProblem, match="ended the app's session"):
        await town.process().token()


async def test_the_pair_is_kept_encrypted(town: Town) -> None:
    await town.process().token()
    [row] = await town.shelf.database.reading().rows("SELECT sealed FROM shop_token")
    held = await town.held()
    assert held.refresh.startswith("shprt_") and held.previous == town.first
    assert held.good_until == town.time.now() + timedelta(seconds=HOUR - 60)
    assert not any(secret.encode() in bytes(row["sealed"]) for secret in (held.token, held.refresh, held.previous))
    assert held.refresh not in repr(held) and held.previous not in repr(held)


async def test_without_a_database_a_process_keeps_the_session_itself(town: Town) -> None:
    api = ApiClient(httpx.AsyncClient(transport=httpx.MockTransport(town.answer)), now=town.time.now)
    process = TokenSource(api, SHOP, Credentials((), town.secrets()), seconds=town.time.seconds)
    for _ in range(3):
        assert town.works(await process.token())
        town.time.at += HOUR
