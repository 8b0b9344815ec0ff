"""Members as a preview of other rules looks at them: page by page, never all at once, and without locking anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from connector.storage.atomic import consistent_read
from connector.storage.database import Database
from connector.storage.instants import instant
from connector.storage.ledger_rows import tier_change_of
from connector.storage.reviews import Standing, load_standings
from connector.storage.session import Session
from loyalty_engine.member import TierChange

PAGE = 200
"""Members in memory at a time, and between two turns of everybody else."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One active member. tiers: the recorded path, oldest first."""

    member_id: str
    enrolled_at: datetime
    standing: Standing
    tiers: list[TierChange]


async def active_members(session: Session, programme_number: int) -> int:
    """How many members of a programme a review would look at."""
    return await session.number(
        "SELECT count(*) FROM member WHERE programme_number = $1 AND status = 'active'", programme_number
    )


async def considered(database: Database, programme_number: int) -> AsyncIterator[list[Considered]]:
    """Every active member in pages of up to ``PAGE``; each page agrees within itself."""
    after = (-1, "")
    while True:

        async def read(session: Session, after: tuple[int, str] = after) -> tuple[tuple[int, str], list[Considered]]:
            return await _page(session, programme_number, after)

        after, members = await consistent_read(database, read)
        if not members:
            return
        pages = [members]
        del members
        # Whoever looks at them slowly, beside others, keeps no page in memory by waiting here.
        yield pages.pop()


async def _page(
    session: Session, programme_number: int, after: tuple[int, str]
) -> tuple[tuple[int, str], list[Considered]]:
    rows = await session.rows(
        "SELECT shard, member_id, enrolled_at_us FROM member WHERE programme_number = $1 AND status = 'active' "
        f"AND (shard, member_id) > ($2, $3) ORDER BY shard, member_id LIMIT {PAGE:d}",
        programme_number,
        *after,
    )
    if not rows:
        return after, []
    keys = [(row["shard"], row["member_id"]) for row in rows]
    standings = await load_standings(session, keys)
    keyset, values = session.keyset("shard member_id", keys)
    tiers: defaultdict[str, list[TierChange]] = defaultdict(list)
    for row in await session.rows(
        f"SELECT t.* FROM {keyset} CROSS JOIN tier_change t WHERE t.shard = k.shard AND t.member_id = k.member_id "
        "ORDER BY t.n",
        *values,
    ):
        tiers[row["member_id"]].append(tier_change_of(row))
    page = [
        Considered(
            row["member_id"], instant(row["enrolled_at_us"]), standings[row["member_id"]], tiers[row["member_id"]]
        )
        for row in rows
    ]
    return keys[-1], page
