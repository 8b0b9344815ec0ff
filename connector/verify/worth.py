"""What a source is worth under a programme document: the law of docs/engine.md, written a second time and plainly.

Caps are applied with the room that was granted: a grant never shrinks, and grows only by room that is still free.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, prod
from typing import Any

from connector.verify.document import LINE_CONDITIONS, WEEKDAYS, Document, EarningRule, Limit, Test
from connector.verify.goods import Kept, KeptLine, KnownActivity, KnownOrder, Line, Order, goods_kept
from loyalty_engine.errors import AmountError
from loyalty_engine.money import exponent_of

_NOBODY_KNOWS = object()
MOST_POINTS = 10**15
"""No order is worth more: a larger result comes from a mistake, and earns nothing."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule gives: exact points, multiplied. whole: as its own caps count them; by: what multiplies that."""

    rule: EarningRule
    points: Fraction
    whole: int
    by: Fraction


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source was decided under. values: of the context. day: local day it happened.

    granted: (points, times) by (cap, window) of this source; taken: the same of all sources. redeemed: minor units by
    currency that points paid of the order. ungranted: (cap, window) under which more was paid than was granted.
    """

    paid_at_us: int
    day: date
    tier: str | None
    place: int
    values: Mapping[str, Any]
    granted: Mapping[tuple[str, str], tuple[int, int]]
    redeemed: Mapping[str, int]
    taken: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    ungranted: list[tuple[str, str]] = field(default_factory=list)


def order_due(known: KnownOrder, document: Document, terms: Terms) -> int:
    """Points due for an order to whom it belongs."""
    order = known.order
    if order is None or not known.is_paid:
        return 0
    kept = counted = goods_kept(order, known.refunds())
    policy = document.earn.get("reverse_on_refund", "proportional")
    if policy == "never" or (policy == "full_only" and kept.goods):
        counted = goods_kept(order, [])
    given = _Case(order, kept, counted, document, terms).given()
    limits = [limit for limit in document.limits if "order" in limit.on]
    return _settled(document, given, limits, terms, None)


def activity_due(activity: KnownActivity, document: Document, terms: Terms) -> int:
    """Points due for an activity to whom it belongs. Tiers multiply purchases alone; factors of campaigns these too."""
    if activity.status != "approved" or activity.values.get("pays") is False or terms.values.get("stopped"):
        return 0
    firing = [rule for rule in document.rules if rule.on == activity.kind and _activity_fires(rule, activity, terms)]
    factor = _factors_met(document, [(rule.lane, rule.factor) for rule in firing if rule.factor is not None])
    given = []
    for rule in firing:
        if rule.factor is None:
            by = Fraction(1) if rule.lane == "campaign" else factor
            given.append(_capped(document, rule, Fraction(rule.points), by, terms, activity))
    named = [limit for limit in document.limits if activity.kind in limit.on]
    limits = [*named, *(limit for limit in document.limits if not limit.on)]
    return _settled(document, _lanes(document, given), limits, terms, activity)


@dataclass(frozen=True, slots=True)
class _Case:
    """A paid order. counted: what is kept of it as the policy of reversals counts."""

    order: Order
    kept: Kept
    counted: Kept
    document: Document
    terms: Terms

    def given(self) -> list[Given]:
        """What rules give before the one rounding."""
        minimum, value = self.document.minimum_order, self.value
        if (minimum and (value is None or value < minimum)) or self.terms.values.get("stopped"):
            return []
        plain = [rule for rule in self.document.rules if rule.on == "order" and rule.factor is None]
        return _lanes(self.document, [self.award(rule) for rule in plain if not rule.is_dry and self.fires(rule)])

    @property
    def value(self) -> int | None:
        """Net goods at purchase in the base currency, rounded down."""
        return in_base(self.document, self.kept.ordered, self.order.currency)

    def fires(self, rule: EarningRule) -> bool:
        return _is_open(rule, self.terms) and all(
            _holds(test, self.found(test.name)) for test in rule.tests if test.name not in LINE_CONDITIONS
        )

    def found(self, name: str) -> Any:
        order, terms = self.order, self.terms
        read: dict[str, Callable[[], Any]] = {
            "order_tag": lambda: tuple(order.order_tags),
            "order_value": lambda: self.value,
            "source": lambda: order.channel,
            "currency": lambda: order.currency,
            "country": lambda: order.country,
        }
        return read[name]() if name in read else _of_terms(name, terms)

    def award(self, rule: EarningRule) -> Given:
        lines = [line for line in self.lines() if self.is_chosen(rule, line)]
        chooses = any(test.name in LINE_CONDITIONS for test in rule.tests)
        points = Fraction(0)
        if chooses and not lines:
            pass
        elif rule.rates:
            points = self.per_amount(rule, lines, chooses)
        elif rule.per_item:
            points = Fraction(rule.per_item * sum(line.units for line in lines))
        else:
            points = Fraction(rule.points if self.counted.is_anything else 0)
        # What a campaign adds is not multiplied.
        factor = self.factor() if rule.lane != "campaign" else Fraction(1)
        return _capped(self.document, rule, points, factor, self.terms, None)

    def lines(self) -> list[KeptLine]:
        excluded = self.document.excluded
        return [
            line
            for line in self.counted.lines
            if not (line.line.is_gift_card and "gift_cards" in excluded)
            and not ("sale_items" in excluded and self.is_on_sale(line.line))
        ]

    def is_on_sale(self, line: Line) -> bool:
        """The order says so, or its price is below the middle of the regular and the sale price on record."""
        regular, sale = self.terms.values.get("prices", {}).get(line.variant_id or line.product_id, (0, 0))
        is_below = 0 < Fraction(line.shelf_minor, max(1, line.quantity)) < Fraction(regular + sale, 2)
        return line.is_on_sale or is_below

    def is_chosen(self, rule: EarningRule, line: KeptLine) -> bool:
        return all(
            _holds(test, _of_line(test.name, line, self.terms.values))
            for test in rule.tests
            if test.name in LINE_CONDITIONS
        )

    def per_amount(self, rule: EarningRule, lines: Sequence[KeptLine], chooses: bool) -> Fraction:
        rate = rule.rates.get(self.order.currency)
        if rate is None:
            return Fraction(0)
        amount = self.without_tender(sum(self.price(line) for line in lines))
        if self.document.earn.get("include_shipping") and not chooses:
            amount += self.without_tender(self.counted.shipping)
        amount = self.with_redeemed(amount)
        if rule.step:
            amount -= amount % rule.step
        return amount * rate * Fraction(1, _unit(self.order.currency))

    def price(self, line: KeptLine) -> int:
        basis = self.document.earn.get("base", "net_merchandise")
        if basis == "gross_merchandise":
            return line.net + line.share_of(line.line.tax_minor)
        if basis == "list_price" and line.line.list_minor:
            return line.share_of(line.line.list_minor)
        return line.net

    def without_tender(self, amount: int) -> int:
        """The part of an amount that was not paid by tender which earns nothing."""
        excluded, order = self.document.excluded, self.order
        paid = order.gift_card_minor * ("gift_card_tender" in excluded)
        paid += order.store_credit_minor * ("store_credit_tender" in excluded)
        whole = order.total_minor + order.tender_outside_minor
        paid = min(paid, whole)
        return amount if not paid else amount * (whole - paid) // whole

    def with_redeemed(self, amount: int) -> int:
        """What points paid for: still in a list price, and already out of every other."""
        redeemed = self.terms.redeemed.get(self.order.currency, 0)
        if not redeemed or not self.counted.ordered:
            return amount
        share = redeemed * self.counted.goods // self.counted.ordered
        is_excluded = "redeemed_value" in self.document.excluded
        if self.document.earn.get("base") == "list_price":
            return max(0, amount - share) if is_excluded else amount
        return amount if is_excluded else amount + share

    def factor(self) -> Fraction:
        own = self.document.tier_factors.get(self.terms.tier or "", Fraction(1))
        firing = [
            (rule.lane, rule.factor)
            for rule in self.document.rules
            if rule.on == "order" and rule.factor is not None and not rule.is_dry and self.fires(rule)
        ]
        return _factors_met(self.document, [("tier", own), *firing] if own != 1 else firing)


def in_base(document: Document, amount: int, currency: str) -> int | None:
    """Minor units of the base currency, rounded down, at the document's own rate; None without one."""
    if currency == document.currency:
        return amount
    rate = document.base_rates.get(currency)
    if rate is None:
        return None
    exact = amount * rate * Fraction(_unit(document.currency), _unit(currency))
    return exact.numerator // exact.denominator


