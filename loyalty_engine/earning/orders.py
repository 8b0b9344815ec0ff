"""What a paid order is worth: base lane, factors, what a campaign adds, one rounding, caps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import local_day
from loyalty_engine.earning.basis import (
    amount_of,
    in_base,
    lines_that_count,
    paid_by_excluded_tender,
    redeemed_minor,
    sale_notes,
    tender_notes,
    without_tender,
)
from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import Compiled, Ratio, ReadyRule, compiled
from loyalty_engine.earning.conditions import Scene
from loyalty_engine.earning.contexts import matures_at, named, read_values, why_not_order
from loyalty_engine.earning.summing import (
    NOTHING,
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
from loyalty_engine.facts import OrderState
from loyalty_engine.goods import GoodsKept, LineKept, goods_kept
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import ORDER, AwardKind, Basis, Lane, Programme
from loyalty_engine.worth import MAX_POINTS, Worth


@dataclass(slots=True)
class _Case:
    """One order with what was found about it. kept: really; reckoned: as the policy of reversals counts."""

    source: SourceState
    order: OrderState
    context: Context
    rules: Programme
    ready: Compiled
    kept: GoodsKept
    reckoned: GoodsKept


def order_worth(
    source: SourceState, order: OrderState, context: Context, rules: Programme, member: MemberState
) -> Worth:
    def worked_out(in_force: str | None) -> Worth:
        return _worked_out(source, order, context, rules, member, in_force)

    return with_trials(worked_out(None), lambda rule_id: worked_out(rule_id).points)


def _worked_out(
    source: SourceState,
    order: OrderState,
    context: Context,
    rules: Programme,
    member: MemberState,
    in_force: str | None,
) -> Worth:
    inputs = named(source)
    code = why_not_order(order)
    if code is not None and code != "payment-date-unknown":
        return Worth(0, code, inputs)
    kept = goods_kept(order)
    case = _Case(source, order, context, rules, compiled(rules), kept, _as_reversed(order, kept, rules))
    total = _opened(case, member)
    total.in_force = in_force
    numerator, denominator, factor = _order_points(case, total)
    return _finished(case, total, inputs, (numerator, denominator), factor)


def _as_reversed(order: OrderState, kept: GoodsKept, rules: Programme) -> GoodsKept:
    """The goods as the policy of reversals counts them: without refunds where they take nothing back (yet)."""
    policy = rules.earn.reverse_on_refund
    if policy == "proportional" or not order.refunds or (policy == "full_only" and not kept.minor):
        return kept
    return goods_kept(replace(order, refunds=()))


def _opened(case: _Case, member: MemberState) -> Sum:
    order, context, rules = case.order, case.context, case.rules
    member.must_know(order.source_ref)
    day = local_day(context.paid_at, rules.timezone)
    values = read_values(context)
    order_value = in_base(rules, case.kept.ordered_minor, order.currency)
    return Sum(
        case.ready,
        Scene(context, day, values, order, None, order_value),
        CapBook(case.source.source_ref, day, None, member),
        case.reckoned,
        lines_that_count(case.reckoned, rules.earn, values),
        paid_by_excluded_tender(order, rules.earn),
        redeemed_minor(order, member.redemptions) if member.redemptions else 0,
    )


def _order_points(case: _Case, total: Sum) -> tuple[int, int, Ratio]:
    """Exact points as numerator and denominator, and the factor that is in them."""
    ready, policy, value = case.ready, case.rules.earn, total.scene.order_value
    if total.is_stopped():
        return 0, 1, ONE
    if policy.minimum_minor and (value is None or value < policy.minimum_minor):
        total.missing("*", "order-below-minimum", policy.minimum_minor, value)
        return 0, 1, ONE
    lanes: dict[bool, list[Candidate]] = {False: [], True: []}
    for each in ready.rules.get(ORDER, ()):
        if total.fires(each):
            candidate = _candidate(case, total, each)
            if candidate is not None and not total.tries(each.rule):
                lanes[each.rule.lane is Lane.CAMPAIGN].append(candidate)
    return lanes_met(total, lanes[False], lanes[True], lambda: _factor(total))


def _candidate(case: _Case, total: Sum, ready: ReadyRule) -> Candidate | None:
    """What one rule that fires would give, before caps; None with a note where it is nothing."""
    lines = total.counted
    if ready.line_tests:
        values = total.scene.values
        for test in ready.line_tests:
            lines = [part for part in lines if test(part.line, values)]
        if not lines and ready.needs_of_lines is not None:
            total.missing(ready.rule.rule_id, *ready.needs_of_lines, None)
            return None
    award = ready.rule.award
    line = dict(ready.head)
    if award.kind is AwardKind.PER_AMOUNT:
        numerator = _per_amount(case, total, ready, lines, line)
        if numerator is None:
            return None
    elif award.kind is AwardKind.PER_ITEM:
        line["units"] = units = sum([part.units for part in lines])
        line["each"] = award.points
        numerator = award.points * units * total.ready.denominator
    else:
        line["each"] = award.points
        numerator = award.points * total.ready.denominator if _anything_kept(case.reckoned) else 0
    if not numerator:
        total.missing(ready.rule.rule_id, NOTHING, None, None)
        return None
    return Candidate(ready, numerator, line)


def _anything_kept(kept: GoodsKept) -> bool:
    return kept.minor > 0 or any(part.units for part in kept.lines)


def _per_amount(
    case: _Case, total: Sum, ready: ReadyRule, lines: Sequence[LineKept], line: dict[str, Any]
) -> int | None:
    order, policy = case.order, case.rules.earn
    rate = ready.rates.get(order.currency)
    if not rate:
        total.missing(ready.rule.rule_id, "currency-without-rate", sorted(ready.rates), order.currency)
        return None
    amount = amount_of(lines, policy.basis)
    if total.excluded_tender:
        amount = without_tender(amount, order, total.excluded_tender)
    if policy.include_shipping and not ready.on_lines:
        amount += without_tender(case.reckoned.shipping_minor, order, total.excluded_tender)
    if total.redeemed:
        amount = _with_redeemed(amount, case, total, lines)
    step = ready.rule.award.step_minor
    if step:
        amount = amount // step * step
    line["amount_minor"] = amount
    line["rate"] = ready.rate_texts[order.currency]
    line["unit_minor"] = ready.units[order.currency]
    return amount * rate


def _with_redeemed(amount: int, case: _Case, total: Sum, lines: Sequence[LineKept]) -> int:
    """What points paid for, of these lines: taken off a list price, where it is still in; put back where the merchant
    lets it earn.
    """
    net = sum([part.net_minor for part in lines if not part.line.is_gift_card])
    share = total.redeemed * net // case.reckoned.ordered_minor if case.reckoned.ordered_minor else 0
    is_excluded = "redeemed_value" in case.rules.earn.excludes
    if case.rules.earn.basis is Basis.LIST_PRICE:
        return max(0, amount - share) if is_excluded else amount
    return amount if is_excluded else amount + share


def _factor(total: Sum) -> Ratio:
    tier = total.scene.context.tier
    own = total.ready.tier_factors.get(tier) if tier is not None else None
    tiers: list[Ratio] = []
    if own is not None:
        tiers.append(own)
        total.lines.append({"lane": "tier", "tier": tier, "factor": ratio_text(own)})
    campaign: list[Ratio] = []
    for ready in total.ready.factors.get(ORDER, ()):
        if total.fires(ready):
            found = total.factor(ready)
            if found is not None:
                (tiers if ready.rule.lane is Lane.TIER else campaign).append(found)
    return factors_met(total.ready, tiers, campaign)


def _finished(case: _Case, total: Sum, inputs: dict[str, Any], exactly: Ratio, factor: Ratio) -> Worth:
    kept, points = case.kept, rounded(*exactly, case.ready.rounding)
    uncapped = without_cuts(total, exactly) if total.cut else points
    is_possible = points <= MAX_POINTS
    if not is_possible:
        points = 0
    points = settled(total, exactly, factor, points, total.ready.caps_of(ORDER))
    policy, values = case.rules.earn, total.scene.values
    inputs |= {
        "ordered_minor": kept.ordered_minor,
        "kept_minor": kept.minor,
        "rounding": total.ready.rounding_word,
        "notes": [*kept.notes, *sale_notes(case.reckoned, policy, values), *tender_notes(case.order, policy)],
        "lines": total.lines,
    }
    if factor != ONE:
        inputs["factor"] = ratio_text(factor)
    if total.excluded_tender:
        inputs["excluded_tender_minor"] = total.excluded_tender
    if total.caps.notes:
        inputs["uncapped"], inputs["caps"] = uncapped, total.caps.notes
    reason = None if points else _why_nothing(total, kept)
    return Worth(
        points,
        reason if is_possible else "more-points-than-possible",
        inputs,
        tuple(total.missed),
        tuple(total.caps.grants.values()),
        _order_rows(case, total, points),
        matures_at(case.order, case.context, case.rules),
    )


def _why_nothing(total: Sum, kept: GoodsKept) -> str:
    if total.caps.notes:
        return "cap-reached"
    if not kept.minor and kept.ordered_minor:
        return "refunded-in-full"
    codes = {missed["code"] for missed in total.missed}
    for code in (STOPPED, "order-below-minimum", "currency-without-rate"):
        if code in codes and not total.lines:
            return code
    if not kept.ordered_minor or (codes == {NOTHING} and not total.lines):
        return "no-goods-that-earn"
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
