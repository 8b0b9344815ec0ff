"""A programme as the engine uses it: frozen data, everything resolved, nothing left to guess.

``parse`` makes it from a merchant's document (docs/programme.md); nothing else does. Amounts are minor units of the
base currency unless another is named; rates and factors are exact ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from loyalty_engine.complaints import WARNINGS, filled
from loyalty_engine.programme.earning_model import (
    ORDER,
    Award,
    AwardKind,
    Basis,
    Cap,
    Combine,
    Condition,
    EarnPolicy,
    Lane,
    MaturesFrom,
    Rounding,
    Rule,
    Window,
)
from loyalty_engine.programme.standing_model import (
    Badge,
    BadgeLevel,
    CommunityLevel,
    Comparison,
    Threshold,
    Tier,
    TiersPolicy,
    TierWindow,
)

__all__ = [
    "AdjustPolicy",
    "Award",
    "AwardKind",
    "Badge",
    "BadgeLevel",
    "Basis",
    "Cap",
    "Combine",
    "CommunityLevel",
    "Comparison",
    "Condition",
    "Correction",
    "EarnPolicy",
    "ExpiryMode",
    "ExpiryPolicy",
    "Lane",
    "MaturesFrom",
    "ORDER",
    "Programme",
    "RedeemPolicy",
    "ReferralPolicy",
    "Reward",
    "RewardKind",
    "Rounding",
    "Rule",
    "Rulebook",
    "Threshold",
    "Tier",
    "TierWindow",
    "TiersPolicy",
    "Warned",
    "WindDown",
    "Window",
    "newest",
]


class ExpiryMode(StrEnum):
    """When points end."""

    NEVER = "never"
    FIXED = "fixed"
    """``months``/``days`` after they were earned."""
    INACTIVITY = "inactivity"
    """``months``/``days`` after the member's last activity, all of them together."""
    CALENDAR = "calendar"
    """On ``calendar_days`` (month, day) of the year, at the end of the local day, at least ``days`` after earning."""


class ShownBy(StrEnum):
    """What counts as showing an end to a member who gets no mail."""

    SHOPPER = "shopper"
    """The signed-in shopper's own page asked for it."""
    STORE = "store"
    """Every store that the member is known to acknowledged a snapshot that contains it."""


@dataclass(frozen=True, slots=True)
class ExpiryPolicy:
    """remind_days: how long before the nominal end notices go out, longest first; without a notice nothing ends.
    shown_by: what counts as a notice besides a mail.
    """

    mode: ExpiryMode = ExpiryMode.NEVER
    months: int = 0
    days: int = 0
    calendar_days: tuple[tuple[int, int], ...] = ()
    remind_days: tuple[int, ...] = (60, 30, 7)
    activities: frozenset[str] = frozenset({"order", "redemption", "review", "answer"})
    shown_by: ShownBy = ShownBy.SHOPPER


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

    values: minor units by currency for AMOUNT, SLIDER and STORE_CREDIT (of one step with SLIDER). percent: of the
    order's goods (10: ten percent), at most ``cap_minor`` of the base currency (None: no cap). stock: how many in all;
    per_member: how many for one member in ``per_member_window``. tiers: only for these (empty: all).
    minimum_order_minor: of the order it is used on. voucher_days: how long a code lives; credit_days: how long store
    credit does; 0: for ever. stacks: may be used beside another voucher of ours.
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
    credit_days: int = 0
    stacks: bool = False
    hidden: bool = False

    @property
    def asked_of_store(self) -> str:
        """What a store must be able to give: the kind; ``product_with_minimum`` is one that not each of them can."""
        with_minimum = self.kind is RewardKind.PRODUCT and self.minimum_order_minor > 0
        return "product_with_minimum" if with_minimum else self.kind.value


@dataclass(frozen=True, slots=True)
class RedeemPolicy:
    """max_share: largest part of an order payable by points. reinstate: ``proportional``, ``full_refund_only``,
    ``never`` (rounding down; everything at a full refund). hold_minutes: how long a cart keeps its hold.
    """

    max_share: Fraction = Fraction(1)
    reinstate: str = "proportional"
    hold_minutes: int = 60
    allow_negative: int = 0
    """Zero or less: what later earnings must repay at most; what is owed beyond it is written off."""


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
    """Manual entries: at most ``maximum`` points either way. bulk_maximum: for all members of a segment together.

    Another person must agree (None: never) once points moved by one person alone, either way, within the last
    ``second_person_days`` would exceed ``second_person_above`` for one member, whoever moved them, or
    ``second_person_total`` over all members.
    """

    maximum: int = 300
    reason_required: bool = True
    second_person_above: int | None = None
    bulk_maximum: int = 300
    second_person_days: int = 30
    second_person_total: int | None = None

    @property
    def asks_for_two(self) -> bool:
        """Whether one person alone may not move as many points as they like."""
        return self.second_person_above is not None or self.second_person_total is not None


