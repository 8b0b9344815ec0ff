"""How points are earned: rules, awards, conditions, caps, and the policy for orders. A part of ``model``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

ORDER = "order"
"""Trigger of rules on orders. Every other trigger is the kind of an activity (``facts.Activity.kind``)."""


class Rounding(StrEnum):
    """How the exact points of one source become a whole number: once, at the end."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


class Lane(StrEnum):
    """Inside a lane rules compete or add; lanes apply one after the other."""

    BASE = "base"
    TIER = "tier"
    CAMPAIGN = "campaign"


class Combine(StrEnum):
    """How results meet. In a lane: ADD all, or only the BEST. Across factors: MULTIPLY, ADD what is above 1, or
    BEST.
    """

    ADD = "add"
    MULTIPLY = "multiply"
    BEST = "best"


class Window(StrEnum):
    """What a cap counts over. Days, weeks (from Monday), months, quarters and years are local ones of the programme.

    PRODUCT, OBJECT, COUNTERPART: for ever, but apart for each product, object or other person of an activity.
    """

    SOURCE = "source"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LIFETIME = "lifetime"
    PRODUCT = "product"
    OBJECT = "object"
    COUNTERPART = "counterpart"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points, or so many times, in a window. One of the two is None.

    cap_id: unique in the programme and stable from version to version, for grants are kept under it.
    triggers: what falls under it; empty: the rule that names it, or with a programme's own cap every non-order source.
    """

    cap_id: str
    window: Window
    points: int | None = None
    times: int | None = None
    triggers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """One test on fact and context: ``field operator values``. All conditions of a rule must hold.

    field: a name of ``earning.conditions.FIELDS``. operator: ``in``, ``not_in``, ``at_least``, ``at_most``,
    ``between``. Conditions on lines (product, collection, category, tag, sku) choose the lines that count; the others
    test the source.
    """

    field: str
    operator: str
    values: tuple[Any, ...]


class AwardKind(StrEnum):
    """What a rule grants."""

    PER_AMOUNT = "per_amount"
    """``rates`` points for one whole unit of each currency of the amount that counts."""
    PER_ITEM = "per_item"
    """``points`` for each unit kept of the lines that count."""
    FIXED = "fixed"
    """``points`` once."""
    FACTOR = "factor"
    """Multiplies what the base lane gave by ``factor``."""


@dataclass(frozen=True, slots=True)
class Award:
    """How many points. Which fields count follows from the kind.

    step_minor: with PER_AMOUNT, only whole steps of so many minor units count (0: proportional).
    """

    kind: AwardKind
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    points: int = 0
    factor: Fraction = Fraction(1)
    step_minor: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One earning rule. trigger: ORDER or the kind of an activity. starts_at, ends_at: half open, of paid_at or
    occurred_at. dry_run: evaluated and explained, awards nothing.

    after_days: an activity counts only when it stood for so long (review_verified: 3). minimums: smallest values of an
    activity, for example ``chars: 40``. verified_only: only of verified buyers.
    """

    rule_id: str
    trigger: str
    award: Award
    lane: Lane = Lane.BASE
    conditions: tuple[Condition, ...] = ()
    caps: tuple[Cap, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    dry_run: bool = False
    priority: int = 0
    after_days: int = 0
    minimums: Mapping[str, int] = field(default_factory=dict)
    verified_only: bool = False
    name: Mapping[str, str] = field(default_factory=dict)


class Basis(StrEnum):
    """Which amount of a line earns."""

    NET_MERCHANDISE = "net_merchandise"
    """After discounts, without tax."""
    GROSS_MERCHANDISE = "gross_merchandise"
    """After discounts, with tax."""
    LIST_PRICE = "list_price"
    """Before discounts, without tax."""


class MaturesFrom(StrEnum):
    """When the pending days begin."""

    PAID = "paid"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class EarnPolicy:
    """How orders earn. The exclusions are independent of each other.

    excludes: of ``sale_items``, ``gift_cards`` (bought), ``gift_card_tender``, ``store_credit_tender``,
    ``redeemed_value`` (what points paid for). include_shipping: shipping earns too. minimum_minor: smaller orders earn
    nothing. lanes: how rules of one lane meet; across: how factors of the tier and campaign lanes meet.
    caps_after_factors: a rule's own caps count what its points come to once they are multiplied.
    """

    basis: Basis = Basis.NET_MERCHANDISE
    include_shipping: bool = False
    excludes: frozenset[str] = frozenset({"gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value"})
    rounding: Rounding = Rounding.FLOOR
    minimum_minor: int = 0
    pending_days: int = 14
    matures_from: MaturesFrom = MaturesFrom.PAID
    lanes: Mapping[Lane, Combine] = field(
        default_factory=lambda: {Lane.BASE: Combine.ADD, Lane.TIER: Combine.BEST, Lane.CAMPAIGN: Combine.BEST}
    )
    across: Combine = Combine.MULTIPLY
    caps_after_factors: bool = True
    reverse_on_refund: str = "proportional"
    """``proportional``, ``full_only`` (nothing comes back before everything is refunded) or ``never``."""
