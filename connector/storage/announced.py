"""PostgreSQL tells every listening process whose numbers a transaction wrote, at the very moment it commits."""

from __future__ import annotations

from collections.abc import Iterable

from connector.storage.kept import EVERYONE
from connector.storage.session import Session

CHANNEL = "belong_members"
IN_ONE = 200
"""Ids in one notification, which may have 8,000 bytes."""
MOST = 2000
"""With more, everyone counts as changed."""


async def announce(session: Session) -> None:
    """Say whose numbers this transaction has changed. Nothing on SQLite, which has one process."""
    if session.dialect == "postgresql":
        await session.run("SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told", CHANNEL, _told(session.changed))


def _told(members: Iterable[str]) -> list[str]:
    ids = sorted(members)
    if EVERYONE in ids or len(ids) > MOST:
        return [EVERYONE]
    return [" ".join(ids[start : start + IN_ONE]) for start in range(0, len(ids), IN_ONE)]
