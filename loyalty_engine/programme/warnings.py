"""What can be used but looks mistaken, or cannot work yet: warnings, never errors."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from loyalty_engine.programme.earnable import OURS, counters_of, is_reported, missing_counters
from loyalty_engine.programme.fields import Ground
from loyalty_engine.programme.model import ORDER, AwardKind, Programme, RewardKind
from loyalty_engine.programme.returns import as_percent, returns
from loyalty_engine.programme.standing_model import Comparison

GENEROUS = Fraction(25)
"""Percent. A return above it looks like a slip."""


def warn(
    programme: Programme, ground: Ground, reported: Collection[str] | None, given: Collection[str] | None = None
) -> None:
    """Add warnings to ``ground``. reported: kinds for which a source is connected; given: kinds of rewards that some
    connected store can give; None: nobody looked.
    """
    _earning(programme, ground)
    _money_back(programme, ground)
    _not_counted(programme, ground)
    _rewards(programme, ground, given)
    if reported is not None:
        _unreported(programme, ground, frozenset(reported) | OURS)


def _earning(programme: Programme, ground: Ground) -> None:
    if all(rule.dry_run or rule.award.kind is AwardKind.FACTOR for rule in programme.rules):
        ground.warn("points.earn", "nothing-earned")
    if programme.wind_down and programme.wind_down.earn_until <= programme.effective_from:
        ground.warn("wind_down.earn_until", "earning-over")
    for rule in programme.rules:
        if rule.ends_at and rule.ends_at <= programme.effective_from:
            ground.warn(f"rules.{rule.rule_id}.until", "rule-over")


def _money_back(programme: Programme, ground: Ground) -> None:
    tiers = [None, *(tier.tier_id for tier in programme.tiers)]
    most = max((one for tier in tiers for one in returns(programme, tier)), key=lambda one: one.percent, default=None)
    if most is None:
        return
    percent = as_percent(most.percent)
    if most.percent > 100:
        ground.warn(f"rewards.{most.reward_id}", "more-back-than-paid", percent=percent)
    elif most.percent > GENEROUS:
        ground.warn(f"rewards.{most.reward_id}", "generous", percent=percent)


def _not_counted(programme: Programme, ground: Ground) -> None:
    """Spending in a currency that has no base rate counts as nothing for tiers."""
    by_spend = any(way.metric == "spend" for tier in programme.tiers for way in tier.ways)
    earning = {
        code
        for rule in programme.rules
        if rule.trigger == ORDER and rule.award.kind is AwardKind.PER_AMOUNT
        for code, rate in rule.award.rates.items()
        if rate
    }
    for code in sorted(earning - {programme.base_currency} - set(programme.base_rates)):
        if by_spend:
            ground.warn(f"programme.base_rates.{code}", "spend-not-counted", currency=code)


def _rewards(programme: Programme, ground: Ground, given: Collection[str] | None) -> None:
    for reward in programme.rewards:
        if reward.kind is RewardKind.PERCENT and reward.cap_minor is not None:
            ground.warn(f"rewards.{reward.reward_id}", "needs-cart")
        if given is not None and reward.kind is not RewardKind.PERK and reward.asked_of_store not in given:
            ground.warn(f"rewards.{reward.reward_id}", "not-in-this-store")


def _unreported(programme: Programme, ground: Ground, reported: frozenset[str]) -> None:
    """What waits for a source that is not connected. It is hidden from shoppers until then."""
    for rule in programme.rules:
        if not is_reported(rule, reported):
            ground.warn(f"rules.{rule.rule_id}", "cannot-be-earned-yet", missing=(rule.trigger,))
    counters = counters_of(reported)
    for badge in programme.badges:
        _say(ground, f"badges.{badge.badge_id}", [one for level in badge.levels for one in level.rule], counters)
    for level in programme.levels:
        _say(ground, f"levels.{level.level_id}", level.require, counters)


def _say(ground: Ground, path: str, require: Iterable[Comparison], counters: frozenset[str]) -> None:
    missing = missing_counters(require, counters)
    if missing:
        ground.warn(path, "cannot-be-earned-yet", missing=missing)
