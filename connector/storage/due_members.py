"""Members for whom time alone changes something: found by the moment that their last decision or review left behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import micros, micros_or_none
from connector.storage.ledger_load import MemberKey
from connector.storage.session import Session
from connector.storage.work import NOT_PAUSED

ANOTHER_TRY = timedelta(hours=1)
"""A member whose turn failed has another one then, and keeps nobody else waiting."""


@dataclass(frozen=True, slots=True)
class DueMember:
    """One member whose moment has come."""

    shard: int
    member_id: str
    programme_number: int

    @property
    def key(self) -> MemberKey:
        return (self.shard, self.member_id)


async def claim_changes(session: Session, now: datetime, limit: int) -> list[DueMember]:
    """Members whose points mature, end, or are near their end, by ``balance.next_change_at``; paused programmes wait.

    Their balances are locked; what another worker holds is left out.
    """
    return await _claim(session, "next_change_at_us", now, limit)


async def claim_reviews(session: Session, now: datetime, limit: int) -> list[DueMember]:
    """Members whose tier, badges or level time alone may have changed, by ``balance.next_review_at``; locked, too."""
    return await _claim(session, "next_review_at_us", now, limit)


async def claim_unwatched(session: Session, programme_number: int, latest: datetime, limit: int) -> list[DueMember]:
    """Members who take part and for whom no review is due by ``latest``, though every review leaves such a moment:
    nobody ever looked at them, or it was lost. Locked, too.
    """
    rows = await session.rows(
        "SELECT b.shard, b.member_id, b.programme_number FROM balance b "
        "JOIN member m ON m.shard = b.shard AND m.member_id = b.member_id "
        "WHERE b.programme_number = $1 AND (b.next_review_at_us IS NULL OR b.next_review_at_us > $2) "
        f"AND m.status = 'active' AND b.{NOT_PAUSED} ORDER BY b.shard, b.member_id LIMIT {limit:d}"
        + session.skip_locked("b"),
        programme_number,
        micros(latest),
    )
    return [DueMember(**row) for row in rows]


async def _claim(session: Session, column: str, now: datetime, limit: int) -> list[DueMember]:
    rows = await session.rows(
        "SELECT b.shard, b.member_id, b.programme_number FROM balance b "
        f"WHERE b.{column} <= $1 AND b.{NOT_PAUSED} ORDER BY b.shard, b.member_id LIMIT {limit:d}"
        + session.skip_locked("b"),
        micros(now),
    )
    return [DueMember(**row) for row in rows]


async def set_next_changes(session: Session, moments: Iterable[tuple[MemberKey, datetime | None]]) -> None:
    """When time changes something again, for each member; None: never."""
    await session.update(
        "balance",
        "shard member_id",
        "next_change_at_us",
        [(*key, micros_or_none(moment)) for key, moment in sorted(moments, key=lambda pair: pair[0])],
    )


def still_due(before: datetime | None, decided: datetime | None, now: datetime) -> datetime | None:
    """When to look at a member for whom something was decided now, with these moments before and after.

    What has changed, or is to be told, stays due until the job that does it has looked: a decision does neither. So
    does what was postponed; nobody can tell it from what comes within the same time, which is looked at in vain at
    worst.
    """
    if before is None or before > now + ANOTHER_TRY:
        return decided
    return before if decided is None else min(before, decided)


async def postpone_changes(session: Session, due: Sequence[DueMember], now: datetime) -> None:
    """Look at these members again later: now it did not work."""
    await set_next_changes(session, [(member.key, now + ANOTHER_TRY) for member in due])


async def postpone_reviews(session: Session, due: Sequence[DueMember], now: datetime) -> None:
    """Review these members later: now it did not work."""
    await session.update(
        "balance",
        "shard member_id",
        "next_review_at_us",
        [(*member.key, micros(now + ANOTHER_TRY)) for member in due],
    )


HAS_ENDS = (
    "AND EXISTS (SELECT 1 FROM lot l WHERE l.shard = balance.shard AND l.member_id = balance.member_id "
    "AND l.remaining > 0 AND l.nominal_at_us IS NOT NULL)"
)
"""Of a balance: whether it has points that should end."""
