"""What endpoints are told of: events made of what the ledger and the standing write, in the same transaction. Those of
deeds: ``audit``.

Where nobody listens, nothing is made: one look at the endpoints of the programmes concerned, and no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.storage.audit import MEMBER_TOPICS
from connector.storage.endpoints import listeners_of
from connector.storage.messages import Event, keep_events
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.decision import Decision, Review
from loyalty_engine.ledger import EntryKind
from loyalty_engine.member import BadgeState, Redemption, RedemptionState

POINTS: Mapping[EntryKind, str] = {
    EntryKind.EARN: "points.earned",
    EntryKind.BONUS: "points.earned",
    EntryKind.CLAWBACK: "points.reversed",
    EntryKind.REDEEM: "points.spent",
    EntryKind.REINSTATE: "points.returned",
    EntryKind.EXPIRE: "points.expired",
    EntryKind.ADJUST: "points.adjusted",
    EntryKind.TRANSFER: "points.moved",
}
REWARDS: Mapping[RedemptionState, str] = {
    RedemptionState.REQUESTED: "reward.redeemed",
    RedemptionState.ISSUED: "reward.issued",
    RedemptionState.USED: "reward.used",
    RedemptionState.EXPIRED: "reward.expired",
    RedemptionState.CANCELLED: "reward.cancelled",
}
"""A cart's holds come and go; only what takes points is told."""
_CODE = re.compile(r"[a-z0-9-]{1,60}")
TIER, LEVEL = "tier.changed", "level.changed"
BADGES: Mapping[BadgeState, str] = {BadgeState.AWARDED: "badge.earned", BadgeState.REVOKED: "badge.revoked"}
TOPICS = tuple(
    dict.fromkeys([*POINTS.values(), TIER, *BADGES.values(), LEVEL, *REWARDS.values(), *MEMBER_TOPICS.values()])
)
"""Everything that an endpoint can hear of."""


async def tell_decisions(session: Session, decided: Sequence[tuple[int, Decision]], now: datetime) -> None:
    """(programme number, decision), before it is written: what redemptions were until now is still there to read."""
    listeners = await listeners_of(session, {number for number, _ in decided})
    if not listeners:
        return
    heard = [(number, decision) for number, decision in decided if number in listeners]
    before = await _states(session, [decision for _, decision in heard])
    events = []
    for number, decision in heard:
        events += [Event(number, decision.member_id, *told) for told in _points(decision)]
        events += [
            Event(number, decision.member_id, *_reward(redemption, now))
            for redemption in decision.redemptions
            if redemption.state in REWARDS and before.get(redemption.redemption_id) != redemption.state.value
        ]
    await keep_events(session, listeners, events, now)


async def tell_reviews(session: Session, reviews: Sequence[tuple[int, Review]], now: datetime) -> None:
    """(programme number, review)."""
    changed = [(number, review) for number, review in reviews if review.tiers or review.badges or review.levels]
    listeners = await listeners_of(session, {number for number, _ in changed})
    if not listeners:
        return
    events = []
    for number, r in changed:
        events += [
            Event(number, r.member_id, TIER, tier.at, {"n": tier.n, "tier": tier.tier, "cause": tier.cause.value})
            for tier in r.tiers
        ]
        events += [
            Event(
                number,
                r.member_id,
                BADGES[badge.state],
                badge.at,
                {"n": badge.n, "badge": badge.badge, "level": badge.level, "key": badge.award_key},
            )
            for badge in r.badges
        ]
        events += [
            Event(number, r.member_id, LEVEL, level.at, {"n": level.n, "level": level.level}) for level in r.levels
        ]
    await keep_events(session, listeners, events, now)


def _points(decision: Decision) -> list[tuple[str, datetime, dict[str, Any]]]:
    balance = decision.points - sum(entry.points for entry in decision.entries)
    found = []
    for entry in decision.entries:
        balance += entry.points
        data = {
            "n": entry.n,
            "kind": entry.kind.value,
            "points": entry.points,
            "balance": balance,
            "source": entry.source_ref,
            "book_date": entry.book_date.isoformat(),
        }
        found.append((POINTS[entry.kind], entry.recorded_at, data))
    return found


def _reward(redemption: Redemption, now: datetime) -> tuple[str, datetime, dict[str, Any]]:
    """Never the code: whoever has it can spend it."""
    data = {
        "redemption": redemption.redemption_id,
        "reward": redemption.reward_id,
        "kind": str(redemption.kind),
        "points": redemption.points,
        # A store may have given a reason in words of its own.
        "reason": redemption.reason if _CODE.fullmatch(redemption.reason) else "",
    }
    return REWARDS[redemption.state], now, data


async def _states(session: Session, decisions: Sequence[Decision]) -> dict[str, str]:
    """What redemptions were before, under their members' locks."""
    keys = [
        (member_shard(decision.member_id), decision.member_id, redemption.redemption_id)
        for decision in decisions
        for redemption in decision.redemptions
    ]
    if not keys:
        return {}
    keyset, values = session.keyset("shard member_id redemption_id", sorted(keys))
    rows = await session.rows(
        f"SELECT r.redemption_id, r.redemption_state FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.redemption_id = k.redemption_id",
        *values,
    )
    return {row["redemption_id"]: row["redemption_state"] for row in rows}
