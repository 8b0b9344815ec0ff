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
        raise ProgrammeError(path, "no-criterion")
    return tuple(_comparison(part.strip(), path, currency) for part in re.split(r"\sand\s", f" {text} "))


def _comparison(part: str, path: str, currency: str) -> Comparison:
    found = COMPARISON.fullmatch(part)
    if found is None:
        raise ProgrammeError(path, "not-a-comparison", shown=repr(part[:60]))
    measure, operator, number = found.groups()
    known_measure(measure, path)
    if measure in IN_MONEY:
        value = minor_of(number, path, currency)
    elif "." in number or int(number) > MAX_POINTS:
        raise ProgrammeError(path, "not-whole", measure=measure, shown=number)
    else:
        value = int(number)
    comparison = Comparison(measure, operator, value)
    _can_hold(comparison, path)
    return comparison


def _can_hold(comparison: Comparison, path: str) -> None:
    """Measures begin at 0 and never go below."""
    operator, value = comparison.operator, comparison.value
    if operator == "<" and value == 0:
        raise ProgrammeError(path, "never-below", measure=comparison.measure)
    if operator == ">=" and value == 0:
        raise ProgrammeError(path, "always-true", measure=comparison.measure)


def known_measure(name: str, path: str) -> str:
    """``name``, if there is such a measure."""
    if name not in MEASURES:
        near = get_close_matches(name, sorted(MEASURES), 1)
        if near:
            raise ProgrammeError(path, "no-measure-near", shown=repr(name), near=near[0])
        raise ProgrammeError(path, "no-measure", shown=repr(name))
    return name
