"""Which connection a webhook address belongs to, and the secrets it may be signed with: kept in memory for seconds."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from connector import clock
from connector.crypto import Keys
from connector.errors import ConfigProblem
from connector.platforms import Connection
from connector.redaction import PROCESS
from connector.storage.connections import load_connections, load_credentials
from connector.storage.database import Database
from connector.storage.session import Session

log = logging.getLogger(__name__)

FRESH_SECONDS = 10
MISS_SECONDS = 1
"""An unknown address makes us look again at most this often, whoever asks."""


@dataclass(frozen=True, slots=True)
class HookTarget:
    """A connection and its active webhook secrets."""

    connection: Connection
    secrets: tuple[bytes, ...] = field(repr=False)
    is_shared: bool = False
    """Another shop has one of its secrets: a right signature does not tell which of them a delivery is from."""


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
        secrets = {number: await self._secrets(session, each) for number, each in connections.items()}
        times = Counter(secret for known in secrets.values() for secret in set(known))
        self._targets = {
            each.public_id: HookTarget(each, secrets[number], any(times[secret] > 1 for secret in secrets[number]))
            for number, each in connections.items()
        }
        # What changed while we read counts as not read yet.
        self._loaded_at = self.seconds() if forgotten == self._forgotten else None

    async def _secrets(self, session: Session, connection: Connection) -> tuple[bytes, ...]:
        try:
            secrets = (await load_credentials(session, self.keys, connection)).webhook
            PROCESS.remember(*secrets)
            return secrets
        except ConfigProblem as problem:
            # Its own deliveries are refused; those of other shops must not be.
            log.error("secrets cannot be read", extra={"connection": connection.number, "why": problem.detail})
            return ()
