"""Which connection a webhook address belongs to, and the secrets it may be signed with: kept in memory for seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connector import clock
from connector.crypto import Keys
from connector.platforms import Connection
from connector.storage.connections import load_connections, load_credentials
from connector.storage.database import Database

FRESH_SECONDS = 10
MISS_SECONDS = 1
"""An unknown address makes us look again at most this often, whoever asks."""


@dataclass(frozen=True, slots=True)
class HookTarget:
    """A connection and its active webhook secrets."""

    connection: Connection
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(slots=True)
class HookTargets:
    """Finds targets by the public id in the URL. Other processes' changes are seen within FRESH_SECONDS."""

    database: Database
    keys: Keys
    seconds: Callable[[], float] = clock.monotonic_seconds
    _targets: dict[str, HookTarget] = field(default_factory=dict)
    _loaded_at: float | None = None

    async def find(self, public_id: str) -> HookTarget | None:
        """The target, or None if no shop is connected under this id."""
        age = None if self._loaded_at is None else self.seconds() - self._loaded_at
        target = self._targets.get(public_id)
        if age is None or age > (FRESH_SECONDS if target else MISS_SECONDS):
            await self._load()
            target = self._targets.get(public_id)
        return target

    def forget(self) -> None:
        """Look again at the next delivery."""
        self._loaded_at = None

    async def _load(self) -> None:
        session = self.database.reading()
        connections = await load_connections(session)
        targets = {
            connection.public_id: HookTarget(
                connection, (await load_credentials(session, self.keys, connection)).webhook
            )
            for connection in connections.values()
        }
        self._targets = targets
        self._loaded_at = self.seconds()
