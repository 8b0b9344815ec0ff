"""What makes a rule, reward, tier or badge one of another kind, and what it has to give up for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.console.forms.fields import Kinds
from loyalty_engine.programme.model import RewardKind

AWARDS: Mapping[str, tuple[str, ...]] = {
    "points": ("points",),
    "rate": ("per_unit", "rates", "step"),
    "per_item": ("per_item",),
    "factor": ("factor",),
}
"""What each kind of rule alone has."""
OF_REWARDS: Mapping[str, tuple[str, ...]] = {
    "amount": ("value",),
    "percent": ("percent", "at_most"),
    "slider": ("value", "min_points", "max_points"),
    "free_shipping": (),
    "product": ("product",),
    "store_credit": ("value", "credit_days"),
    "perk": (),
}


def _award_of(rule: Mapping[str, Any]) -> str:
    """``points`` of one that gives nothing yet."""
    return next((kind for kind, keys in AWARDS.items() if any(key in rule for key in keys)), "points")


def _drop(table: dict[str, Any], sets: Mapping[str, tuple[str, ...]], kept: str) -> None:
    for keys in sets.values():
        for key in keys:
            if key not in sets[kept]:
                table.pop(key, None)


def _award(rule: dict[str, Any], kind: str) -> None:
    _drop(rule, AWARDS, kind)


def _reward_of(reward: Mapping[str, Any]) -> str:
    kind = reward.get("kind")
    return kind if isinstance(kind, str) and kind in OF_REWARDS else "amount"


def _reward(reward: dict[str, Any], kind: str) -> None:
    _drop(reward, OF_REWARDS, kind)
    reward["kind"] = kind


def _tier_of(tier: Mapping[str, Any]) -> str:
    qualify = tier.get("qualify")
    if qualify == "invite" or tier.get("invite_only"):
        return "invite"
    return "reach" if isinstance(qualify, Mapping) else "join"


def _tier(tier: dict[str, Any], kind: str) -> None:
    tier.pop("invite_only", None)
    if kind == "reach":
        tier["qualify"] = {}
    elif kind == "invite":
        tier["qualify"] = "invite"
    else:
        tier.pop("qualify", None)


def _badge_of(badge: Mapping[str, Any]) -> str:
    if "levels" in badge:
        return "levels"
    return "manual" if badge.get("rule") == "manual" else "one"


def _badge(badge: dict[str, Any], kind: str) -> None:
    """A badge keeps what it asks for, as its lowest level."""
    levels, rule, grade = badge.pop("levels", None), badge.pop("rule", None), badge.pop("tier", "bronze")
    if kind == "manual":
        badge["rule"] = "manual"
        return
    badge.pop("limit", None)
    first = next(iter(levels.values()), None) if isinstance(levels, Mapping) else rule if rule != "manual" else None
    if kind == "levels":
        badge["levels"] = {} if first is None else {grade if isinstance(grade, str) else "bronze": first}
    elif first is not None:
        badge["rule"] = first


RULE_KINDS = Kinds(tuple(AWARDS), _award_of, _award)
REWARD_KINDS = Kinds(tuple(kind.value for kind in RewardKind), _reward_of, _reward)
TIER_KINDS = Kinds(("join", "reach", "invite"), _tier_of, _tier)
BADGE_KINDS = Kinds(("one", "levels", "manual"), _badge_of, _badge)
