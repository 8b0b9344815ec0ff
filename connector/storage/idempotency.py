"""Keys that callers send with what must happen once: the same key and body get the same answer.

An answer is kept for a day. A key whose first request is still under way is refused for now; one whose process died is
free again after a while, and whatever it stands for must then be safe to do again (its ids are derived from the key).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from connector.storage.instants import micros
from connector.storage.session import Session
from connector.storage.shards import SHARDS

UNDER_WAY_FOR = timedelta(minutes=2)
"""Longer than any request; after it the process that had the key is taken for dead."""
KEPT_FOR = timedelta(hours=24)
_UNDER_WAY = 0


class KeyState(StrEnum):
    """What a key means for the request that brings it."""

    NEW = "new"
    """Go on, and ``keep_answer`` or ``forget_key`` afterwards."""
    ANSWERED = "answered"
    UNDER_WAY = "under-way"
    OTHER_BODY = "other-body"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One use of a key. scope: who may use it for what, such as ``redeem:<member>``. request_hash: of the body."""

    programme_number: int
    scope: str
    key: str
    request_hash: str

    @property
    def shard(self) -> int:
        return crc32(f"{self.programme_number}:{self.scope}:{self.key}".encode()) % SHARDS

    @property
    def place(self) -> tuple[int, int, str, str]:
        return (self.shard, self.programme_number, self.scope, self.key)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key. status, body: of the first answer, with ANSWERED."""

    state: KeyState
    status: int = 0
    body: str = ""


_WHERE = "shard = $1 AND programme_number = $2 AND scope_key = $3 AND idempotency_key = $4"


async def use_key(session: Session, use: KeyUse, now: datetime) -> Kept:
    """Take a key, or say why it is not free."""
    rows = await session.rows(
        "INSERT INTO idempotency (shard, programme_number, scope_key, idempotency_key, request_hash, http_status, "
        "body_text, created_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        "ON CONFLICT (shard, programme_number, scope_key, idempotency_key) DO NOTHING RETURNING http_status",
        *use.place,
        use.request_hash,
        _UNDER_WAY,
        "",
        micros(now),
    )
    if rows:
        return Kept(KeyState.NEW)
    found = await session.one(
        f"SELECT request_hash, http_status, body_text FROM idempotency WHERE {_WHERE}", *use.place
    )
    if found is None:
        # It was forgotten between the two statements: whoever had it was refused.
        return Kept(KeyState.UNDER_WAY)
    if found["request_hash"] != use.request_hash:
        return Kept(KeyState.OTHER_BODY)
    if found["http_status"] != _UNDER_WAY:
        return Kept(KeyState.ANSWERED, found["http_status"], found["body_text"])
    return Kept(KeyState.NEW if await _take_over(session, use, now) else KeyState.UNDER_WAY)


async def is_first(session: Session, use: KeyUse, now: datetime) -> bool:
    """Take a key for what is told once and never again; a repetition learns only that it is one."""
    if (await use_key(session, use, now)).state is not KeyState.NEW:
        return False
    await keep_answer(session, use, 200, "")
    return True


async def _take_over(session: Session, use: KeyUse, now: datetime) -> bool:
    """Take a key whose process is taken for dead; of several that try, one gets it."""
    rows = await session.rows(
        f"UPDATE idempotency SET created_at_us = $5 WHERE {_WHERE} AND http_status = $6 AND created_at_us <= $7 "
        "RETURNING http_status",
        *use.place,
        micros(now),
        _UNDER_WAY,
        micros(now - UNDER_WAY_FOR),
    )
    return bool(rows)


async def keep_answer(session: Session, use: KeyUse, status: int, body: str) -> None:
    """The answer that every repetition gets."""
    await session.run(
        f"UPDATE idempotency SET http_status = $5, body_text = $6 WHERE {_WHERE}", *use.place, status, body
    )


async def forget_key(session: Session, use: KeyUse) -> None:
    """Nothing has happened: the same key may try again."""
    await session.run(f"DELETE FROM idempotency WHERE {_WHERE} AND http_status = $5", *use.place, _UNDER_WAY)


async def prune_keys(session: Session, now: datetime, limit: int = 5000) -> int:
    """Forget answers older than a day. Returns how many."""
    rows = await session.rows(
        "DELETE FROM idempotency WHERE (shard, programme_number, scope_key, idempotency_key) IN (SELECT shard, "
        f"programme_number, scope_key, idempotency_key FROM idempotency WHERE created_at_us <= $1 LIMIT {limit:d}) "
        "RETURNING shard",
        micros(now - KEPT_FOR),
    )
    return len(rows)
