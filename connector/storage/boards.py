"""The counter rows behind a leaderboard: of one programme, some counters and a period, a few shards at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from connector.storage.console_models import ToldBoard
from connector.storage.instants import instant, micros
from connector.storage.ledger_rows import counter_of
from connector.storage.newest import AWARD_STANDS
from connector.storage.session import Session
from connector.storage.shards import SHARDS, member_shard
from loyalty_engine.counters import CounterRow
from loyalty_engine.leaderboard import Board, Place

_JSON = msgspec.json.Encoder()
SHARDS_AT_ONCE = 8
"""An eighth of everybody who did something in the period is in memory at a time."""


@dataclass(slots=True)
class Doing:
    """What one active member did in a period."""

    enrolled_at: datetime
    rows: list[CounterRow] = field(default_factory=list)


async def doings(
    session: Session, programme_number: int, counters: Sequence[str], first: date, end: date
) -> AsyncIterator[dict[str, Doing]]:
    """By member id, of everybody who did any of it on a day from ``first`` to before ``end``."""
    for begin in range(0, SHARDS, SHARDS_AT_ONCE):
        keyset, values = session.keyset("shard", [(shard,) for shard in range(begin, begin + SHARDS_AT_ONCE)])
        yield await _doings(session, keyset, values, "t.shard = k.shard", (programme_number, counters, first, end))


async def doing_of(
    session: Session, programme_number: int, member_id: str, counters: Sequence[str], first: date, end: date
) -> Doing | None:
    """What one member did in a period; None if nothing."""
    keyset, values = session.keyset("shard member_id", [(member_shard(member_id), member_id)])
    where = "t.shard = k.shard AND t.member_id = k.member_id"
    found = await _doings(session, keyset, values, where, (programme_number, counters, first, end))
    return found.get(member_id)


async def badges_of_active(session: Session, member_ids: Sequence[str], badges: Sequence[str]) -> dict[str, int]:
    """How many of these badges each holds; without those who are no active members."""
    keyset, values = session.keyset("shard member_id", sorted((member_shard(m), m) for m in member_ids))
    names = ", ".join(f"${len(values) + 1 + number}" for number in range(len(badges)))
    held = (
        "(SELECT count(DISTINCT c.badge) FROM badge_change c WHERE c.shard = m.shard AND c.member_id = m.member_id "
        f"AND c.badge IN ({names}) AND {AWARD_STANDS.format('c')})"
    )
    rows = await session.rows(
        f"SELECT m.member_id, {held if badges else '0'} AS badges FROM {keyset} CROSS JOIN member m "
        "WHERE m.shard = k.shard AND m.member_id = k.member_id AND m.status = 'active'",
        *values,
        *badges,
    )
    return {row["member_id"]: row["badges"] for row in rows}


async def _doings(
    session: Session, keyset: str, values: list[object], where: str, about: tuple[int, Sequence[str], date, date]
) -> dict[str, Doing]:
    programme_number, counters, first, end = about
    given = len(values)
    names = ", ".join(f"${given + 4 + number}" for number in range(len(counters)))
    rows = await session.rows(
        f"SELECT t.*, m.enrolled_at_us FROM {keyset} CROSS JOIN counter t CROSS JOIN member m WHERE {where} "
        f"AND t.programme_number = ${given + 1} AND t.counter IN ({names}) "
        f"AND t.day >= ${given + 2} AND t.day < ${given + 3} "
        "AND m.shard = t.shard AND m.member_id = t.member_id AND m.status = 'active'",
        *values,
        programme_number,
        first.isoformat(),
        end.isoformat(),
        *counters,
    )
    found: defaultdict[str, Doing] = defaultdict(lambda: Doing(instant(0)))
    for row in rows:
        doing = found[row["member_id"]]
        doing.enrolled_at = instant(row["enrolled_at_us"])
        doing.rows.append(counter_of(row))
    return dict(found)


# --- boards that stores are told --------------------------------------------------------------------------------------


class Kept(Struct):
    """A board in its row. places: rank, name, value, member. values: each number on the board, rising, with how many
    have it.
    """

    places: list[tuple[int, str, int, str]]
    values: list[tuple[int, int]]


async def told_board(
    session: Session, programme_number: int, measure: str, period: str
) -> tuple[datetime, Board] | None:
    """When a board was worked out that stores are told, and what it was; None if it is not kept."""
    row = await session.one(
        "SELECT as_of_us, board_text FROM told_board WHERE board_key = $1 AND period = $2",
        f"{programme_number}:{measure}",
        period,
    )
    if row is None:
        return None
    kept = msgspec.json.decode(row["board_text"], type=Kept)
    values = tuple(value for value, times in kept.values for _ in range(times))
    return instant(row["as_of_us"]), Board(tuple(Place(*place) for place in kept.places), values)


async def keep_told_board(
    session: Session,
    programme_number: int,
    measure: str,
    period: str,
    made: tuple[datetime, Board],
    believed: timedelta,
) -> None:
    """Keep a board that was worked out, unless another process was sooner with one that is still believed."""
    as_of, board = made
    kept = Kept(
        [(place.rank, place.name, place.value, place.member_id) for place in board.places],
        sorted(Counter(board.values).items()),
    )
    await session.run(
        "INSERT INTO told_board (board_key, programme_number, period, as_of_us, board_text) "
        "VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (board_key) DO UPDATE SET period = excluded.period, as_of_us = excluded.as_of_us, "
        "board_text = excluded.board_text WHERE told_board.period <> excluded.period "
        "OR told_board.as_of_us <= $6 OR told_board.as_of_us > excluded.as_of_us",
        f"{programme_number}:{measure}",
        programme_number,
        period,
        micros(as_of),
        _JSON.encode(kept).decode(),
        micros(as_of - believed),
    )


async def forget_told_boards(session: Session, programme_number: int) -> None:
    """They are worked out anew."""
    await ToldBoard.filter(programme_number=programme_number).using_db(session.client).delete()
