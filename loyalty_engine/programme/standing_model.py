"""What members can become: tiers, badges, community levels. A part of ``model``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from loyalty_engine.programme.earning_model import ORDER


@dataclass(frozen=True, slots=True)
class Threshold:
    """One way to qualify: ``metric`` (``tier_points``, ``spend`` in base minor units, ``orders``) reaches
    ``at_least``.
    """

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
    after an edit of thresholds. low_water_percent: below this share of the threshold a member falls at the end of
    grace, above it the tier stays. soft_landing: how many levels one review may take away. freeze_days: for so long
    after an edit the old thresholds count too for members who had begun.
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
    """levels: rising; a member holds the highest one reached. per: award key: ``once``, ``month``, ``year`` or a
    measure's key such as ``product``. manual: given by hand, at most ``limit`` in each ``per``. hidden: not shown
    before it is held. season: (start, end) local days, half open. keeps: not revoked when the criteria no longer hold.
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
