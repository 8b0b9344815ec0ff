"""Shops that nobody asks for a while, since they did not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session

RESTS = "rests_until_us IS NOT NULL AND disconnected_at IS NULL"
ONE = "SELECT silent_since_us, rests_until_us, rests, silent_why FROM connection WHERE number = $1"


@dataclass(frozen=True, slots=True)
class Rest:
    """since: when it was noticed. until: when one call may find out whether it answers again. count: so many pauses in
    a row. why: what became of the last call, in words.
    """

    since: datetime
    until: datetime
    count: int
    why: str


def rest_of(row: Row | None) -> Rest | None:
    """What a row of ``ONE`` says."""
    if row is None or row["rests_until_us"] is None:
        return None
    return Rest(instant(row["silent_since_us"]), instant(row["rests_until_us"]), row["rests"], row["silent_why"])


async def load_rests(session: Session) -> dict[int, Rest]:
    """Every shop that rests, by connection."""
    sql = f"SELECT number, silent_since_us, rests_until_us, rests, silent_why FROM connection WHERE {RESTS}"
    found = {row["number"]: rest_of(row) for row in await session.rows(sql)}
    return {number: rest for number, rest in found.items() if rest is not None}


async def begin_rest(session: Session, number: int, until: datetime, why: str, now: datetime) -> None:
    """Nobody asks a shop until then; nothing where somebody else has begun its rest."""
    await session.run(
        "UPDATE connection SET silent_since_us = $2, rests_until_us = $3, rests = 1, silent_why = $4 "
        "WHERE number = $1 AND rests_until_us IS NULL",
        number,
        micros(now),
        micros(until),
        why,
    )


async def go_on_resting(session: Session, number: int, rest: Rest, until: datetime, why: str) -> None:
    """It did not answer the one call either; nothing where somebody else has found out more since."""
    await session.run(
        "UPDATE connection SET rests_until_us = $3, rests = $4, silent_why = $5 "
        "WHERE number = $1 AND rests_until_us = $2",
        number,
        micros(rest.until),
        micros(until),
        rest.count + 1,
        why,
    )


async def take_probe(session: Session, number: int, rest: Rest, until: datetime) -> bool:
    """Whether the one call to a shop whose rest is over is ours; until then nobody else makes one."""
    row = await session.one(
        "UPDATE connection SET rests_until_us = $3 WHERE number = $1 AND rests_until_us = $2 RETURNING number",
        number,
        micros(rest.until),
        micros(until),
    )
    return row is not None


async def end_rest(session: Session, number: int, now: datetime, lease: timedelta) -> bool:
    """A shop answers; False if it did not rest. What was put off beyond a lease of what is under way is due."""
    row = await session.one(
        "UPDATE connection SET silent_since_us = NULL, rests_until_us = NULL, rests = NULL, silent_why = NULL "
        "WHERE number = $1 AND rests_until_us IS NOT NULL RETURNING number",
        number,
    )
    if row is None:
        return False
    await session.run(
        "UPDATE push SET next_at_us = $2 WHERE connection_number = $1 AND state = 0 AND next_at_us > $3",
        number,
        micros(now),
        micros(now + lease),
    )
    return True
