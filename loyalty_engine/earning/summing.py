"""Exact points while rules are looked at: whole numbers over the programme's one denominator, and what did not fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from loyalty_engine.earning.caps import CapBook
from loyalty_engine.earning.compiled import Compiled, ReadyRule
from loyalty_engine.earning.conditions import Scene, holds, told
from loyalty_engine.goods import GoodsKept, LineKept
from loyalty_engine.programme.model import Combine, Rounding

ONE = Fraction(1)


@dataclass(slots=True)
class Sum:
    """Exact points while rules are looked at, over ``denominator``. missed: rules that did not fire."""

    ready: Compiled
    scene: Scene
    caps: CapBook
    kept: GoodsKept | None = None
    counted: tuple[LineKept, ...] = ()
    excluded_tender: int = 0
    redeemed: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)

    def missing(self, rule_id: str, code: str, needs: Any, found: Any) -> None:
        self.missed.append({"rule": rule_id, "code": code, "needs": needs, "found": found})

    def fires(self, ready: ReadyRule) -> bool:
        """Whether window and conditions on the whole source hold; if not, the first that does not is noted."""
        rule, scene = ready.rule, self.scene
        if rule.starts_at is not None and scene.context.paid_at < rule.starts_at:
            self.missing(rule.rule_id, "not-yet", rule.starts_at.isoformat(), scene.context.paid_at.isoformat())
            return False
        if rule.ends_at is not None and scene.context.paid_at >= rule.ends_at:
            self.missing(rule.rule_id, "over", rule.ends_at.isoformat(), scene.context.paid_at.isoformat())
            return False
        for condition in ready.on_source:
            is_met, found = holds(condition, scene)
            if not is_met:
                needs = [condition.operator, *(told(value) for value in condition.values)]
                self.missing(rule.rule_id, f"condition-{condition.field}", needs, told(found))
                return False
        return True


def lane_of(results: list[tuple[int, int, str]], how: Combine) -> int:
    """Numerators of one lane: all of them, or the largest. results: (numerator, priority, rule id)."""
    if not results:
        return 0
    if how is Combine.BEST:
        return max(numerator for numerator, _, _ in results)
    return sum(numerator for numerator, _, _ in results)


def combined(factors: list[Fraction], how: Combine) -> Fraction:
    if not factors:
        return ONE
    if len(factors) == 1:
        return factors[0]
    if how is Combine.BEST:
        return max(factors)
    if how is Combine.ADD:
        return 1 + sum((factor - 1 for factor in factors), Fraction(0))
    product = ONE
    for factor in factors:
        product *= factor
    return product


def rounded(numerator: int, denominator: int, how: Rounding) -> int:
    if how is Rounding.FLOOR:
        return numerator // denominator
    if how is Rounding.CEIL:
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def exact(numerator: int, denominator: int) -> str:
    """An exact number of points for an explanation: ``35``, ``176/5``."""
    whole, rest = divmod(numerator, denominator)
    return str(whole) if not rest else str(Fraction(numerator, denominator))


def capped(total: Sum, ready: ReadyRule, numerator: int, line: dict[str, Any]) -> int:
    """The rule's own caps, and whether it only tries."""
    rule, denominator = ready.rule, total.ready.denominator
    if rule.dry_run:
        total.missing(rule.rule_id, "dry-run", None, exact(numerator, denominator))
        return 0
    for cap in rule.caps:
        if numerator:
            whole = numerator // denominator
            allowed = total.caps.allowed(cap, whole)
            if allowed < whole:
                numerator = allowed * denominator
                if not allowed:
                    total.missing(rule.rule_id, "cap-reached", cap.points or cap.times, cap.cap_id)
    if numerator:
        line["points"] = exact(numerator, denominator)
        total.lines.append(line)
    return numerator
