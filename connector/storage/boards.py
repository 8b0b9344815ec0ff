"""The counter rows behind a leaderboard: of one programme, some counters and a period, a few shards at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.storage.instants import instant
from connector.storage.ledger_rows import counter_of
from connector.storage.session import Session
from connector.storage.shards import SHARDS, member_shard
from loyalty_engine.counters import CounterRow

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
