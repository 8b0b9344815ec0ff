"""Counter rows on disk: what each source counts for tiers, badges and levels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connector.storage.session import Session
from loyalty_engine.counters import CounterRow

SourceKey = tuple[int, str, str]
"""(shard, member id, source ref)."""
Values = tuple[str, str, str, int]
"""(counter, key, local day, value)."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One source and all rows that it owns now. is_new: it cannot have any yet."""

    source: SourceKey
    programme_number: int
    is_new: bool
    rows: tuple[CounterRow, ...]

    @property
    def values(self) -> list[Values]:
        """Its rows as columns, in order."""
        return sorted((row.counter, row.key, row.day.isoformat(), row.value) for row in self.rows)


async def write_counters(session: Session, settled: Iterable[Settled]) -> set[tuple[int, str]]:
    """The rows of each source take the place of those it had. Returns (shard, member id) of whoever has others now."""
    each = list(settled)
    stored = await _stored(session, [one.source for one in each if not one.is_new])
    changed = [one for one in each if one.values != sorted(stored[one.source])]
    await session.delete("counter", "shard member_id source_ref", [one.source for one in changed if not one.is_new])
    await session.insert(
        "counter",
        "shard member_id source_ref programme_number counter counter_key day value",
        [(*one.source, one.programme_number, *values) for one in changed for values in one.values],
    )
    return {one.source[:2] for one in changed}


async def _stored(session: Session, sources: list[SourceKey]) -> defaultdict[SourceKey, list[Values]]:
    found: defaultdict[SourceKey, list[Values]] = defaultdict(list)
    if not sources:
        return found
    keyset, values = session.keyset("shard member_id source_ref", sources)
    rows: list[dict[str, Any]] = await session.rows(
        f"SELECT c.shard, c.member_id, c.source_ref, c.counter, c.counter_key, c.day, c.value FROM {keyset} "
        "CROSS JOIN counter c "
        "WHERE c.shard = k.shard AND c.member_id = k.member_id AND c.source_ref = k.source_ref",
        *values,
    )
    for row in rows:
        source = (row["shard"], row["member_id"], row["source_ref"])
        found[source].append((row["counter"], row["counter_key"], row["day"], row["value"]))
    return found
