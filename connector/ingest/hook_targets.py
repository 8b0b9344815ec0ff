"""Which connection a webhook address belongs to, and the secrets it may be signed with: kept in memory for seconds."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from connector import clock
from connector.crypto import Keys
from connector.errors import ConfigProblem
from connector.platforms import Connection, Credentials
from connector.redaction import PROCESS
from connector.storage.connections import connection_of, load_connections, load_credentials
from connector.storage.database import Database
from connector.storage.session import Session

log = logging.getLogger(__name__)

FRESH_SECONDS = 10
MISS_SECONDS = 1
"""An unknown address makes us look again at most this often, whoever asks."""


@dataclass(frozen=True, slots=True)
class HookTarget:
    """A connection, its active webhook secrets, and those that its plugin signs calls with."""

    connection: Connection
    secrets: tuple[bytes, ...] = field(repr=False)
    is_shared: bool = False
    """Another shop has one of its secrets: a right signature does not tell which of them a delivery is from."""
    to_service: tuple[bytes, ...] = field(default=(), repr=False)
    client_id: str = ""
    """Of the Shopify app whose secret the first ones are; empty where the connection has none."""


@dataclass(slots=True)
class HookTargets:
    """Finds targets by the public id in the URL. Other processes' changes are seen within FRESH_SECONDS."""

    database: Database
    keys: Keys
    seconds: Callable[[], float] = clock.monotonic_seconds
    _targets: dict[str, HookTarget] = field(default_factory=dict)
    _loaded_at: float | None = None
    _forgotten: int = 0
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, public_id: str) -> HookTarget | None:
        """The target, or None if no shop is connected under this id."""
        if not self._is_fresh(public_id):
            # Everyone who finds them stale waits for one reading, instead of reading them all at once.
            async with self._loading:
                if not self._is_fresh(public_id):
                    await self._load()
        return self._targets.get(public_id)

    async def find_shop(self, platform: str, shop: str) -> HookTarget | None:
        """The target of the shop of this name that is connected now, or None."""
        await self.find("")
        for target in self._targets.values():
            found = target.connection
            if (found.platform, found.shop, found.disconnected_at) == (platform, shop, None):
                return target
        return None

    async def has_app(self, number: int | None) -> bool:
        """Whether the connection of this number is that of a Shopify app, which may have extensions; None: any."""
        await self.find("")
        apps = [each.connection for each in self._targets.values() if each.client_id]
        return any(each.disconnected_at is None and number in (None, each.number) for each in apps)

    async def look_up(self, public_id: str) -> HookTarget | None:
        """What the database says now of this one, for somebody whom what is known refuses: it may have changed."""
        session = self.database.reading()
        connection = await connection_of(session, None, public_id)
        if connection is None:
            return None
        known = await self._credentials(session, connection)
        found = _target(connection, known)
        before = self._targets.get(public_id)
        if before is None or (before.connection, before.to_service) != (connection, known.to_service):
            self.forget()
        return found

    def forget(self) -> None:
        """Look again at the next delivery."""
        self._loaded_at = None
        self._forgotten += 1

    def _is_fresh(self, public_id: str) -> bool:
        longest = FRESH_SECONDS if public_id in self._targets else MISS_SECONDS
        return self._loaded_at is not None and self.seconds() - self._loaded_at <= longest

    async def _load(self) -> None:
        forgotten = self._forgotten
        session = self.database.reading()
        connections = await load_connections(session)
        known = {number: await self._credentials(session, each) for number, each in connections.items()}
        times = Counter(secret for each in known.values() for secret in set(each.webhook))
        self._targets = {
            each.public_id: _target(each, known[number], any(times[secret] > 1 for secret in known[number].webhook))
            for number, each in connections.items()
        }
        # What changed while we read counts as not read yet.
        self._loaded_at = self.seconds() if forgotten == self._forgotten else None

    async def _credentials(self, session: Session, connection: Connection) -> Credentials:
        try:
            credentials = await load_credentials(session, self.keys, connection)
            keys = (*credentials.to_service, *credentials.to_shop)
            PROCESS.remember(*credentials.webhook, *(base64.b64encode(key).decode() for key in keys))
            return credentials
        except ConfigProblem as problem:
            # Its own deliveries are refused; those of other shops must not be.
            log.error("secrets cannot be read", extra={"connection": connection.number, "why": problem.detail})
            return Credentials()


def _target(connection: Connection, known: Credentials, is_shared: bool = False) -> HookTarget:
    return HookTarget(connection, known.webhook, is_shared, known.to_service, known.api.get("client_id", ""))
