"""Criteria of badges and levels: comparisons of measures, all of which must hold."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from loyalty_engine.counters import MEASURES, CounterRow, Tally
from loyalty_engine.programme.model import Comparison

OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}

VOTES = frozenset({"helpful_vote", "helpful_vote.verified", "vote_given"})
MUTUAL_FROM = 5
"""With fewer votes received nothing can be said of them."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A measure that stands against a criterion: what it is and what it must get to."""

    measure: str
    value: int
    needed: int


def holds(rule: Iterable[Comparison], tally: Tally) -> bool:
    """Whether every comparison holds."""
    return all(OPERATORS[each.operator](MEASURES[each.measure].count(tally), each.value) for each in rule)


def numbers(rule: Iterable[Comparison], tally: Tally) -> dict[str, int]:
    """The measures that a rule asks for."""
    return {each.measure: MEASURES[each.measure].count(tally) for each in rule}


def as_text(values: Mapping[str, int]) -> str:
    """Compact JSON with sorted keys."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def turns(rule: Iterable[Comparison], tally: Tally) -> date | None:
    """First later day on which time alone may change whether the rule holds."""
    days = (MEASURES[each.measure].turns(tally, each.value) for each in rule)
    return min((day for day in days if day is not None), default=None)


def _needed(comparison: Comparison) -> int | None:
    """What a growing measure must get to; None if it must not grow."""
    if comparison.operator == ">":
        return comparison.value + 1
    return comparison.value if comparison.operator in {">=", "=="} else None


def missing(rule: Iterable[Comparison], tally: Tally) -> tuple[Missing, ...]:
    """What does not hold yet and can by growing."""
    found = []
    for each in rule:
        needed, value = _needed(each), MEASURES[each.measure].count(tally)
        if needed is not None and value < needed:
            found.append(Missing(each.measure, value, needed))
    return tuple(found)


def share(rule: Sequence[Comparison], tally: Tally) -> Fraction:
    """How far along a member is, from 0 to 1: the mean over the comparisons that must grow."""
    parts = []
    for each in rule:
        needed = _needed(each)
        if needed is not None and needed > 0:
            parts.append(min(Fraction(1), Fraction(MEASURES[each.measure].count(tally), needed)))
    return sum(parts, Fraction(0)) * Fraction(1, len(parts)) if parts else Fraction(0)


@dataclass(frozen=True, slots=True)
class Votes:
    """Helpful votes that a member received, and how many came from people whom the member voted for."""

    received: int
    mutual: int

    @property
    def suspicious(self) -> bool:
        """More than half of them are mutual: a person should look before they earn anything."""
        return self.received >= MUTUAL_FROM and self.mutual * 2 > self.received


def votes(rows: Iterable[CounterRow]) -> Votes:
    """How mutual a member's helpful votes are. Votes of people who are not told apart are never mutual."""
    received = []
    liked = set()
    for row in rows:
        if row.counter == "helpful_vote":
            received.append(row.key)
        elif row.counter == "vote_given" and row.key:
            liked.add(row.key)
    return Votes(len(received), sum(1 for voter in received if voter in liked))


def rests_on_votes(rule: Iterable[Comparison]) -> bool:
    """Whether votes help to meet a rule."""
    return any(not VOTES.isdisjoint(MEASURES[each.measure].needs) for each in rule)
