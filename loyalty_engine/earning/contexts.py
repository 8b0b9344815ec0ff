"""The context of a source: written once, when it first qualifies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from loyalty_engine.days import local_day
from loyalty_engine.earning.caps import falls_under, window_key
from loyalty_engine.earning.compiled import CATALOGUE, CUSTOMER_TAGS, PRICES, compiled
from loyalty_engine.earning.conditions import AWAITED, NTH
from loyalty_engine.facts import Activity, ActivityStatus, OrderState, OrderStatus, Product
from loyalty_engine.lots import NOT_YET
from loyalty_engine.member import Context, MemberState, MemberStatus, SourceState
from loyalty_engine.programme.model import ORDER, MaturesFrom, Programme, Rulebook
from loyalty_engine.worth import Refusal

UNREAD = "unread"
"""In a context's values: products of which nobody knew when it was written what they were in."""
ASKED = "asked"
"""In a context's values: what was asked besides what its version asks, since a correction of it was known already."""
PRICE_HOLDS = timedelta(minutes=5)
"""So much older than an order may be what its shop said of prices: shops' clocks differ, and not every order asks."""

_UNPAID = {
    OrderStatus.OPEN: "order-not-paid",
    OrderStatus.CANCELLED: "order-cancelled",
    OrderStatus.DELETED: "order-deleted",
}


def qualifies(source: SourceState) -> bool:
    """Whether a source can be worth anything: a paid order that is no test, or an approved activity."""
    order, activity = source.order, source.activity
    if order is not None:
        return order.status is OrderStatus.PAID and not order.is_test and order.paid_at is not None
    return activity is not None and activity.status is ActivityStatus.APPROVED


def why_not_order(order: OrderState) -> str | None:
    """Stable code of what keeps an order from qualifying, whatever the rules."""
    if order.status is not OrderStatus.PAID:
        return _UNPAID[order.status]
    if order.is_test:
        return "test-order"
    return "payment-date-unknown" if order.paid_at is None else None


def why_not_activity(activity: Activity) -> str | None:
    """The same for an activity."""
    if activity.status is ActivityStatus.APPROVED:
        return None
    return "not-approved" if activity.status is ActivityStatus.SUBMITTED else "activity-removed"


def named(source: SourceState) -> dict[str, Any]:
    """The first inputs of every worth: what it is about."""
    if source.activity is not None:
        activity = source.activity
        about: dict[str, Any] = {"activity": activity.kind, "activity_id": activity.activity_id}
        if activity.product_id:
            about["product"] = activity.product_id
        return about
    order = source.order
    if order is None:
        return {}
    return {
        "order": order.order_id,
        "order_name": order.order_name or order.order_id,
        "shop_status": order.shop_status,
        "currency": order.currency,
    }


def first_context(source: SourceState, member: MemberState, rulebook: Rulebook, now: datetime) -> Context | Refusal:
    """The context of a source that has none yet, or why it gets none."""
    if not source.belongs:
        return Refusal("belongs-to-another", named(source))
    code = _unqualified(source)
    if code is not None:
        return Refusal(code, named(source))
    at = _happened_at(source)
    rules = rulebook.in_force(at)
    refusal = _not_a_member_then(source, member, rules, at)
    if refusal is not None:
        return refusal
    asks = frozenset[str]().union(*(compiled(one).asks for one in rulebook.path(rules.version, at)))
    is_order = source.order is not None
    awaits = (
        is_order
        and member.awaits_history
        and any(compiled(one).reads_history for one in rulebook.path(rules.version, at))
    )
    stopped = _stopped(source, rules, rulebook, at) if rulebook.stops else []
    return Context(
        source_ref=source.source_ref,
        programme_version=rules.version,
        enrolled_at=member.enrolled_at,
        paid_at=at,
        matures_at=not_before(source.order, source.activity, rules, at),
        decided_at=now,
        tier=_tier_at(member, rules, at),
        place=member.places + 1 if is_order else 0,
        values=_values(source, member, rules, asks, stopped, awaits=awaits),
    )


def _unqualified(source: SourceState) -> str | None:
    if source.order is not None:
        return why_not_order(source.order)
    return why_not_activity(source.activity) if source.activity is not None else "belongs-to-another"


def _happened_at(source: SourceState) -> datetime:
    if source.order is not None:
        assert source.order.paid_at is not None
        return source.order.paid_at
    assert source.activity is not None
    return source.activity.occurred_at


def _not_a_member_then(source: SourceState, member: MemberState, rules: Programme, at: datetime) -> Refusal | None:
    code = ""
    more: dict[str, Any] = {}
    if member.status is MemberStatus.BLOCKED:
        code = "member-blocked"
    elif member.status is MemberStatus.ERASED:
        code = "member-erased"
    elif rules.wind_down is not None and at >= rules.wind_down.earn_until:
        code, more = "programme-ended", {"earn_until": rules.wind_down.earn_until.isoformat()}
    elif at < member.enrolled_at and at < member.enrolled_at - timedelta(days=rules.back_pay_days):
        code = "paid-before-enrolment"
        more = {"enrolled_at": member.enrolled_at.isoformat(), "back_pay_days": rules.back_pay_days}
    elif member.left_at is not None and at >= member.left_at:
        code, more = "paid-after-leaving", {"left_at": member.left_at.isoformat()}
    if not code:
        return None
    return Refusal(code, named(source) | {"programme_version": rules.version, "paid_at": at.isoformat()} | more)