def _factors_met(document: Document, firing: Sequence[tuple[str, Fraction]]) -> Fraction:
    """The factor of all that multiplies, by (lane, factor)."""
    found: dict[str, list[Fraction]] = {"tier": [], "campaign": []}
    for lane, factor in firing:
        found["tier" if lane == "tier" else "campaign"].append(factor)
    lanes = document.earn.get("lanes", {})
    met = [_meet(factors, lanes.get(lane, "best")) for lane, factors in found.items() if factors]
    return _meet(met, document.earn.get("across", "multiply"))


def _capped(
    document: Document,
    rule: EarningRule,
    points: Fraction,
    factor: Fraction,
    terms: Terms,
    activity: KnownActivity | None,
) -> Given:
    """What a rule gives under its own caps: they count before the factor or after it."""
    after = document.earn.get("rule_caps", "before_factors") == "after_factors"
    if after:
        points *= factor
    for limit in rule.limits:
        if not points:
            break
        whole = _rounded(points, str(document.earn.get("rounding", "floor")))
        allowed = _within(limit, whole, terms, activity)
        points = points if allowed == whole else Fraction(allowed)
    later = Fraction(1) if after else factor
    return Given(rule, points * later, _rounded(points, str(document.earn.get("rounding", "floor"))), later)


def _unit(currency: str) -> int:
    try:
        return int(10 ** exponent_of(currency))
    except AmountError:
        return 1