@dataclass(frozen=True, slots=True)
class WindDown:
    """The programme ends: orders paid from ``earn_until`` on earn nothing, redeeming ends at ``redeem_until``."""

    earn_until: datetime
    redeem_until: datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """A document can be used, but something in it cannot work yet or looks mistaken. code: stable, of
    ``complaints.WARNINGS``; values: what its sentence names.
    """

    path: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In English."""
        return filled(WARNINGS[self.code], self.values)


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of a programme.

    effective_from: first moment at which a payment (or activity) falls under this version. back_pay_days: how far
    before enrolment orders still earn. base_rates: what one unit of a currency is worth in the base currency, for
    tier spend and caps; currencies without one count as nothing there. caps: over all rules (non-purchase points a
    month). birthday_guard_days: a birthday set later than so long before the day pays next year. kept: sections for
    later use.
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
    """Sources paid in [from, until) that count under version ``wrong`` when it is made are worth what version ``right``
    says, unless that asks for what nobody asked when they were decided (``earning.corrected``).
    """

    wrong: int
    right: int
    paid_from: datetime
    paid_until: datetime

    def holds_at(self, paid_at: datetime) -> bool:
        """Whether a payment falls in its interval."""
        return self.paid_from <= paid_at < self.paid_until


@dataclass(frozen=True, slots=True)
class Stop:
    """A cap over all members was reached in a window: what falls under it and happens from ``stopped_at`` to the
    window's end earns nothing. What happened before somebody noticed is the overshoot.
    """

    cap_id: str
    window_key: str
    stopped_at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the programme stands still. ends_at: None while it lasts."""

    begins_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every version of a programme and what was corrected: all that is needed to know which rules a source falls
    under. pauses: oldest first; only the last one may last.
    """

    versions: tuple[Programme, ...]
    corrections: tuple[Correction, ...] = ()
    stops: tuple[Stop, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def paused_at(self) -> datetime | None:
        """Since when the programme stands still; None while it runs."""
        last = self.pauses[-1] if self.pauses else None
        return last.begins_at if last is not None and last.ends_at is None else None

    def in_force(self, at: datetime) -> Programme:
        """The version under which something that happened ``at`` falls; before the first version, the first.

        Of several in force the highest version counts.
        """
        chosen = self.versions[0]
        for programme in self.versions:
            if programme.effective_from <= at:
                chosen = programme
        return chosen

    def recorded(
        self, version: int, paid_at: datetime, may_hold: Callable[[Programme], bool] | None = None
    ) -> Programme | None:
        """The rules for a source whose context names ``version``: that one, unless it was corrected for its payment.

        may_hold: whether a corrected version can be worked out for the source; by one that cannot, nothing is
        corrected. None if there is no such version.
        """
        if self.corrections:
            path = self.path(version, paid_at, may_hold)
            return path[-1] if path else None
        return next((programme for programme in self.versions if programme.version == version), None)

    def is_corrected(self, paid_at: datetime) -> bool:
        """Whether any correction was made for payments of that moment."""
        return any(correction.holds_at(paid_at) for correction in self.corrections)

    def path(
        self, version: int, paid_at: datetime, may_hold: Callable[[Programme], bool] | None = None
    ) -> list[Programme]:
        """Every version that such a source has counted under, oldest first; corrections hold in the order in which
        they were made, so that one can lead back to where another began.
        """
        versions = {programme.version: programme for programme in self.versions}
        found = [versions[version]] if version in versions else []
        for correction in self.corrections:
            if found and correction.wrong == found[-1].version and correction.holds_at(paid_at):
                right = versions[correction.right]
                if may_hold is None or may_hold(right):
                    found.append(right)
        return found


def newest(versions: Sequence[Programme]) -> Programme:
    """The last version, whether or not it is in force yet."""
    return versions[-1]
