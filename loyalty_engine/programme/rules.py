"""Rules from a document: the base rate, the actions in their short form, ``[[rules]]``, and what limits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from loyalty_engine.programme.conditions import conditions_of
from loyalty_engine.programme.fields import MAX_DAYS, MAX_POINTS, Table, id_of
from loyalty_engine.programme.model import (
    ORDER,
    Award,
    AwardKind,
    Cap,
    Lane,
    ReferralPolicy,
    Rule,
    Window,
)
from loyalty_engine.programme.sections import rates_of

BASE = "base"
"""The rule that ``[points.earn]`` makes."""
MAX_FACTOR = 100
POINTS_IN = {"per_order": Window.SOURCE, "per_day": Window.DAY, "per_week": Window.WEEK, "per_month": Window.MONTH}
"""Short forms that limit points."""
ACTIONS = {
    "review_verified": ("review", True),
    "review_photo": ("photo", False),
    "survey_answered": ("survey", False),
    "improvement_adopted": ("suggestion_adopted", False),
}
"""Actions that are named otherwise than the activity they stand for, and whether only verified buyers count."""
MINIMUMS = {"min_chars": "chars", "min_photos": "photos"}


def base_rule(earn: Table, currency: str) -> Rule | None:
    """What orders earn for their amount; None if the programme has no such rate."""
    rates = rates_of(earn, currency)
    step = earn.amount("step", 0)
    if not rates:
        if step:
            raise earn.refuse("step", "step-without-rate")
        return None
    if currency not in rates:
        raise earn.refuse("rates", "no-rate-of-base", currency=currency)
    return Rule(BASE, ORDER, Award(AwardKind.PER_AMOUNT, rates=rates, step_minor=step))


def start_rules(start: Table) -> Iterator[Rule]:
    """``[points.start]``: what joining brings, once. With ``confirm_email`` it comes when the address is confirmed."""
    confirm = start.flag("confirm_email")
    if start.has("welcome"):
        trigger = "email_confirmed" if confirm else "joined"
        points = start.points("welcome")
        caps = (Cap("welcome:lifetime:times", Window.LIFETIME, times=1),)
        yield Rule("welcome", trigger, Award(AwardKind.FIXED, points=points), caps=caps)
    start.finish()


def action_rules(actions: Table) -> Iterator[Rule]:
    """``[points.actions]``: one rule for each action; its name is the activity's kind unless ``ACTIONS`` names it."""
    for name in actions.keys():
        if name in ("referral", "goodwill"):
            continue
        table = actions.table(name)
        trigger, verified = ACTIONS.get(name, (name, False))
        if name == "birthday":
            table.days("set_days_before", 30)
        rule = Rule(name, trigger, _award(table, actions.ground.currency))
        yield _finish_rule(table, replace(rule, verified_only=verified or table.flag("verified_only")))


def guard_days(birthday: Table) -> int:
    """How long before a birthday it must have been told."""
    return birthday.days("set_days_before", 30)


def written_rules(document: Table) -> Iterator[Rule]:
    """``[[rules]]``."""
    for table in document.tables("rules"):
        rule_id = id_of(table)
        trigger = table.text("on", ORDER)
        award = _award(table, table.ground.currency)
        lane = table.choice("lane", Lane, Lane.CAMPAIGN if award.kind is AwardKind.FACTOR else Lane.BASE)
        if award.kind is AwardKind.FACTOR and lane is Lane.BASE:
            raise table.refuse("lane", "factor-lane")
        if award.kind is not AwardKind.FACTOR and lane is Lane.TIER:
            raise table.refuse("lane", "tier-lane")
        rule = Rule(
            rule_id,
            trigger,
            award,
            lane,
            conditions_of(table.table("when"), trigger),
            starts_at=table.moment("from"),
            ends_at=table.moment("until"),
            dry_run=table.flag("dry_run"),
            priority=table.whole("priority", -1000, 1000, 0),
            verified_only=table.flag("verified_only"),
            name=table.by_language("name"),
        )
        if rule.starts_at and rule.ends_at and rule.ends_at <= rule.starts_at:
            raise table.refuse("until", "end-before")
        yield _finish_rule(table, rule)


def _award(table: Table, currency: str) -> Award:
    """Exactly one of points, per_unit (or rates), per_item, factor."""
    kinds = [key for key in ("points", "per_unit", "rates", "per_item", "factor") if table.has(key)]
    if not kinds:
        raise table.refuse("points", "gives-nothing")
    if len(kinds) > 1:
        raise table.refuse(kinds[1], "two-awards", other=kinds[0])
    step = table.amount("step", 0)
    if step and kinds[0] not in ("per_unit", "rates"):
        raise table.refuse("step", "step-alone", other=kinds[0])
    if kinds[0] == "points":
        return Award(AwardKind.FIXED, points=table.points("points"))
    if kinds[0] == "per_item":
        return Award(AwardKind.PER_ITEM, points=table.points("per_item"))
    if kinds[0] == "factor":
        factor = table.exact("factor", MAX_FACTOR, None, "factor")
        if factor == 1:
            raise table.refuse("factor", "factor-one")
        return Award(AwardKind.FACTOR, factor=factor)
    return Award(AwardKind.PER_AMOUNT, rates=_some(table, rates_of(table, currency)), step_minor=step)


