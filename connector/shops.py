"""Clients of connected shops, made when first needed and kept for the life of the process."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from connector.api_client import ApiClient
from connector.crypto import Keys
from connector.errors import ConfigProblem
from connector.platforms import Connection, Platform, SharedToken, ShopClient
from connector.resting import Rests
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections, load_credentials
from connector.storage.database import Database
from connector.storage.session import Session
from connector.storage.shop_tokens import claim_asking, give_back, load_token, store_token

T = TypeVar("T")

SHOPS_AT_ONCE = 16
DISCONNECTED = "The shop has disconnected itself. To connect it again: belong connect woocommerce --pair."


@dataclass(slots=True)
class Shops:
    """Gives a client for a connection. public_url: under which shops reach us.

    ``forget`` after secrets changed, and at every ConfigProblem: another process may have changed them.
    """

    database: Database
    keys: Keys
    platforms: Mapping[str, Platform]
    api: ApiClient
    public_url: str = ""
    rests: Rests = field(init=False)
    _clients: dict[int, ShopClient] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rests = Rests(self.database, lambda: self.api.now())

    def platform(self, connection: Connection) -> Platform:
        """The platform of a connection."""
        return self.platforms[connection.platform]

    async def client(self, connection: Connection, *, insists: bool = False) -> ShopClient:
        """The client of a connection. Raises ConfigProblem if its secrets cannot be read, or it is disconnected, and
        Resting if it has not answered lately, unless the caller ``insists``.
        """
        if connection.disconnected_at is not None:
            raise ConfigProblem(DISCONNECTED)
        await self.rests.let_in(connection.number, insists=insists)
        client = self._clients.get(connection.number)
        if client is None:
            credentials = await load_credentials(self.database.reading(), self.keys, connection)
            shelf = ConnectionShelf(self.database, self.keys, connection.number, digest_of(credentials.api))
            api = self.api.watched(self.rests.watch(connection.number))
            client = self.platform(connection).client(connection, replace(credentials, shelf=shelf), api)
            self._clients[connection.number] = client
        return client

    def forget(self, connection_number: int) -> None:
        """Make a new client next time, with fresh secrets."""
        self._clients.pop(connection_number, None)


async def at_each(connections: Mapping[int, Connection], work: Callable[[Connection], Awaitable[T]]) -> dict[int, T]:
    """Do the same at each of these shops, some at a time: one that is slow keeps no other waiting. Returns what came of
    each. Raises what ``work`` raised, once all others had their turn.
    """
    places = asyncio.Semaphore(SHOPS_AT_ONCE)

    async def in_turn(connection: Connection) -> T:
        async with places:
            return await work(connection)

    tasks = [asyncio.create_task(in_turn(connection)) for connection in connections.values()]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()
    return {number: task.result() for number, task in zip(connections, tasks, strict=True)}


@dataclass(frozen=True, slots=True)
class ConnectionShelf:
    """One connection's access token in the database. credentials: digest of what it is asked for with."""

    database: Database
    keys: Keys
    number: int
    credentials: str

    async def read(self) -> SharedToken | None:
        """The newest token, good or not."""
        return await load_token(self.database.reading(), self.keys, self.number, self.credentials)

    async def claim(self, now: datetime) -> int:
        """The number of our turn if we, and nobody else, ask the shop for the next one; 0 if somebody else does."""
        return await atomic(self.database, lambda session: claim_asking(session, self.number, now))

    async def put(self, token: SharedToken, turn: int) -> bool:
        """Keep the next one; False, and nothing is kept, if somebody else's turn came meanwhile."""
        return await atomic(
            self.database, lambda session: store_token(session, self.keys, self.number, self.credentials, token, turn)
        )

    async def give_back(self, turn: int) -> None:
        """End the turn, however the asking went; nothing if it ended already."""
        await atomic(self.database, lambda session: give_back(session, self.number, turn))


def digest_of(secrets: Mapping[str, str]) -> str:
    """Of the secrets that a token comes from. A session that is refreshed outlives a new client secret."""
    kept = {name: value for name, value in secrets.items() if name != "client_secret" or "refresh_token" not in secrets}
    return hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest()


async def reward_kinds(
    session: Session, programme_number: int, platforms: Mapping[str, Platform], among: Collection[int] | None = None
) -> frozenset[str] | None:
    """Kinds of rewards that some store of a programme can give by itself; None while it has no store. among: numbers
    of the connections that count; None: all.
    """
    stores = [
        one
        for one in (await load_connections(session)).values()
        if one.programme_number == programme_number and (among is None or one.number in among)
    ]
    if not stores:
        return None
    return frozenset[str]().union(*(platforms[one.platform].voucher_kinds for one in stores))
