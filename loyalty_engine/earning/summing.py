"""Exact points while rules are looked at: whole numbers over the programme's one denominator, and what did not fire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import ceil, gcd
from typing import Any, NamedTuple

from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import Compiled, Ratio, ReadyRule
from loyalty_engine.earning.conditions import WHY_NOT_NTH, Scene, nth_of, told
from loyalty_engine.earning.trials import TRIED
from loyalty_engine.goods import GoodsKept, LineKept
from loyalty_engine.programme.model import Cap, Combine, Lane, Rounding, Rule

ONE: Ratio = (1, 1)
NOTHING = "nothing-that-counts"
"""A rule that fires, but all that it asks for is excluded or given back."""


STOPPED = "programme-cap-reached"


class Candidate(NamedTuple):
    """What a rule that fires would give: numerator over the denominator, and its line of the explanation."""

    ready: ReadyRule
    numerator: int
    line: dict[str, Any]


class UnderCaps(NamedTuple):
    """What a rule with caps of its own gives under them, in exact points as these caps count."""

    ready: ReadyRule
    points: Fraction


@dataclass(slots=True)
class Sum:
    """Exact points while rules are looked at. lines: what counts, to explain; missed: rules that did not fire."""

    ready: Compiled
    scene: Scene
    caps: CapBook
    kept: GoodsKept | None = None
    counted: Sequence[LineKept] = ()
    excluded_tender: int = 0
    redeemed: int = 0
    in_force: str | None = None
    """A rule that counts although it is only tried out: what that would come to is asked."""
    cut: Fraction = Fraction(0)
    """Points that caps of rules took after factors: what the lines come to is more by that."""
    under_caps: list[UnderCaps] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)

    def missing(self, rule_id: str, code: str, needs: Any, found: Any) -> None:
        self.missed.append({"rule": rule_id, "code": code, "needs": needs, "found": found})

    def is_stopped(self) -> bool:
        """Whether a cap over all members was reached when this happened; then no rule gives anything."""
        stopped = self.scene.values.get("stopped") if self.scene.values else None
        if stopped:
            self.missing("*", STOPPED, None, stopped)
        return bool(stopped)

    def fires(self, ready: ReadyRule) -> bool:
        """Whether window and conditions on the whole source hold; if not, the first that does not is noted."""
        if ready.always:
            return True
        rule, scene = ready.rule, self.scene
        if rule.starts_at is not None and scene.context.paid_at < rule.starts_at:
            self.missing(rule.rule_id, "not-yet", rule.starts_at.isoformat(), scene.context.paid_at.isoformat())
            return False
        if rule.ends_at is not None and scene.context.paid_at >= rule.ends_at:
            self.missing(rule.rule_id, "over", rule.ends_at.isoformat(), scene.context.paid_at.isoformat())
            return False
        if ready.reads_history and scene.order is not None:
            unknown = WHY_NOT_NTH.get(nth_of(scene.context, scene.values))
            if unknown is not None:
                self.missing(rule.rule_id, unknown, None, None)
                return False
        for test in ready.source_tests:
            found = test.read(scene)
            if not test.holds(found):
                self.missing(rule.rule_id, test.code, test.needs, told(found))
                return False
        return True

    def tries(self, rule: Rule) -> bool:
        """Whether a rule that fires is only being tried out; then that is noted, and ``trials`` says what of."""
        if not rule.dry_run or rule.rule_id == self.in_force:
            return False
        self.missing(rule.rule_id, TRIED, None, 0)
        return True

    def factor(self, ready: ReadyRule) -> Ratio | None:
        """The factor of a rule that fires; None if it is only tried out."""
        if self.tries(ready.rule):
            return None
        text = ratio_text(ready.factor)
        self.lines.append({"rule": ready.rule.rule_id, "lane": ready.head["lane"], "factor": text})
        return ready.factor


def lanes_met(
    total: Sum, base: Sequence[Candidate], campaign: Sequence[Candidate], find: Callable[[], Ratio]
) -> tuple[int, int, Ratio]:
    """Exact points of all lanes as numerator and denominator, and the factor in them. What a campaign adds is not
    multiplied. find: looks for the factor, which nobody asks for where there is nothing to multiply.
    """
    ready = total.ready
    denominator, lanes = ready.denominator, ready.lanes
    if not (ready.caps_after_factors and any(candidate.ready.rule.caps for candidate in base)):
        points = lane_points(total, base, lanes[Lane.BASE])
        added = lane_points(total, campaign, lanes[Lane.CAMPAIGN]) if campaign else 0
        factor = find() if points else ONE
        return points * factor[0] + added * factor[1], denominator * factor[1], factor
    factor, lines, missed = _aside(total, find)
    points = lane_points(total, base, lanes[Lane.BASE], factor)
    added = lane_points(total, campaign, lanes[Lane.CAMPAIGN])
    if not points:
        return added, denominator, ONE
    total.lines += lines
    total.missed += missed
    return points + added * factor[1], denominator * factor[1], factor


def _aside(total: Sum, find: Callable[[], Ratio]) -> tuple[Ratio, list[dict[str, Any]], list[dict[str, Any]]]:
    """The factor, and what is to be told of it once it is known whether there is anything to multiply."""
    lines, missed = total.lines, total.missed
    total.lines, total.missed = [], []
    factor = find()
    told = factor, total.lines, total.missed
    total.lines, total.missed = lines, missed
    return told


def lane_points(total: Sum, candidates: Sequence[Candidate], how: Combine, factor: Ratio = ONE) -> int:
    """Numerator of what the rules of one lane give together, or the best of them (ties: priority, then rule id), times
    the factor; over the programme's denominator times the factor's.
    """
    if how is Combine.BEST and len(candidates) > 1:
        candidates = [_best(total, candidates, factor)]
    return sum([_given(total, candidate, factor) for candidate in candidates])


def _best(total: Sum, candidates: Sequence[Candidate], factor: Ratio) -> Candidate:
    under_caps = [_under_caps(total, candidate, total.caps.lets_through, factor) for candidate in candidates]
    ranked = sorted(
        zip(under_caps, candidates, strict=True),
        key=lambda pair: (-pair[0], -pair[1].ready.rule.priority, pair[1].ready.rule.rule_id),
    )
    most, best = ranked[0]
    for less, candidate in ranked[1:]:
        denominator = total.ready.denominator * factor[1]
        own, needs = exact(less, denominator), exact(most, denominator)
        total.missing(candidate.ready.rule.rule_id, "another-gave-more", needs, own)
    return best


def _given(total: Sum, candidate: Candidate, factor: Ratio) -> int:
    ready, numerator, line = candidate
    given = numerator * factor[0]
    if ready.rule.caps and numerator:
        given = _under_caps(total, candidate, total.caps.cut, factor)
        total.under_caps.append(UnderCaps(ready, Fraction(given, total.ready.denominator * factor[1])))
        if not given:
            cap = ready.rule.caps[0]
            total.missing(ready.rule.rule_id, "cap-reached", cap.points or cap.times, cap.cap_id)
        elif total.ready.caps_after_factors:
            total.cut += Fraction(numerator * factor[0] - given, total.ready.denominator * factor[1])
        else:
            numerator = given
    if given:
        line["points"] = exact(numerator, total.ready.denominator)
        total.lines.append(line)
    return given


def _under_caps(total: Sum, candidate: Candidate, look: Callable[[Cap, int], int], factor: Ratio) -> int:
    numerator, denominator = candidate.numerator * factor[0], total.ready.denominator * factor[1]
    for cap in candidate.ready.rule.caps:
        if numerator:
            whole = rounded(numerator, denominator, total.ready.rounding)
            allowed = look(cap, whole)
            if allowed < whole:
                numerator = allowed * denominator
    return numerator


def settled(total: Sum, exactly: Ratio, factor: Ratio, points: int, caps: Sequence[Cap]) -> int:
    """What is left of whole ``points`` under caps over several rules. All caps, those of rules too, are granted what
    is left, so that none fills up with points that nobody got. exactly: before rounding; factor: in it.
    """
    for cap in caps:
        points = total.caps.cut(cap, points) if points else 0
    total.caps.take(caps, points)
    if total.under_caps:
        _take_of_rules(total, exactly, factor, points)
    return points


def _take_of_rules(total: Sum, exactly: Ratio, factor: Ratio, points: int) -> None:
    """Of what was paid, what came from rules without caps of their own counts first; then the others in order."""
    later = ONE if total.ready.caps_after_factors else factor
    factors = [ONE if one.ready.rule.lane is Lane.CAMPAIGN else later for one in total.under_caps]
    worths = [one.points * Fraction(*by) for one, by in zip(total.under_caps, factors, strict=True)]
    left = points - (Fraction(*exactly) - sum(worths))
    for one, by, worth in zip(total.under_caps, factors, worths, strict=True):
        paid = min(worth, left)
        if paid > 0:
            left -= paid
            whole = rounded(one.points.numerator, one.points.denominator, total.ready.rounding)
            total.caps.take(one.ready.rule.caps, min(whole, ceil(Fraction(paid * by[1], by[0]))))


def factors_met(ready: Compiled, tiers: list[Ratio], campaign: list[Ratio]) -> Ratio:
    """The factor of all that multiplies: inside the lanes first, then across them."""
    met = []
    if tiers:
        met.append(combined(tuple(tiers), ready.lanes[Lane.TIER]) if len(tiers) > 1 else tiers[0])
    if campaign:
        met.append(combined(tuple(campaign), ready.lanes[Lane.CAMPAIGN]) if len(campaign) > 1 else campaign[0])
    if not met:
        return ONE
    return combined(tuple(met), ready.across) if len(met) > 1 else met[0]


@lru_cache(maxsize=4096)
def combined(factors: tuple[Ratio, ...], how: Combine) -> Ratio:
    """Several factors as one: their product, the largest, or 1 and the sum of what is above 1."""
    exactly = [Fraction(*factor) for factor in factors]
    if how is Combine.BEST:
        result = max(exactly)
    elif how is Combine.ADD:
        result = 1 + sum((factor - 1 for factor in exactly), Fraction(0))
    else:
        result = Fraction(1)
        for factor in exactly:
            result *= factor
    return result.numerator, result.denominator


@lru_cache(maxsize=4096)
def ratio_text(ratio: Ratio) -> str:
    """``5/4``, ``2``."""
    return str(Fraction(*ratio))


def rounded(numerator: int, denominator: int, how: Rounding) -> int:
    if how is Rounding.FLOOR:
        return numerator // denominator
    if how is Rounding.CEIL:
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def exact(numerator: int, denominator: int) -> str:
    """An exact number of points for an explanation: ``35``, ``176/5``."""
    whole, rest = divmod(numerator, denominator)
    if not rest:
        return str(whole)
    common = gcd(numerator, denominator)
    return f"{numerator // common}/{denominator // common}"


def without_cuts(total: Sum, exactly: Ratio) -> int:
    """Whole points if no cap of a rule had cut anything after factors: what the lines of the explanation come to."""
    whole = Fraction(*exactly) + total.cut
    return rounded(whole.numerator, whole.denominator, total.ready.rounding)
