"""A web process on PostgreSQL listens to whose numbers other processes write, so that it may keep answers in memory.

Notifications come in the order of commits over one connection. Every second we send one to ourselves: while the last
that came back is young, everything committed before it was heard too. When none comes back (the connection hangs, or a
pooler in between gives each statement another one), nothing that is kept is used, and everything is read.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from connector import clock
from connector.storage.announced import CHANNEL
from connector.storage.database import Database, tortoise_config
from connector.storage.kept import EVERYONE

log = logging.getLogger(__name__)

PING_SECONDS = 1.0
TRUSTED_SECONDS = 3.0
AGAIN_SECONDS = 2.0
_PING = "ping "


@dataclass(slots=True)
class Hearing:
    """What one process hears of the others."""

    database: Database
    _ping: str = ""
    _sent_at: float = 0.0
    _proven_at: float | None = field(default=None)

    def is_sure(self) -> bool:
        """Whether everything that was committed until a moment ago was heard."""
        return self._proven_at is not None and clock.monotonic_seconds() - self._proven_at <= TRUSTED_SECONDS

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made anew."""
        self.database.kept.is_trusted = self.is_sure
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("what other processes write is not heard", extra={"why": repr(error)})
            self._proven_at = None
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        (settings,) = tortoise_config(self.database.url)["connections"].values()
        given = settings["credentials"]
        named = {name: given[name] for name in ("host", "port", "user", "password", "database")}
        connection = await asyncpg.connect(**named, server_settings={"application_name": "belong hearing"})
        try:
            await connection.add_listener(CHANNEL, self._heard)
            # What was committed before we listened may be missing in what is kept.
            self.database.kept.forget([EVERYONE])
            while not connection.is_closed():
                self._ping, self._sent_at = f"{_PING}{uuid.uuid4().hex}", clock.monotonic_seconds()
                await self.database.reading().run("SELECT pg_notify($1, $2)", CHANNEL, self._ping)
                await asyncio.sleep(PING_SECONDS)
        finally:
            connection.terminate()

    def _heard(self, connection: Any, process_id: int, channel: str, told: Any) -> None:
        if not str(told).startswith(_PING):
            self.database.kept.forget(str(told).split(" "))
        elif told == self._ping:
            self._proven_at = self._sent_at
