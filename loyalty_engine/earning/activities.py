"""What an approved activity is worth."""

from __future__ import annotations

import json

from loyalty_engine.counters import CounterRow, activity_rows
from loyalty_engine.days import local_day
from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import ReadyRule, compiled
from loyalty_engine.earning.conditions import Scene
from loyalty_engine.earning.contexts import named, why_not_activity
from loyalty_engine.earning.summing import Sum, capped, lane_of
from loyalty_engine.facts import Activity
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import Combine, Lane, Programme
from loyalty_engine.worth import Worth


def activity_worth(
    source: SourceState, activity: Activity, context: Context, rules: Programme, member: MemberState
) -> Worth:
    inputs = named(source)
    code = why_not_activity(activity)
    if code is not None:
        return Worth(0, code, inputs, is_activity=True)
    ready = compiled(rules)
    day = local_day(context.paid_at, rules.timezone)
    values = json.loads(context.values) if context.values != "{}" else {}
    total = Sum(
        ready, Scene(context, day, values, activity=activity), CapBook(source.source_ref, day, activity, member)
    )
    found: list[tuple[int, int, str]] = []
    # Reported so late that it counts for badges and levels, but is not paid for.
    pays = activity.values.get("pays") is not False
    for each in ready.rules.get(activity.kind, ()) if pays else ():
        if _activity_fires(total, each, activity):
            line = {"rule": each.rule.rule_id, "award": each.rule.award.kind.value, "each": each.rule.award.points}
            numerator = capped(total, each, each.rule.award.points * ready.denominator, line)
            if numerator:
                found.append((numerator, each.rule.priority, each.rule.rule_id))
    points = lane_of(found, rules.earn.lanes.get(Lane.BASE, Combine.ADD)) // ready.denominator
    for cap in ready.caps_of(activity.kind):
        points = total.caps.allowed(cap, points) if points else 0
    inputs |= {"lines": total.lines}
    if total.caps.notes:
        inputs["caps"] = total.caps.notes
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
        context.matures_at,
        is_activity=True,
    )


def _activity_fires(total: Sum, ready: ReadyRule, activity: Activity) -> bool:
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
    if total.caps.notes:
        return "cap-reached"
    return "no-rule-applies"
