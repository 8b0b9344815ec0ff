"""What an approved activity is worth: base lane, factors of campaigns, what a campaign adds, one rounding, caps.

Tiers multiply what is earned by buying alone.
"""

from __future__ import annotations

from loyalty_engine.counters import CounterRow, activity_rows
from loyalty_engine.days import local_day
from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import Ratio, ReadyRule, compiled
from loyalty_engine.earning.conditions import Scene
from loyalty_engine.earning.contexts import activity_matures_at, named, read_values, why_not_activity
from loyalty_engine.earning.summing import (
    ONE,
    STOPPED,
    Candidate,
    Sum,
    factors_met,
    lanes_met,
    ratio_text,
    rounded,
    settled,
    without_cuts,
)
from loyalty_engine.earning.trials import with_trials
from loyalty_engine.facts import Activity
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import Lane, Programme
from loyalty_engine.worth import MAX_POINTS, Worth


def activity_worth(
    source: SourceState, activity: Activity, context: Context, rules: Programme, member: MemberState
) -> Worth:
    def worked_out(in_force: str | None) -> Worth:
        return _worked_out(source, activity, context, rules, member, in_force)

    return with_trials(worked_out(None), lambda rule_id: worked_out(rule_id).points)


def _worked_out(
    source: SourceState,
    activity: Activity,
    context: Context,
    rules: Programme,
    member: MemberState,
    in_force: str | None,
) -> Worth:
    inputs = named(source)
    code = why_not_activity(activity)
    if code is not None:
        return Worth(0, code, inputs, is_activity=True)
    ready = compiled(rules)
    day = local_day(context.paid_at, rules.timezone)
    values = read_values(context)
    total = Sum(
        ready, Scene(context, day, values, activity=activity), CapBook(source.source_ref, day, activity, member)
    )
    total.in_force = in_force
    pays = activity.values.get("pays") is not False
    may_pay = pays and not total.is_stopped()
    numerator, denominator, factor = _points(total, activity) if may_pay else (0, 1, ONE)
    points = min(rounded(numerator, denominator, ready.rounding), MAX_POINTS)
    uncapped = without_cuts(total, (numerator, denominator)) if total.cut else points
    points = settled(total, (numerator, denominator), factor, points, ready.caps_of(activity.kind))
    inputs |= {"lines": total.lines}
    if factor != ONE:
        inputs |= {"factor": ratio_text(factor), "rounding": ready.rounding_word}
    if total.caps.notes:
        inputs |= {"uncapped": uncapped, "caps": total.caps.notes}
    rows = activity_rows(activity, day)
    if points and activity.kind in rules.tiers_policy.tier_points_include:
        rows = (*rows, CounterRow("tier_points", "", source.source_ref, day, points))
    return Worth(
        points,
        None if points else _why_no_points(total) if pays else "reported-too-late",
        inputs,
        tuple(total.missed),
        tuple(total.caps.grants.values()),
        rows,
        activity_matures_at(activity, context, rules),
        is_activity=True,
    )


def _points(total: Sum, activity: Activity) -> tuple[int, int, Ratio]:
    """Exact points as numerator and denominator, and the factor that is in them."""
    ready = total.ready
    lanes: dict[bool, list[Candidate]] = {False: [], True: []}
    for each in ready.rules.get(activity.kind, ()):
        award = each.rule.award
        if award.points and _fires(total, each, activity):
            candidate = Candidate(each, award.points * ready.denominator, {**each.head, "each": award.points})
            if not total.tries(each.rule):
                lanes[each.rule.lane is Lane.CAMPAIGN].append(candidate)
    return lanes_met(total, lanes[False], lanes[True], lambda: _factor(total, activity))


def _factor(total: Sum, activity: Activity) -> Ratio:
    tiers: list[Ratio] = []
    campaign: list[Ratio] = []
    for ready in total.ready.factors.get(activity.kind, ()):
        if _fires(total, ready, activity):
            found = total.factor(ready)
            if found is not None:
                (tiers if ready.rule.lane is Lane.TIER else campaign).append(found)
    return factors_met(total.ready, tiers, campaign)


def _fires(total: Sum, ready: ReadyRule, activity: Activity) -> bool:
    rule = ready.rule
    if not total.fires(ready):
        return False
    if rule.verified_only and activity.values.get("verified") is not True:
        total.missing(rule.rule_id, "not-verified", True, False)
        return False
    for name, least in rule.minimums.items():
        found = activity.values.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            total.missing(rule.rule_id, f"minimum-{name}", least, found)
            return False
    return True


def _why_no_points(total: Sum) -> str:
    if any(missed["code"] == STOPPED for missed in total.missed):
        return STOPPED
    if total.caps.notes:
        return "cap-reached"
    return "no-rule-applies"
