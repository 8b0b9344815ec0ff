"""How much all members of a programme earned, by kinds of sources."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from connector.storage.session import Session
from connector.storage.shards import SHARDS
from loyalty_engine.programme.model import ORDER

_EARNED = "e.kind IN ('earn', 'bonus', 'clawback')"
_ACTIVITY = "(e.source_ref LIKE 'event:%' OR e.source_ref LIKE 'belong:%')"


async def earned_since(
    session: Session, programme_number: int, day: date | None, triggers: Collection[str]
) -> tuple[int, int]:
    """(points, times) of all members, by book date, from a day on (None: ever). triggers: which kinds of sources; none:
    all but orders. times: sources that brought anything and kept it.
    """
    keyset, values = session.keyset("shard", [(shard,) for shard in range(SHARDS)])
    first = len(values) + 1
    chosen, patterns = _chosen(triggers, first + 2)
    rows = await session.rows(
        "SELECT CAST(COALESCE(sum(s.points), 0) AS BIGINT) AS points, count(*) AS times FROM ("
        f"SELECT sum(e.points) AS points FROM {keyset} CROSS JOIN entry e "
        f"WHERE e.shard = k.shard AND e.programme_number = ${first} AND e.book_date >= ${first + 1} AND {_EARNED} "
        f"AND ({chosen}) GROUP BY e.shard, e.member_id, e.source_ref HAVING sum(e.points) > 0) s",
        *values,
        programme_number,
        day.isoformat() if day else "",
        *patterns,
    )
    return rows[0]["points"], rows[0]["times"]


def _chosen(triggers: Collection[str], first: int) -> tuple[str, list[str]]:
    if not triggers:
        return _ACTIVITY, []
    tests: list[str] = [f"NOT {_ACTIVITY}"] if ORDER in triggers else []
    patterns: list[str] = []
    for kind in sorted(set(triggers) - {ORDER}):
        for pattern in (f"event:%:%:{kind}:%", f"belong:{kind}:%"):
            tests.append(f"e.source_ref LIKE ${first + len(patterns)}")
            patterns.append(pattern)
    return " OR ".join(tests), patterns
