"""A programme as the engine uses it: frozen data, everything resolved, nothing left to guess.

``parse`` makes it from a merchant's document (docs/programme.md); nothing else does. Amounts are minor units of the base
currency unless another is named; rates and factors are exact ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
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
    """How results meet. In a lane: ADD all, or only the BEST. Across factors: MULTIPLY, ADD what is above 1, or BEST."""

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

    field: a name of ``earning.conditions.FIELDS``. operator: ``in``, ``not_in``, ``at_least``, ``at_most``, ``between``.
    Conditions on lines (product, collection, category, tag, sku) choose the lines that count; the others test the source.
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
    reverse_on_refund: str = "proportional"
    """``proportional``, ``full_only`` (nothing comes back before everything is refunded) or ``never``."""


class ExpiryMode(StrEnum):
    """When points end."""

    NEVER = "never"
    FIXED = "fixed"
    """``months``/``days`` after they were earned."""
    INACTIVITY = "inactivity"
    """``months``/``days`` after the member's last activity, all of them together."""
    CALENDAR = "calendar"
    """On ``calendar_days`` (month, day) of the year, at the end of the local day, at least ``days`` after earning."""


@dataclass(frozen=True, slots=True)
class ExpiryPolicy:
    """remind_days: how long before the nominal end notices go out, longest first; without a notice nothing ends."""

    mode: ExpiryMode = ExpiryMode.NEVER
    months: int = 0
    days: int = 0
    calendar_days: tuple[tuple[int, int], ...] = ()
    remind_days: tuple[int, ...] = (60, 30, 7)
    activities: frozenset[str] = frozenset({"order", "redemption", "review", "answer"})


class RewardKind(StrEnum):
    """What points buy."""

    AMOUNT = "amount"
    PERCENT = "percent"
    SLIDER = "slider"
    """The shopper chooses the points; ``points`` is the step, ``value_minor`` what one step is worth."""
    FREE_SHIPPING = "free_shipping"
    PRODUCT = "product"
    STORE_CREDIT = "store_credit"
    PERK = "perk"


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward.

    values: minor units by currency for AMOUNT, SLIDER and STORE_CREDIT (of one step with SLIDER). percent: of the order's
    goods (10: ten percent), at most ``cap_minor`` of the base currency (None: no cap). stock: how many in all;
    per_member: how many for one member in ``per_member_window``. tiers: only for these (empty: all).
    minimum_order_minor: of the order it is used on. voucher_days: how long a code lives; 0: for ever. stacks: may be used
    beside another voucher of ours.
    """

    reward_id: str
    kind: RewardKind
    points: int
    name: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)
    percent: Fraction = Fraction(0)
    cap_minor: int | None = None
    product_id: str | None = None
    minimum_order_minor: int = 0
    minimum_points: int = 0
    maximum_points: int = 0
    stock: int | None = None
    per_member: int | None = None
    per_member_window: Window = Window.LIFETIME
    tiers: frozenset[str] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    voucher_days: int = 60
    stacks: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class RedeemPolicy:
    """max_share: largest part of an order payable by points. reinstate: ``proportional``, ``full_refund_only``, ``never``
    (rounding down; everything at a full refund). hold_minutes: how long a cart keeps its hold.
    """

    max_share: Fraction = Fraction(1)
    reinstate: str = "proportional"
    hold_minutes: int = 60
    allow_negative: int = 0
    """Zero or less: what later earnings must repay at most; what is owed beyond it is written off."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One way to qualify: ``metric`` (``tier_points``, ``spend`` in base minor units, ``orders``) reaches ``at_least``."""

    metric: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier; rank follows the order in the document, from 0. ways: any of them suffices; none: everyone has it
    (the first tier) or nobody reaches it by buying (``invite_only``).
    """

    tier_id: str
    rank: int
    name: Mapping[str, str]
    ways: tuple[Threshold, ...] = ()
    factor: Fraction = Fraction(1)
    benefits: tuple[str, ...] = ()
    invite_only: bool = False
    hidden: bool = False


class TierWindow(StrEnum):
    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class TiersPolicy:
    """window_months: of ROLLING. keep_months: how long a tier lasts after it was last met. grace_days: after that, and
    after an edit of thresholds. low_water_percent: below this share of the threshold a member falls at the end of grace,
    above it the tier stays. soft_landing: how many levels one review may take away. freeze_days: for so long after an
    edit, members who had begun reach a tier at the old threshold too; never shorter than grace.
    """

    window: TierWindow = TierWindow.ROLLING
    window_months: int = 12
    keep_months: int = 12
    grace_days: int = 0
    low_water_percent: int = 100
    soft_landing: int = 1
    freeze_days: int = 0
    tier_points_include: frozenset[str] = frozenset({ORDER})
    """Triggers whose points count as tier points."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``measure >= 10``: operator of ``>= > <= < ==``, value whole. Measures: ``counters.MEASURES``."""

    measure: str
    operator: str
    value: int


