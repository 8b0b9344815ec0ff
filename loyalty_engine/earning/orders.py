"""What a paid order is worth: base lane, factors, what a campaign adds, one rounding, caps."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import local_day
from loyalty_engine.earning.basis import (
    amount_of,
    in_base,
    lines_that_count,
    paid_by_excluded_tender,
    redeemed_minor,
    without_tender,
)
from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import ReadyRule, compiled
from loyalty_engine.earning.conditions import Scene, line_holds, told
from loyalty_engine.earning.contexts import matures_at, named, why_not_order
from loyalty_engine.earning.summing import ONE, Sum, capped, combined, lane_of, rounded
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.goods import GoodsKept, LineKept, goods_kept
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import ORDER, AwardKind, Basis, Combine, Lane, Programme
from loyalty_engine.worth import MAX_POINTS, Worth


def order_worth(
    source: SourceState, order: OrderState, context: Context, rules: Programme, member: MemberState
) -> Worth:
    inputs = named(source)
    code = why_not_order(order)
    if code is not None and code != "payment-date-unknown":
        return Worth(0, code, inputs)
    kept = goods_kept(order)
    counted_order, counted_kept = _as_reversed(order, kept, rules)
    ready = compiled(rules)
    day = local_day(context.paid_at, rules.timezone)
    total = Sum(
        ready,
        Scene(
            context,
            day,
            json.loads(context.values) if context.values != "{}" else {},
            order=order,
            order_value=in_base(rules, kept.ordered_minor, order.currency),
        ),
        CapBook(source.source_ref, day, None, member),
        counted_kept,
        lines_that_count(counted_kept, rules.earn),
        paid_by_excluded_tender(order, rules.earn),
        redeemed_minor(order, member.redemptions) if member.redemptions else 0,
    )
    numerator, denominator, factor = _order_points(total, counted_order, rules)
    points = rounded(numerator, denominator, rules.earn.rounding)
    return _finished(_Case(source, order, context, rules, kept, inputs), total, points, factor)


def _as_reversed(order: OrderState, kept: GoodsKept, rules: Programme) -> tuple[OrderState, GoodsKept]:
    """The order as the policy of reversals counts it: without refunds where they take nothing back (yet)."""
    policy = rules.earn.reverse_on_refund
    if policy == "proportional" or not order.refunds or (policy == "full_only" and not kept.minor):
        return order, kept
    whole = replace(order, refunds=())
    return whole, goods_kept(whole)


def _order_points(total: Sum, order: OrderState, rules: Programme) -> tuple[int, int, Fraction]:
    """Exact points as numerator and denominator, and the factor that is in them."""
    policy = rules.earn
    lanes: dict[Lane, list[tuple[int, int, str]]] = {lane: [] for lane in Lane}
    value = total.scene.order_value
    if policy.minimum_minor and (value is None or value < policy.minimum_minor):
        total.missing("*", "order-below-minimum", policy.minimum_minor, value)
        return 0, 1, ONE
    for ready in total.ready.rules.get(ORDER, ()):
        if total.fires(ready):
            numerator = _award(total, ready, order, rules)
            if numerator:
                lanes[ready.rule.lane].append((numerator, ready.rule.priority, ready.rule.rule_id))
    base = lane_of(lanes[Lane.BASE], policy.lanes.get(Lane.BASE, Combine.ADD)) + lane_of(lanes[Lane.TIER], Combine.ADD)
    bonus = lane_of(lanes[Lane.CAMPAIGN], policy.lanes.get(Lane.CAMPAIGN, Combine.ADD))
    factor = _factor(total, rules) if base else ONE
    # What a campaign adds is not multiplied.
    numerator = base * factor.numerator + bonus * factor.denominator
    return numerator, total.ready.denominator * factor.denominator, factor


def _award(total: Sum, ready: ReadyRule, order: OrderState, rules: Programme) -> int:
    """Exact points of one rule that fires, over the denominator; 0 with a note where it gives nothing."""
    rule, denominator = ready.rule, total.ready.denominator
    lines = total.counted
    if ready.on_lines:
        values = total.scene.values
        lines = tuple(part for part in lines if all(line_holds(c, part.line, values) for c in ready.on_lines))
        if not lines:
            condition = ready.on_lines[0]
            needs = [condition.operator, *(told(value) for value in condition.values)]
            total.missing(rule.rule_id, f"condition-{condition.field}", needs, None)
            return 0
    line: dict[str, Any] = {"rule": rule.rule_id, "lane": rule.lane.value, "award": rule.award.kind.value}
    if rule.award.kind is AwardKind.PER_AMOUNT:
        numerator = _per_amount(total, ready, order, rules, lines, line)
    elif rule.award.kind is AwardKind.PER_ITEM:
        units = sum(part.units for part in lines)
        numerator = rule.award.points * units * denominator
        line |= {"units": units, "each": rule.award.points}
    else:
        stands = order.status is OrderStatus.PAID and (total.kept is None or _anything_kept(total.kept))
        numerator = rule.award.points * denominator if stands else 0
        line["each"] = rule.award.points
    return capped(total, ready, numerator, line)


def _anything_kept(kept: GoodsKept) -> bool:
    return kept.minor > 0 or any(part.units for part in kept.lines)


def _per_amount(
    total: Sum,
    ready: ReadyRule,
    order: OrderState,
    rules: Programme,
    lines: tuple[LineKept, ...],
    line: dict[str, Any],
) -> int:
    rate = ready.rates.get(order.currency)
    if rate is None:
        total.missing(ready.rule.rule_id, "currency-without-rate", sorted(ready.rates), order.currency)
        return 0
    amount = without_tender(amount_of(lines, rules.earn.basis), order, total.excluded_tender)
    if rules.earn.include_shipping and total.kept is not None and not ready.on_lines:
        amount += without_tender(total.kept.shipping_minor, order, total.excluded_tender)
    if total.redeemed:
        amount = _with_redeemed(amount, total, rules)
    step = ready.rule.award.step_minor
    if step:
        amount = amount // step * step
    line |= {
        "amount_minor": amount,
        "rate": str(ready.rule.award.rates[order.currency]),
        "unit_minor": ready.units[order.currency],
    }
    return amount * rate


def _with_redeemed(amount: int, total: Sum, rules: Programme) -> int:
    """What points paid for: taken off a list price, where it is still in; put back where the merchant lets it earn."""
    assert total.kept is not None
    share = total.redeemed * total.kept.minor // total.kept.ordered_minor if total.kept.ordered_minor else 0
    is_excluded = "redeemed_value" in rules.earn.excludes
    if rules.earn.basis is Basis.LIST_PRICE:
        return max(0, amount - share) if is_excluded else amount
    return amount if is_excluded else amount + share


def _factor(total: Sum, rules: Programme) -> Fraction:
    tiers: list[Fraction] = []
    own = total.ready.tier_factors.get(total.scene.context.tier or "", ONE)
    if own != ONE:
        tiers.append(own)
        total.lines.append({"lane": "tier", "tier": total.scene.context.tier, "factor": str(own)})
    campaign: list[Fraction] = []
    for ready in total.ready.factors.get(ORDER, ()):
        if not total.fires(ready):
            continue
        factor = ready.rule.award.factor
        if ready.rule.dry_run:
            total.missing(ready.rule.rule_id, "dry-run", None, str(factor))
            continue
        (tiers if ready.rule.lane is Lane.TIER else campaign).append(factor)
        total.lines.append({"rule": ready.rule.rule_id, "lane": ready.rule.lane.value, "factor": str(factor)})
    lanes = rules.earn.lanes
    met = [
        combined(found, lanes.get(lane, Combine.BEST))
        for lane, found in ((Lane.TIER, tiers), (Lane.CAMPAIGN, campaign))
        if found
    ]
    return combined(met, rules.earn.across)


@dataclass(frozen=True, slots=True)
class _Case:
    """One order with what was found about it."""

    source: SourceState
    order: OrderState
    context: Context
    rules: Programme
    kept: GoodsKept
    inputs: dict[str, Any]


def _finished(case: _Case, total: Sum, points: int, factor: Fraction) -> Worth:
    kept, inputs, rules = case.kept, case.inputs, case.rules
    uncapped = points
    for cap in total.ready.caps_of(ORDER):
        points = total.caps.allowed(cap, points) if points else 0
    inputs |= {
        "ordered_minor": kept.ordered_minor,
        "kept_minor": kept.minor,
        "rounding": rules.earn.rounding.value,
        "notes": list(kept.notes),
        "lines": total.lines,
    }
    if factor != ONE:
        inputs["factor"] = str(factor)
    if total.excluded_tender:
        inputs["excluded_tender_minor"] = total.excluded_tender
    if total.caps.notes:
        inputs |= {"uncapped": uncapped, "caps": total.caps.notes}
    reason = _why_nothing(total, kept) if not points else None
    if points > MAX_POINTS:
        points, reason = 0, "more-points-than-possible"
    return Worth(
        points,
        reason,
        inputs,
        tuple(total.missed),
        tuple(total.caps.grants.values()),
        _order_rows(case, total, points),
        matures_at(case.order, case.context, rules),
    )


def _why_nothing(total: Sum, kept: GoodsKept) -> str:
    codes = {missed["code"] for missed in total.missed}
    for code in ("currency-without-rate", "order-below-minimum"):
        if code in codes:
            return code
    if total.caps.notes:
        return "cap-reached"
    if kept.ordered_minor == 0 and not any(part.units for part in kept.lines):
        return "no-goods-that-earn"
    if kept.minor == 0:
        return "refunded-in-full" if kept.ordered_minor else "no-goods-that-earn"
    return "below-one-point" if total.lines else "no-rule-applies"


def _order_rows(case: _Case, total: Sum, points: int) -> tuple[CounterRow, ...]:
    """What an order counts as: nothing once everything was given back."""
    kept, order, ref, day = case.kept, case.order, case.source.source_ref, total.scene.day
    if not _anything_kept(kept) and (kept.ordered_minor or order.refunds):
        return ()
    rows = [CounterRow("orders", "", ref, day, 1)]
    spend = in_base(case.rules, kept.minor, order.currency)
    if spend:
        rows.append(CounterRow("spend", "", ref, day, spend))
    if points and ORDER in case.rules.tiers_policy.tier_points_include:
        rows.append(CounterRow("tier_points", "", ref, day, points))
    if total.ready.counts_categories:
        rows += [CounterRow("category", name, ref, day, 1) for name in _categories(case, total)]
    if total.ready.counts_products:
        ids = sorted({part.line.product_id for part in kept.lines if part.units and part.line.product_id})
        rows += [CounterRow("product", product_id, ref, day, 1) for product_id in ids]
    return tuple(rows)


def _categories(case: _Case, total: Sum) -> list[str]:
    products = total.scene.values.get("products", {})
    found = {
        name
        for part in case.kept.lines
        if part.units
        for name in products.get(part.line.product_id, {}).get("categories", ())
    }
    return sorted(found)
