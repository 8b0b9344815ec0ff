"""What points that come in mean for a member, worth telling beside the numbers: earned, or a reward within reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from loyalty_engine.decision import Decision, Notice
from loyalty_engine.ledger import EntryKind, NewEntry
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.programme.model import Programme, Reward, RewardKind
from loyalty_engine.rewards import least_points, spendable, tier_of

POINTS_EARNED = "points-earned"
REWARD_READY = "reward-ready"
_EARNED = frozenset({EntryKind.EARN, EntryKind.BONUS})
_MOVED = frozenset({EntryKind.ADJUST, EntryKind.TRANSFER, EntryKind.REINSTATE})
_BY_SOURCE = {"belong:referral:": "referral-paid", "belong:referral_friend:": "referral-friend"}
"""What was earned by an invitation is told as that."""
_JUST_BEFORE = timedelta(microseconds=1)


def earned(decision: Decision, now: datetime) -> Iterator[Notice]:
    """One notice for each source that earned something."""
    sources: dict[str, list[NewEntry]] = {}
    for entry in decision.entries:
        if entry.kind in _EARNED and entry.points > 0:
            sources.setdefault(entry.source_ref, []).append(entry)
    matures = {lot.n: lot.matures_at for lot in decision.lots}
    for source_ref, entries in sources.items():
        kind = next((kind for begin, kind in _BY_SOURCE.items() if source_ref.startswith(begin)), POINTS_EARNED)
        told = json.loads(entries[0].explanation, parse_float=Decimal)
        later = max((at for entry in entries if (at := matures.get(entry.n)) and at > now), default=None)
        inputs = {
            "points": sum(entry.points for entry in entries),
            "order": told.get("order_name"),
            "matures_at": later.isoformat() if later else None,
        }
        yield Notice(kind, f"{source_ref}:{entries[0].source_n}", now, inputs)


def within_reach(member: MemberState, decision: Decision, programme: Programme, now: datetime) -> Notice | None:
    """That a reward is within reach which was not before this decision, or before points matured by now: of several the
    dearest. Not told of what has a stock or a limit for each member: by the time it is read it may be gone; nor of
    points that a person gave or moved, or that came back.
    """
    if member.status is not MemberStatus.ACTIVE or any(entry.kind in _MOVED for entry in decision.entries):
        return None
    looked_at = min(now, member.next_change_at - _JUST_BEFORE) if member.next_change_at else now
    before = spendable(member, looked_at)
    lots = {lot.n: lot for lot in member.lots} | {lot.n: lot for lot in decision.lots}
    after = spendable(replace(member, lots=tuple(lots.values()), debts=decision.debts), now)
    tier = tier_of(member, programme)
    new = [
        reward
        for reward in programme.rewards
        if _is_open(reward, tier, programme, now) and before < _price(reward) <= after
    ]
    best = max(new, key=_price, default=None)
    if best is None:
        return None
    return Notice(REWARD_READY, f"{best.reward_id}:{decision.last_n}", now, {"reward": best.reward_id})


def _price(reward: Reward) -> int:
    return least_points(reward) if reward.kind is RewardKind.SLIDER else reward.points


def _is_open(reward: Reward, tier: str | None, programme: Programme, now: datetime) -> bool:
    if reward.hidden or reward.stock is not None or reward.per_member is not None:
        return False
    if programme.wind_down is not None and now >= programme.wind_down.redeem_until:
        return False
    is_now = (reward.starts_at is None or reward.starts_at <= now) and (reward.ends_at is None or now < reward.ends_at)
    return is_now and (not reward.tiers or tier in reward.tiers)
