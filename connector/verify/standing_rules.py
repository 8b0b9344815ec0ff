"""Badges and community levels of a stored document, read here on our own: what each asks, and of which time."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

RANKS = ("bronze", "silver", "gold")
HOLDS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
NO_KEYS = ("window_days", "appointed", "level", "days_at_level")
"""What ``require`` of a level says besides measures."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One comparison: ``orders >= 2``. least: minor units where it is money."""

    measure: str
    sign: str
    least: int

    def holds(self, number: int) -> bool:
        """Whether a number meets it."""
        return HOLDS[self.sign](number, self.least)


Rule = tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class BadgeText:
    """levels: (name, rule) from the lowest; of a badge given by hand, none. season: first day, and the first after."""

    per: str
    keeps: bool
    levels: tuple[tuple[str, Rule], ...]
    season: tuple[date, date] | None

    def rule_of(self, level: str) -> Rule | None:
        """What a level asks; None if there is no such level."""
        return next((rule for name, rule in self.levels if name == level), None)


@dataclass(frozen=True, slots=True)
class LevelText:
    """window, grace: days; a window of 0 is for ever."""

    name: str
    rule: Rule
    window: int
    grace: int
    is_appointed: bool


def read_badges(whole: Mapping[str, Any], minor: Callable[[Any], int]) -> dict[str, BadgeText]:
    """By id. minor: minor units of an amount in the programme's currency."""
    return {table["id"]: _badge(table, minor) for table in whole.get("badges", [])}


def _badge(table: Mapping[str, Any], minor: Callable[[Any], int]) -> BadgeText:
    written: Mapping[str, Any] = table.get("levels") or {table.get("tier", "bronze"): table["rule"]}
    is_by_hand = table.get("rule") == "manual"
    return BadgeText(
        table.get("per", "once"),
        bool(table.get("keeps", False)),
        () if is_by_hand else tuple((rank, _rule(written[rank], minor)) for rank in RANKS if rank in written),
        _season(table["season"]) if "season" in table else None,
    )


def _season(days: Sequence[Any]) -> tuple[date, date]:
    first, after = (date.fromisoformat(str(day)) for day in days)
    return first, after


def _rule(text: str, minor: Callable[[Any], int]) -> Rule:
    return tuple(_asked(part, minor) for part in re.split(r"\sand\s", text))


def _asked(part: str, minor: Callable[[Any], int]) -> Asked:
    sign = next(sign for sign in HOLDS if sign in part)
    measure, number = (side.strip() for side in part.split(sign))
    return Asked(measure, sign, minor(number) if measure in ("spend", "spend_12m") else int(number))


def read_ladder(whole: Mapping[str, Any]) -> tuple[LevelText, ...]:
    """The community levels from the lowest."""
    return tuple(
        LevelText(
            table["id"],
            tuple(_asks(table.get("require", {}))),
            int(table.get("require", {}).get("window_days", 0)),
            int(table.get("keep", {}).get("grace_days", 0)),
            bool(table.get("require", {}).get("appointed", False)),
        )
        for table in whole.get("levels", [])
    )


def _asks(require: Mapping[str, Any]) -> list[Asked]:
    found = []
    for name, value in require.items():
        if name == "joined":
            found += [Asked("joined", ">=", 1)] if value else []
        elif name not in NO_KEYS:
            found.append(Asked(name.removeprefix("max_"), "<=" if name.startswith("max_") else ">=", int(value)))
    return found
