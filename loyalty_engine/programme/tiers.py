"""Tiers and community levels from a document."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from loyalty_engine.programme.badge_rules import known_measure
from loyalty_engine.programme.fields import MAX_DAYS, MAX_POINTS, Table, id_of, minor_of
from loyalty_engine.programme.model import (
    CommunityLevel,
    Comparison,
    Threshold,
    Tier,
    TiersPolicy,
    TierWindow,
)

METRICS = ("spend", "orders", "tier_points")
WINDOW_NAMES = {
    "12m": (TierWindow.ROLLING, 12),
    "year": (TierWindow.CALENDAR_YEAR, None),
    "lifetime": (TierWindow.LIFETIME, None),
}
MAX_FACTOR = 100


def tiers_policy(table: Table) -> TiersPolicy:
    """``[tiers_policy]``."""
    usual = TiersPolicy()
    policy = TiersPolicy(
        window=table.choice("window", TierWindow, usual.window),
        window_months=table.whole("window_months", 1, 120, usual.window_months),
        keep_months=table.whole("keep_months", 0, 120, usual.keep_months),
        grace_days=table.days("grace_days", usual.grace_days),
        low_water_percent=table.whole("low_water_percent", 0, 100, usual.low_water_percent),
        soft_landing=table.whole("soft_landing", 1, 100, usual.soft_landing),
        freeze_days=table.days("freeze_thresholds_days", usual.freeze_days),
        tier_points_include=frozenset(table.texts("tier_points_include", sorted(usual.tier_points_include))),
    )
    if table.has("window_months") and policy.window is not TierWindow.ROLLING:
        raise table.refuse("window_months", "window-months", window=str(policy.window))
    table.finish()
    return policy


def tiers_of(document: Table, policy: TiersPolicy) -> tuple[Tier, ...]:
    """``[[tiers]]``, from the lowest to the highest; thresholds must rise with them."""
    found: list[Tier] = []
    for rank, table in enumerate(document.tables("tiers")):
        tier = _tier(table, rank, policy)
        _in_order(table, tier, found)
        found.append(tier)
    return tuple(found)


def _tier(table: Table, rank: int, policy: TiersPolicy) -> Tier:
    tier_id = id_of(table)
    qualify, invite = table.take("qualify"), table.flag("invite_only")
    ways: tuple[Threshold, ...] = ()
    if qualify == "invite":
        invite = True
    elif qualify not in (None, "join"):
        ways = _ways(Table(qualify, table.at("qualify"), table.ground), policy)
    tier = Tier(
        tier_id,
        rank,
        table.by_language("name") or {"en": tier_id},
        ways,
        table.exact("multiplier", MAX_FACTOR, Fraction(1), "multiplier"),
        table.texts("benefits"),
        invite,
        table.flag("hidden"),
    )
    table.finish()
    if rank == 0 and (ways or invite):
        raise table.refuse("qualify", "first-tier")
    if rank and not ways and not invite:
        raise table.refuse("qualify", "not-reached")
    if ways and invite:
        raise table.refuse("invite_only", "by-invitation")
    return tier


def _ways(qualify: Table, policy: TiersPolicy) -> tuple[Threshold, ...]:
    """``{ spend_12m = 150.00, or_orders_12m = 4 }``: any of them suffices."""
    qualify.take("fallback")  # of a percentile; whoever resolved it has used it
    ways = []
    for key in qualify.keys():
        metric = _metric(qualify, key, policy)
        if metric is None:
            continue
        value: Any = qualify.take(key)
        if isinstance(value, str) and value[:1] in ("p", "a"):
            raise qualify.refuse(key, "not-fixed", shown=repr(value))
        if metric == "spend":
            at_least = minor_of(value, qualify.at(key), qualify.ground.currency)
        else:
            at_least = qualify.whole(key, 1, MAX_POINTS)
        if at_least == 0:
            raise qualify.refuse(key, "threshold-zero")
        ways.append(Threshold(metric, at_least))
    for name in METRICS:
        for suffix in ("", "_12m", "_year", "_lifetime"):
            qualify.has(f"{name}{suffix}")
    qualify.finish()
    if len({way.metric for way in ways}) < len(ways):
        raise qualify.refuse(qualify.keys()[0], "two-thresholds")
    if not ways:
        raise qualify.refuse("spend", "nothing-qualifies", known=tuple(METRICS))
    return tuple(ways)


def _metric(qualify: Table, key: str, policy: TiersPolicy) -> str | None:
    """The metric that a key names; its window, if it names one, must be the policy's."""
    name = key.removeprefix("or_")
    for metric in METRICS:
        suffix = name.removeprefix(metric).removeprefix("_")
        if not name.startswith(metric) or (suffix and suffix not in WINDOW_NAMES):
            continue
        if suffix:
            window, months = WINDOW_NAMES[suffix]
            if window is not policy.window or months not in (None, policy.window_months):
                counted = {"window": str(policy.window), "months": policy.window_months}
                raise qualify.refuse(key, "other-window", metric=metric, **counted)
        qualify.take(key)
        return metric
    return None


def _in_order(table: Table, tier: Tier, before: list[Tier]) -> None:
    for lower in before:
        if lower.tier_id == tier.tier_id:
            raise table.refuse("id", "id-twice", shown=repr(tier.tier_id))
        for way in tier.ways:
            for other in lower.ways:
                if other.metric == way.metric and way.at_least <= other.at_least:
                    both = {"tier": tier.tier_id, "lower": lower.tier_id}
                    raise table.refuse("qualify", "not-above", metric=way.metric, **both)


def levels_of(document: Table) -> tuple[CommunityLevel, ...]:
    """``[[levels]]``, from the lowest."""
    found: list[CommunityLevel] = []
    for rank, table in enumerate(document.tables("levels")):
        level = _level(table, rank)
        known = [lower.level_id for lower in found]
        if level.level_id in known:
            raise table.refuse("id", "id-twice", shown=repr(level.level_id))
        if level.after_level is not None and level.after_level not in known:
            raise table.refuse("require.level", "no-lower-level", shown=repr(level.after_level))
        found.append(level)
    return tuple(found)


def _level(table: Table, rank: int) -> CommunityLevel:
    require, keep = table.table("require"), table.table("keep")
    level_id = id_of(table)
    level = CommunityLevel(
        level_id,
        rank,
        table.by_language("name") or {"en": level_id},
        window_days=require.days("window_days", 0),
        appointed=require.flag("appointed"),
        after_level=require.text("level") if require.has("level") else None,
        days_at_level=require.days("days_at_level", 0),
        unlock=table.texts("unlock"),
        grace_days=keep.days("grace_days", 0),
        require=tuple(_comparisons(require)),
    )
    keep.finish()
    table.finish()
    if level.days_at_level and level.after_level is None:
        raise require.refuse("days_at_level", "which-level")
    return level


LEVEL_KEYS = ("window_days", "appointed", "level", "days_at_level")


def _comparisons(require: Table) -> list[Comparison]:
    """``visit_days = 3`` is at least 3; ``max_upheld_flags = 1`` is at most 1; ``joined = true`` is a membership."""
    found = []
    for key in require.keys():
        if key in LEVEL_KEYS:
            continue
        name = key.removeprefix("max_")
        measure = known_measure(name, require.at(key))
        if name == "joined":
            if require.flag(key):
                found.append(Comparison(measure, ">=", 1))
            continue
        number = require.whole(key, 0, MAX_POINTS * (key == name) or MAX_DAYS)
        found.append(Comparison(measure, ">=" if key == name else "<=", number))
    require.finish()
    return found
