"""Counter rows, badges and levels of members, and what a review makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.storage.happenings import tell_reviews
from connector.storage.held_awards import HeldAward, HeldState, held_of
from connector.storage.instants import micros_or_none
from connector.storage.ledger import want_push
from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import (
    badge_change_of,
    badge_values,
    counter_of,
    level_change_of,
    level_values,
    tier_change_of,
    tier_values,
)
from connector.storage.notices import insert_notices
from connector.storage.seals import SEALED, turn_seals
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.counters import CounterRow
from loyalty_engine.decision import Award, Review
from loyalty_engine.member import BadgeChange, LevelChange, TierChange


@dataclass(slots=True)
class Standing:
    """What a review looks at besides the member. rows: every counter row; badges, levels: the paths, oldest first.
    held: awards that wait for a person or were decided by one.
    """

    rows: list[CounterRow] = field(default_factory=list)
    badges: list[BadgeChange] = field(default_factory=list)
    levels: list[LevelChange] = field(default_factory=list)
    held: list[HeldAward] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[Award, bool]:
        """What persons said: whether an award is given."""
        return {
            each.award: each.state is HeldState.ACCEPTED for each in self.held if each.state is not HeldState.WAITING
        }

    @property
    def waiting(self) -> set[Award]:
        """What nobody has decided yet."""
        return {each.award for each in self.held if each.state is HeldState.WAITING}


async def load_standings(session: Session, keys: Sequence[MemberKey]) -> dict[str, Standing]:
    """Of members whose balances are locked, or inside a consistent read."""
    found = {member_id: Standing() for _, member_id in keys}
    if not keys:
        return found
    keyset, values = session.keyset("shard member_id", sorted(keys))
    of_member = "t.shard = k.shard AND t.member_id = k.member_id"
    for row in await session.rows(f"SELECT t.* FROM {keyset} CROSS JOIN counter t WHERE {of_member}", *values):
        found[row["member_id"]].rows.append(counter_of(row))
    for row in await session.rows(
        f"SELECT t.* FROM {keyset} CROSS JOIN badge_change t WHERE {of_member} ORDER BY t.n", *values
    ):
        found[row["member_id"]].badges.append(badge_change_of(row))
    for row in await session.rows(
        f"SELECT t.* FROM {keyset} CROSS JOIN level_change t WHERE {of_member} ORDER BY t.n", *values
    ):
        found[row["member_id"]].levels.append(level_change_of(row))
    for held in await held_of(session, keys):
        found[held.member_id].held.append(held)
    return found


async def tiers_of(session: Session, member_id: str) -> list[TierChange]:
    """A member's path through the tiers as it stands in this transaction, oldest first."""
    rows = await session.rows(
        "SELECT * FROM tier_change WHERE shard = $1 AND member_id = $2 ORDER BY n", member_shard(member_id), member_id
    )
    return [tier_change_of(row) for row in rows]


async def badges_of(session: Session, member_id: str) -> list[BadgeChange]:
    """Every badge that a member got or lost, oldest first."""
    rows = await session.rows(
        "SELECT * FROM badge_change WHERE shard = $1 AND member_id = $2 ORDER BY n", member_shard(member_id), member_id
    )
    return [badge_change_of(row) for row in rows]


async def append_reviews(session: Session, reviews: Sequence[tuple[int, int, Review]], now: datetime) -> None:
    """Write reviews: (shard, programme number, review)."""
    reviews = sorted(reviews, key=lambda row: (row[0], row[2].member_id))
    await _write_paths(session, reviews)
    await tell_reviews(session, [(programme, review) for _, programme, review in reviews], now)
    await insert_notices(
        session, [(shard, r.member_id, programme, notice) for shard, programme, r in reviews for notice in r.notices]
    )
    await session.update(
        "balance",
        "shard member_id",
        "next_review_at_us",
        [(shard, r.member_id, micros_or_none(r.next_review_at)) for shard, _, r in reviews],
    )
    await want_push(session, [(shard, r.member_id) for shard, _, r in reviews if r.tiers or r.badges or r.levels], now)


async def _write_paths(session: Session, reviews: Sequence[tuple[int, int, Review]]) -> None:
    paths: dict[str, list[tuple[int, str, tuple[Any, ...]]]] = {
        "tier_change": [(s, r.member_id, tier_values(c, programme)) for s, programme, r in reviews for c in r.tiers],
        "badge_change": [(s, r.member_id, badge_values(c, programme)) for s, programme, r in reviews for c in r.badges],
        "level_change": [(s, r.member_id, level_values(c, programme)) for s, programme, r in reviews for c in r.levels],
    }
    for table, rows in paths.items():
        await session.insert(table, f"shard member_id {SEALED[table]}", [(s, m, *values) for s, m, values in rows])
        await turn_seals(session, table, [(member_id, values) for _, member_id, values in rows])


async def count_members(session: Session, programme_number: int, at_most: int) -> int:
    """How many take part in a programme, counted no further than ``at_most``."""
    return await session.number(
        "SELECT count(*) AS n FROM (SELECT 1 FROM member WHERE programme_number = $1 AND status = 'active' "
        f"LIMIT {at_most:d}) m",
        programme_number,
    )
