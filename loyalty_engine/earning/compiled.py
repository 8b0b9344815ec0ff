"""A programme made ready for deciding many sources: rules by trigger, rates as whole numbers over one denominator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from loyalty_engine.counters import MEASURES, THINGS
from loyalty_engine.earning.conditions import LineTest, SourceTest, line_test, source_test, told
from loyalty_engine.errors import AmountError
from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import ORDER, AwardKind, Cap, Combine, Condition, Lane, Programme, Rounding, Rule

LINE_FIELDS = frozenset({"product", "variant", "sku", "collection", "category", "product_tag"})
"""Conditions that choose lines of an order; all others are about the source as a whole."""
CATALOGUE_FIELDS = frozenset({"collection", "category", "product_tag"})

CATALOGUE, CUSTOMER_TAGS, PRICES = "catalogue", "customer-tags", "prices"
"""What a version may ask of shops besides the fact itself; a context says what was answered when it was written."""

Ratio = tuple[int, int]
"""Numerator and denominator, in lowest terms."""


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule with its conditions sorted. rates: by currency, points x ``Compiled.denominator`` for one minor unit.

    always: has neither window nor conditions on the whole source. head: how its line of an explanation begins.
    needs_of_lines: what the first condition on lines asks for, to explain. asks: what its conditions read of catalogue
    and customer (``CATALOGUE``, ``CUSTOMER_TAGS``). reads_history: they ask which of the member's orders it is.
    """

    rule: Rule
    on_lines: tuple[Condition, ...]
    rates: Mapping[str, int]
    units: Mapping[str, int]
    rate_texts: Mapping[str, str]
    line_tests: tuple[LineTest, ...]
    factor: Ratio
    always: bool
    head: Mapping[str, Any]
    source_tests: tuple[SourceTest, ...]
    needs_of_lines: tuple[str, list[Any]] | None
    asks: frozenset[str]
    reads_history: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """rules: by trigger, factors apart. denominator: of every exact number of points of the programme's rules.

    caps: programme-wide caps of a member, by trigger. tier_factors: by tier id, those that are not 1.
    """

    denominator: int
    rules: Mapping[str, tuple[ReadyRule, ...]]
    factors: Mapping[str, tuple[ReadyRule, ...]]
    tier_factors: Mapping[str, Ratio]
    caps: Mapping[str, tuple[Cap, ...]]
    activity_caps: tuple[Cap, ...]
    needs_catalogue: bool
    needs_prices: bool
    needs_tags: bool
    counts_categories: bool
    counts_products: bool
    rounding: Rounding
    rounding_word: str
    lanes: Mapping[Lane, Combine]
    across: Combine
    caps_after_factors: bool

    @property
    def asks(self) -> frozenset[str]:
        """What contexts keep for this version, whichever of its rules asks."""
        asked = ((CATALOGUE, self.needs_catalogue), (CUSTOMER_TAGS, self.needs_tags), (PRICES, self.needs_prices))
        return frozenset(name for name, is_asked in asked if is_asked)

    @property
    def reads_history(self) -> bool:
        """Whether any rule asks which of a member's orders it is about."""
        groups = (*self.rules.values(), *self.factors.values())
        return any(each.reads_history for group in groups for each in group)

    def caps_of(self, trigger: str) -> tuple[Cap, ...]:
        """The member's caps that a source of this trigger falls under."""
        named = self.caps.get(trigger, ())
        return named if trigger == ORDER else named + self.activity_caps


HISTORY_FIELDS = frozenset(("first_order", "place"))
_LANES = {Lane.BASE: Combine.ADD, Lane.TIER: Combine.BEST, Lane.CAMPAIGN: Combine.BEST}
_known: dict[int, tuple[Programme, Compiled]] = {}


def compiled(programme: Programme) -> Compiled:
    """The same object for the same programme object: versions never change."""
    known = _known.get(id(programme))
    if known is not None and known[0] is programme:
        return known[1]
    if len(_known) > 500:
        _known.clear()
    made = _compile(programme)
    # Holding the programme keeps its id from being given to another one.
    _known[id(programme)] = (programme, made)
    return made


