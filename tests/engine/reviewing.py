"""Members under review in a few words: counter rows, a ladder of tiers, and somebody who looks at given moments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from loyalty_engine.badges import Look, held
from loyalty_engine.counters import CounterRow, Standing
from loyalty_engine.criteria import votes
from loyalty_engine.days import start_of_day
from loyalty_engine.decision import Review
from loyalty_engine.member import BadgeChange, LevelChange, MemberState, TierChange
from loyalty_engine.programme.model import (
    Badge,
    BadgeLevel,
    Comparison,
    Programme,
    Rulebook,
    Threshold,
    Tier,
    TiersPolicy,
)
from loyalty_engine.review import review
from loyalty_engine.tier_path import Path
from tests.engine.builders import a_programme, moment

BERLIN = "Europe/Berlin"
JOINED = date(2026, 1, 5)
TODAY = date(2026, 11, 26)


def day(text: str | date) -> date:
    return date.fromisoformat(text) if isinstance(text, str) else text


def bought(on: str | date, spend: int, number: int = 1) -> list[CounterRow]:
    """The rows of one order: as many tier points as whole euros."""
    ref = f"shopify:12:order:{on}-{number}"
    numbers = {"orders": 1, "spend": spend, "tier_points": spend // 100}
    return [CounterRow(counter, "", ref, day(on), value) for counter, value in numbers.items() if value]


def did(kind: str, on: str | date, key: str = "", number: int = 1) -> CounterRow:
    """One approved activity."""
    return CounterRow(kind, key, f"event:app:{kind}:{on}-{key}-{number}", day(on), 1)


def at_least(measure: str, value: int) -> Comparison:
    return Comparison(measure, ">=", value)


def tier(tier_id: str, rank: int, *ways: Threshold, **changes: Any) -> Tier:
    return Tier(tier_id, rank, {"en": tier_id.title()}, ways, **changes)


LADDER = (
    tier("member", 0),
    tier("silver", 1, Threshold("spend", 15_000), Threshold("orders", 4)),
    tier("gold", 2, Threshold("spend", 40_000), Threshold("orders", 8)),
)


def a_ladder(
    tiers: Sequence[Tier] = LADDER, version: int = 1, policy: TiersPolicy | None = None, **changes: Any
) -> Programme:
    """A programme with Member, Silver (150.00 or 4 orders in 12 months) and Gold (400.00 or 8 orders)."""
    return a_programme(None, version, tiers=tuple(tiers), tiers_policy=policy or TiersPolicy(), **changes)


def badge(badge_id: str, *rule: Comparison, level: str = "bronze", **changes: Any) -> Badge:
    """A badge of one level."""
    return Badge(badge_id, (BadgeLevel(level, rule),), **changes)


def helper(**changes: Any) -> Badge:
    """Bronze for one accepted answer, silver for 5, gold for 10."""
    steps = (("bronze", 1), ("silver", 5), ("gold", 10))
    return Badge("helper", tuple(BadgeLevel(name, (at_least("answers_accepted", n),)) for name, n in steps), **changes)


def with_badges(*badges: Badge) -> Programme:
    return a_ladder((), badges=badges)


def answers(count: int, on: str | date = "2026-11-01") -> list[CounterRow]:
    return [did("answer_accepted", on, f"asker-{number}", number) for number in range(count)]


def noon(on: str | date, timezone: str = BERLIN) -> datetime:
    """Twelve hours into a local day."""
    return start_of_day(day(on), timezone) + timedelta(hours=12)


class Reviewed:
    """A member whose rows change and who is looked at now and then; what a review says is written down."""

    def __init__(self, *versions: Programme, rows: Iterable[CounterRow] = (), joined: datetime | None = None) -> None:
        self.rulebook = Rulebook(versions or (a_ladder(),))
        self.rows = list(rows)
        self.member = MemberState("anna", joined or datetime(2026, 1, 5, 9, tzinfo=UTC))
        self.badges: list[BadgeChange] = []
        self.levels: list[LevelChange] = []

    @property
    def tiers(self) -> tuple[TierChange, ...]:
        return self.member.tiers

    @property
    def tier(self) -> str:
        return self.tiers[-1].tier

    def record(self, change: TierChange) -> None:
        self.member = replace(self.member, tiers=(*self.tiers, change))

    def look_at(self, now: datetime, members: int | None = None) -> Review:
        """One review, whose rows are kept."""
        found = review(self.member, self.rows, self.badges, self.levels, self.rulebook, moment(now), members)
        self.member = replace(self.member, tiers=(*self.tiers, *found.tiers))
        self.badges += found.badges
        self.levels += found.levels
        return found

    def look(self, on: str | date, members: int | None = None) -> Review:
        """One review at noon of a local day."""
        return self.look_at(noon(on, self.rulebook.versions[-1].timezone), members)

    def live(self, first: str | date, last: str | date) -> list[tuple[date, str]]:
        """Look every day; each new tier with its day."""
        moves = []
        today = day(first)
        while today <= day(last):
            moves += [(today, change.tier) for change in self.look(today).tiers]
            today += timedelta(days=1)
        return moves

    def path(self, on: str | date) -> Path:
        return Path(self.rows, self.rulebook, JOINED, noon(on))


def held_badges(reviewed: Reviewed) -> dict[str, str]:
    """Badge (and award key, if any) to level, of what is held."""
    return {":".join(filter(None, key)): change.level for key, change in held(reviewed.badges).items()}


def look(rows: Sequence[CounterRow], on: date = TODAY, level: int = 0) -> Look:
    """What badges are measured by on a day."""
    return Look(rows, Standing(JOINED, level), on, noon(on), votes(rows))
