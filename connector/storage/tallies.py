"""Sums over all redemptions, awards and referrals of a programme, shard by shard: what figures are counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime

from connector.storage.figures import BadgeSums, RewardSums
from connector.storage.instants import micros
from connector.storage.newest import AWARD_STANDS
from connector.storage.referrals import referral_of
from connector.storage.session import Session
from connector.storage.shards import SHARDS
from loyalty_engine.referral import Referral

PAGE = 1_000
_TAKEN = "('requested', 'issued', 'used', 'expired', 'cancelled')"
_USED = "(r.redemption_state = 'used' OR (r.kind = 'store_credit' AND r.redemption_state = 'issued'))"


async def reward_sums(
    session: Session, programme_number: int, since_30: datetime, since_90: datetime
) -> dict[str, RewardSums]:
    """By reward, whether the programme still has it or not."""
    found: defaultdict[str, RewardSums] = defaultdict(RewardSums)
    for shard in range(SHARDS):
        rows = await session.rows(
            "SELECT r.reward_id, r.currency, count(*) AS taken, "
            "CAST(sum(CASE WHEN r.created_at_us >= $3 THEN 1 ELSE 0 END) AS BIGINT) AS taken_30, "
            "CAST(sum(CASE WHEN r.created_at_us >= $4 THEN 1 ELSE 0 END) AS BIGINT) AS taken_90, "
            f"CAST(sum(CASE WHEN {_USED} THEN 1 ELSE 0 END) AS BIGINT) AS used, "
            f"CAST(sum(CASE WHEN {_USED} THEN r.value_minor ELSE 0 END) AS BIGINT) AS value_minor "
            "FROM redemption r WHERE r.shard = $1 AND r.programme_number = $2 "
            f"AND r.redemption_state IN {_TAKEN} GROUP BY r.reward_id, r.currency",
            shard,
            programme_number,
            micros(since_30),
            micros(since_90),
        )
        for row in rows:
            sums = found[row["reward_id"]]
            sums.taken += row["taken"]
            sums.taken_30 += row["taken_30"]
            sums.taken_90 += row["taken_90"]
            sums.used += row["used"]
            if row["value_minor"]:
                sums.value_minor[row["currency"]] = sums.value_minor.get(row["currency"], 0) + row["value_minor"]
    return dict(found)


async def badge_sums(session: Session, programme_number: int, since: datetime) -> dict[str, BadgeSums]:
    """By badge, of members who take part."""
    found: defaultdict[str, BadgeSums] = defaultdict(BadgeSums)
    stands = (
        "FROM badge_change b JOIN member m ON m.shard = b.shard AND m.member_id = b.member_id AND m.status = 'active' "
        f"WHERE b.shard = $1 AND b.programme_number = $2 AND {AWARD_STANDS.format('b')}"
    )
    for shard in range(SHARDS):
        rows = await session.rows(
            "SELECT b.badge, b.level, count(DISTINCT b.member_id) AS number, "
            f"count(DISTINCT CASE WHEN b.at_us >= $3 THEN b.member_id END) AS lately {stands} "
            "GROUP BY b.badge, b.level",
            shard,
            programme_number,
            micros(since),
        )
        for row in rows:
            sums, level = found[row["badge"]], row["level"]
            sums.levels[level] = sums.levels.get(level, 0) + row["number"]
            sums.lately[level] = sums.lately.get(level, 0) + row["lately"]
        for row in await session.rows(
            f"SELECT b.badge, count(DISTINCT b.member_id) AS number {stands} GROUP BY b.badge", shard, programme_number
        ):
            found[row["badge"]].holders += row["number"]
    return dict(found)


async def referral_pages(session: Session, programme_number: int) -> AsyncIterator[list[Referral]]:
    """Every referral."""
    for shard in range(SHARDS):
        after = ("", "")
        while page := await session.rows(
            "SELECT * FROM referral WHERE shard = $1 AND (member_id, friend_id) > ($2, $3) AND programme_number = $4 "
            f"ORDER BY member_id, friend_id LIMIT {PAGE:d}",
            shard,
            *after,
            programme_number,
        ):
            after = (page[-1]["member_id"], page[-1]["friend_id"])
            yield [referral_of(row) for row in page]


async def count_codes(session: Session, programme_number: int) -> int:
    """How many members have asked for the code that they give to friends."""
    found = 0
    for shard in range(SHARDS):
        found += await session.number(
            "SELECT count(*) FROM referral_code WHERE shard = $1 AND programme_number = $2", shard, programme_number
        )
    return found
