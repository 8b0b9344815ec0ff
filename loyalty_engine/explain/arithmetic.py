"""The recorded steps of an order's points on one line: ``€120.50 of goods × 1 point per €1.00, × 1.25 as Silver``.

The line is shown only if it comes to the points that were due: a shopper is never shown a sum that does not add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import ratio_text

Line = Mapping[str, Any]


def arithmetic(explanation: Mapping[str, Any], words: Words) -> str:
    """How the points of an order came about; empty if the recorded steps do not say so on one line."""
    lines: Sequence[Line] = explanation.get("lines", ())
    awards = [line for line in lines if "points" in line]
    base = [line for line in awards if line.get("lane") != "campaign"]
    added = [line for line in awards if line.get("lane") == "campaign"]
    factors = [line for line in lines if "factor" in line]
    factor = Fraction(explanation.get("factor", "1"))
    exact = _sum(base) * factor + _sum(added)
    uncapped = int(explanation.get("uncapped", explanation.get("due", -1)))
    rounding = str(explanation.get("rounding", ""))
    if not awards or not _comes_to(exact, rounding, uncapped):
        return ""
    goods = " + ".join(_award(line, explanation, words) for line in base)
    if factor != 1 and len(base) > 1:
        goods = f"({goods})"
    parts = [goods, *_factors(factors, factor, words)] if base else []
    parts += [words.text("calc.added", points=exact_points(Fraction(line["points"]), words)) for line in added]
    told = [" ".join(parts)]
    if exact.denominator != 1:
        told.append(words.text(f"calc.rounded.{rounding}"))
    if explanation.get("caps"):
        told.append(words.text("calc.capped", points=words.points(int(explanation.get("due", 0)))))
    return words.listed(told)


def exact_points(exact: Fraction, words: Words) -> str:
    """Points before rounding: ``120.5 points``."""
    if exact.denominator == 1:
        return words.points(int(exact))
    return words.text("points.other", n=ratio_text(exact, words.language), name=words.points_name[1])


def _sum(lines: Sequence[Line]) -> Fraction:
    return sum((Fraction(line["points"]) for line in lines), Fraction(0))


def _comes_to(exact: Fraction, rounding: str, points: int) -> bool:
    below = exact.numerator // exact.denominator
    rounded = {
        "floor": below,
        "half_up": (2 * exact.numerator + exact.denominator) // (2 * exact.denominator),
        "ceil": -(-exact.numerator // exact.denominator),
    }
    return rounded.get(rounding) == points


def _award(line: Line, explanation: Mapping[str, Any], words: Words) -> str:
    points = exact_points(Fraction(line["points"]), words)
    currency = str(explanation.get("currency", ""))
    if line.get("award") == "per_amount":
        rate = Fraction(line["rate"])
        amount, unit = int(line["amount_minor"]), int(line["unit_minor"])
        if Fraction(amount, unit) * rate == Fraction(line["points"]):
            kept, each = words.money(amount, currency), words.money(unit, currency)
            return words.text("calc.per-amount", kept=kept, rate=exact_points(rate, words), unit=each)
    if line.get("award") == "per_item" and int(line["units"]) * int(line["each"]) == Fraction(line["points"]):
        count = words.number(int(line["units"]))
        return words.text("calc.per-item", count=count, points=words.points(int(line["each"])))
    return words.text("calc.fixed", points=points)


def _factors(factors: Sequence[Line], factor: Fraction, words: Words) -> list[str]:
    product = Fraction(1)
    for line in factors:
        product *= Fraction(line["factor"])
    if product != factor:
        return [words.text("calc.factor", factor=ratio_text(factor, words.language))]
    return [_factor(line, words) for line in factors]


def _factor(line: Line, words: Words) -> str:
    factor = ratio_text(Fraction(line["factor"]), words.language)
    if "tier" in line:
        return words.text("calc.tier", factor=factor, tier=words.name("tier", str(line["tier"])))
    return words.text("calc.campaign", factor=factor)
