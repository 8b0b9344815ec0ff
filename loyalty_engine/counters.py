"""Counters: rows that a source owns and that are replaced with it, never incremented. Totals are their sums.

An order owns ``orders``, ``spend``, ``tier_points`` and one ``category``/``product`` row for each; an activity owns one row
of its kind. A source that is worth nothing any more owns none, so nothing has to be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CounterRow:
    """counter: ``orders``, ``spend``, ``tier_points``, ``category``, ``product``, or the kind of an activity. key: what
    must be told apart inside it (a category, a product, another person); empty if nothing. day: local day of the
    programme. value: 1, minor units of the base currency, or points.
    """

    counter: str
    key: str
    source_ref: str
    day: date
    value: int