def _compile(programme: Programme) -> Compiled:
    denominator = _denominator(programme)
    plain: dict[str, list[ReadyRule]] = {}
    factors: dict[str, list[ReadyRule]] = {}
    for rule in programme.rules:
        ready = _ready(rule, denominator)
        (factors if rule.award.kind is AwardKind.FACTOR else plain).setdefault(rule.trigger, []).append(ready)
    fields = {condition.field for rule in programme.rules for condition in rule.conditions}
    triggers = {trigger for cap in programme.caps for trigger in cap.triggers}
    counters = _counters_asked(programme)
    counts = "category" in counters
    return Compiled(
        denominator=denominator,
        rules={trigger: tuple(rules) for trigger, rules in plain.items()},
        factors={trigger: tuple(rules) for trigger, rules in factors.items()},
        tier_factors={tier.tier_id: _ratio(tier.factor) for tier in programme.tiers if tier.factor != 1},
        caps={trigger: tuple(cap for cap in programme.caps if trigger in cap.triggers) for trigger in triggers},
        activity_caps=tuple(cap for cap in programme.caps if not cap.triggers),
        needs_catalogue=bool(fields & CATALOGUE_FIELDS) or counts,
        needs_prices="sale_items" in programme.earn.excludes,
        needs_tags="customer_tag" in fields,
        counts_categories=counts,
        counts_products="product" in counters,
        rounding=programme.earn.rounding,
        rounding_word=programme.earn.rounding.value,
        lanes={lane: programme.earn.lanes.get(lane, default) for lane, default in _LANES.items()},
        across=programme.earn.across,
        caps_after_factors=programme.earn.caps_after_factors,
    )


def _counters_asked(programme: Programme) -> set[str]:
    """Counters that badges and levels look at: what nobody asks for is not kept."""
    rules = [level.rule for badge in programme.badges for level in badge.levels]
    rules += [level.require for level in programme.levels]
    names = {comparison.measure for rule in rules for comparison in rule}
    things = {badge.per for badge in programme.badges if badge.per in THINGS}
    return things | {counter for name in names if name in MEASURES for counter in MEASURES[name].needs}


def _denominator(programme: Programme) -> int:
    parts = [1]
    for rule in programme.rules:
        for currency, rate in rule.award.rates.items():
            parts.append(rate.denominator * unit_of(currency))
    return lcm(*parts)


def _ready(rule: Rule, denominator: int) -> ReadyRule:
    award = rule.award
    on_lines = tuple(c for c in rule.conditions if rule.trigger == ORDER and c.field in LINE_FIELDS)
    on_source = tuple(c for c in rule.conditions if rule.trigger != ORDER or c.field not in LINE_FIELDS)
    return ReadyRule(
        rule=rule,
        on_lines=on_lines,
        rates={
            currency: rate.numerator * (denominator // (rate.denominator * unit_of(currency)))
            for currency, rate in award.rates.items()
        },
        units={currency: unit_of(currency) for currency in award.rates},
        rate_texts={currency: str(rate) for currency, rate in award.rates.items()},
        line_tests=tuple(line_test(condition) for condition in on_lines),
        factor=_ratio(award.factor),
        always=not on_source and rule.starts_at is None and rule.ends_at is None,
        source_tests=tuple(source_test(condition, *_needs(condition)) for condition in on_source),
        needs_of_lines=_needs(on_lines[0]) if on_lines else None,
        head={"rule": rule.rule_id, "lane": rule.lane.value, "award": award.kind.value},
        asks=_asks(rule),
        reads_history=any(condition.field in HISTORY_FIELDS for condition in rule.conditions),
    )


def _asks(rule: Rule) -> frozenset[str]:
    fields = {condition.field for condition in rule.conditions}
    found = {CATALOGUE} if fields & CATALOGUE_FIELDS else set()
    return frozenset(found | {CUSTOMER_TAGS} if "customer_tag" in fields else found)


def _needs(condition: Condition) -> tuple[str, list[Any]]:
    """Code and needs where a condition does not hold."""
    return f"condition-{condition.field}", [condition.operator, *(told(value) for value in condition.values)]


def _ratio(exact: Fraction) -> Ratio:
    return exact.numerator, exact.denominator


def unit_of(currency: str) -> int:
    """Minor units of one whole unit: EUR 100, JPY 1; 1 for a currency nobody knows."""
    try:
        return int(10 ** exponent_of(currency))
    except AmountError:
        return 1
