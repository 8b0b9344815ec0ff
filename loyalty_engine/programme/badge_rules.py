"""The little language of badges: ``orders >= 2 and orders_12m >= 1``.

Comparisons of a measure with a number, joined by ``and``. Spending is written in the base
currency: ``spend >= 500.00``.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from loyalty_engine.counters import MEASURES
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import MAX_POINTS, minor_of
from loyalty_engine.programme.model import Comparison

OPERATORS = (">=", "<=", "==", ">", "<")
COMPARISON = re.compile(r"([a-z][a-z0-9_]*)\s*(>=|<=|==|>|<)\s*([0-9]+(?:\.[0-9]+)?)")
MAX_RULE = 500
IN_MONEY = ("spend", "spend_12m")


def parse_rule(text: object, path: str, currency: str) -> tuple[Comparison, ...]:
    """Every comparison of a rule. Raises ProgrammeError naming what cannot be read, or the nearest measure."""
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_RULE:
        raise ProgrammeError(path, "is not a rule", 'Write for example "orders >= 2 and orders_12m >= 1".')
    return tuple(_comparison(part.strip(), path, currency) for part in re.split(r"\sand\s", f" {text} "))


def _comparison(part: str, path: str, currency: str) -> Comparison:
    found = COMPARISON.fullmatch(part)
    if found is None:
        raise ProgrammeError(
            path, f"{part[:60]!r} is not a comparison", 'Write a measure, an operator and a number: "orders >= 2".'
        )
    measure, operator, number = found.groups()
    known_measure(measure, path)
    if measure in IN_MONEY:
        value = minor_of(number, path, currency)
    elif "." in number or int(number) > MAX_POINTS:
        raise ProgrammeError(path, f"{measure} is compared with {number}", "Write a whole number.")
    else:
        value = int(number)
    comparison = Comparison(measure, operator, value)
    _can_hold(comparison, path)
    return comparison


def _can_hold(comparison: Comparison, path: str) -> None:
    """Measures begin at 0 and never go below."""
    operator, value = comparison.operator, comparison.value
    if operator == "<" and value == 0:
        raise ProgrammeError(path, f"{comparison.measure} is never below 0", "Nobody could earn it.")
    if operator == ">=" and value == 0:
        raise ProgrammeError(path, f"{comparison.measure} is always at least 0", "It says nothing: remove it.")


def known_measure(name: str, path: str) -> str:
    """``name``, if there is such a measure."""
    if name not in MEASURES:
        near = get_close_matches(name, sorted(MEASURES), 1)
        cure = f"Did you mean {near[0]}?" if near else "The measures are listed in docs/programme.md."
        raise ProgrammeError(path, f"there is no measure {name!r}", cure)
    return name