def not_before(order: OrderState | None, activity: Activity | None, rules: Programme, at: datetime) -> datetime:
    """Before when points for what happened ``at`` never become spendable under these rules."""
    if order is not None:
        waits = rules.earn.matures_from is MaturesFrom.FULFILLED
        return at if waits else at + timedelta(days=rules.earn.pending_days)
    found = compiled(rules).rules.get(activity.kind, ()) if activity is not None else ()
    days = (each.rule.after_days for each in found if not each.rule.dry_run)
    return at + timedelta(days=max(days, default=0))


def activity_matures_at(activity: Activity, context: Context, rules: Programme) -> datetime:
    """When an activity's points become spendable."""
    if rules.version == context.programme_version:
        return context.matures_at
    return not_before(None, activity, rules, context.paid_at)


def matures_at(order: OrderState, context: Context, rules: Programme) -> datetime:
    """When an order's points become spendable, by its present state: NOT_YET while they wait for shipping."""
    policy = rules.earn
    if rules.version != context.programme_version:
        # Corrected: its terms begin where they would have begun under the right version.
        context = replace(context, matures_at=not_before(order, None, rules, context.paid_at))
    if policy.matures_from is MaturesFrom.FULFILLED:
        if order.fulfilled_at is None:
            return NOT_YET
        return max(context.matures_at, order.fulfilled_at + timedelta(days=policy.pending_days))
    if order.is_preorder:
        return NOT_YET if order.fulfilled_at is None else max(context.matures_at, order.fulfilled_at)
    return context.matures_at


def _tier_at(member: MemberState, rules: Programme, at: datetime) -> str | None:
    """The last tier that the member had at a moment; before the first change, the first tier of the programme."""
    for change in reversed(member.tiers):
        if change.at <= at:
            return change.tier
    return rules.tiers[0].tier_id if rules.tiers else None


def _stopped(source: SourceState, rules: Programme, rulebook: Rulebook, at: datetime) -> list[str]:
    """Caps over all members that are reached by then and that this falls under."""
    day = local_day(at, rules.timezone)
    trigger = source.activity.kind if source.activity is not None else ORDER
    windows = {
        (cap.cap_id, window_key(cap, day, source.activity)) for cap in rules.programme_caps if falls_under(cap, trigger)
    }
    reached = {s.cap_id for s in rulebook.stops if s.stopped_at <= at and (s.cap_id, s.window_key) in windows}
    return sorted(reached)


def _values(
    source: SourceState,
    member: MemberState,
    rules: Programme,
    asks: frozenset[str],
    stopped: list[str],
    *,
    awaits: bool,
) -> str:
    if not (stopped or asks or awaits):
        return "{}"
    values: dict[str, Any] = {"stopped": stopped} if stopped else {}
    if awaits:
        values[NTH] = AWAITED
    besides = asks - compiled(rules).asks
    if besides:
        values[ASKED] = sorted(besides)
    if CUSTOMER_TAGS in asks:
        tags = {*member.tags, *(source.order.customer_tags if source.order else ())}
        if tags:
            values["tags"] = sorted(tags)
    if CATALOGUE in asks and source.products:
        values["products"] = {
            product_id: found for product_id, product in source.products.items() if (found := _catalogued(product))
        }
    if PRICES in asks and source.order is not None:
        values |= _prices(source.order, source.products)
    if CATALOGUE in asks and source.order is not None:
        unread = {line.product_id for line in source.order.lines if line.product_id} - set(source.products)
        if unread:
            # Why a rule found these in no category: the shop could not be asked in time.
            values[UNREAD] = sorted(unread)
    return _compact(values)


def with_nth(context: Context, nth: int) -> Context:
    """The context of an order that awaited its member's history, now that this was read: which of their orders it is,
    or ``UNKNOWN``. It is the one thing in a context that is written later than the rest, and once.
    """
    return replace(context, values=_compact({**json.loads(context.values, parse_float=Decimal), NTH: nth}))


def _compact(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":")) if values else "{}"


def is_price_current(product: Product, order: OrderState) -> bool:
    """Whether a product was read late enough to say what its price was when an order was made."""
    return product.read_at is None or product.read_at >= order.created_at - PRICE_HOLDS


def _prices(order: OrderState, products: Mapping[str, Product]) -> dict[str, Any]:
    """Regular and sale price by ``Line.priced_as`` of what was on sale; ``unpriced``: of which nobody knows."""
    on_sale: dict[str, list[int]] = {}
    unpriced: set[str] = set()
    for line in order.lines:
        key, product = line.priced_as, products.get(line.product_id or "")
        if key is None or line.is_gift_card:
            continue
        price = product.prices.get(key) if product is not None and is_price_current(product, order) else None
        if price is None or price.currency != order.currency:
            unpriced.add(key)
        elif price.sale_minor is not None:
            on_sale[key] = [price.regular_minor, price.sale_minor]
    named: tuple[tuple[str, Any], ...] = (("prices", on_sale), ("unpriced", sorted(unpriced)))
    return {name: found for name, found in named if found}


def read_values(context: Context) -> Mapping[str, Any]:
    """What a context fixed of member and catalogue."""
    return json.loads(context.values, parse_float=Decimal) if context.values != "{}" else {}


def _catalogued(product: Product) -> dict[str, list[str]]:
    found = {"collections": product.collections, "categories": product.categories, "tags": product.tags}
    return {name: list(words) for name, words in found.items() if words}