@dataclass(frozen=True, slots=True)
class BadgeLevel:
    """``level``: bronze, silver or gold; ``rule``: all comparisons must hold."""

    level: str
    rule: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Badge:
    """levels: rising; a member holds the highest one reached. per: award key: ``once``, ``month``, ``year`` or a measure's
    key such as ``product``. manual: given by hand, at most ``limit`` in each ``per``. hidden: not shown before it is held.
    season: (start, end) local days, half open. keeps: not revoked when the criteria no longer hold.
    """

    badge_id: str
    levels: tuple[BadgeLevel, ...]
    name: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    per: str = "once"
    manual: bool = False
    limit: int | None = None
    hidden: bool = False
    season: tuple[date, date] | None = None
    keeps: bool = False
    public: str = "ask"


@dataclass(frozen=True, slots=True)
class CommunityLevel:
    """A trust level. require: comparisons over ``window_days`` (0: for ever). unlock: privilege flags the API exposes.
    appointed: only by hand, after ``days_at_level`` days at ``after_level``. grace_days: before it is lost.
    """

    level_id: str
    rank: int
    name: Mapping[str, str]
    require: tuple[Comparison, ...] = ()
    window_days: int = 0
    unlock: tuple[str, ...] = ()
    appointed: bool = False
    after_level: str | None = None
    days_at_level: int = 0
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class ReferralPolicy:
    """Two-sided. minimum_minor: of the friend's first order. per_year: how many pay one referrer. review_score: at or
    above it a person decides.
    """

    referrer_points: int
    friend_points: int
    minimum_minor: int = 0
    per_year: int | None = None
    review_score: int = 50
    daily_limit: int = 10


@dataclass(frozen=True, slots=True)
class AdjustPolicy:
    """Manual entries: at most ``maximum`` points either way; above ``second_person_above`` another person must agree
    (None: never).
    """

    maximum: int = 300
    reason_required: bool = True
    second_person_above: int | None = None


@dataclass(frozen=True, slots=True)
class WindDown:
    """The programme ends: orders paid from ``earn_until`` on earn nothing, redeeming ends at ``redeem_until``."""

    earn_until: datetime
    redeem_until: datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """A document can be used, but something in it cannot work yet or looks mistaken. Stable code."""

    path: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme.

    effective_from: first moment at which a payment (or activity) falls under this version. back_pay_days: how far before
    enrolment orders still earn. base_rates: what one unit of a currency is worth in the base currency, for tier spend
    and caps; currencies without one count as nothing there. caps: over all rules (non-purchase points a month).
    birthday_guard_days: a birthday set later than so long before the day pays next year. kept: sections for later use.
    """

    version: int
    effective_from: datetime
    name: str
    timezone: str
    base_currency: str
    earn: EarnPolicy = field(default_factory=EarnPolicy)
    rules: tuple[Rule, ...] = ()
    caps: tuple[Cap, ...] = ()
    expiry: ExpiryPolicy = field(default_factory=ExpiryPolicy)
    redeem: RedeemPolicy = field(default_factory=RedeemPolicy)
    rewards: tuple[Reward, ...] = ()
    tiers: tuple[Tier, ...] = ()
    tiers_policy: TiersPolicy = field(default_factory=TiersPolicy)
    levels: tuple[CommunityLevel, ...] = ()
    levels_scale: bool = False
    """A young community asks less: counts of levels times members / 1,000, between 0.3 and 1 (``levels.scaled``)."""
    badges: tuple[Badge, ...] = ()
    referral: ReferralPolicy | None = None
    adjust: AdjustPolicy = field(default_factory=AdjustPolicy)
    enrolment: str = "automatic"
    """``automatic`` or ``consent``."""
    back_pay_days: int = 0
    guest_days: int = 365
    """How long orders of guests can be claimed."""
    birthday_guard_days: int = 30
    base_rates: Mapping[str, Fraction] = field(default_factory=dict)
    points_name: Mapping[str, tuple[str, str]] = field(default_factory=lambda: {"en": ("point", "points")})
    wind_down: WindDown | None = None
    programme_caps: tuple[Cap, ...] = ()
    """Over all members; a job switches the rule off when they are reached, with a stated overshoot."""
    warnings: tuple[Warned, ...] = ()
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correction:
    """Sources paid in [from, until) under version ``wrong`` are worth what version ``right`` says."""

    wrong: int
    right: int
    paid_from: datetime
    paid_until: datetime


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every version of a programme and what was corrected: all that is needed to know which rules a source falls under."""

    versions: tuple[Programme, ...]
    corrections: tuple[Correction, ...] = ()

    def in_force(self, at: datetime) -> Programme:
        """The version under which something that happened ``at`` falls; before the first version, the first.

        Of several in force the highest version counts.
        """
        chosen = self.versions[0]
        for programme in self.versions:
            if programme.effective_from <= at:
                chosen = programme
        return chosen

    def recorded(self, version: int, paid_at: datetime) -> Programme | None:
        """The rules for a source whose context names ``version``: that one, unless it was corrected for its payment.

        None if there is no such version.
        """
        number = version
        for correction in self.corrections:
            if correction.wrong == number and correction.paid_from <= paid_at < correction.paid_until:
                number = correction.right
        for programme in self.versions:
            if programme.version == number:
                return programme
        return None


def newest(versions: Sequence[Programme]) -> Programme:
    """The last version, whether or not it is in force yet."""
    return versions[-1]
