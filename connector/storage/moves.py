"""What a database says of its move into another one: the two rows that keep services from starting on the wrong one.

the database that is left       the database that is filled     who may start
-                               -                               on the first
leaves, not ended               -, or arrives, not ended        nobody
leaves, ended                   arrives, not ended              nobody
leaves, ended                   arrives, ended                  on the second
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.errors import ConfigProblem
from connector.storage.instants import instant, micros
from connector.storage.schema_names import applied_migrations
from connector.storage.session import Session

MIGRATION = "0041_moves"


@dataclass(frozen=True, slots=True)
class Move:
    """What a database says of a move. other: the other database, without password. ended_at: None until it is whole."""

    move_id: str
    other: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """How far a table is. last_key: of the last row that came; None before the first."""

    last_key: list[Any] | None
    rows: int
    is_whole: bool


async def find_move(session: Session, *, leaves: bool) -> Move | None:
    """The newest move out of this database, or into it."""
    row = await session.one(
        "SELECT move_id, other, began_at_us, ended_at_us FROM database_move WHERE leaves = $1 "
        "ORDER BY began_at_us DESC LIMIT 1",
        leaves,
    )
    if row is None:
        return None
    ended = row["ended_at_us"]
    return Move(row["move_id"], row["other"], instant(row["began_at_us"]), None if ended is None else instant(ended))


async def closed_because(session: Session) -> str | None:
    """Why no service may start on this database, and what to do instead; None if it may."""
    left = await find_move(session, leaves=True)
    if left is not None and left.ended_at is not None:
        return (
            f"This database was moved to {left.other} on {left.ended_at:%Y-%m-%d %H:%M} UTC and is kept as it was "
            "then: set DATABASE_URL to the new one."
        )
    if left is not None:
        return (
            f"This database is being moved to {left.other}: run belong move again to end it, or belong move --cancel "
            "to stay here."
        )
    coming = await find_move(session, leaves=False)
    if coming is not None and coming.ended_at is None:
        return (
            f"This database is being filled from {coming.other} and is not whole: run belong move again where that "
            "one is."
        )
    return None


async def refuse_if_closed(session: Session) -> None:
    """Raise ConfigProblem with a sentence if no service may start here."""
    reason = await closed_because(session)
    if reason is not None:
        raise ConfigProblem(reason)


async def warning_of(session: Session) -> str | None:
    """What somebody who only reads must know. A schema from before there were moves has nothing to say."""
    return await closed_because(session) if MIGRATION in await applied_migrations(session) else None


async def note_move(session: Session, move_id: str, *, leaves: bool, other: str, now: datetime) -> None:
    """A move began."""
    await session.run(
        "INSERT INTO database_move (move_id, leaves, other, began_at_us) VALUES ($1, $2, $3, $4)",
        move_id,
        leaves,
        other[:255],
        micros(now),
    )


async def end_move(session: Session, move_id: str, now: datetime) -> None:
    """A move ended, on this side."""
    await session.run(
        "UPDATE database_move SET ended_at_us = $2 WHERE move_id = $1 AND ended_at_us IS NULL", move_id, micros(now)
    )
    await session.run("DELETE FROM move_part")


async def forget_move(session: Session, move_id: str) -> None:
    """A move that did not end was given up."""
    await session.run("DELETE FROM database_move WHERE move_id = $1 AND ended_at_us IS NULL", move_id)


async def load_parts(session: Session) -> dict[str, Part]:
    """How far each table is, by name."""
    return {
        row["table_name"]: Part(
            None if row["last_key"] is None else _key(row["last_key"]), row["rows"], bool(row["is_whole"])
        )
        for row in await session.rows("SELECT table_name, last_key, rows, is_whole FROM move_part")
    }


async def note_part(session: Session, name: str, last_key: Sequence[Any] | None, rows: int, *, is_whole: bool) -> None:
    """A table is so far now."""
    await session.run(
        "INSERT INTO move_part (table_name, last_key, rows, is_whole) VALUES ($1, $2, $3, $4) ON CONFLICT (table_name) "
        "DO UPDATE SET last_key = excluded.last_key, rows = excluded.rows, is_whole = excluded.is_whole",
        name,
        None if last_key is None else _key_text(last_key),
        rows,
        is_whole,
    )


def _key_text(values: Sequence[Any]) -> str:
    return json.dumps([{"hex": value.hex()} if isinstance(value, bytes) else value for value in values])


def _key(text: str) -> list[Any]:
    return [bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for value in json.loads(text)]
