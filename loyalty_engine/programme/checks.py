"""What only the whole document shows: settings that clash are refused with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import Ground
from loyalty_engine.programme.model import (
    ORDER,
    AwardKind,
    Cap,
    Programme,
    Reward,
    RewardKind,
    Rule,
    Window,
)
from loyalty_engine.programme.warnings import warn

INSTANT = timedelta(microseconds=1)


def check(
    programme: Programme, ground: Ground, reported: Collection[str] | None, given: Collection[str] | None = None
) -> None:
    """Refuse what clashes (ProgrammeError) and add warnings to ``ground``."""
    _unique("rules", (rule.rule_id for rule in programme.rules))
    _unique("rewards", (reward.reward_id for reward in programme.rewards))
    _unique("badges", (badge.badge_id for badge in programme.badges))
    _unique("caps", (cap.cap_id for cap in all_caps(programme)))
    for rule in programme.rules:
        _check_rule(programme, ground, rule)
    for reward in programme.rewards:
        _check_reward(programme, reward)
    _check_caps(programme)
    _check_base_rates(programme)
    warn(programme, ground, reported, given)


def all_caps(programme: Programme) -> Iterator[Cap]:
    """The caps of rules, of members and of the programme."""
    for rule in programme.rules:
        yield from rule.caps
    yield from programme.caps
    yield from programme.programme_caps


def _unique(section: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise ProgrammeError(f"{section}.{name}", "twice")
        seen.add(name)


def _tier_known(programme: Programme, tier: str, path: str) -> None:
    known = [known.tier_id for known in programme.tiers]
    if tier not in known:
        raise ProgrammeError(path, "no-tier" if known else "no-tiers", tier=tier, known=tuple(known))


def earns_in(programme: Programme) -> frozenset[str]:
    """Currencies in which some rule gives points for an amount."""
    awards = [rule.award for rule in programme.rules if rule.award.kind is AwardKind.PER_AMOUNT]
    return frozenset(code for award in awards for code, rate in award.rates.items() if rate)


def _check_base_rates(programme: Programme) -> None:
    """Smallest orders are written in the base currency: without a rate, none in another one would be large enough."""
    asked = [
        *(["points.earn.min_order"] if programme.earn.minimum_minor else []),
        *(f"rules.{rule.rule_id}.when.order_value" for rule in programme.rules if _asks_for(rule, "order_value")),
        *(f"rewards.{reward.reward_id}.min_order" for reward in programme.rewards if reward.minimum_order_minor),
    ]
    missing = sorted(earns_in(programme) - {programme.base_currency} - set(programme.base_rates))
    if asked and missing:
        raise ProgrammeError(
            f"programme.base_rates.{missing[0]}",
            "no-base-rate",
            currency=missing[0],
            asked=asked[0],
            base=programme.base_currency,
        )


def _asks_for(rule: Rule, field: str) -> bool:
    return any(condition.field == field for condition in rule.conditions)


# --- rules ------------------------------------------------------------------------------------------------------------


def _check_rule(programme: Programme, ground: Ground, rule: Rule) -> None:
    path = f"rules.{rule.rule_id}"
    for condition in rule.conditions:
        at = f"{path}.when.{condition.field}"
        if condition.field == "tier":
            for tier in condition.values:
                _tier_known(programme, tier, at)
        if condition.field == "currency" and condition.operator == "in":
            _earnable(rule, condition.values, at)
        if condition.field == "date" and not _date_fits(ground, rule, condition.operator, condition.values):
            raise ProgrammeError(at, "date-outside")
    _range_left(rule, path)
    end = programme.wind_down
    if end and rule.starts_at and rule.starts_at >= end.earn_until:
        raise ProgrammeError(f"{path}.from", "rule-after-end")
    if rule.award.kind is AwardKind.FACTOR and not _multiplies(programme, rule):
        raise ProgrammeError(path, "nothing-to-multiply", activity=rule.trigger)


def _earnable(rule: Rule, codes: Iterable[str], path: str) -> None:
    if rule.award.kind is AwardKind.PER_AMOUNT and not any(rule.award.rates.get(code) for code in codes):
        raise ProgrammeError(path, "no-rate-in-rule")


def _date_fits(ground: Ground, rule: Rule, operator: str, values: Sequence[date]) -> bool:
    """Whether the days of a condition meet the time from starts_at until ends_at."""
    low = date.min if operator == "at_most" else values[0]
    high = date.max if operator == "at_least" else values[-1]
    first = rule.starts_at.astimezone(ground.zone).date() if rule.starts_at else date.min
    last = (rule.ends_at - INSTANT).astimezone(ground.zone).date() if rule.ends_at else date.max
    return low <= last and first <= high


def _range_left(rule: Rule, path: str) -> None:
    """Two conditions on one field that leave nothing: at least 50 and at most 20, or first order and not first."""
    tests = {(c.field, c.operator): c.values for c in rule.conditions}
    if tests.get(("first_order", "in")) == (True,):
        place = [c for c in rule.conditions if c.field == "place"]
        for condition in place:
            if condition.operator in ("in", "at_least", "between") and min(condition.values) > 1:
                raise ProgrammeError(f"{path}.when.place", "no-first-order")


def _multiplies(programme: Programme, factor: Rule) -> bool:
    return any(rule.trigger == factor.trigger and rule.award.kind is not AwardKind.FACTOR for rule in programme.rules)


# --- caps -------------------------------------------------------------------------------------------------------------


def _check_caps(programme: Programme) -> None:
    for cap in (*programme.caps, *programme.programme_caps):
        under = [rule for rule in programme.rules if _falls_under(rule, cap)]
        fixed = [rule.award.points for rule in under if rule.award.points and not rule.dry_run]
        name = cap.cap_id.partition(":")[2]
        path = f"points.limits.{name}" if cap.cap_id.startswith("limits:") else f"caps.{name}"
        if cap.triggers and not under:
            raise ProgrammeError(path, "no-rule-on", activities=tuple(sorted(cap.triggers)))
        if cap.points is not None and fixed and cap.points < max(fixed):
            raise ProgrammeError(path, "cap-below", cap=cap.points, points=max(fixed))


def _falls_under(rule: Rule, cap: Cap) -> bool:
    return rule.trigger in cap.triggers if cap.triggers else rule.trigger != ORDER


# --- rewards ----------------------------------------------------------------------------------------------------------


def _check_reward(programme: Programme, reward: Reward) -> None:
    path = f"rewards.{reward.reward_id}"
    for tier in sorted(reward.tiers):
        _tier_known(programme, tier, f"{path}.tiers")
    earning = earns_in(programme)
    for code in reward.values:
        if earning and code not in earning:
            raise ProgrammeError(f"{path}.value.{code}", "not-earned-in", currency=code)
    share = programme.redeem.max_share
    if reward.kind is RewardKind.PERCENT and reward.percent > share * 100:
        raise ProgrammeError(f"{path}.percent", "over-share", share=share)
    end = programme.wind_down
    if end and reward.starts_at and reward.starts_at >= end.redeem_until:
        raise ProgrammeError(f"{path}.from", "reward-after-end")
    if reward.ends_at and reward.ends_at <= programme.effective_from:
        raise ProgrammeError(f"{path}.until", "over-already")
    most = most_points(programme)
    if most is not None and reward.points > most:
        raise ProgrammeError(f"{path}.points", "never-so-many", most=most)
    if not reward.points and reward.kind is not RewardKind.PERK:
        raise ProgrammeError(f"{path}.points", "points-zero")


def most_points(programme: Programme) -> int | None:
    """The most that one member can ever have, when every rule gives a fixed number under a cap for life; else None."""
    total = 0
    for rule in programme.rules:
        if rule.dry_run:
            continue
        most = _most_of(rule)
        if most is None:
            return None
        total += most
    return total


def _most_of(rule: Rule) -> int | None:
    """What one rule can give one member in all; None: there is no end to it."""
    limits = []
    for cap in rule.caps:
        if cap.window is Window.LIFETIME and cap.points is not None:
            limits.append(cap.points)
        elif cap.window is Window.LIFETIME and cap.times is not None and rule.award.kind is AwardKind.FIXED:
            limits.append(cap.times * rule.award.points)
    return min(limits, default=None)