def _lanes(document: Document, given: Sequence[Given]) -> list[Given]:
    """Those that count: of a lane all, or the one that gives most."""
    found, how = [], document.earn.get("lanes", {})
    for lane, usual in (("base", "add"), ("campaign", "best")):
        several = [one for one in given if (one.rule.lane == "campaign") == (lane == "campaign")]
        if several and how.get(lane, usual) == "best":
            several = [min(several, key=lambda one: (-one.points, -one.rule.priority, one.rule.rule_id))]
        found += several
    return found


def _settled(
    document: Document, given: Sequence[Given], limits: Sequence[Limit], terms: Terms, activity: KnownActivity | None
) -> int:
    """Whole points under the caps over several rules. What came through all caps must be granted under each of them;
    what rules without caps gave is paid first.
    """
    exact = sum((one.points for one in given), Fraction(0))
    points = _rounded(exact, str(document.earn.get("rounding", "floor")))
    if points > MOST_POINTS:
        points = MOST_POINTS if activity is not None else 0
    for limit in limits:
        points = _within(limit, points, terms, activity)
    for limit in limits:
        _must_be_granted(limit, points, terms, activity)
    left = points - sum((one.points for one in given if not one.rule.limits), Fraction(0))
    for one in given:
        paid = min(one.points, left) if one.rule.limits else Fraction(0)
        if paid > 0:
            left -= paid
            for limit in one.rule.limits:
                _must_be_granted(limit, min(one.whole, ceil(Fraction(paid, one.by))), terms, activity)
    return points


