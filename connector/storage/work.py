"""The hand-over between facts and ledger: a row says "decide this source for this member again", whatever the cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.inbox import claim_shards
from connector.storage.instants import instant, micros
from connector.storage.session import Session
from connector.storage.shards import member_shard

NOT_PAUSED = "programme_number NOT IN (SELECT programme_number FROM programme_pause WHERE ends_at IS NULL)"

OrderKey = tuple[int, int, str]
"""(shard of its fact, connection number, the shop's order id)."""


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed row. ``mark`` tells whether the row was marked again while it was worked on. quiet: it is no news, so
    nobody is told of what follows from it.
    """

    shard: int
    member_id: str
    source_ref: str
    programme_number: int
    fact_shard: int
    mark: int
    quiet: int = 0


async def leave_work(
    session: Session, rows: Iterable[tuple[str, str, int, int]], quiet: Collection[tuple[str, str]] = ()
) -> None:
    """Mark (member_id, source_ref, programme_number, fact_shard) as to be decided; marking twice is one row.

    quiet: (member_id, source_ref) of those that are no news; what is marked for another reason, too, is news.
    """
    await session.insert(
        "work",
        "shard member_id source_ref programme_number fact_shard quiet",
        sorted(
            (member_shard(m), m, source_ref, programme, shard, int((m, source_ref) in quiet))
            for m, source_ref, programme, shard in rows
        ),
        "ON CONFLICT (shard, member_id, source_ref) "
        "DO UPDATE SET mark = work.mark + 1, state = 0, attempts = 0, reason = NULL, "
        "quiet = work.quiet * excluded.quiet",
    )


async def claim_work(session: Session, offset: int, shard_limit: int, limit: int) -> list[Work]:
    """Up to ``limit`` rows of member shards that nobody else works on. Work of paused programmes waits."""
    waiting = f"EXISTS (SELECT 1 FROM work w WHERE w.shard = s.shard AND w.state = 0 AND w.{NOT_PAUSED})"
    shards = await claim_shards(session, "work", waiting, offset, shard_limit)
    if not shards:
        return []
    keyset, values = session.keyset("shard", [(shard,) for shard in shards])
    rows = await session.rows(
        "SELECT shard, member_id, source_ref, programme_number, fact_shard, mark, quiet FROM work "
        f"WHERE state = 0 AND {NOT_PAUSED} AND shard IN (SELECT k.shard FROM {keyset}) "
        f"ORDER BY shard, member_id, source_ref LIMIT {limit:d}",
        *values,
    )
    return [Work(**row) for row in rows]


async def finish_work(session: Session, done: Sequence[Work]) -> None:
    """Remove rows that were decided, unless they were marked again meanwhile."""
    await session.delete(
        "work", "shard member_id source_ref mark", [(w.shard, w.member_id, w.source_ref, w.mark) for w in done]
    )


async def park_work(session: Session, rows: Sequence[Work], reason: str) -> None:
    """Set rows aside that cannot be decided; a new fact about them, or ``dead_letters.put_back``, tries again."""
    await session.update(
        "work",
        "shard member_id source_ref mark",
        "state reason",
        [(w.shard, w.member_id, w.source_ref, w.mark, 2, reason) for w in rows],
    )


async def hold_work(session: Session, rows: Sequence[Work], reason: str) -> None:
    """Have rows wait for something that a shop must tell first; ``release_work`` or a new fact ends that."""
    await session.update(
        "work",
        "shard member_id source_ref mark",
        "state reason",
        [(w.shard, w.member_id, w.source_ref, w.mark, 1, reason) for w in rows],
    )


async def release_work(session: Session, programme_numbers: Iterable[int]) -> None:
    """Put what waits in these programmes back in line; what must wait on is held again."""
    for number in sorted(set(programme_numbers)):
        await session.run("UPDATE work SET state = 0, reason = NULL WHERE state = 1 AND programme_number = $1", number)


async def wish_to_read(session: Session, wishes: Sequence[tuple[int, int, str, int, str]], now: datetime) -> None:
    """Remember that orders must be read from their shop: (shard, connection, order id, programme, reason).

    Wished again, a wish keeps its age, and is due at once.
    """
    await session.insert(
        "read_wish",
        "shard connection_number object_id programme_number reason wished_at_us next_at_us",
        [(*wish, micros(now), micros(now)) for wish in sorted(wishes)],
        "ON CONFLICT (shard, connection_number, object_id) "
        "DO UPDATE SET mark = read_wish.mark + 1, next_at_us = excluded.next_at_us, attempts = 0",
    )


async def reading_wished_since(session: Session, keys: Iterable[OrderKey]) -> dict[OrderKey, datetime]:
    """Since when it is wished that these orders be read; of those that are. Locked: whoever fulfils one of them
    releases what waits for it after us.
    """
    keyset, values = session.keyset("shard connection_number object_id", sorted(set(keys)))
    rows = await session.rows(
        f"SELECT w.shard, w.connection_number, w.object_id, w.wished_at_us FROM {keyset} CROSS JOIN read_wish w "
        "WHERE w.shard = k.shard AND w.connection_number = k.connection_number AND w.object_id = k.object_id "
        "ORDER BY w.shard, w.connection_number, w.object_id" + session.locked("w"),
        *values,
    )
    return {(r["shard"], r["connection_number"], r["object_id"]): instant(r["wished_at_us"]) for r in rows}