def _some(table: Table, rates: dict[str, Fraction]) -> dict[str, Fraction]:
    if not any(rates.values()):
        raise table.refuse("per_unit", "rate-zero")
    return rates


def _finish_rule(table: Table, rule: Rule) -> Rule:
    minimums = {name: table.whole(key, 1, MAX_POINTS) for key, name in MINIMUMS.items() if table.has(key)}
    after_days = table.days("after_days", 0)
    if rule.trigger == ORDER:
        for key in (*MINIMUMS, "after_days", "verified_only", "distinct_voters"):
            if table.has(key):
                raise table.refuse(key, "not-for-orders")
    caps = tuple(_caps(table, rule))
    table.finish()
    for cap in caps:
        _fits(table, rule, cap)
    return replace(rule, minimums=minimums, after_days=after_days, caps=caps)


def _caps(table: Table, rule: Rule) -> Iterator[Cap]:
    def cap(window: Window, points: int | None, times: int | None) -> Cap:
        return Cap(f"{rule.rule_id}:{window.value}:{'points' if points else 'times'}", window, points, times)

    if table.flag("once"):
        yield cap(Window.LIFETIME, None, 1)
    if table.has("per"):
        yield cap(table.choice("per", Window), None, 1)
    if table.flag("distinct_voters"):
        yield cap(Window.COUNTERPART, None, 1)
    for key, window in POINTS_IN.items():
        if table.has(key):
            yield cap(window, table.points(key), None)
    for written in table.tables("caps"):
        found = cap(written.choice("per", Window), *_most(written))
        written.finish()
        yield found


def _most(table: Table) -> tuple[int | None, int | None]:
    """Either points or times."""
    if table.has("points") is table.has("times"):
        raise table.refuse("points", "points-or-times")
    return (table.points("points"), None) if table.has("points") else (None, table.whole("times", 1, MAX_POINTS))


def _fits(table: Table, rule: Rule, cap: Cap) -> None:
    if rule.award.kind is AwardKind.FACTOR:
        raise table.refuse("caps", "factor-capped")
    if cap.points is not None and cap.points < rule.award.points:
        both = {"cap": cap.points, "points": rule.award.points}
        raise table.refuse(f"per_{cap.window.value}", "cap-below-once", **both)


def limits(document: Table, points_limits: Table) -> tuple[tuple[Cap, ...], tuple[Cap, ...]]:
    """Caps of each member over several rules, and caps over all members: ``[points.limits]`` and ``[[caps]]``."""
    member: list[Cap] = []
    programme: list[Cap] = []
    for key, window in (("day", Window.DAY), ("week", Window.WEEK), ("month", Window.MONTH), ("year", Window.YEAR)):
        name = f"non_purchase_per_{key}"
        if points_limits.has(name):
            member.append(Cap(f"limits:{name}", window, points=points_limits.points(name)))
        for trigger in ("review", "photo", "answer", "question", "visit"):
            name = f"earn_per_{key}_{trigger}"
            if points_limits.has(name):
                often = points_limits.whole(name, 1, MAX_POINTS)
                member.append(Cap(f"limits:{name}", window, times=often, triggers=frozenset({trigger})))
    points_limits.finish()
    for table in document.tables("caps"):
        cap_id = f"caps:{id_of(table)}"
        window = table.choice("per", Window)
        points, times = _most(table)
        cap = Cap(cap_id, window, points, times, frozenset(table.texts("on")))
        (programme if table.word("over", ("member", "programme"), "member") == "programme" else member).append(cap)
        table.finish()
    return tuple(member), tuple(programme)


def referral_policy(referral: Table, action: Table) -> ReferralPolicy | None:
    """``[referral]``, or the action ``referral`` as its short form."""
    if referral.data and action.data:
        raise referral.refuse("referrer", "short-form-too", other=action.path)
    table = referral if referral.data else action
    if not table.data:
        return None
    table.word("when", ("friend_order_past_return_window",), "friend_order_past_return_window")
    policy = ReferralPolicy(
        referrer_points=table.points("referrer", 0),
        friend_points=table.points("friend", 0),
        minimum_minor=table.amount("min_order", 0),
        per_year=table.whole_or_none("per_year", 1, MAX_DAYS),
        review_score=table.whole("review_score", 1, 1000, 50),
        daily_limit=table.whole("daily_limit", 1, 1000, 10),
    )
    table.finish()
    return policy


def referral_rules(policy: ReferralPolicy | None) -> Iterator[Rule]:
    """What a referral pays, as rules, so that it is capped, explained and taken back like everything else."""
    if policy is None:
        return
    if policy.referrer_points:
        caps = () if policy.per_year is None else (Cap("referral:year:times", Window.YEAR, times=policy.per_year),)
        yield Rule("referral", "referral", Award(AwardKind.FIXED, points=policy.referrer_points), caps=caps)
    if policy.friend_points:
        once = (Cap("referral_friend:lifetime:times", Window.LIFETIME, times=1),)
        yield Rule("referral_friend", "referral_friend", Award(AwardKind.FIXED, points=policy.friend_points), caps=once)
