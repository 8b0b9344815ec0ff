"""Who is concerned by what is announced, and has no notice of it yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import instant, micros
from connector.storage.notices import MAILED
from connector.storage.session import Session
from connector.storage.work import NOT_PAUSED


async def members_to_tell(
    session: Session, programme_number: int, kind: str, key: str, limit: int
) -> list[tuple[int, str]]:
    """Members who take part and have points, without this notice."""
    return await _without(session, "b.points > 0", (programme_number, kind, key), limit)


async def with_history(
    session: Session, programme_number: int, kind: str, key: str, before: datetime, limit: int
) -> list[tuple[int, str]]:
    """Members who take part and had an entry before that moment, without this notice."""
    first = (
        "EXISTS (SELECT 1 FROM entry e WHERE e.shard = b.shard AND e.member_id = b.member_id AND e.n = 1 "
        "AND e.recorded_at_us < $4)"
    )
    return await _without(session, first, (programme_number, kind, key, micros(before)), limit)


async def written_to(
    session: Session, programme_number: int, kind: str, key: str, before: str, limit: int
) -> list[tuple[int, str]]:
    """Members who take part and got a mail of kind ``before`` and the same key, without this notice."""
    mailed = ", ".join(f"'{by}'" for by in MAILED)
    told = (
        "EXISTS (SELECT 1 FROM notice w WHERE w.shard = b.shard AND w.member_id = b.member_id AND w.kind = $4 "
        f"AND w.notice_key = $3 AND w.told_by IN ({mailed}))"
    )
    return await _without(session, told, (programme_number, kind, key, before), limit)


async def _without(session: Session, concerned: str, values: tuple[object, ...], limit: int) -> list[tuple[int, str]]:
    """Active members of programme $1 of whom ``concerned`` is true, without the notice of kind $2 and key $3."""
    rows = await session.rows(
        "SELECT b.shard, b.member_id FROM balance b JOIN member m ON m.shard = b.shard AND m.member_id = b.member_id "
        f"WHERE b.programme_number = $1 AND {concerned} AND m.status = 'active' AND NOT EXISTS ("
        "SELECT 1 FROM notice n WHERE n.shard = b.shard AND n.member_id = b.member_id AND n.kind = $2 "
        f"AND n.notice_key = $3) ORDER BY b.shard, b.member_id LIMIT {limit:d}",
        *values,
    )
    return [(row["shard"], row["member_id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class EndingVoucher:
    """An unused code or perk that ends soon."""

    shard: int
    member_id: str
    programme_number: int
    reward_id: str
    key: str
    expires_at: datetime


async def ending_vouchers(
    session: Session, now: datetime, until: datetime, lead: timedelta, limit: int
) -> list[EndingVoucher]:
    """Unused codes and perks that end after ``now`` and by ``until``, were made at least ``lead`` earlier than that,
    and whose member has no notice of it yet.
    """
    key = "r.redemption_id || ':' || CAST(r.expires_at_us AS TEXT)"
    rows = await session.rows(
        f"SELECT r.shard, r.member_id, r.programme_number, r.reward_id, r.expires_at_us, {key} AS notice_key "
        "FROM redemption r WHERE r.redemption_state IN ('requested', 'issued') AND r.kind <> 'store_credit' "
        "AND r.expires_at_us > $1 AND r.expires_at_us <= $2 AND r.expires_at_us - r.created_at_us > $3 "
        f"AND r.{NOT_PAUSED} AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.shard = r.shard "
        f"AND n.member_id = r.member_id AND n.kind = 'voucher-expiring' AND n.notice_key = {key}) "
        f"ORDER BY r.shard, r.member_id, r.redemption_id LIMIT {limit:d}",
        micros(now),
        micros(until),
        lead // timedelta(microseconds=1),
    )
    return [
        EndingVoucher(
            row["shard"],
            row["member_id"],
            row["programme_number"],
            row["reward_id"],
            row["notice_key"],
            instant(row["expires_at_us"]),
        )
        for row in rows
    ]