def _meet(factors: Sequence[Fraction], how: str) -> Fraction:
    if how == "best":
        return max(factors, default=Fraction(1))
    if how == "add" and len(factors) > 1:
        return 1 + sum((factor - 1 for factor in factors), Fraction(0))
    return prod(factors, start=Fraction(1))


def _rounded(exact: Fraction, how: str) -> int:
    if how.startswith("half_up"):
        exact += Fraction(1, 2)
    elif how.startswith("ceil"):
        return -(-exact.numerator // exact.denominator)
    return exact.numerator // exact.denominator


def _is_open(rule: EarningRule, terms: Terms) -> bool:
    begun = rule.from_us is None or rule.from_us <= terms.paid_at_us
    return begun and (rule.until_us is None or terms.paid_at_us < rule.until_us)


def _activity_fires(rule: EarningRule, activity: KnownActivity, terms: Terms) -> bool:
    if rule.is_dry or not _is_open(rule, terms):
        return False
    if rule.is_for_verified and activity.values.get("verified") is not True:
        return False
    for name, least in rule.minimums.items():
        value = activity.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            return False
    for test in rule.tests:
        own = activity.product_id if test.name == "product" else _of_terms(test.name, terms)
        if not _holds(test, own):
            return False
    return True


def _of_terms(name: str, terms: Terms) -> Any:
    return {
        "customer_tag": tuple(terms.values.get("tags", ())),
        "first_order": _NOBODY_KNOWS if terms.place < 1 else terms.place == 1,
        "place": _NOBODY_KNOWS if terms.place < 1 else terms.place,
        "weekday": WEEKDAYS[terms.day.weekday()],
        "date": terms.day,
        "tier": terms.tier,
    }.get(name)


def _of_line(name: str, line: KeptLine, values: Mapping[str, Any]) -> Any:
    own = {"product": line.line.product_id, "variant": line.line.variant_id, "sku": line.line.sku}
    if name in own:
        return own[name]
    words = {"collection": "collections", "category": "categories", "product_tag": "tags"}[name]
    return tuple(values.get("products", {}).get(line.line.product_id, {}).get(words, ()))


def _holds(test: Test, found: Any) -> bool:
    if found is _NOBODY_KNOWS:
        return False
    if test.operator in ("in", "not_in"):
        several = found if isinstance(found, tuple) else () if found is None else (found,)
        return any(one in test.values for one in several) is (test.operator == "in")
    if found is None:
        return False
    low = test.values[0] if test.operator in ("at_least", "between") else found
    high = test.values[-1] if test.operator in ("at_most", "between") else found
    return bool(low <= found <= high)


def window_of(limit: Limit, day: date, activity: KnownActivity | None) -> str:
    """Which window of a cap something falls into, as grants name it."""
    year, week, _ = day.isocalendar()
    named = {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02d}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{-(-day.month // 3)}",
        "year": str(day.year),
    }
    if activity is not None:
        things = {"product": activity.product_id, "object": activity.object_id, "counterpart": activity.counterpart}
        named |= {window: thing or "" for window, thing in things.items()}
    return named.get(limit.window, "")


def _within(limit: Limit, points: int, terms: Terms, activity: KnownActivity | None) -> int:
    """What a cap lets through: what was granted, which never shrinks, and more as far as there is room."""
    if limit.window == "source":
        return points if limit.points is None else min(points, limit.points)
    key = (limit.cap_id, window_of(limit, terms.day, activity))
    granted, times = terms.granted.get(key, (0, 0))
    all_points, all_times = terms.taken.get(key, (0, 0))
    if limit.times is not None:
        return points if times or all_times < limit.times else 0
    return min(points, granted + max(0, (limit.points or 0) - all_points))


def _must_be_granted(limit: Limit, points: int, terms: Terms, activity: KnownActivity | None) -> None:
    key = (limit.cap_id, window_of(limit, terms.day, activity))
    if limit.window != "source" and points > terms.granted.get(key, (0, 0))[0]:
        terms.ungranted.append(key)
